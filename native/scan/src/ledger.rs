//! Which candidates become findings: the leftmost of each analyser, then the higher score, the longer, the earlier rule.
//!
//! Knows nothing of how candidates are found, only from which raw offset on more may come.

use crate::engine::Engine;
use crate::normalise::Char;
use crate::plan::Plan;
use crate::rule::{Rest, Span};
use crate::{Event, Finding};

/// A match that passed its rule's tests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) rule: u32,
    pub(crate) analyser: u32,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) score: f32,
}

/// A long object that has not ended yet.
#[derive(Clone, Copy, Debug)]
struct Open {
    head: Candidate,
    /// Raw end so far.
    end: u64,
    /// Bytes of the closing literal matched so far.
    matched: usize,
    /// The closing literal has come; the rest of its line follows.
    closing: bool,
}

/// Candidates and open objects of one block.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// Per analyser, the raw offset up to which its findings reach.
    covered: Vec<u64>,
    /// The greatest of `covered`.
    furthest: u64,
    pending: Vec<Candidate>,
    /// Least start of `pending`.
    first: u64,
    open: Vec<Open>,
}

impl Ledger {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self {
            covered: vec![0; plan.analysers],
            furthest: 0,
            pending: Vec::new(),
            first: u64::MAX,
            open: Vec::new(),
        }
    }

    #[inline]
    pub(crate) fn covered(&self, analyser: u32) -> u64 {
        self.covered[analyser as usize]
    }

    /// Raw offset from which on no analyser has a finding yet.
    #[inline]
    pub(crate) fn furthest(&self) -> u64 {
        self.furthest
    }

    fn cover(&mut self, analyser: u32, end: u64) {
        self.covered[analyser as usize] = end;
        self.furthest = self.furthest.max(end);
    }

    /// Patterns of a part that may still match from a raw offset.
    #[cold]
    pub(crate) fn uncovered(&self, plan: &Plan, part: u32, start: u64) -> u64 {
        let rules = plan.parts[part as usize].rules.iter().enumerate();
        rules.fold(0, |mask, (local, &rule)| {
            let free = self.covered(plan.rules[rule as usize].analyser) <= start;
            mask | u64::from(free) << local
        })
    }

    pub(crate) fn add(&mut self, candidate: Candidate) {
        if candidate.start >= self.covered(candidate.analyser) {
            self.first = self.first.min(candidate.start);
            self.pending.push(candidate);
        }
    }

    /// Least start of an undecided candidate.
    #[inline]
    pub(crate) fn first(&self) -> u64 {
        self.first
    }

    #[inline]
    pub(crate) fn has_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Decides all candidates that start before `frontier`.
    pub(crate) fn decide(
        &mut self,
        plan: &Plan,
        engine: &Engine,
        frontier: u64,
        events: &mut Vec<Event>,
    ) {
        let order = |a: &Candidate, b: &Candidate| {
            a.start
                .cmp(&b.start)
                .then(a.analyser.cmp(&b.analyser))
                .then(b.score.total_cmp(&a.score))
                .then(b.end.cmp(&a.end))
                .then(a.rule.cmp(&b.rule))
        };
        self.pending.sort_by(order);
        let decided = self
            .pending
            .partition_point(|candidate| candidate.start < frontier);
        let candidates: Vec<Candidate> = self.pending.drain(..decided).collect();
        for candidate in candidates {
            if candidate.start < self.covered(candidate.analyser) {
                continue;
            }
            match &plan.rules[candidate.rule as usize].span {
                None => {
                    self.cover(candidate.analyser, candidate.end);
                    events.push(Event::Found(finding(&candidate, candidate.end)));
                }
                Some(_) => self.open(plan, engine, candidate, events),
            }
        }
        self.pending
            .retain(|candidate| candidate.start >= self.covered[candidate.analyser as usize]);
        self.first = self
            .pending
            .first()
            .map_or(u64::MAX, |candidate| candidate.start);
    }

    /// A long object begins; what has come behind its head is taken at once.
    fn open(&mut self, plan: &Plan, engine: &Engine, head: Candidate, events: &mut Vec<Event>) {
        let Candidate {
            rule, start, score, ..
        } = head;
        events.push(Event::Opened { rule, start, score });
        self.cover(head.analyser, head.end);
        self.open.push(Open {
            head,
            end: head.end,
            matched: 0,
            closing: false,
        });
        let from = engine.site.lane.position_of(head.end);
        let last = self.open.len() - 1;
        for c in engine.chars(from, engine.end) {
            if !self.step_one(plan, last, &c, events) {
                break;
            }
        }
    }

    /// The next character of the normalised lane.
    pub(crate) fn step(&mut self, plan: &Plan, c: &Char, events: &mut Vec<Event>) {
        for index in (0..self.open.len()).rev() {
            self.step_one(plan, index, c, events);
        }
    }

    fn step_one(&mut self, plan: &Plan, index: usize, c: &Char, events: &mut Vec<Event>) -> bool {
        let open = &mut self.open[index];
        let Some(span) = &plan.rules[open.head.rule as usize].span else {
            return false;
        };
        if open.takes(span, c) {
            open.end = c.end;
            let analyser = open.head.analyser;
            self.cover(analyser, c.end);
            return true;
        }
        let open = self.open.remove(index);
        events.push(Event::Closed(finding(&open.head, open.end)));
        false
    }

    /// The text ends here; what is open ends with it.
    pub(crate) fn finish(&mut self, events: &mut Vec<Event>) {
        for open in std::mem::take(&mut self.open) {
            events.push(Event::Closed(finding(&open.head, open.end)));
        }
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.covered.capacity() * 8
            + self.pending.capacity() * size_of::<Candidate>()
            + self.open.capacity() * size_of::<Open>()
    }
}

