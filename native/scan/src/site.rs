//! What a lane knows that threads ask for: its bytes, the ends noted so far, where context words stood.

use crate::attempt::{Mark, MarkList, Marks, NEVER, Start, Supported, Thread};
use crate::boundary;
use crate::lane::Lane;
use crate::ledger::{Candidate, Ledger};
use crate::plan::Plan;
use crate::rule::{MAX_TESTED_ENDS, Passed, Rule, Support};
use crate::spec::Ends;

/// A lane and its memory of what stood on it.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) lane: Lane,
    pub(crate) marks: Marks,
    /// Where context words ended, with their place in [`Plan::contexts`].
    pub(crate) log: Vec<(u64, u16)>,
    /// Positions of look-alikes that were folded.
    pub(crate) folds: Vec<u64>,
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
            folds: Vec::new(),
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
        let start = thread.start;
        let part = &plan.parts[start.part as usize];
        let length = self.last_end - start.raw;
        for local in ones(part.may_end(thread.state, blocked) & thread.rules) {
            let id = part.rules[local as usize];
            let rule = &plan.rules[id as usize];
            if length > rule.max_bytes || at < start.least {
                continue;
            }
            if rule.span.is_none() {
                self.marks.note(&mut thread.marks, id, local, at);
            } else if self.head(plan, ledger, id, &start, at) {
                return true;
            }
        }
        false
    }

    /// Tests the end of a head, of which the earliest that passes counts; true if it passed.
    pub(crate) fn head(
        &mut self,
        plan: &Plan,
        ledger: &mut Ledger,
        id: u32,
        start: &Start,
        at: u64,
    ) -> bool {
        let rule = &plan.rules[id as usize];
        let context = self.supported(plan, rule, start);
        self.work += at - start.lane;
        let passed = rule.judge(&self.lane, start.lane, at, context);
        if let Some(passed) = passed {
            self.report(plan, ledger, id, start, passed);
        }
        passed.is_some()
    }

    /// The thread is over: its ends are tested, and its marks given back.
    pub(crate) fn close(&mut self, plan: &Plan, ledger: &mut Ledger, thread: &mut Thread) {
        self.test(plan, ledger, &thread.start, thread.marks);
        self.marks.free(&mut thread.marks);
    }

    /// Tests the ends that an attempt has come to.
    pub(crate) fn test(
        &mut self,
        plan: &Plan,
        ledger: &mut Ledger,
        start: &Start,
        mut marks: MarkList,
    ) {
        while let Some(mark) = self.marks.get(&mut marks) {
            let rule = &plan.rules[mark.rule as usize];
            let context = self.supported(plan, rule, start);
            let passed = if let Some(ends) = mark.ends() {
                self.judge(rule, start, ends, context)
            } else {
                let ends = self.ends_again(plan, start, &mark);
                self.work += mark.end - start.lane;
                self.judge(rule, start, ends.into_iter().rev(), context)
            };
            if let Some(passed) = passed {
                self.report(plan, ledger, mark.rule, start, passed);
            }
        }
    }

    /// Tests ends, the longest first, until one passes.
    fn judge(
        &mut self,
        rule: &Rule,
        start: &Start,
        ends: impl Iterator<Item = u64>,
        context: bool,
    ) -> Option<Passed> {
        let most = match rule.ends {
            Ends::Longest => 1,
            Ends::LongestValid => MAX_TESTED_ENDS,
        };
        let fits = |end: &u64| self.lane.raw_end(*end) - start.raw <= rule.max_bytes;
        let mut work = 0;
        let passed = ends.filter(fits).take(most).find_map(|end| {
            work += end - start.lane;
            rule.judge(&self.lane, start.lane, end, context)
        });
        self.work += work;
        passed
    }

    /// Ends of one rule, found by going over the match again.
    fn ends_again(&self, plan: &Plan, start: &Start, mark: &Mark) -> Vec<u64> {
        let machine = &plan.parts[start.part as usize].machine;
        let rule = &plan.rules[mark.rule as usize];
        let mut ends = Vec::new();
        let mut state = machine.start_of(1 << mark.local);
        for (position, &byte) in (start.lane..).zip(self.lane.slice(start.lane, mark.end)) {
            let between_characters = byte & 0xC0 != 0x80;
            if machine.accepted(state) & (1 << mark.local) != 0
                && between_characters
                && position >= start.least
                && boundary::right(byte) & rule.right == 0
            {
                ends.push(position);
            }
            state = machine.step(state, byte);
        }
        ends.push(mark.end);
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
        let start = thread.start;
        let part = &plan.parts[start.part as usize];
        let length = end - start.raw;
        let mut least = NEVER;
        for local in ones(part.machine.alive(thread.state) & thread.rules) {
            let id = part.rules[local as usize];
            let rule = &plan.rules[id as usize];
            if rule.max_bytes >= length {
                least = least.min(rule.max_bytes);
            } else if rule.find_at_bound
                && start.raw + rule.max_bytes >= thread.limit
                && !self.marks.has(thread.marks, id)
            {
                self.report_undecided(plan, ledger, id, &start, at);
            }
        }
        thread.limit = start.raw.saturating_add(least);
        least != NEVER
    }

    /// An attempt became too long before it matched, and its rule says to fail closed.
    pub(crate) fn report_undecided(
        &self,
        plan: &Plan,
        ledger: &mut Ledger,
        id: u32,
        start: &Start,
        at: u64,
    ) {
        let rule = &plan.rules[id as usize];
        let context = self.supported(plan, rule, start);
        let refused = !context && rule.context.is_some_and(|support| support.required);
        let score = rule.boosted(rule.score, context);
        if at > start.lane && !refused && score >= rule.min_score {
            self.report(plan, ledger, id, start, Passed { end: at, score });
        }
    }

    fn report(&self, plan: &Plan, ledger: &mut Ledger, rule: u32, start: &Start, passed: Passed) {
        if self.folded && start.first_fold >= passed.end {
            return;
        }
        ledger.add(Candidate {
            rule,
            analyser: plan.rules[rule as usize].analyser,
            start: start.raw,
            end: self.lane.raw_end(passed.end),
            score: passed.score,
        });
    }

    fn supported(&self, plan: &Plan, rule: &Rule, start: &Start) -> bool {
        let Some(support) = rule.context else {
            return false;
        };
        match start.context {
            Supported::Yes => true,
            Supported::No => false,
            Supported::Later => self.is_supported(plan, &support, start.origin),
        }
    }

    /// Whether a context word ends within reach before a position.
    pub(crate) fn is_supported(&self, plan: &Plan, support: &Support, origin: u64) -> bool {
        let reach = origin.saturating_sub(support.within);
        let near = self.log.iter().rev().take_while(|(end, _)| *end >= reach);
        near.into_iter().any(|&(end, id)| {
            end <= origin && plan.contexts[usize::from(id)].supports(support.group)
        })
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.lane.memory_bytes()
            + self.marks.memory_bytes()
            + self.log.capacity() * size_of::<(u64, u16)>()
            + self.folds.capacity() * size_of::<u64>()
    }
}

/// Numbers of the bits that are set.
pub(crate) fn ones(mut mask: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let at = mask.trailing_zeros();
        mask &= mask.checked_sub(1)?;
        Some(at)
    })
}
