//! The context of an answer as hashed sets: what can be looked up in it, without its text.
//!
//! Built once an answer, read by all its texts.

use midstream_segment::Sentences;
use midstream_text_detector::{Context, Message, Origin};

use crate::claims::{self, Claim, Spotted};
use crate::lexicon::{self, is};
use crate::token::{self, Case, Kind, Token};

/// Set of 32-bit hashes, open addressing; 0 is no member. A wrong "yes" has a chance of one in 2^32 times the members.
#[derive(Clone, Debug, Default)]
pub struct Set {
    slots: Vec<u32>,
    len: usize,
}

impl Set {
    /// Adds a member.
    pub fn add(&mut self, key: u32) {
        if self.len * 8 >= self.slots.len() * 5 {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut at = key as usize & mask;
        while self.slots[at] != 0 {
            if self.slots[at] == key {
                return;
            }
            at = (at + 1) & mask;
        }
        self.slots[at] = key;
        self.len += 1;
    }

    /// Whether it is a member.
    pub fn has(&self, key: u32) -> bool {
        if self.slots.is_empty() {
            return false;
        }
        let mask = self.slots.len() - 1;
        let mut at = key as usize & mask;
        while self.slots[at] != 0 {
            if self.slots[at] == key {
                return true;
            }
            at = (at + 1) & mask;
        }
        false
    }

    fn grow(&mut self) {
        let before = std::mem::take(&mut self.slots);
        self.slots = vec![0; (before.len() * 2).max(64)];
        self.len = 0;
        for key in before.into_iter().filter(|key| *key != 0) {
            self.add(key);
        }
    }
}

/// What a key is about, so that a stem and a number never meet.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub enum About {
    /// Stem of a content word.
    Stem = 1,
    /// Folded word.
    Word,
    /// Word without endings of nationality.
    Root,
    /// Three words in a row.
    Trigram,
    /// Two content words in a row, nothing that negates between them.
    Affirmed,
    /// The same with a negation between them.
    Negated,
    /// Value of a number.
    Value,
    /// Value and unit; unit 0 for a number without.
    Measure,
    /// A year.
    Year,
    /// A year without its last digit.
    Decade,
    /// Year and month-day; 0 is not given.
    Date,
    /// Host and path.
    Link,
    /// Host.
    Host,
    /// First letters of a name.
    Initials,
}

/// Key of two hashes.
pub fn key(about: About, one: u32, other: u32) -> u32 {
    lexicon::mix(
        (u64::from(one) << 32 | u64::from(other)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
            ^ (about as u64) << 17,
    )
}

/// Key of three words in a row.
pub fn trigram(words: [u32; 3]) -> u32 {
    key(About::Trigram, words[0].rotate_left(7) ^ words[1], words[2])
}

/// What may be read and what counts.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of context that are read; evidence first.
    pub max_context_bytes: usize,
    /// A user's message of this length brings its own text along.
    pub user_evidence_bytes: usize,
    /// Origins whose texts are evidence.
    pub evidence: Vec<Origin>,
}

/// Context of one answer.
#[derive(Debug, Default)]
pub struct Index {
    /// What documents and tools say.
    pub evidence: Set,
    /// What was said in the conversation: names and numbers of it are not invented, yet prove nothing.
    pub conversation: Set,
    /// Values of the evidence's numbers, sorted.
    values: Vec<f64>,
    /// Stems of the question.
    pub question: Set,
    /// Share of the question's content words that the evidence knows; `None` without question or words in it.
    pub question_overlap: Option<f32>,
    /// Highest number that a citation can have.
    pub citations: u32,
    /// Bytes that were not read.
    pub skipped_bytes: usize,
    /// Whether there is any evidence.
    pub is_grounded: bool,
}

/// Reads sentences into a set.
#[derive(Default)]
struct Builder {
    tokens: Vec<Token>,
    claims: Vec<Spotted>,
    values: Vec<f64>,
    highest_citation: u32,
    words: usize,
}

impl Index {
    /// Reads a context: evidence first, then the conversation from its end, until the limit.
    pub fn new(context: &Context, limits: &Limits) -> Self {
        let mut index = Self::default();
        let mut builder = Builder::default();
        let mut left = limits.max_context_bytes;
        let is_evidence = |message: &Message| {
            limits.evidence.contains(&message.origin)
                || (message.origin == Origin::User
                    && message.text.len() >= limits.user_evidence_bytes.max(1))
        };
        let (evidence, conversation): (Vec<_>, Vec<_>) = context
            .messages
            .iter()
            .partition(|message| is_evidence(message));
        for message in &evidence {
            index.skipped_bytes +=
                read(&message.text, &mut left, &mut builder, &mut index.evidence);
        }
        let labels = builder.highest_citation;
        index.is_grounded = builder.words > 0;
        index.citations = if labels > 0 {
            labels
        } else {
            evidence.len() as u32
        };
        index.values = std::mem::take(&mut builder.values);
        index.values.sort_by(f64::total_cmp);
        for message in conversation.iter().rev() {
            index.skipped_bytes += read(
                &message.text,
                &mut left,
                &mut builder,
                &mut index.conversation,
            );
        }
        index.ask(context, is_evidence, &mut builder);
        index
    }

