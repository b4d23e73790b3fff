//! Passages that come back again and again without a fixed period: the same fifty characters, ten times, close together.

use crate::content::{self, Bar, Evidence, LineKind};
use crate::period::CHUNK;
use crate::ring::Ring;

/// Passages that are followed at a time.
const CHAINS: usize = 4;
/// Codes by which the place of a passage may shift when the text before it begins to agree too.
const SLACK: u64 = 32;
/// Least number of equal passages (the rule of gemini-cli's loop detector; facts/temporal.md C3).
const LEAST: u32 = 10;
/// Most codes between the passages, on average: five lengths of one.
const APART: u64 = 250;

/// One passage: each of its copies was compared with the one before it.
#[derive(Clone, Copy, Debug, Default)]
struct Chain {
    count: u32,
    /// Index of the last code of the first and of the newest copy.
    first: u64,
    newest: u64,
    /// First byte of the first copy.
    start: u64,
    reported: bool,
}

/// All passages that are being followed.
#[derive(Clone, Debug)]
pub(crate) struct Chunks {
    chains: [Chain; CHAINS],
    least: u32,
}

/// What a repeated passage brought about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Passage {
    /// It has come often enough: first byte of its first copy, and the mean distance of copies in codes.
    Fired { start: u64, period: u32 },
    /// It was reported before.
    Alive,
}

impl Chunks {
    pub(crate) fn new(min_repeats: u32) -> Self {
        Self {
            chains: [Chain::default(); CHAINS],
            least: LEAST.max(min_repeats + 1),
        }
    }

    /// The newest chunk equals the one `distance` codes before.
    #[cold]
    pub(crate) fn repeat(
        &mut self,
        ring: &Ring,
        distance: u32,
        place: (LineKind, bool),
    ) -> Option<Passage> {
        let newest = ring.len() - 1;
        let before = newest - u64::from(distance);
        let least = self.least;
        let chain = self.chain(ring, before, distance);
        chain.count += 1;
        chain.newest = newest;
        if chain.reported {
            return Some(Passage::Alive);
        }
        let gaps = u64::from(chain.count - 1);
        if chain.count < least || newest - chain.first > APART * gaps {
            return None;
        }
        let seen = Evidence {
            period: CHUNK,
            run: CHUNK,
            numbered: false,
            noisy: false,
        };
        // Structured text has common passages without end: changelogs, generated code, forms.
        if content::bar(ring, place.0, place.1, seen) != Bar::PROSE {
            return None;
        }
        chain.reported = true;
        Some(Passage::Fired {
            start: chain.start,
            period: ((newest - chain.first) / gaps) as u32,
        })
    }

    /// The chain whose newest copy ends at `before`, else a new one in the place of the oldest.
    fn chain(&mut self, ring: &Ring, before: u64, distance: u32) -> &mut Chain {
        let follows = |chain: &Chain| chain.count > 0 && chain.newest.abs_diff(before) <= SLACK;
        let at = self.chains.iter().position(follows);
        let oldest = || (0..CHAINS).min_by_key(|&at| self.chains[at].newest);
        let slot = at.or_else(oldest).unwrap_or(0);
        let chain = &mut self.chains[slot];
        if at.is_none() {
            *chain = Chain {
                count: 1,
                first: before,
                newest: before,
                start: ring.start_of((distance + CHUNK - 1).min(ring.reach() - 1)),
                reported: false,
            };
        }
        chain
    }
}