fn finding(candidate: &Candidate, end: u64) -> Finding {
    Finding {
        rule: candidate.rule,
        start: candidate.start,
        end,
        score: candidate.score,
    }
}

impl Open {
    /// Whether the character belongs to the object.
    fn takes(&mut self, span: &Span, c: &Char) -> bool {
        if c.barrier || c.end - self.head.start > span.max_bytes {
            return false;
        }
        match &span.rest {
            Rest::While(ranges) => {
                let text = std::str::from_utf8(c.bytes()).ok();
                text.and_then(|text| text.chars().next()).is_some_and(|c| {
                    let after = ranges.partition_point(|range| range.0 <= c);
                    ranges[..after].last().is_some_and(|range| c <= range.1)
                })
            }
            Rest::Until(_) if self.closing => !matches!(c.bytes[0], b'\n' | b'\r'),
            Rest::Until(literal) => {
                for &byte in c.bytes() {
                    self.matched = matched_after(literal, self.matched, byte);
                }
                self.closing = self.matched == literal.len();
                true
            }
        }
    }
}

/// How much of `literal` the text ends with after one more byte, given how much it ended with before. Linear in the literal
/// on a mismatch; literals have 64 bytes at most.
fn matched_after(literal: &[u8], matched: usize, byte: u8) -> usize {
    if literal[matched] == byte {
        return matched + 1;
    }
    let text = &literal[..matched];
    (0..=matched)
        .find(|&skip| literal.starts_with(&text[skip..]) && literal[matched - skip] == byte)
        .map_or(0, |skip| matched - skip + 1)
}

#[cfg(test)]
mod tests {
    use super::matched_after;

    #[test]
    fn a_closing_literal_is_found_behind_a_false_start() {
        for (literal, text, expected) in [
            ("-----END", "------END", true),
            ("aab", "aaab", true),
            ("abab", "abaabab", true),
            ("ab", "ba", false),
        ] {
            let mut matched = 0;
            for byte in text.bytes() {
                matched = matched_after(literal.as_bytes(), matched, byte);
            }
            assert_eq!(matched == literal.len(), expected, "{literal} in {text}");
        }
    }
}
