//! What a lane knows that threads ask for: its bytes, the ends noted so far, where context words stood.

use crate::attempt::{Mark, Marks, NEVER, Supported, Thread};
use crate::boundary;
use crate::lane::Lane;
use crate::ledger::{Candidate, Ledger};
use crate::plan::Plan;
use crate::rule::{Passed, Rule, Support};
use crate::spec::Ends;

/// A lane and its memory of what stood on it.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) lane: Lane,
    pub(crate) marks: Marks,
    /// Where context words ended, with their group.
    pub(crate) log: Vec<(u64, u16)>,
    /// Raw end of the last character.
    pub(crate) last_end: u64,
    /// This is the skeleton lane, where only matches with a folded look-alike count.
    pub(crate) folded: bool,
    /// Steps of any kind, for the proof that time is linear.
    pub(crate) work: u64,
}

impl Site {
    pub(crate) fn new() -> Self {
        Self {
            lane: Lane::new(),
            marks: Marks::new(),
            log: Vec::new(),
            last_end: 0,
            folded: false,
            work: 0,
        }
    }

    /// Notes the ends that the thread's state accepts; true if the thread has done its work.
    #[cold]
    pub(crate) fn accept(
        &mut self,
        plan: &Plan,
        ledger: &mut Ledger,
        thread: &mut Thread,
        at: u64,
        blocked: u8,
    ) -> bool {
        let part = &plan.parts[thread.part as usize];
        let length = self.last_end - thread.raw;
        for local in ones(part.machine.accepted(thread.state) & thread.rules) {
            let id = part.rules[local as usize];
            let rule = &plan.rules[id as usize];
            if blocked & rule.right != 0 || length > rule.max_bytes || at < thread.least {
                continue;
            }
            if rule.span.is_none() {
                self.marks.note(&mut thread.marks, id, local, at);
                continue;
            }
            // Of a head the earliest end counts, so it is tested at once.
            let context = self.supported(rule, thread);
            self.work += at - thread.lane;
            if let Some(passed) = rule.judge(&self.lane, thread.lane, at, context) {
                self.report(plan, ledger, id, thread, passed);
                return true;
            }
        }
        false
    }

    /// The thread is over: its ends are tested.
    pub(crate) fn close(&mut self, plan: &Plan, ledger: &mut Ledger, thread: &mut Thread) {
        while let Some(mark) = self.marks.pop(&mut thread.marks) {
            let rule = &plan.rules[mark.rule as usize];
            let context = self.supported(rule, thread);
            self.work += mark.end - thread.lane;
            let mut passed = rule.judge(&self.lane, thread.lane, mark.end, context);
            if passed.is_none() && mark.many && rule.ends == Ends::LongestValid {
                let ends = self.shorter_ends(plan, thread, rule, &mark);
                self.work += (mark.end - thread.lane) * (1 + ends.len() as u64);
                passed = rule.judge_ends(&self.lane, thread.lane, &ends, context);
            }
            if let Some(passed) = passed {
                self.report(plan, ledger, mark.rule, thread, passed);
            }
        }
    }

    /// Ends of one rule before its longest, found by going over the match again.
    fn shorter_ends(&self, plan: &Plan, thread: &Thread, rule: &Rule, longest: &Mark) -> Vec<u64> {
        let machine = &plan.parts[thread.part as usize].machine;
        let mut ends = Vec::new();
        let mut state = machine.start;
        for (position, &byte) in (thread.lane..).zip(self.lane.slice(thread.lane, longest.end)) {
            let between_characters = byte & 0xC0 != 0x80;
            if machine.accepted(state) & (1 << longest.local) != 0
                && between_characters
                && position >= thread.least
                && boundary::right(byte) & rule.right == 0
                && self.lane.raw_end(position) - thread.raw <= rule.max_bytes
            {
                ends.push(position);
            }
            state = machine.step(state, byte);
        }
        ends
    }

    /// Whether a thread that has become longer than one of its rules allows may go on for another.
    #[cold]
    pub(crate) fn within_bounds(
        &mut self,
        plan: &Plan,
        ledger: &mut Ledger,
        thread: &mut Thread,
        end: u64,
        at: u64,
    ) -> bool {
        let part = &plan.parts[thread.part as usize];
        let length = end - thread.raw;
        let mut least = NEVER;
        for local in ones(part.machine.alive(thread.state) & thread.rules) {
            let id = part.rules[local as usize];
            let rule = &plan.rules[id as usize];
            if rule.max_bytes >= length {
                least = least.min(rule.max_bytes);
            } else if rule.find_at_bound
                && thread.raw + rule.max_bytes >= thread.limit
                && !self.marks.has(thread.marks, id)
            {
                self.report_undecided(plan, ledger, id, thread, at);
            }
        }
        thread.limit = thread.raw.saturating_add(least);
        least != NEVER
    }

    /// An attempt became too long before it matched, and its rule says to fail closed.
    fn report_undecided(
        &self,
        plan: &Plan,
        ledger: &mut Ledger,
        id: u32,
        thread: &Thread,
        at: u64,
    ) {
        let rule = &plan.rules[id as usize];
        let context = self.supported(rule, thread);
        let refused = !context && rule.context.is_some_and(|support| support.required);
        let score = rule.boosted(rule.score, context);
        if at > thread.lane && !refused && score >= rule.min_score {
            self.report(plan, ledger, id, thread, Passed { end: at, score });
        }
    }

    fn report(&self, plan: &Plan, ledger: &mut Ledger, rule: u32, thread: &Thread, passed: Passed) {
        if self.folded && thread.first_fold >= passed.end {
            return;
        }
        ledger.add(Candidate {
            rule,
            analyser: plan.rules[rule as usize].analyser,
            start: thread.raw,
            end: self.lane.raw_end(passed.end),
            score: passed.score,
        });
    }

    fn supported(&self, rule: &Rule, thread: &Thread) -> bool {
        let Some(support) = rule.context else {
            return false;
        };
        match thread.context {
            Supported::Yes => true,
            Supported::No => false,
            Supported::Later => self.is_supported(&support, thread.origin),
        }
    }

    /// Whether a context word ends within reach before a position.
    pub(crate) fn is_supported(&self, support: &Support, origin: u64) -> bool {
        let reach = origin.saturating_sub(support.within);
        let near = self.log.iter().rev().take_while(|(end, _)| *end >= reach);
        near.into_iter()
            .any(|&(end, group)| end <= origin && group == support.group)
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.lane.memory_bytes()
            + self.marks.memory_bytes()
            + self.log.capacity() * size_of::<(u64, u16)>()
    }
}

/// Numbers of the bits that are set.
fn ones(mut mask: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let at = mask.trailing_zeros();
        mask &= mask.checked_sub(1)?;
        Some(at)
    })
}
