//! One compiled rule, and the tests that make a match of its pattern a finding.

use crate::lane::Lane;
use crate::spec::Ends;
use crate::verify::{Candidate, Check, Verifier};

/// Bytes of the lane before a match that verifiers see. Source: `verify::Candidate`.
pub(crate) const BEFORE: u64 = 64;

/// Most ends of one attempt that are tested, the longest first, so that tests stay linear in the text.
pub(crate) const MAX_TESTED_ENDS: usize = 64;

/// A rule as scanners use it.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) analyser: u32,
    /// Bits of [`crate::boundary`].
    pub(crate) left: u8,
    pub(crate) right: u8,
    pub(crate) max_bytes: u64,
    pub(crate) ends: Ends,
    pub(crate) find_at_bound: bool,
    pub(crate) verifiers: Vec<Verifier>,
    pub(crate) min_entropy: f32,
    pub(crate) stop: Vec<Vec<u8>>,
    pub(crate) context: Option<Support>,
    pub(crate) score: f32,
    pub(crate) min_score: f32,
    pub(crate) span: Option<Span>,
    /// Part of the plan that matches it; none for literals.
    pub(crate) part: Option<u32>,
    /// Part that matches its lead.
    pub(crate) lead: Option<u32>,
}

/// The context words of a rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Support {
    /// Rules with the same words share a group.
    pub(crate) group: u16,
    pub(crate) within: u64,
    pub(crate) required: bool,
    pub(crate) boost: f32,
}

/// How a long object goes on behind its head.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub(crate) rest: Rest,
    pub(crate) max_bytes: u64,
}

/// What belongs to a long object.
#[derive(Clone, Debug)]
pub(crate) enum Rest {
    /// Characters of these sorted ranges.
    While(Vec<(char, char)>),
    /// Everything to this literal and the end of its line.
    Until(Vec<u8>),
}

/// A match that passed every test, in lane positions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Passed {
    pub(crate) end: u64,
    pub(crate) score: f32,
}

impl Rule {
    /// Tests one end of a match; `context` says whether a context word stands before it.
    pub(crate) fn judge(&self, lane: &Lane, start: u64, end: u64, context: bool) -> Option<Passed> {
        if !context && self.context.is_some_and(|support| support.required) {
            return None;
        }
        let text = lane.slice(start, end);
        if self
            .stop
            .iter()
            .any(|stop| contains_ignoring_case(text, stop))
        {
            return None;
        }
        if self.min_entropy > 0.0 && entropy(text) < self.min_entropy {
            return None;
        }
        let before = lane.slice(start.saturating_sub(BEFORE), start);
        let candidate = Candidate {
            text,
            before,
            next: lane.get(end),
            context,
        };
        let mut passed = Passed {
            end,
            score: self.score,
        };
        for verifier in &self.verifiers {
            match verifier(&candidate) {
                Check::Reject => return None,
                Check::Accept => {}
                Check::Score(score) => passed.score = score,
                Check::Head { len, score } => {
                    passed = Passed {
                        end: start + len.clamp(1, text.len()) as u64,
                        score,
                    };
                }
            }
        }
        passed.score = self.boosted(passed.score, context);
        (passed.score >= self.min_score).then_some(passed)
    }

    /// The score with what the context adds.
    pub(crate) fn boosted(&self, score: f32, context: bool) -> f32 {
        let boost = self
            .context
            .filter(|_| context)
            .map_or(0.0, |support| support.boost);
        (score + boost).clamp(0.0, 1.0)
    }
}

fn contains_ignoring_case(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len())
        .any(|window| window.eq_ignore_ascii_case(word))
}

/// Shannon entropy in bits per byte.
fn entropy(text: &[u8]) -> f32 {
    let mut counts = [0_u16; 256];
    for &byte in text {
        counts[usize::from(byte)] += 1;
    }
    let total = text.len() as f32;
    let bits = |count: &u16| {
        let share = f32::from(*count) / total;
        -share * share.log2()
    };
    counts.iter().filter(|count| **count > 0).map(bits).sum()
}

#[cfg(test)]
mod tests {
    use super::{contains_ignoring_case, entropy};

    #[test]
    fn entropy_is_that_of_shannon() {
        assert!(entropy(b"aaaa").abs() < 1e-6);
        assert!((entropy(b"abcd") - 2.0).abs() < 1e-6);
        assert!((entropy(b"aabb") - 1.0).abs() < 1e-6);
    }

    #[test]
    fn stop_words_are_found_in_either_case() {
        assert!(contains_ignoring_case(b"sk-EXAMPLE1", b"example"));
        assert!(!contains_ignoring_case(b"exam", b"example"));
    }
}
