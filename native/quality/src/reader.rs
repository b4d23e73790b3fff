//! One text, in one pass.

use midstream_segment::{Kind, Sentences, Unit, word_hash, words};
use midstream_text_detector::{Found, Reader};
use serde_json::{Map, Value, json};

use crate::language::{Language, Profile, Told};
use crate::promise::{Bound, Promises};
use crate::settings::{Report, Settings};
use crate::{
    FORMAT, LANGUAGE, LENGTH, LOW, QUALITY_PARTS, REFUSAL, REPETITIVE, SCORE, UNFINISHED, refusal,
};

/// Groups of four words that are remembered, as 32-bit hashes at the place of their low bits: an older one leaves for a newer.
const GROUPS: usize = 512;
/// Words of a text before its repetition is judged.
const LEAST_WORDS: u32 = 80;
/// Words of a stretch whose language is told.
const STRETCH: u32 = 40;

pub(crate) struct QualityReader {
    sentences: Sentences,
    state: State,
}

#[allow(
    clippy::struct_excessive_bools,
    reason = "what was seen and told, each for itself"
)]
struct State {
    settings: Settings,
    promises: Promises,
    scratch: String,
    bytes: u64,
    words: u32,
    prose: u32,
    items: u32,
    markdown: bool,
    /// First character that is no space, and whether the text is one JSON value so far.
    first: Option<char>,
    last_unit: LastUnit,
    groups: Box<[u32; GROUPS]>,
    recent: [u64; 3],
    groups_seen: u32,
    groups_old: u32,
    whole: Profile,
    stretch: Profile,
    other_stretches: u32,
    refusal: f32,
    refused: bool,
    told_length: bool,
    told_language: bool,
}

/// What the last unit tells of the text's end.
#[derive(Clone, Copy, Default)]
struct LastUnit {
    end: u64,
    start: u64,
    is_open_fence: bool,
    is_cut: bool,
    is_comma: bool,
    /// What was opened in the unit and not closed: `bracket`, `quote` or `table`.
    left_open: Option<&'static str>,
}

impl QualityReader {
    pub fn new(settings: Settings, promises: Promises) -> Self {
        Self {
            sentences: Sentences::new(),
            state: State {
                settings,
                promises,
                scratch: String::new(),
                bytes: 0,
                words: 0,
                prose: 0,
                items: 0,
                markdown: false,
                first: None,
                last_unit: LastUnit::default(),
                groups: Box::new([0; GROUPS]),
                recent: [0; 3],
                groups_seen: 0,
                groups_old: 0,
                whole: Profile::default(),
                stretch: Profile::default(),
                other_stretches: 0,
                refusal: 0.0,
                refused: false,
                told_length: false,
                told_language: false,
            },
        }
    }
}

fn is_item(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    match text.as_bytes() {
        [b'-' | b'*' | b'+', b' ', ..] => true,
        _ if text.starts_with("• ") => true,
        _ => rest.len() < text.len() && (rest.starts_with(". ") || rest.starts_with(") ")),
    }
}

fn is_markdown(text: &str) -> bool {
    text.starts_with("# ")
        || text.starts_with("## ")
        || text.starts_with("### ")
        || text.as_bytes().contains(&b'*') && text.contains("**")
        || text.starts_with("| ")
}

