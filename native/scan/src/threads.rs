//! How threads and leads go on, character by character.

use crate::attempt::{Lead, MarkList};
use crate::boundary;
use crate::engine::{Engine, Step};
use crate::ledger::Ledger;
use crate::machine::{DEAD, is_accepting};
use crate::plan::Plan;

impl Engine {
    /// Takes the character at lane position `at` into all threads.
    // Inlined into the loop over ASCII text; measured 2026-11-21.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    pub(crate) fn step_threads(
        &mut self,
        plan: &Plan,
        ledger: &mut Ledger,
        step: &Step<'_>,
        at: u64,
    ) {
        let Self { site, attempts, .. } = self;
        let threads = &mut attempts.threads;
        site.work += threads.len() as u64;
        let mut kept = 0;
        for index in 0..threads.len() {
            let thread = &mut threads[index];
            let machine = &plan.parts[thread.start.part as usize].machine;
            let right = boundary::right(step.bytes[0]);
            if is_accepting(thread.state) && site.accept(plan, ledger, thread, at, right) {
                continue;
            }
            thread.state = machine.run(thread.state, step.bytes);
            let alive = thread.state != DEAD
                && !step.barrier
                && (!thread.restricted || machine.alive(thread.state) & thread.rules != 0)
                && (step.end <= thread.limit
                    || site.within_bounds(plan, ledger, thread, step.end, at));
            if !alive {
                if thread.marks != MarkList::EMPTY {
                    site.close(plan, ledger, thread);
                }
                continue;
            }
            if kept != index {
                threads[kept] = threads[index];
            }
            kept += 1;
        }
        threads.truncate(kept);
    }

    /// The text ends, and all threads with it.
    pub(crate) fn end_threads(&mut self, plan: &Plan, ledger: &mut Ledger) {
        for mut thread in std::mem::take(&mut self.attempts.threads) {
            let accepting = is_accepting(thread.state);
            if !(accepting && self.site.accept(plan, ledger, &mut thread, self.end, 0)) {
                self.site.close(plan, ledger, &mut thread);
            }
        }
    }

    /// Takes the character at lane position `at` into all leads.
    pub(crate) fn step_leads(&mut self, plan: &Plan, ledger: &Ledger, step: &Step<'_>) {
        let mut leads = std::mem::take(&mut self.attempts.leads);
        self.site.work += leads.len() as u64;
        leads.retain_mut(|lead| {
            let machine = &plan.parts[lead.part as usize].machine;
            let state = machine.run(lead.state, step.bytes);
            if state == DEAD && is_accepting(lead.state) && !step.barrier {
                self.begin_behind(plan, ledger, lead, step);
            }
            lead.state = state;
            state != DEAD
        });
        self.attempts.leads = leads;
    }

    /// The lead is complete, so a match can only begin here.
    fn begin_behind(&mut self, plan: &Plan, ledger: &Ledger, lead: &Lead, step: &Step<'_>) {
        let rule = &plan.rules[lead.rule as usize];
        let Some(part) = rule.part else { return };
        if plan.lefts[usize::from(self.attempts.left)] & u32::from(rule.left) != 0
            || self.attempts.has_thread(part, self.end)
        {
            return;
        }
        let before = self.attempts.threads.len();
        self.spawn(plan, ledger, part, step);
        if let Some(thread) = self.attempts.threads.get_mut(before) {
            thread.start.origin = lead.origin;
            thread.start.context = lead.context;
            thread.start.first_fold = lead.first_fold;
        }
    }
}
