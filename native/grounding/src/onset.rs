//! How sure the model was where a claim begins.
//!
//! Tokens may be told before their sentence is complete or after it; both orders find the same. Only tokens above the limit are kept.

use crate::claims::{Claim, Spotted};

/// Uncertain tokens and open claims that are kept; the oldest leaves first.
const KEPT: usize = 64;

/// Where a claim begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Onset {
    /// First byte in the text.
    pub start: u64,
    /// Byte after the last of the claim.
    pub end: u64,
    /// Byte after the last of its sentence.
    pub sentence_end: u64,
    /// What begins.
    pub what: &'static str,
}

/// A claim that begins with an uncertain token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Uncertain {
    /// The claim.
    pub onset: Onset,
    /// Entropy in nats.
    pub entropy: f32,
}

#[derive(Clone, Copy, Debug)]
struct Doubt {
    start: u64,
    end: u64,
    entropy: f32,
}

/// What was told and what waits.
#[derive(Clone, Debug, Default)]
pub struct Onsets {
    doubts: Vec<Doubt>,
    open: Vec<Onset>,
    /// To be reported with the next text.
    pub found: Vec<Uncertain>,
}

impl Onsets {
    /// A token of a high entropy.
    pub fn doubt(&mut self, start: u64, end: u64, entropy: f32) {
        if let Some(at) = self
            .open
            .iter()
            .position(|onset| start <= onset.start && onset.start < end)
        {
            let onset = self.open.swap_remove(at);
            self.found.push(Uncertain { onset, entropy });
            return;
        }
        if self.doubts.len() == KEPT {
            self.doubts.remove(0);
        }
        self.doubts.push(Doubt {
            start,
            end,
            entropy,
        });
    }

    /// Claims of a complete sentence.
    pub fn claims(&mut self, offset: u64, sentence_end: u64, claims: &[Spotted]) {
        for spotted in claims {
            let what = match spotted.claim {
                Claim::Number { .. } => "number",
                Claim::Year(_) | Claim::Decade(_) | Claim::Date { .. } => "date",
                Claim::Entity { .. } => "entity",
                Claim::Quote { .. } => "quote",
                Claim::Link { .. } => "link",
                Claim::Citation(_) => continue,
            };
            let onset = Onset {
                start: offset + u64::from(spotted.start),
                end: offset + u64::from(spotted.end),
                sentence_end,
                what,
            };
            let doubt = self
                .doubts
                .iter()
                .find(|doubt| doubt.start <= onset.start && onset.start < doubt.end);
            if let Some(&Doubt { entropy, .. }) = doubt {
                self.found.push(Uncertain { onset, entropy });
                continue;
            }
            if self.open.len() == KEPT {
                self.open.remove(0);
            }
            self.open.push(onset);
        }
        // Tokens of complete sentences have found their claims.
        self.doubts.retain(|doubt| doubt.end > sentence_end);
    }

    /// Bytes on the heap.
    pub fn heap_bytes(&self) -> usize {
        self.doubts.capacity() * size_of::<Doubt>()
            + self.open.capacity() * size_of::<Onset>()
            + self.found.capacity() * size_of::<Uncertain>()
    }
}
