//! One sentence: its evidence, and what the evidence makes of it.

use std::sync::LazyLock;

use midstream_classify::{Features, Model};

use crate::lexicon::{Entry, Filter, Lexicon, MAX_WORDS};
use crate::phrases;
use crate::words::{Places, Words, term_hash};

static MODEL: LazyLock<Model> = LazyLock::new(|| {
    Model::from_bytes(include_bytes!("../model.bin")).expect("the shipped model is whole")
});

/// What was seen in one sentence.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence {
    /// The model's probability that it is toxic in any way.
    pub toxic: f32,
    /// The model's probability of hate.
    pub hate: f32,
    /// Highest severity of a word by category, 0 to 3.
    pub severity: [u8; 6],
    /// Words of the lexicon.
    pub hits: u32,
    /// Threat, self-harm, violence by phrases, 0 to 1.
    pub phrases: [f32; 3],
}

/// Reads evidence; keeps its buffers.
#[derive(Debug, Default)]
pub struct Judge {
    features: Features,
    places: Places,
}

impl Judge {
    /// Without buffers.
    pub fn new() -> Self {
        Self::default()
    }

    /// What is in a sentence.
    pub fn read(&mut self, sentence: &str) -> Evidence {
        let mut out = [0.0; 2];
        MODEL.predict(sentence, &mut self.features, &mut out);
        let mut evidence = Evidence {
            toxic: out[0],
            hate: out[1],
            ..Evidence::default()
        };
        let words = self.places.read(self.features.folded());
        look_up(words, &mut evidence);
        evidence.phrases = phrases::scores(words);
        evidence
    }

    /// Bytes of its buffers.
    pub fn memory_bytes(&self) -> usize {
        self.features.memory_bytes() + self.places.memory_bytes()
    }
}

fn look_up(words: Words<'_>, evidence: &mut Evidence) {
    let (lexicon, filter) = (Lexicon::shipped(), Filter::shipped());
    let has_stars = words.text().contains('*');
    let mut at = 0;
    while at < words.len() {
        let may_be = words.hashes(at).iter().any(|hash| filter.may_have(*hash));
        if !may_be && !has_stars {
            at += 1;
            continue;
        }
        let longest = MAX_WORDS.min(words.len() - at);
        let hit = (1..=longest).rev().find_map(|length| {
            let found = lexicon.find(words.hashes(at)[length - 1]).or_else(|| {
                let is_censored = length == 1 && words.word(at).contains('*');
                is_censored
                    .then(|| uncensored(lexicon, words.word(at)))
                    .flatten()
            })?;
            Some((length, found))
        });
        let Some((length, entry)) = hit else {
            at += 1;
            continue;
        };
        let severity = &mut evidence.severity[entry.category as usize];
        *severity = (*severity).max(entry.severity);
        evidence.hits += 1;
        at += length;
    }
}

/// Letters that stars stand for.
const TRIES: &[u8] = b"aeiouchst";

/// A word with one letter starred out, or two: one of the lexicon's, if a vowel or two make it one.
fn uncensored(lexicon: Lexicon, word: &str) -> Option<Entry> {
    let stars = word.bytes().filter(|byte| *byte == b'*').count();
    if !(1..=2).contains(&stars) || word.len() < 3 || word.len() > 24 || !word.is_ascii() {
        return None;
    }
    let mut bytes = [0_u8; 24];
    let bytes = &mut bytes[..word.len()];
    for &first in TRIES {
        for &second in if stars == 1 { &TRIES[..1] } else { TRIES } {
            bytes.copy_from_slice(word.as_bytes());
            let mut letters = [first, second].into_iter();
            for byte in bytes.iter_mut().filter(|byte| **byte == b'*') {
                *byte = letters.next().unwrap_or(first);
            }
            let tried = std::str::from_utf8(bytes).ok()?;
            if let Some(entry) = lexicon.find(term_hash([tried])) {
                return Some(entry);
            }
        }
    }
    None
}

fn logit(probability: f32) -> f32 {
    let p = probability.clamp(1e-4, 1.0 - 1e-4);
    (p / (1.0 - p)).ln()
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// Model's logit, worst severity, number of hits, bias. Chosen before any scoring, with less trust in the model than the fit that
/// `examples/train.rs` prints (0.87, 0.39, 0.54, -0.72): that one is fitted on tweets, where the model is at home, and loses 0.03 of AUC and
/// twenty times the false alarms elsewhere.
const TOXIC: [f32; 4] = [0.5, 1.0, 0.5, -2.0];

/// What is summed.
pub(crate) fn toxic_features(evidence: &Evidence) -> [f32; 3] {
    let worst = evidence.severity.iter().copied().max().unwrap_or(0);
    [
        logit(evidence.toxic),
        f32::from(worst),
        evidence.hits.min(4) as f32,
    ]
}

/// Probability of each category, in the order of [`crate::Category::ALL`].
pub fn combine(evidence: &Evidence) -> [f32; 6] {
    let features = toxic_features(evidence);
    let sum: f32 = features
        .iter()
        .zip(TOXIC)
        .map(|(feature, weight)| feature * weight)
        .sum();
    let toxic = sigmoid(sum + TOXIC[3]);
    let [threat, self_harm, violence] = evidence.phrases;
    // A word of one kind takes its share of what is toxic at all; severe ones stand for themselves.
    let by_word = |index: usize, severe: f32| match evidence.severity[index] {
        0 => 0.0,
        1 => 0.5 * toxic,
        2 => 0.85 * toxic,
        _ => toxic.max(severe),
    };
    [
        (0.9 * evidence.hate).max(by_word(0, 0.8)),
        threat,
        toxic.max(by_word(2, 0.6)),
        by_word(3, 0.75),
        self_harm,
        violence,
    ]
}
