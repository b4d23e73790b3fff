//! One stream of text: feeds words and segments to the measures and reports what they find.

use midstream_temporal_attractor_studio::permutation_entropy;

use crate::arrivals::Arrivals;
use crate::drift::Drift;
use crate::novelty::Novelty;
use crate::period::Rhythm;
use crate::settings::Settings;
use crate::tokens::{Step, Tokens, Word};
use crate::{Found, Kind};

/// Words after which a segment ends for want of a stop.
const LONGEST_SEGMENT: u32 = 120;
/// Samples of an order of word lengths, and words that the entropy covers.
const ORDER: usize = 3;
const LENGTHS: usize = 130;

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
    /// Of the newest words; they begin at `count % LENGTHS` once there are as many.
    lengths: [u16; LENGTHS],
    count: u64,
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
            lengths: [0; LENGTHS],
            count: 0,
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
        let mut rest = text;
        while let [byte, after @ ..] = rest {
            let letters = self.tokens.take_letters(rest);
            if letters > 0 {
                self.at += letters as u64;
                rest = &rest[letters..];
                continue;
            }
            rest = after;
            let Step {
                word,
                is_other,
                ends_segment,
            } = self.tokens.step(*byte);
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
        self.lengths[(self.count % LENGTHS as u64) as usize] =
            u16::try_from(word.length).unwrap_or(u16::MAX);
        self.count += 1;
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
        size_of::<Self>() + Novelty::memory_bytes() + Drift::memory_bytes()
    }

    fn entropy(&self) -> f32 {
        let (newest, oldest) = self
            .lengths
            .split_at((self.count % LENGTHS as u64) as usize);
        let oldest = if self.count < LENGTHS as u64 {
            &[]
        } else {
            oldest
        };
        let lengths: Vec<f64> = oldest.iter().chain(newest).map(|&one| one.into()).collect();
        permutation_entropy(&lengths, ORDER, 1).map_or(1.0, |entropy| entropy as f32)
    }

    /// What is measured now. Works the entropy out, which allocates.
    pub fn signals(&self) -> Signals {
        Signals {
            novelty: self.novelty.share(),
            rhythm: self.rhythm.best(),
            drift: self.drift.distance(),
            entropy: self.entropy(),
            gap_ms: self.arrivals.median_ns() / 1e6,
        }
    }
}
