//! Reads one text: judges every sentence when it is complete.

use std::sync::Arc;

use midstream_segment::{Kind as UnitKind, Sentences, Unit};
use midstream_text_detector::{Found, Reader};
use serde_json::{Map, Value};

use crate::claims::{self, Claim, Spotted};
use crate::contradiction::Said;
use crate::features::{self, Features, NAMES, Unsupported};
use crate::index::Index;
use crate::lexicon::is;
use crate::model::{self, Alone};
use crate::onset::{Onset, Onsets, Uncertain};
use crate::reference::{self, Flaw};
use crate::rules::Rule;
use crate::settings::Settings;
use crate::token::{self, Kind, Token};
use crate::weights;

/// Judges the sentences of one text.
#[derive(Debug)]
pub struct SentenceReader {
    sentences: Sentences,
    judge: Judge,
}

/// What a reader knows beside the sentence under way.
#[derive(Debug)]
struct Judge {
    settings: Arc<Settings>,
    index: Arc<Index>,
    said: Said,
    onsets: Onsets,
}

/// One sentence, taken apart.
struct Sentence<'a> {
    offset: u64,
    end: u64,
    text: &'a str,
    tokens: Vec<Token>,
    claims: Vec<Spotted>,
}

impl SentenceReader {
    /// Begins a text.
    pub fn new(settings: Arc<Settings>, index: Arc<Index>) -> Self {
        let judge = Judge {
            settings,
            index,
            said: Said::default(),
            onsets: Onsets::default(),
        };
        Self {
            sentences: Sentences::new(),
            judge,
        }
    }
}

impl Reader for SentenceReader {
    fn push(&mut self, text: &str, found: &mut Vec<Found>) {
        self.judge.flush(found);
        let judge = &mut self.judge;
        self.sentences
            .push(text, |unit, sentence| judge.read(unit, sentence, found));
    }

    fn finish(&mut self, found: &mut Vec<Found>) {
        self.judge.flush(found);
        let judge = &mut self.judge;
        self.sentences
            .finish(|unit, sentence| judge.read(unit, sentence, found));
    }

    fn token(&mut self, start: u64, end: u64, _logprob: f32, entropy: f32) {
        // The probability of the token that was drawn tells nothing (AUROC .44 to .50 on RAGTruth): only the entropy is looked at.
        if entropy >= self.judge.settings.onset_entropy {
            self.judge.onsets.doubt(start, end, entropy);
        }
    }

    fn memory_bytes(&self) -> usize {
        size_of::<Self>() - size_of::<Sentences>()
            + self.sentences.memory_bytes()
            + self.judge.said.heap_bytes()
            + self.judge.onsets.heap_bytes()
    }
}