    /// Bytes that it takes.
    #[cfg(test)]
    pub fn memory_bytes(&self) -> usize {
        let slots = self.evidence.slots.capacity()
            + self.conversation.slots.capacity()
            + self.question.slots.capacity();
        size_of::<Self>() + slots * size_of::<u32>() + self.values.capacity() * size_of::<f64>()
    }

    /// Whether a value stands in the evidence, or one that rounds to it.
    pub fn is_near(&self, value: f64) -> bool {
        /// What "about" may be off.
        const TOLERANCE: f64 = 0.05;
        let slack = value.abs() * TOLERANCE;
        let at = self.values.partition_point(|known| *known < value - slack);
        self.values
            .get(at)
            .is_some_and(|known| *known <= value + slack)
    }

    fn ask(
        &mut self,
        context: &Context,
        is_evidence: impl Fn(&Message) -> bool,
        builder: &mut Builder,
    ) {
        /// The end of a question: what stands before it is its story.
        const QUESTION_BYTES: usize = 2048;
        let question = context
            .messages
            .iter()
            .rev()
            .find(|message| message.origin == Origin::User && !is_evidence(message));
        let Some(question) = question else { return };
        let from = question.text.len().saturating_sub(QUESTION_BYTES);
        let from = (from..=question.text.len())
            .find(|at| question.text.is_char_boundary(*at))
            .unwrap_or(0);
        token::tokens(&question.text[from..], &mut builder.tokens);
        let (mut all, mut known) = (0.0, 0.0);
        for token in builder.tokens.iter().filter(|token| token.stem != 0) {
            self.question.add(token.stem);
            all += 1.0;
            known += f32::from(u8::from(self.evidence.has(key(About::Stem, token.stem, 0))));
        }
        self.question_overlap = (all > 0.0).then(|| known / all);
    }
}

/// Reads as much of a text as is left; returns the bytes that were not read.
fn read(text: &str, left: &mut usize, builder: &mut Builder, set: &mut Set) -> usize {
    let end = (0..=text.len().min(*left))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    *left -= end;
    let mut sentences = Sentences::new();
    sentences.push(&text[..end], |_, sentence| builder.add(sentence, set));
    sentences.finish(|_, sentence| builder.add(sentence, set));
    text.len() - end
}

impl Builder {
    fn add(&mut self, sentence: &str, set: &mut Set) {
        // A unit may be longer than what is judged of one: evidence is read whole.
        token::tokens(sentence, &mut self.tokens);
        claims::spot(sentence, &self.tokens, &mut self.claims);
        let mut window = [0; 3];
        let (mut before, mut is_negated) = (0, false);
        for token in &self.tokens {
            if token.word != 0 {
                window = [window[1], window[2], token.word];
                set.add(trigram(window));
            }
            if token.kind != Kind::Word {
                continue;
            }
            self.words += 1;
            is_negated |= token.meaning.has(is::NEGATION);
            set.add(key(About::Word, token.word, 0));
            if token.stem == 0 {
                continue;
            }
            set.add(key(About::Stem, token.stem, 0));
            set.add(key(About::Root, token.root, 0));
            set.add(key(
                if is_negated {
                    About::Negated
                } else {
                    About::Affirmed
                },
                before,
                token.stem,
            ));
            (before, is_negated) = (token.stem, false);
        }
        for spotted in &self.claims {
            add_claim(spotted.claim, &self.tokens, set, &mut self.values);
            if let Claim::Citation(place) = spotted.claim {
                self.highest_citation = self.highest_citation.max(place);
            }
        }
    }
}

