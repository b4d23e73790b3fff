//! Past operators as a few table look-ups: a bit for each value, eight bits at a time.
//!
//! The operators are split into groups that depend on few bits each: atoms, values of earlier groups, and what the
//! group itself remembers. One word holds the bits of all groups side by side, each where its group reads it. A
//! group's entry sets the bits that later groups read now, and those that are read at the next position.

use crate::past::{Step, constant, operands};
use alloc::vec::Vec;

/// Most bits that a group depends on: 256 entries of 16 bytes, so that a few groups stay in the first cache.
const INPUTS: usize = 8;

/// What a group reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Input {
    /// Value at a place.
    Place(u8),
    /// A remembered word.
    Word(u8),
}

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    /// Bits of later groups and of the outputs.
    now: u64,
    /// Bits of the next position.
    next: u64,
}

#[derive(Debug, Clone)]
struct Group {
    shift: u32,
    entries: Vec<Entry>,
}

/// A program of look-ups.
#[derive(Debug, Clone)]
pub(crate) struct Lookup {
    /// The used bytes of a letter, each with the bits that its values set.
    letters: Vec<(u32, Vec<u64>)>,
    groups: Vec<Group>,
    /// Bits that are always set.
    fixed: u64,
    /// The bits before the first position.
    pub start: u64,
    /// Where the outputs begin.
    outputs: u32,
}

/// A group on its way to a table.
#[derive(Default)]
struct Plan {
    members: Vec<u8>,
    inputs: Vec<Input>,
    shift: usize,
}

impl Plan {
    /// Takes up a place if what it needs has room.
    fn admit(&mut self, place: u8, step: Step, steps: &[Step]) -> bool {
        let known = self.inputs.len();
        let (places, word) = operands(step);
        let places = places
            .into_iter()
            .flatten()
            .filter(|at| constant(steps[usize::from(*at)]).is_none() && !self.members.contains(at));
        let wanted: Vec<Input> = (places.map(Input::Place))
            .chain(word.map(Input::Word))
            .collect();
        for input in wanted {
            if !self.inputs.contains(&input) {
                self.inputs.push(input);
            }
        }
        if self.inputs.len() > INPUTS {
            self.inputs.truncate(known);
            return false;
        }
        self.members.push(place);
        true
    }
}

/// Everything that is known before the tables are written.
struct Draft<'a> {
    steps: &'a [Step],
    plans: Vec<Plan>,
    /// Bits that the value at each place sets.
    sets: Vec<u64>,
}

impl Lookup {
    /// The same program as `steps`. `None` if it has a clock, or needs more bits than a word has.
    pub fn new(steps: &[Step], outputs: &[u8], start: &[u64]) -> Option<Self> {
        let mut plans: Vec<Plan> = Vec::new();
        for (place, step) in (0_u8..=u8::MAX).zip(steps) {
            match step {
                Step::Timed(..) => return None,
                Step::True | Step::False | Step::Atom(_) => {}
                step if plans
                    .last_mut()
                    .is_some_and(|plan| plan.admit(place, *step, steps)) => {}
                step => {
                    let mut plan = Plan::default();
                    plan.admit(place, *step, steps);
                    plans.push(plan);
                }
            }
        }
        let mut bits = 0;
        for plan in &mut plans {
            plan.shift = bits;
            bits += plan.inputs.len();
        }
        if bits + outputs.len() > 64 {
            return None;
        }
        let mut sets = alloc::vec![0; steps.len()];
        let mut begin = 0;
        for plan in &plans {
            for (at, input) in plan.inputs.iter().enumerate() {
                let bit = 1 << (plan.shift + at);
                match *input {
                    Input::Place(place) => sets[usize::from(place)] |= bit,
                    Input::Word(word) => begin |= bit & start[usize::from(word)],
                }
            }
        }
        for (at, place) in outputs.iter().enumerate() {
            sets[usize::from(*place)] |= 1 << (bits + at);
        }
        let draft = Draft { steps, plans, sets };
        Some(Self {
            letters: draft.letters(),
            groups: draft.plans.iter().map(|plan| draft.group(plan)).collect(),
            fixed: draft.fixed(),
            start: begin,
            // 64 only if there is no output and all bits are taken: nothing is read then.
            outputs: bits as u32 % 64,
        })
    }

    #[cfg(test)]
    pub fn groups(&self) -> usize {
        self.groups.len()
    }

    /// One position: the bits that the last one left, and the letter. The bits for the next one, and the outputs.
    #[inline]
    pub fn step(&self, remembered: u64, letter: u64) -> (u64, u64) {
        let mut bits = remembered | self.fixed;
        for (shift, sets) in &self.letters {
            bits |= sets[usize::from((letter >> shift) as u8)];
        }
        let mut next = 0;
        for group in &self.groups {
            let at = (bits >> group.shift) as usize & (group.entries.len() - 1);
            let entry = group.entries[at];
            bits |= entry.now;
            next |= entry.next;
        }
        (next, bits >> self.outputs)
    }
}

impl Draft<'_> {
    fn fixed(&self) -> u64 {
        (self.steps.iter().zip(&self.sets))
            .filter(|(step, _)| constant(**step) == Some(true))
            .fold(0, |all, (_, sets)| all | sets)
    }

    fn letters(&self) -> Vec<(u32, Vec<u64>)> {
        let mut atoms = [0; 64];
        for (step, sets) in self.steps.iter().zip(&self.sets) {
            if let Step::Atom(bit) = step {
                atoms[usize::from(*bit) % 64] |= sets;
            }
        }
        (0..8_usize)
            .filter(|byte| atoms[byte * 8..][..8].iter().any(|sets| *sets != 0))
            .map(|byte| {
                let own = &atoms[byte * 8..][..8];
                let set = |value: usize| {
                    (own.iter().enumerate())
                        .filter(|(bit, _)| value >> bit & 1 == 1)
                        .fold(0, |all, (_, sets)| all | sets)
                };
                (byte as u32 * 8, (0..256).map(set).collect())
            })
            .collect()
    }

    fn group(&self, plan: &Plan) -> Group {
        let mut values = alloc::vec![false; self.steps.len()];
        let mut words = [false; 256];
        for (value, step) in values.iter_mut().zip(self.steps) {
            *value = constant(*step) == Some(true);
        }
        let entries = (0..1_usize << plan.inputs.len()).map(|index| {
            for (at, input) in plan.inputs.iter().enumerate() {
                let set = index >> at & 1 == 1;
                match *input {
                    Input::Place(place) => values[usize::from(place)] = set,
                    Input::Word(word) => words[usize::from(word)] = set,
                }
            }
            let mut entry = Entry::default();
            for place in plan.members.iter().map(|place| usize::from(*place)) {
                let step = self.steps[place];
                values[place] = step.value(|at| values[usize::from(at)], &mut words);
                entry.now |= if values[place] { self.sets[place] } else { 0 };
            }
            for (at, input) in plan.inputs.iter().enumerate() {
                if let Input::Word(word) = *input {
                    entry.next |= u64::from(words[usize::from(word)]) << (plan.shift + at);
                }
            }
            entry
        });
        Group {
            shift: plan.shift as u32,
            entries: entries.collect(),
        }
    }
}
