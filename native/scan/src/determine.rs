//! Non-deterministic automata made deterministic: the sets of states that a text can lead to, each one state of a [`Machine`].

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::rc::Rc;

use regex_automata::nfa::thompson::{NFA, State};
use regex_automata::util::primitives::StateID;

use crate::machine::{ACCEPTS, DEAD, Machine, TooLarge};

/// A hash for short integer keys; the standard one is made against chosen keys, and takes half of a plan's compile time.
#[derive(Default)]
struct FastHasher(u64);

impl Hasher for FastHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        for &byte in rest {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, word: u64) {
        // Multiplier: the golden ratio in 64 bits (Knuth, TAOCP 3, 6.4).
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

/// The work on one automaton.
pub(crate) struct Determiniser<'a> {
    nfa: &'a NFA,
    /// Patterns reachable from each NFA state.
    owners: Vec<u64>,
    classes: Box<[u8; 256]>,
    stride: usize,
    ids: Ids,
    sets: Vec<Rc<[u32]>>,
    /// The states of NFA states before their closure: most are asked for more than once.
    asked: Ids,
    seen: Vec<u32>,
    round: u32,
    /// Kept for their memory: allocations were a third of a plan's compile time.
    stack: Vec<u32>,
    closure: Vec<u32>,
}

type Ids = HashMap<Rc<[u32]>, u16, BuildHasherDefault<FastHasher>>;

impl<'a> Determiniser<'a> {
    pub(crate) fn new(nfa: &'a NFA, patterns: usize) -> Self {
        let mut classes = Box::new([0; 256]);
        for byte in 0..=u8::MAX {
            classes[usize::from(byte)] = nfa.byte_classes().get(byte);
        }
        let stride = usize::from(classes[255]) + 1;
        Self {
            nfa,
            owners: owners(nfa, patterns),
            classes,
            stride,
            ids: HashMap::default(),
            sets: Vec::new(),
            asked: HashMap::default(),
            seen: vec![0; nfa.states().len()],
            round: 0,
            stack: Vec::new(),
            closure: Vec::new(),
        }
    }

    /// The machine, with a start for each of these sets of patterns.
    pub(crate) fn run(mut self, sets: &[u64], max_states: usize) -> Result<Machine, TooLarge> {
        self.id_of(&[], max_states)?;
        let mut starts = Vec::with_capacity(sets.len());
        for &set in sets {
            let patterns = self
                .nfa
                .patterns()
                .filter(|id| set >> id.as_usize() & 1 != 0);
            let first: Vec<u32> = patterns
                .filter_map(|id| self.nfa.start_pattern(id))
                .map(|id| id.as_u32())
                .collect();
            starts.push((set, self.id_of(&first, max_states)?));
        }
        let mut next = vec![DEAD; self.stride];
        let mut targets: Vec<Vec<u32>> = vec![Vec::new(); self.stride];
        let mut at = 1;
        while at < self.sets.len() {
            self.collect(at, &mut targets);
            let mut last = (Vec::new(), DEAD);
            for target in &mut targets {
                if target.is_empty() {
                    next.push(DEAD);
                    continue;
                }
                if *target != last.0 {
                    last.1 = self.id_of(target, max_states)?;
                    last.0.clone_from(target);
                }
                next.push(last.1);
                target.clear();
            }
            at += 1;
        }
        Ok(self.finish(&starts, &next))
    }

