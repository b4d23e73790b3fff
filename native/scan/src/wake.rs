//! Context words: which rules they support, and which of those that sleep they wake.

use crate::attempt::{Attempts, NEVER};
use crate::cells::flags_of;
use crate::compile::Compiler;
use crate::engine::{Engine, Step};
use crate::ledger::Ledger;
use crate::machine::DEAD;
use crate::plan::{Cell, Open, Plan, Use};

/// What a context word is for.
#[derive(Debug, Default)]
pub(crate) struct ContextWord {
    /// Context groups whose rules it supports, as bits.
    groups: Vec<u64>,
    gates: Vec<Gate>,
}

/// Rules that a context word wakes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gate {
    /// Place in [`Plan::open`] of their part.
    track: usize,
    /// Patterns of the part.
    rules: u64,
    /// Flags of the cells at which they may start.
    flags: u32,
    /// Lane bytes behind the word for which they stay awake.
    within: u64,
}

/// Rules of a part that a context word woke.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Awake {
    track: usize,
    rules: u64,
    flags: u32,
    /// Last lane position at which they may start.
    until: u64,
}

impl ContextWord {
    fn add_group(&mut self, group: u16, gates: &[Gate]) {
        let (at, bit) = (usize::from(group / 64), group % 64);
        self.groups.resize(self.groups.len().max(at + 1), 0);
        self.groups[at] |= 1 << bit;
        for gate in gates {
            add_gate(&mut self.gates, *gate);
        }
    }

    /// Whether it supports the rules of a context group.
    pub(crate) fn supports(&self, group: u16) -> bool {
        let bits = self.groups.get(usize::from(group / 64));
        bits.is_some_and(|bits| bits >> (group % 64) & 1 != 0)
    }
}

fn add_gate(gates: &mut Vec<Gate>, gate: Gate) {
    let same = |other: &&mut Gate| (other.track, other.within) == (gate.track, gate.within);
    match gates.iter_mut().find(same) {
        Some(other) => {
            other.rules |= gate.rules;
            other.flags |= gate.flags;
        }
        None => gates.push(gate),
    }
}

/// Lets each word have one use for all its context groups; `gates` are those of the groups.
pub(crate) fn merge(uses: &mut [Vec<Use>], gates: &[Vec<Gate>]) -> Vec<ContextWord> {
    let mut contexts = Vec::new();
    for uses in uses {
        let mut word = ContextWord::default();
        uses.retain(|purpose| match purpose {
            Use::Context { id } => {
                word.add_group(*id, &gates[usize::from(*id)]);
                false
            }
            _ => true,
        });
        if !word.groups.is_empty() {
            let id = contexts.len() as u16;
            uses.push(Use::Context { id });
            contexts.push(word);
        }
    }
    contexts
}

impl Compiler {
    /// Per context group, what its words wake.
    pub(crate) fn gates(&self, open: &[Open]) -> Vec<Vec<Gate>> {
        let mut gates: Vec<Vec<Gate>> = vec![Vec::new(); self.groups.len()];
        let sleeping = open.iter().enumerate().filter(|(_, open)| open.sleeps);
        for (track, open) in sleeping {
            let rules = &self.parts[open.part as usize].rules;
            for (local, &rule) in rules.iter().enumerate() {
                let Some(support) = self.rules[rule as usize].context else {
                    continue;
                };
                let gate = Gate {
                    track,
                    rules: 1 << local,
                    flags: flags_of(open, 1 << local),
                    within: support.within,
                };
                add_gate(&mut gates[usize::from(support.group)], gate);
            }
        }
        gates
    }
}

impl Engine {
    /// A context word ends with the last character.
    pub(crate) fn context_ends(&mut self, plan: &Plan, id: u16) {
        self.site.log.push((self.end, id));
        for gate in &plan.contexts[usize::from(id)].gates {
            self.attempts.wake(gate, self.end + gate.within);
        }
    }

    /// Begins attempts for the rules that context words have woken.
    #[inline(never)]
    pub(crate) fn begin_awake(&mut self, plan: &Plan, ledger: &Ledger, step: &Step<'_>) {
        if self.attempts.awake_until < self.end {
            self.site.work += self.attempts.awake.len() as u64;
            self.attempts.fall_asleep(self.end);
        }
        let row = usize::from(self.attempts.left);
        for index in 0..plan.open.len() {
            let (open, rules) = (&plan.open[index], self.attempts.tracks[index].awake);
            let entry = open.entries[row][usize::from(step.bytes[0])];
            if entry != DEAD && rules != 0 {
                self.begin(plan, ledger, step, (index, entry, rules));
            }
        }
    }
}

impl Attempts {
    /// Rules of a gate are awake up to a lane position.
    fn wake(&mut self, gate: &Gate, until: u64) {
        let same = |entry: &&mut Awake| entry.track == gate.track && entry.rules == gate.rules;
        match self.awake.iter_mut().find(same) {
            Some(entry) => entry.until = entry.until.max(until),
            None => self.awake.push(Awake {
                track: gate.track,
                rules: gate.rules,
                flags: gate.flags,
                until,
            }),
        }
        self.awake_until = self.awake_until.min(until);
        self.tracks[gate.track].awake |= gate.rules;
        self.more |= gate.flags;
    }

    /// Only those rules stay awake that may start at a lane position.
    #[inline(never)]
    fn fall_asleep(&mut self, at: u64) {
        self.awake.retain(|awake| awake.until >= at);
        (self.more, self.awake_until) = (Cell::OTHERS, NEVER);
        for track in &mut self.tracks {
            track.awake = 0;
        }
        for awake in &self.awake {
            self.tracks[awake.track].awake |= awake.rules;
            self.more |= awake.flags;
            self.awake_until = self.awake_until.min(awake.until);
        }
    }
}
