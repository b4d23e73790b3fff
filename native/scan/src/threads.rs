//! How threads and leads go on, character by character, and what their ends are worth.

use crate::attempt::{Lead, Mark, MarkList, NEVER, Supported, Thread};
use crate::boundary;
use crate::engine::{Engine, Step};
use crate::ledger::{Candidate, Ledger};
use crate::machine::{DEAD, is_accepting};
use crate::plan::Plan;
use crate::rule::{Passed, Rule};
use crate::spec::Ends;

impl Engine {
    /// Takes the character at lane position `at` into all threads.
    pub(crate) fn step_threads(
        &mut self,
        plan: &Plan,
        ledger: &mut Ledger,
        step: &Step<'_>,
        at: u64,
    ) {
        let mut threads = std::mem::take(&mut self.attempts.threads);
        self.work += threads.len() as u64;
        let right = boundary::right(step.bytes[0]);
        threads.retain_mut(|thread| {
            let machine = &plan.parts[thread.part as usize].machine;
            if is_accepting(thread.state) && self.accept(plan, ledger, thread, at, right) {
                return false;
            }
            thread.state = machine.run(thread.state, step.bytes);
            let alive = thread.state != DEAD
                && !step.barrier
                && (step.end <= thread.limit || self.within_bounds(plan, ledger, thread, step.end, at));
            if !alive && thread.marks != MarkList::EMPTY {
                self.close(plan, ledger, thread);
            }
            alive
        });
        self.attempts.threads = threads;
    }

    /// The text ends, and all threads with it.
    pub(crate) fn end_threads(&mut self, plan: &Plan, ledger: &mut Ledger) {
        let end = self.end;
        for mut thread in std::mem::take(&mut self.attempts.threads) {
            let accepting = is_accepting(thread.state);
            if !(accepting && self.accept(plan, ledger, &mut thread, end, 0)) {
                self.close(plan, ledger, &mut thread);
            }
        }
    }

    /// Notes the ends that the thread's state accepts; true if the thread has done its work.
    fn accept(
        &mut self,
        plan: &Plan,
        ledger: &mut Ledger,
        thread: &mut Thread,
        at: u64,
        blocked: u8,
    ) -> bool {
        let part = &plan.parts[thread.part as usize];
        let length = self.attempts.last_end - thread.raw;
        for local in ones(part.machine.accepted(thread.state)) {
            let id = part.rules[local as usize];
            let rule = &plan.rules[id as usize];
            if blocked & rule.right != 0 || length > rule.max_bytes || at < thread.least {
                continue;
            }
            if rule.span.is_none() {
                self.attempts.marks.note(&mut thread.marks, id, local, at);
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
    fn close(&mut self, plan: &Plan, ledger: &mut Ledger, thread: &mut Thread) {
        while let Some(mark) = self.attempts.marks.pop(&mut thread.marks) {
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
    fn within_bounds(
        &mut self,
        plan: &Plan,
        ledger: &mut Ledger,
        thread: &mut Thread,
        end: u64,
        at: u64,
    ) -> bool {
        let part = &plan.parts[thread.part as usize];
        let length = end - thread.raw;
        let mut within = false;
        for local in ones(part.machine.alive(thread.state)) {
            let id = part.rules[local as usize];
            let rule = &plan.rules[id as usize];
            if rule.max_bytes >= length {
                within = true;
            } else if rule.find_at_bound
                && thread.raw + rule.max_bytes >= thread.limit
                && !self.attempts.marks.has(thread.marks, id)
            {
                self.report_undecided(plan, ledger, id, thread, at);
            }
        }
        let bound = part.bounds.iter().find(|&&bound| bound >= length);
        thread.limit = bound.map_or(NEVER, |bound| thread.raw + bound);
        within
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
        if self.folds.is_some() && thread.first_fold >= passed.end {
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

    /// Takes the character at lane position `at` into all leads.
    pub(crate) fn step_leads(&mut self, plan: &Plan, ledger: &Ledger, step: &Step<'_>, at: u64) {
        let mut leads = std::mem::take(&mut self.attempts.leads);
        self.work += leads.len() as u64;
        leads.retain_mut(|lead| {
            let machine = &plan.parts[lead.part as usize].machine;
            let state = machine.run(lead.state, step.bytes);
            if state == DEAD && is_accepting(lead.state) && !step.barrier {
                self.begin_behind(plan, ledger, lead, step, at);
            }
            lead.state = state;
            state != DEAD
        });
        self.attempts.leads = leads;
    }

    /// The lead is complete, so a match can only begin here.
    fn begin_behind(&mut self, plan: &Plan, ledger: &Ledger, lead: &Lead, step: &Step<'_>, at: u64) {
        let rule = &plan.rules[lead.rule as usize];
        let Some(part) = rule.part else { return };
        if self.attempts.blocked & rule.left != 0 || self.attempts.has_thread(part, at) {
            return;
        }
        let before = self.attempts.threads.len();
        self.spawn(plan, ledger, part, step, at);
        if let Some(thread) = self.attempts.threads.get_mut(before) {
            thread.origin = lead.origin;
            thread.context = lead.context;
            thread.first_fold = lead.first_fold;
        }
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