    /// Where each class of bytes leads from a set of NFA states.
    fn collect(&self, at: usize, targets: &mut [Vec<u32>]) {
        let mut add = |first: u8, last: u8, target: u32| {
            let classes = self.classes[usize::from(first)].into()
                ..=usize::from(self.classes[usize::from(last)]);
            for list in &mut targets[classes] {
                list.push(target);
            }
        };
        for &id in self.sets[at].iter() {
            match &self.nfa.states()[id as usize] {
                State::ByteRange { trans } => add(trans.start, trans.end, trans.next.as_u32()),
                State::Sparse(sparse) => {
                    for trans in &sparse.transitions {
                        add(trans.start, trans.end, trans.next.as_u32());
                    }
                }
                State::Dense(dense) => {
                    for byte in 0..=u8::MAX {
                        if let Some(next) = dense.matches_byte(byte) {
                            add(byte, byte, next.as_u32());
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// The state of the closure of some NFA states; order does not matter, as all matches count.
    fn id_of(&mut self, from: &[u32], max_states: usize) -> Result<u16, TooLarge> {
        if let Some(&id) = self.asked.get(from) {
            return Ok(id);
        }
        self.close(from);
        let known = self.ids.get(self.closure.as_slice()).copied();
        let id = if let Some(id) = known {
            id
        } else {
            if self.sets.len() >= max_states {
                return Err(TooLarge);
            }
            let (id, set) = (self.sets.len() as u16, Rc::from(self.closure.as_slice()));
            self.ids.insert(Rc::clone(&set), id);
            self.sets.push(set);
            id
        };
        self.asked.insert(Rc::from(from), id);
        Ok(id)
    }

    /// Gathers the NFA states that others lead to without a byte.
    fn close(&mut self, from: &[u32]) {
        self.round += 1;
        self.stack.clear();
        self.stack.extend_from_slice(from);
        self.closure.clear();
        while let Some(id) = self.stack.pop() {
            if std::mem::replace(&mut self.seen[id as usize], self.round) == self.round {
                continue;
            }
            let stack = &mut self.stack;
            match &self.nfa.states()[id as usize] {
                State::Union { alternates } => {
                    stack.extend(alternates.iter().map(StateID::as_u32));
                }
                State::BinaryUnion { alt1, alt2 } => stack.extend([alt1.as_u32(), alt2.as_u32()]),
                State::Capture { next, .. } | State::Look { next, .. } => stack.push(next.as_u32()),
                State::Fail => {}
                _ => self.closure.push(id),
            }
        }
        self.closure.sort_unstable();
    }

    /// Numbers the states anew, so that accepting ones come last and one comparison tells them.
    fn finish(self, starts: &[(u64, u16)], next: &[u16]) -> Machine {
        let accept_of = |set: &[u32]| {
            set.iter()
                .fold(0_u64, |mask, &id| match self.nfa.states()[id as usize] {
                    State::Match { pattern_id } => mask | 1 << pattern_id.as_usize(),
                    _ => mask,
                })
        };
        let accepts: Vec<u64> = self.sets.iter().map(|set| accept_of(set)).collect();
        let mut order: Vec<usize> = (0..self.sets.len()).collect();
        order.sort_by_key(|&state| accepts[state] != 0);
        let mut renamed = vec![0_u16; order.len()];
        for (to, &from) in order.iter().enumerate() {
            renamed[from] = to as u16 | if accepts[from] == 0 { 0 } else { ACCEPTS };
        }
        let starts: Vec<(u64, u16)> = starts
            .iter()
            .map(|&(set, start)| (set, renamed[usize::from(start)]))
            .collect();
        let mut machine = Machine {
            stride: self.stride,
            next: Vec::with_capacity(next.len()),
            start: starts[0].1,
            starts,
            first_accept: accepts.iter().filter(|&&mask| mask == 0).count(),
            accepts: order
                .iter()
                .map(|&state| accepts[state])
                .filter(|&mask| mask != 0)
                .collect(),
            alive: Vec::with_capacity(order.len()),
            masks: Vec::new(),
            classes: self.classes,
        };
        for &state in &order {
            let row = &next[state * self.stride..][..self.stride];
            machine
                .next
                .extend(row.iter().map(|&to| renamed[usize::from(to)]));
            let mask = self.sets[state]
                .iter()
                .fold(0, |mask, &id| mask | self.owners[id as usize]);
            let known = machine.masks.iter().position(|&other| other == mask);
            machine.alive.push(known.unwrap_or_else(|| {
                machine.masks.push(mask);
                machine.masks.len() - 1
            }) as u16);
        }
        machine
    }
}

/// Which patterns each NFA state belongs to.
fn owners(nfa: &NFA, patterns: usize) -> Vec<u64> {
    let mut owners = vec![0_u64; nfa.states().len()];
    for pattern in nfa.patterns().take(patterns) {
        let bit = 1 << pattern.as_usize();
        let mut stack: Vec<_> = nfa.start_pattern(pattern).into_iter().collect();
        while let Some(id) = stack.pop() {
            if owners[id.as_usize()] & bit != 0 {
                continue;
            }
            owners[id.as_usize()] |= bit;
            match nfa.state(id) {
                State::ByteRange { trans } => stack.push(trans.next),
                State::Sparse(sparse) => stack.extend(sparse.transitions.iter().map(|t| t.next)),
                State::Dense(dense) => {
                    stack.extend((0..=u8::MAX).filter_map(|byte| dense.matches_byte(byte)));
                }
                State::Union { alternates } => stack.extend(alternates.iter().copied()),
                State::BinaryUnion { alt1, alt2 } => stack.extend([*alt1, *alt2]),
                State::Capture { next, .. } | State::Look { next, .. } => stack.push(*next),
                State::Fail | State::Match { .. } => {}
            }
        }
    }
    owners
}
