//! One stream of text: feeds words and segments to the measures and reports what they find.

use midstream_temporal_attractor_studio::PermutationStream;

use crate::arrivals::Arrivals;
use crate::drift::Drift;
use crate::novelty::Novelty;
use crate::period::Rhythm;
use crate::settings::Settings;
use crate::tokens::{Step, Tokens, Word};
use crate::{Found, Kind};

/// Words after which a segment ends for want of a stop.
const LONGEST_SEGMENT: u32 = 120;
/// Samples of an order of word lengths, and orders that the entropy covers.
const ORDER: usize = 3;
const ORDERS: usize = 128;

/// What is measured now. Nothing here is a verdict.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Signals {
    /// Share of new groups of four words among the last 128, in [0, 1].
    pub novelty: f32,
    /// Segments that went with the best period, and that period in segments.
    pub rhythm: (u32, u32),
    /// Share of bits in which beginning and present differ, in [0, 1]; 0.5 is nothing in common.
    pub drift: f32,
    /// Permutation entropy of the lengths of the last 130 words, order 3, in [0, 1]; 1 until there are three.
    pub entropy: f32,
    /// Median gap between arrivals in milliseconds; 0 before there is one.
    pub gap_ms: f64,
}

/// The state of one stream: 21 KiB, taken when it is made.
#[derive(Debug)]
pub struct Dynamics {
    tokens: Tokens,
    novelty: Novelty,
    rhythm: Rhythm,
    drift: Drift,
    arrivals: Arrivals,
    lengths: Option<PermutationStream>,
    entropy: f32,
    /// Bytes read.
    at: u64,
    /// The segment that is being read.
    start: u64,
    words: u32,
    others: u32,
}

impl Dynamics {
    /// A stream without text. `key` goes into the hashes of words: secret, one for a process; what is found does not depend on
    /// it but for collisions of 32 bits.
    pub fn new(settings: &Settings, key: u64) -> Self {
        Self {
            tokens: Tokens::new(key),
            novelty: Novelty::new(settings.repeated_share, settings.repeated_words),
            rhythm: Rhythm::new(settings.period_repeats),
            drift: Drift::new(settings.drift_distance, settings.drift_words),
            arrivals: Arrivals::new(settings.stall_ms, settings.stall_factor),
            lengths: PermutationStream::new(ORDER, 1, ORDERS).ok(),
            entropy: 1.0,
            at: 0,
            start: 0,
            words: 0,
            others: 0,
        }
    }

    /// Text arrives at this time: nanoseconds from any start. Call it before the `push` of that text. A stall has the place
    /// where the text goes on.
    pub fn arrive(&mut self, now_ns: u64, found: &mut Vec<Found>) {
        let stall = self.arrivals.push(now_ns);
        found.extend(stall.map(|score| Found {
            kind: Kind::Stall,
            start: self.at,
            end: self.at,
            score,
        }));
    }

    /// Takes the next text. Any partition gives the same. Allocates only where `found` has to grow.
    pub fn push(&mut self, text: &[u8], found: &mut Vec<Found>) {
        for &byte in text {
            let Step {
                word,
                is_other,
                ends_segment,
            } = self.tokens.step(byte);
            self.at += 1;
            if let Some(word) = word {
                self.take(word);
            }
            self.others += u32::from(is_other);
            if ends_segment {
                self.end_segment(self.words, found);
            } else if self.words >= LONGEST_SEGMENT && self.tokens.is_between_characters() {
                // Its length is ours, not the text's: the rhythm must not see it.
                self.end_segment(0, found);
            }
        }
    }

    /// The text is complete.
    pub fn finish(&mut self, found: &mut Vec<Found>) {
        if let Some(word) = self.tokens.finish() {
            self.take(word);
        }
        self.end_segment(self.words, found);
    }

    fn take(&mut self, word: Word) {
        self.words += 1;
        self.novelty.push(word.hash, self.start);
        if word.is_letters {
            self.drift.push(word.hash);
        }
        if let Some(lengths) = &mut self.lengths
            && let Ok(Some(entropy)) = lengths.push(word.length.into())
        {
            self.entropy = entropy as f32;
        }
    }

    fn end_segment(&mut self, length: u32, found: &mut Vec<Found>) {
        if self.words > 0 {
            let is_row = self.tokens.is_table_row();
            let rhythm = self.rhythm.push(length, self.others, is_row, self.start);
            let novelty = self.novelty.take();
            let drift = self.drift.take(self.start);
            for (kind, seen) in [
                (Kind::LowNovelty, novelty),
                (Kind::Periodic, rhythm),
                (Kind::Drift, drift),
            ] {
                found.extend(seen.map(|(start, score)| Found {
                    kind,
                    start,
                    end: self.at,
                    score,
                }));
            }
        }
        self.start = self.at;
        self.words = 0;
        self.others = 0;
    }

    /// Bytes that the stream takes, from the beginning to the end.
    pub fn memory_bytes(&self) -> usize {
        let entropy = ORDERS * (size_of::<f64>() + 1) + 2 * ORDER * size_of::<f64>();
        size_of::<Self>() + Novelty::memory_bytes() + Drift::memory_bytes() + entropy
    }

    /// What is measured now.
    pub fn signals(&self) -> Signals {
        Signals {
            novelty: self.novelty.share(),
            rhythm: self.rhythm.best(),
            drift: self.drift.distance(),
            entropy: self.entropy,
            gap_ms: self.arrivals.median_ns() / 1e6,
        }
    }
}