fn data(pairs: impl IntoIterator<Item = (&'static str, Value)>) -> Map<String, Value> {
    pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

fn rounded(value: f32) -> Value {
    json!((f64::from(value) * 1000.0).round() / 1000.0)
}

impl State {
    fn take(&mut self, unit: Unit, text: &str, found: &mut Vec<Found>) {
        if unit.kind == Kind::Code {
            self.markdown = true;
            let closes = text.lines().count() > 1 && text.trim_end().ends_with(&text[..3]);
            self.last_unit = LastUnit {
                start: unit.start,
                end: unit.end,
                is_open_fence: !closes,
                ..LastUnit::default()
            };
            return;
        }
        self.first = self.first.or_else(|| text.chars().next());
        self.markdown |= is_markdown(text);
        self.refuse(unit, text, found);
        self.prose += 1;
        self.items += u32::from(is_item(text));
        let before = self.words;
        for (offset, word) in words(text) {
            self.word(word);
            self.check_words(unit.start + (offset + word.len()) as u64, found);
        }
        self.last_unit = ending(unit, text, self.words - before);
        self.check_language(unit, found);
        self.check_counts(unit, found);
    }

    fn refuse(&mut self, unit: Unit, text: &str, found: &mut Vec<Found>) {
        let score = refusal::score(text, self.prose, &mut self.scratch);
        self.refusal = 1.0 - (1.0 - self.refusal) * (1.0 - score);
        if self.refused || self.refusal < self.settings.refusal || self.refusal <= 0.0 {
            return;
        }
        self.refused = true;
        found.push(Found {
            rule: REFUSAL,
            start: unit.start,
            end: unit.end,
            from: unit.end,
            score: self.refusal,
            data: data([("sentence", json!(self.prose + 1))]),
        });
    }

    fn word(&mut self, word: &str) {
        self.words += 1;
        let hash = word_hash(word);
        let told = Told::of(word, hash);
        self.whole.add(told);
        self.stretch.add(told);
        let [first, second, third] = self.recent;
        self.recent = [second, third, hash];
        if self.words < 4 {
            return;
        }
        let group = first.rotate_left(21) ^ second.rotate_left(42) ^ third.rotate_left(11) ^ hash;
        let group = group.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let slot = &mut self.groups[(group >> 55) as usize];
        // 0 is an empty place.
        let mark = group as u32 | 1;
        self.groups_seen += 1;
        self.groups_old += u32::from(*slot == mark);
        *slot = mark;
    }

    fn check_words(&mut self, at: u64, found: &mut Vec<Found>) {
        if let Some(Bound { most, .. }) = self.promises.words
            && self.words > most
            && !self.told_length
        {
            self.told_length = true;
            found.push(self.broken_length("words", self.words, self.promises.words, at));
        }
    }

    fn check_counts(&mut self, unit: Unit, found: &mut Vec<Found>) {
        for (what, count, bound) in [
            ("sentences", self.prose, self.promises.sentences),
            ("items", self.items, self.promises.items),
        ] {
            if bound.is_some_and(|bound| count > bound.most) && !self.told_length {
                self.told_length = true;
                found.push(self.broken_length(what, count, bound, unit.end));
            }
        }
    }

    #[allow(clippy::unused_self, reason = "reads as what it is")]
    fn broken_length(&self, what: &str, count: u32, bound: Option<Bound>, at: u64) -> Found {
        let bound = bound.unwrap_or(Bound {
            most: u32::MAX,
            least: 0,
        });
        let most = if bound.most == u32::MAX {
            Value::Null
        } else {
            json!(bound.most)
        };
        Found {
            rule: LENGTH,
            start: at,
            end: at,
            from: at,
            score: 0.9,
            data: data([
                ("of", json!(what)),
                ("count", json!(count)),
                ("most", most),
                ("least", json!(bound.least)),
            ]),
        }
    }

    /// Two stretches in a row in another language than the one that is expected.
    fn check_language(&mut self, unit: Unit, found: &mut Vec<Found>) {
        if self.stretch.words() < STRETCH {
            return;
        }
        let spoken = self.stretch.language();
        self.stretch = Profile::default();
        let expected = self.promises.language.or_else(|| self.whole.language());
        let is_other = spoken.is_some() && expected.is_some() && spoken != expected;
        self.other_stretches = if is_other {
            self.other_stretches + 1
        } else {
            0
        };
        if self.other_stretches == 2 && !self.told_language {
            self.told_language = true;
            let codes = [expected, spoken].map(|language| json!(language.map(Language::code)));
            found.push(Found {
                rule: LANGUAGE,
                start: unit.start,
                end: unit.end,
                from: unit.end,
                score: 0.85,
                data: data([("expected", codes[0].clone()), ("found", codes[1].clone())]),
            });
        }
    }

    fn repeated(&self) -> f32 {
        if self.words < LEAST_WORDS || self.groups_seen == 0 {
            return 0.0;
        }
        self.groups_old as f32 / self.groups_seen as f32
    }

    fn finish(&mut self, found: &mut Vec<Found>) {
        let end = self.last_unit.end;
        let whole = |rule, start, score, data| Found {
            rule,
            start,
            end,
            from: end,
            score,
            data,
        };
        let mut parts = [1.0_f32; QUALITY_PARTS.len()];
        let short = [
            ("words", self.words, self.promises.words),
            ("sentences", self.prose, self.promises.sentences),
            ("items", self.items, self.promises.items),
        ]
        .into_iter()
        .find(|(_, count, bound)| bound.is_some_and(|bound| *count < bound.least));
        // A refusal keeps no promise and needs none.
        if let (Some((what, count, bound)), false, false) = (short, self.told_length, self.refused)
        {
            self.told_length = true;
            found.push(self.broken_length(what, count, bound, end));
        }
        if self.told_length {
            parts[0] = 0.5;
        }
        let breaks_json = self.promises.json
            && !matches!(
                self.first,
                Some('{' | '[' | '"' | '0'..='9' | '-' | 't' | 'f' | 'n')
            );
        if (breaks_json || self.promises.json && self.markdown) && !self.refused && self.bytes > 0 {
            found.push(whole(FORMAT, 0, 0.9, data([("expected", json!("json"))])));
            parts[1] = 0.3;
        } else if self.promises.plain && self.markdown {
            found.push(whole(
                FORMAT,
                0,
                0.8,
                data([("expected", json!("plain text"))]),
            ));
            parts[1] = 0.6;
        }
        let (expected, spoken) = (self.promises.language, self.whole.language());
        if !self.told_language && expected.is_some() && spoken.is_some() && expected != spoken {
            self.told_language = true;
            let codes = [expected, spoken].map(|language| json!(language.map(Language::code)));
            found.push(whole(
                LANGUAGE,
                0,
                0.85,
                data([("expected", codes[0].clone()), ("found", codes[1].clone())]),
            ));
        }
        if self.told_language {
            parts[2] = 0.4;
        }
        if let Some((score, kind)) = self.unfinished() {
            found.push(whole(
                UNFINISHED,
                self.last_unit.start,
                score,
                data([("kind", json!(kind))]),
            ));
            parts[3] = 1.0 - 0.6 * score;
        }
        let repeated = self.repeated();
        if repeated >= self.settings.repeated_share {
            found.push(whole(
                REPETITIVE,
                0,
                repeated.min(1.0),
                data([("share", rounded(repeated))]),
            ));
        }
        // 13 % is what 99 of 100 good answers stay below (facts of the field); all of it above that counts against.
        parts[4] = (1.0 - (repeated - 0.13).max(0.0) * 1.2).max(0.0);
        if self.refused {
            parts[5] = 1.0 - 0.4 * self.refusal;
        }
        self.tell_score(&parts, found);
    }

    fn tell_score(&self, parts: &[f32; QUALITY_PARTS.len()], found: &mut Vec<Found>) {
        let score: f32 = parts.iter().product();
        let is_low = score < self.settings.threshold;
        if self.bytes == 0 || !(is_low || self.settings.report == Report::Always) {
            return;
        }
        let told: Map<String, Value> = QUALITY_PARTS
            .iter()
            .zip(parts)
            .map(|(name, part)| ((*name).to_owned(), rounded(*part)))
            .collect();
        found.push(Found {
            rule: if is_low { LOW } else { SCORE },
            start: 0,
            end: self.last_unit.end,
            from: self.last_unit.end,
            // How sure that it is low, or how good it is.
            score: if is_low { 1.0 - score } else { score },
            data: data([
                ("score", rounded(score)),
                ("parts", Value::Object(told)),
                ("words", json!(self.words)),
            ]),
        });
    }

    fn unfinished(&self) -> Option<(f32, &'static str)> {
        let last = self.last_unit;
        if last.is_open_fence {
            Some((0.95, "fence"))
        } else if last.is_comma {
            Some((0.9, "sentence"))
        } else if let Some(kind) = last.left_open {
            Some((0.8, kind))
        } else if last.is_cut {
            Some((0.7, "sentence"))
        } else {
            None
        }
    }
}

/// How the text would end, if this were its last unit.
fn ending(unit: Unit, text: &str, words: u32) -> LastUnit {
    let bare = text.trim_end_matches(['*', '_', '"', '\'', '”', '’', '»', '`']);
    let last = bare.chars().next_back().unwrap_or_default();
    let final_word = bare.rsplit(char::is_whitespace).next().unwrap_or_default();
    let joins = matches!(
        final_word,
        "and"
            | "or"
            | "the"
            | "a"
            | "an"
            | "of"
            | "to"
            | "with"
            | "in"
            | "for"
            | "и"
            | "или"
            | "в"
            | "с"
            | "на"
    );
    let is_comma = matches!(last, ',' | '(' | '[' | '-' | '–' | '—')
        && !text.chars().all(|c| !c.is_alphanumeric())
        || joins && words > 2;
    let is_structure = is_item(text)
        || is_markdown(text)
        || text.starts_with('|')
        || text.as_bytes().contains(&b':') && text.contains("://");
    LastUnit {
        start: unit.start,
        end: unit.end,
        is_open_fence: false,
        is_comma,
        is_cut: !is_structure && words >= 6 && last.is_alphanumeric(),
        left_open: left_open(text),
    }
}

/// What the last unit opens and does not close. A unit with its stop, or with a mark behind it, has ended, whatever it forgot to close.
fn left_open(text: &str) -> Option<&'static str> {
    let text = text.trim_end();
    if text.starts_with('|') {
        return (!text.ends_with('|')).then_some("table");
    }
    if !text.chars().next_back()?.is_alphanumeric() {
        return None;
    }
    let (mut brackets, mut curly, mut straight) = (0_i32, 0_i32, 0_u32);
    let mut before = ' ';
    for c in text.chars() {
        match c {
            // ":(" is a face.
            '(' | '[' | '{' if !matches!(before, ':' | ';' | '=') => brackets += 1,
            ')' | ']' | '}' => brackets -= 1,
            '“' | '«' => curly += 1,
            // German opens with the one and closes with what opens in English.
            '„' | '”' | '»' => curly -= 1,
            // 5'11" is a length.
            '"' if !before.is_ascii_digit() => straight += 1,
            _ => {}
        }
        before = c;
    }
    if brackets > 0 {
        Some("bracket")
    } else {
        (curly > 0 || straight % 2 == 1).then_some("quote")
    }
}

impl Reader for QualityReader {
    fn push(&mut self, text: &str, found: &mut Vec<Found>) {
        let Self { sentences, state } = self;
        state.bytes += text.len() as u64;
        sentences.push(text, |unit, sentence| state.take(unit, sentence, found));
    }

    fn finish(&mut self, found: &mut Vec<Found>) {
        let Self { sentences, state } = self;
        sentences.finish(|unit, sentence| state.take(unit, sentence, found));
        state.finish(found);
    }

    fn memory_bytes(&self) -> usize {
        size_of::<Self>()
            + self.sentences.memory_bytes()
            + self.state.scratch.capacity()
            + GROUPS * 4
    }
}
