//! What a sentence looks like beside its context: one vector of numbers, and the spans that have no support.

use crate::claims::{Claim, Spotted};
use crate::index::{About, Index, date_key, hash_value, initials, key, trigram};
use crate::lexicon::is;
use crate::rules::Rule;
use crate::token::{Case, Kind, Token};

/// Number of features.
pub const COUNT: usize = 20;

/// Names of the features, in the order of the vector.
pub const NAMES: [&str; COUNT] = [
    "novelWords",
    "novelWordCount",
    "inventedWords",
    "unrelatedWords",
    "novelPairs",
    "novelTriples",
    "unsupportedNumbers",
    "unsupportedDates",
    "unsupportedEntities",
    "unsupportedQuotes",
    "unsupportedLinks",
    "wrongCitations",
    "negations",
    "question",
    "firstPerson",
    "noContent",
    "length",
    "hedges",
    "contextMissesQuestion",
    "shortAnswer",
];

/// A sentence's features; shares are 0 to 1, counts end at 2.
pub type Features = [f32; COUNT];

/// A span without support.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unsupported {
    /// What is wrong with it.
    pub rule: Rule,
    /// First byte in the sentence.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
    /// More than the rule says.
    pub reason: &'static str,
}

/// Compares a sentence with the context. `unsupported` is emptied first.
pub fn compare(
    text: &str,
    tokens: &[Token],
    claims: &[Spotted],
    index: &Index,
    unsupported: &mut Vec<Unsupported>,
) -> Features {
    unsupported.clear();
    for spotted in claims {
        if let Some((rule, reason)) = check(spotted, tokens, index) {
            unsupported.push(Unsupported {
                rule,
                start: spotted.start,
                end: spotted.end,
                reason,
            });
        }
    }
    let mut features = words(text, tokens, index, unsupported);
    for found in &*unsupported {
        let at = match found.rule {
            Rule::Number => 6,
            Rule::Date => 7,
            Rule::Entity => 8,
            Rule::Quote => 9,
            Rule::Link => 10,
            Rule::Citation => 11,
            _ => 12,
        };
        features[at] = (features[at] + 1.0).min(2.0);
    }
    features[18] = f32::from(u8::from(index.question_overlap == Some(0.0)));
    features
}

/// Words, pairs and triples that the evidence does not know; negations that it does not have.
fn words(
    text: &str,
    tokens: &[Token],
    index: &Index,
    unsupported: &mut Vec<Unsupported>,
) -> Features {
    let (mut content, mut novel, mut invented, mut unrelated) =
        (0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32);
    let (mut pairs, mut novel_pairs, mut triples, mut novel_triples) =
        (0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32);
    let (mut hedges, mut first_person, mut all) = (0.0_f32, 0.0_f32, 0.0_f32);
    let (mut window, mut seen) = ([0; 3], 0_u32);
    let (mut before, mut is_negated, mut flip) = (None::<&Token>, false, None);
    for (at, token) in tokens.iter().enumerate() {
        if token.word != 0 {
            window = [window[1], window[2], token.word];
            // Numbers and dates are looked up by what they mean, however they are written.
            let is_figure = token.kind != Kind::Word || token.meaning.has(is::CARDINAL | is::MONTH);
            seen = if is_figure { 0 } else { seen + 1 };
            if seen >= 3 {
                triples += 1.0;
                novel_triples += share(!index.evidence.has(trigram(window)));
            }
        }
        if token.kind != Kind::Word {
            continue;
        }
        all += 1.0;
        hedges += share(token.meaning.has(is::HEDGE));
        first_person += share(token.meaning.has(is::FIRST_PERSON));
        is_negated |= token.meaning.has(is::NEGATION) && !is_rhetoric(tokens.get(at + 1), text);
        if token.stem == 0 {
            continue;
        }
        content += 1.0;
        if !index.evidence.has(key(About::Stem, token.stem, 0)) {
            novel += 1.0;
            invented += share(!index.conversation.has(key(About::Stem, token.stem, 0)));
            unrelated += share(!index.evidence.has(key(About::Root, token.root, 0)));
        }
        if let Some(last) = before {
            pairs += 1.0;
            let has = |about| index.evidence.has(key(about, last.stem, token.stem));
            let (is_affirmed, is_denied) = (has(About::Affirmed), has(About::Negated));
            novel_pairs += share(!is_affirmed && !is_denied);
            let is_flip = if is_negated {
                is_affirmed && !is_denied
            } else {
                is_denied && !is_affirmed
            };
            if is_flip && flip.is_none() {
                flip = Some((last.start, token.end));
            }
        }
        (before, is_negated) = (Some(token), false);
    }
    // A flip says something only where the rest of the sentence is the evidence's.
    if let Some((start, end)) = flip
        && novel <= content * 0.4
        && (pairs - novel_pairs >= 2.0 || pairs <= 2.0)
    {
        unsupported.push(Unsupported {
            rule: Rule::Negation,
            start,
            end,
            reason: "",
        });
    }
    let of = |part: f32, whole: f32| if whole > 0.0 { part / whole } else { 0.0 };
    let mut out = [0.0; COUNT];
    out[0] = of(novel, content);
    out[1] = (novel / 8.0).min(1.0);
    out[2] = of(invented, content);
    out[3] = of(unrelated, content);
    out[4] = of(novel_pairs, pairs);
    out[5] = of(novel_triples, triples);
    out[13] = share(text.trim_end_matches(['"', ')', '”', ' ']).ends_with('?'));
    out[14] = share(first_person > 0.0);
    out[15] = share(content == 0.0);
    out[16] = (all.max(1.0).ln() / 4.0).min(1.0);
    out[17] = of(hedges, all);
    out[19] = share(pairs == 0.0);
    out
}