impl Judge {
    fn regime(&self) -> &'static str {
        if self.index.is_grounded {
            "grounded"
        } else {
            "ungrounded"
        }
    }

    fn read(&mut self, unit: Unit, text: &str, found: &mut Vec<Found>) {
        // Code is not prose: its names and numbers claim nothing.
        if unit.kind == UnitKind::Code {
            return;
        }
        let mut tokens = Vec::with_capacity(text.len() / 5 + 4);
        token::tokens(text, &mut tokens);
        if tokens.is_empty() {
            return;
        }
        let mut claims = Vec::new();
        claims::spot(text, &tokens, &mut claims);
        let sentence = Sentence {
            offset: unit.start,
            end: unit.end,
            text,
            tokens,
            claims,
        };
        let impossible = self.references(&sentence, found);
        let contradiction = self.contradiction(&sentence, found);
        if self.index.is_grounded {
            self.compare(&sentence, found);
        } else {
            self.alone(&sentence, [contradiction, impossible], found);
        }
        self.onsets
            .claims(sentence.offset, sentence.end, &sentence.claims);
        self.flush(found);
    }

    fn compare(&self, sentence: &Sentence<'_>, found: &mut Vec<Found>) {
        let mut unsupported = Vec::new();
        let features = features::compare(
            sentence.text,
            &sentence.tokens,
            &sentence.claims,
            &self.index,
            &mut unsupported,
        );
        for span in &unsupported {
            self.span(sentence, span, found);
        }
        let score = model::grounded(&features);
        if score >= self.settings.min_score {
            let data = self.sentence_data(&features);
            found.push(sentence.found(Rule::Sentence, 0..sentence.text.len() as u32, score, data));
        }
    }

    fn span(&self, sentence: &Sentence<'_>, span: &Unsupported, found: &mut Vec<Found>) {
        let score = weights::PRECISION[span.rule as usize];
        if score < self.settings.min_span_score {
            return;
        }
        let mut data = self.data();
        if !span.reason.is_empty() {
            data.insert("reason".to_owned(), span.reason.into());
        }
        found.push(sentence.found(span.rule, span.start..span.end, score, data));
    }

    fn alone(
        &self,
        sentence: &Sentence<'_>,
        [contradiction, impossible]: [bool; 2],
        found: &mut Vec<Found>,
    ) {
        let shown = alone(sentence, contradiction, impossible);
        let score = model::alone(&shown);
        if score < self.settings.min_score {
            return;
        }
        let mut data = self.data();
        let features = [
            ("figures", shown.figures),
            ("entities", shown.names),
            ("hedges", shown.hedges),
            ("contradiction", shown.contradiction),
            ("impossible", shown.impossible),
        ];
        data.insert("features".to_owned(), named(features));
        found.push(sentence.found(Rule::Sentence, 0..sentence.text.len() as u32, score, data));
    }

    /// Flawed references and impossible dates; whether there are any.
    fn references(&self, sentence: &Sentence<'_>, found: &mut Vec<Found>) -> bool {
        /// Check digits and calendars do not err; what is left is a text that speaks of a wrong reference.
        const SCORE: f32 = 0.95;
        let before = found.len();
        let mut report = |range: std::ops::Range<u32>, flaw: Flaw| {
            let mut data = self.data();
            data.insert("kind".to_owned(), flaw.name().into());
            found.push(sentence.found(Rule::Reference, range, SCORE, data));
        };
        reference::flawed(sentence.text, |start, end, flaw| {
            report(start as u32..end as u32, flaw);
        });
        for spotted in &sentence.claims {
            let flaw = match spotted.claim {
                Claim::Date {
                    year,
                    month,
                    day,
                    swaps,
                } if !swaps && !reference::is_possible(year, month, day) => Flaw::Date,
                Claim::Link { .. }
                    if crate::link::is_reserved(
                        &sentence.text[spotted.start as usize..spotted.end as usize],
                    ) =>
                {
                    Flaw::Domain
                }
                _ => continue,
            };
            report(spotted.start..spotted.end, flaw);
        }
        found.len() > before
    }

    fn contradiction(&mut self, sentence: &Sentence<'_>, found: &mut Vec<Found>) -> bool {
        /// Set by hand, see MODEL.md: no set labels contradictions inside of an answer. Steps and tables make some that are none.
        const SCORE: f32 = 0.3;
        let Some((spotted, before)) =
            self.said
                .read(sentence.offset, &sentence.tokens, &sentence.claims)
        else {
            return false;
        };
        let mut data = self.data();
        data.insert("against".to_owned(), before.into());
        found.push(sentence.found(Rule::Contradiction, spotted.start..spotted.end, SCORE, data));
        true
    }

    fn flush(&mut self, found: &mut Vec<Found>) {
        if self.onsets.found.is_empty() {
            return;
        }
        for Uncertain { onset, entropy } in std::mem::take(&mut self.onsets.found) {
            let mut data = self.data();
            let Onset {
                start,
                end,
                sentence_end,
                what,
            } = onset;
            data.insert("what".to_owned(), what.into());
            data.insert("entropy".to_owned(), rounded(entropy));
            found.push(Found {
                rule: Rule::Onset as u32,
                start,
                end,
                from: sentence_end,
                score: model::onset(entropy),
                data,
            });
        }
    }

    fn data(&self) -> Map<String, Value> {
        let mut data = Map::new();
        data.insert("regime".to_owned(), self.regime().into());
        data
    }

    fn sentence_data(&self, features: &Features) -> Map<String, Value> {
        let mut data = self.data();
        data.insert(
            "features".to_owned(),
            named(NAMES.into_iter().zip(*features)),
        );
        if self.index.skipped_bytes > 0 {
            data.insert(
                "contextBytesSkipped".to_owned(),
                self.index.skipped_bytes.into(),
            );
        }
        data
    }
}

impl Sentence<'_> {
    /// A finding in this sentence: it is certain when the sentence ends.
    fn found(
        &self,
        rule: Rule,
        range: std::ops::Range<u32>,
        score: f32,
        data: Map<String, Value>,
    ) -> Found {
        let (start, end) = (
            self.offset + u64::from(range.start),
            self.offset + u64::from(range.end),
        );
        Found {
            rule: rule as u32,
            start,
            end,
            from: self.end,
            score,
            data,
        }
    }
}

fn alone(sentence: &Sentence<'_>, contradiction: bool, impossible: bool) -> Alone {
    let count = |of: fn(&Claim) -> bool| {
        sentence
            .claims
            .iter()
            .filter(|spotted| of(&spotted.claim))
            .count()
            .min(3) as f32
    };
    let words = sentence
        .tokens
        .iter()
        .filter(|token| token.kind == Kind::Word);
    let (all, hedges) = words.fold((0_u16, 0_u16), |(all, hedges), token| {
        (all + 1, hedges + u16::from(token.meaning.has(is::HEDGE)))
    });
    Alone {
        figures: count(|claim| {
            matches!(
                claim,
                Claim::Number { .. } | Claim::Year(_) | Claim::Decade(_) | Claim::Date { .. }
            )
        }),
        names: count(|claim| matches!(claim, Claim::Entity { .. })),
        hedges: f32::from(hedges) / f32::from(all.max(1)),
        contradiction: f32::from(u8::from(contradiction)),
        impossible: f32::from(u8::from(impossible)),
    }
}

fn rounded(value: f32) -> Value {
    ((f64::from(value) * 1000.0).round() / 1000.0).into()
}

/// Features that are not zero.
fn named(features: impl IntoIterator<Item = (&'static str, f32)>) -> Value {
    let named = features.into_iter().filter(|(_, value)| *value != 0.0);
    Value::Object(
        named
            .map(|(name, value)| (name.to_owned(), rounded(value)))
            .collect(),
    )
}