fn add_claim(claim: Claim, tokens: &[Token], set: &mut Set, values: &mut Vec<f64>) {
    match claim {
        Claim::Number { value, unit, .. } => {
            let hash = hash_value(value);
            set.add(key(About::Value, hash, 0));
            set.add(key(About::Measure, hash, unit));
            values.push(value);
        }
        Claim::Year(year) => add_year(year, set, values),
        Claim::Decade(year) => set.add(key(About::Decade, u32::from(year / 10), 0)),
        Claim::Date {
            year,
            month,
            day,
            swaps,
        } => {
            add_date(year, month, day, set, values);
            if swaps {
                add_date(year, day, month, set, values);
            }
        }
        Claim::Entity { first, last, .. } => {
            if let Some(initials) = initials(&tokens[first.into()..=last.into()]) {
                set.add(key(About::Initials, initials, 0));
            }
        }
        Claim::Link { whole, host } => {
            set.add(key(About::Link, whole, 0));
            set.add(key(About::Host, host, 0));
        }
        Claim::Quote { .. } | Claim::Citation(_) => {}
    }
}

fn add_year(year: u16, set: &mut Set, values: &mut Vec<f64>) {
    let hash = hash_value(year.into());
    set.add(key(About::Year, year.into(), 0));
    set.add(key(About::Decade, u32::from(year / 10), 0));
    set.add(key(About::Value, hash, 0));
    set.add(key(About::Measure, hash, 0));
    values.push(year.into());
}

fn add_date(year: u16, month: u8, day: u8, set: &mut Set, values: &mut Vec<f64>) {
    if year > 0 {
        add_year(year, set, values);
        set.add(date_key(year, month, day));
        set.add(date_key(year, month, 0));
    }
    set.add(date_key(0, month, day));
}

/// Key of a date; 0 is not given.
pub fn date_key(year: u16, month: u8, day: u8) -> u32 {
    key(
        About::Date,
        year.into(),
        u32::from(month) << 8 | u32::from(day),
    )
}

/// Equal for what prints as equal: twelve digits.
pub fn hash_value(value: f64) -> u32 {
    let scale = 10_f64.powi(11 - value.abs().max(1e-9).log10().floor() as i32);
    lexicon::mix(((value * scale).round() / scale).to_bits())
}

/// Hash of a name's first letters as an abbreviation has them: two words at least, joining words left out.
pub fn initials(tokens: &[Token]) -> Option<u32> {
    let mut letters = [0_u8; 8];
    let mut len = 0;
    for token in tokens.iter().filter(|token| token.case != Case::Lower) {
        *letters.get_mut(len)? = token.letter;
        len += 1;
    }
    (len >= 2).then(|| lexicon::hash(&letters[..len]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(text: &str, max_context_bytes: usize) -> Index {
        let message = |origin, text: &str| Message {
            origin,
            text: text.to_owned(),
        };
        let messages = vec![
            message(Origin::Document, text),
            message(Origin::User, "How tall is the tower?"),
        ];
        let limits = Limits {
            max_context_bytes,
            user_evidence_bytes: 600,
            evidence: vec![Origin::Document],
        };
        Index::new(
            &Context {
                messages,
                wants_json: false,
            },
            &limits,
        )
    }

    #[test]
    fn a_set_holds_what_was_added_and_nothing_else() {
        let mut set = Set::default();
        assert!(!set.has(7));
        for member in 1..5_000_u32 {
            set.add(lexicon::mix(member.into()));
        }
        assert!((1..5_000_u32).all(|member| set.has(lexicon::mix(u64::from(member)))));
        assert!(!(5_000..10_000_u32).any(|member| set.has(lexicon::mix(u64::from(member)))));
    }

    #[test]
    fn what_is_over_the_limit_is_counted_and_cut_between_characters() {
        let index = index("Жук is a beetle", 1);
        assert_eq!(
            index.skipped_bytes,
            "Жук is a beetle".len() + "How tall is the tower?".len() - 1
        );
        assert!(!index.is_grounded);
    }

    #[test]
    fn the_question_is_compared_with_the_evidence() {
        assert_eq!(
            index("The tower is 330 m tall.", 4096).question_overlap,
            Some(1.0)
        );
        assert_eq!(
            index("Beetles have six legs.", 4096).question_overlap,
            Some(0.0)
        );
    }

    #[test]
    fn an_index_takes_at_most_eight_bytes_for_each_of_its_context() {
        let text = "Some 17 new words stand here: ".to_owned();
        let words = (0..30_000).map(|at| format!("w{}x{at} ", at % 97));
        let text = words.fold(text, |text, word| text + &word);
        let index = index(&text, 256 << 10);
        assert!(
            index.memory_bytes() <= 8 * (256 << 10),
            "{}",
            index.memory_bytes()
        );
    }

    #[test]
    fn rounded_numbers_are_near_what_they_round() {
        let index = index("It is 299.8 m and 20 km.", 4096);
        assert!(
            index.is_near(300.0)
                && index.is_near(20.0)
                && !index.is_near(25.0)
                && !index.is_near(0.0)
        );
    }
}