/// "Not only", "no doubt": no denial.
fn is_rhetoric(next: Option<&Token>, text: &str) -> bool {
    next.is_some_and(|next| {
        matches!(
            text.get(next.start as usize..next.end as usize),
            Some("only" | "just" | "doubt")
        )
    })
}

fn share(is: bool) -> f32 {
    f32::from(u8::from(is))
}

/// What is wrong with a claim, if anything.
fn check(spotted: &Spotted, tokens: &[Token], index: &Index) -> Option<(Rule, &'static str)> {
    let known = |about: About, one: u32, other: u32| {
        let key = key(about, one, other);
        index.evidence.has(key) || index.conversation.has(key)
    };
    match spotted.claim {
        Claim::Number {
            value,
            unit,
            is_about,
        } => {
            let hash = hash_value(value);
            if known(About::Measure, hash, unit) || (is_about && index.is_near(value)) {
                return None;
            }
            if !known(About::Value, hash, 0) {
                return Some((Rule::Number, "value"));
            }
            // Without a unit on one of the two sides there is nothing to compare.
            (unit != 0 && !known(About::Measure, hash, 0)).then_some((Rule::Number, "unit"))
        }
        Claim::Year(year) => {
            (!known(About::Value, hash_value(year.into()), 0)).then_some((Rule::Date, "year"))
        }
        Claim::Decade(year) => {
            (!known(About::Decade, u32::from(year / 10), 0)).then_some((Rule::Date, "decade"))
        }
        Claim::Date {
            year,
            month,
            day,
            swaps,
        } => {
            let has = |year, month, day| {
                let key = date_key(year, month, day);
                index.evidence.has(key) || index.conversation.has(key)
            };
            let is_known = has(year, month, day) || (swaps && has(year, day, month));
            (!is_known).then_some((Rule::Date, "date"))
        }
        Claim::Entity {
            first,
            last,
            is_first_sure,
        } => {
            let name = &tokens[first.into()..=last.into()];
            (!is_known_name(name, is_first_sure, index)).then_some((Rule::Entity, "name"))
        }
        Claim::Quote { first, last } => {
            let words: Vec<u32> = tokens[first.into()..=last.into()]
                .iter()
                .map(|token| token.word)
                .filter(|word| *word != 0)
                .collect();
            let is_verbatim = words.windows(3).all(|words| {
                let key = trigram([words[0], words[1], words[2]]);
                index.evidence.has(key) || index.conversation.has(key)
            });
            (!is_verbatim).then_some((Rule::Quote, "words"))
        }
        Claim::Link { whole, host } => {
            if known(About::Link, whole, 0) {
                return None;
            }
            Some((
                Rule::Link,
                if known(About::Host, host, 0) {
                    "path"
                } else {
                    "host"
                },
            ))
        }
        Claim::Citation(place) => {
            (place == 0 || place > index.citations).then_some((Rule::Citation, "range"))
        }
    }
}

/// All words of a name are known, or it stands for its first letters, or they for it.
fn is_known_name(name: &[Token], is_first_sure: bool, index: &Index) -> bool {
    let has = |about, hash| {
        let key = key(about, hash, 0);
        index.evidence.has(key) || index.conversation.has(key)
    };
    if let Some(short) = initials(name)
        && (has(About::Word, short) || has(About::Initials, short))
    {
        return true;
    }
    name.iter().skip(usize::from(!is_first_sure)).all(|token| {
        token.case == Case::Lower
            || token.case == Case::Initial
            || token.stem == 0
            || has(About::Word, token.word)
            || has(About::Stem, token.stem)
            || has(About::Root, token.root)
            || (token.case == Case::Upper && has(About::Initials, token.word))
    })
}
