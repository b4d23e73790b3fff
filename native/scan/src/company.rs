//! What goes on beside the attempts of open parts in the loops over plain text: a lead, a thread, or one of each, as in every URL.

use crate::attempt::{Lead, Thread};
use crate::machine::{DEAD, Machine, is_accepting};
use crate::plan::Plan;

/// What is under way besides attempts of open parts, where the loops may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Calm {
    /// Nothing.
    Alone,
    /// A lead, a thread, or one of each.
    Company,
}

/// A lead and a thread that need no more than steps.
pub(crate) struct Company<'a> {
    lead: Option<(&'a Machine, u16)>,
    /// With the raw offset up to which it may go on.
    thread: Option<(&'a Machine, u16, u64)>,
}

impl<'a> Company<'a> {
    /// The first of each; there are no more.
    pub(crate) fn of(plan: &'a Plan, leads: &[Lead], threads: &[Thread]) -> Self {
        let machine = |part: u32| &plan.parts[part as usize].machine;
        let thread = threads.first();
        Self {
            lead: leads.first().map(|lead| (machine(lead.part), lead.state)),
            thread: thread.map(|thread| (machine(thread.start.part), thread.state, thread.limit)),
        }
    }

    /// Takes a byte that ends at a raw offset; false, and it is not taken, if one of them ends or may end there.
    #[inline]
    pub(crate) fn step(&mut self, byte: u8, end: u64) -> bool {
        let lead = self.lead.map(|(machine, state)| machine.step(state, byte));
        if lead == Some(DEAD) {
            return false;
        }
        if let Some((machine, state, limit)) = &mut self.thread {
            let next = machine.step(*state, byte);
            if next == DEAD || is_accepting(next) || end > *limit {
                return false;
            }
            *state = next;
        }
        if let (Some((_, state)), Some(next)) = (&mut self.lead, lead) {
            *state = next;
        }
        true
    }

    /// Gives the states that they have come to back.
    pub(crate) fn keep(&self, leads: &mut [Lead], threads: &mut [Thread]) {
        if let (Some(lead), Some((_, state))) = (leads.first_mut(), self.lead) {
            lead.state = state;
        }
        if let (Some(thread), Some((_, state, _))) = (threads.first_mut(), self.thread) {
            thread.state = state;
        }
    }
}
