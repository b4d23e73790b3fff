//! One anchored automaton over bytes: which rules match a text from its start, and at which ends.
//!
//! Determinised here and not by `regex_automata::dfa`, because candidate threads need what that hides: states of two bytes, matches
//! reported without delay, the exact death of an attempt, and which rules a state can still reach.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::rc::Rc;

use regex_automata::nfa::thompson::{Compiler, Config, NFA, State, WhichCaptures};
use regex_automata::util::primitives::StateID;
use regex_syntax::hir::Hir;

/// The state from which nothing matches.
pub(crate) const DEAD: u16 = 0;

/// This bit of a state says that it accepts, so that a thread tells without a look at the machine.
pub(crate) const ACCEPTS: u16 = 1 << 15;

/// Most states of one machine, which leaves the bit above free.
pub(crate) const MAX_STATES: usize = 1 << 15;

/// Whether something matches what led to this state.
#[inline]
pub(crate) fn is_accepting(state: u16) -> bool {
    state & ACCEPTS != 0
}

fn index(state: u16) -> usize {
    usize::from(state & !ACCEPTS)
}

/// Most rules of one machine: their sets are 64-bit masks.
pub(crate) const MAX_RULES: usize = 64;

/// Bytes of the largest non-deterministic automaton of one machine, so that a count such as `{1000}{1000}` fails fast.
const NFA_BYTES: usize = 4 << 20;

/// Why a machine could not be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// An anchored deterministic automaton for up to [`MAX_RULES`] patterns.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    classes: Box<[u8; 256]>,
    stride: usize,
    next: Vec<u16>,
    pub(crate) start: u16,
    /// Sets of patterns that may match from a start, each with its first state.
    starts: Vec<(u64, u16)>,
    /// States from here on accept.
    first_accept: usize,
    /// Patterns that each accepting state accepts.
    accepts: Vec<u64>,
    /// Per state, which entry of `masks` holds the patterns that can still match.
    alive: Vec<u16>,
    masks: Vec<u64>,
}

/// The transitions of a machine.
#[derive(Clone, Copy)]
pub(crate) struct Table<'a> {
    stride: usize,
    next: &'a [u16],
}

impl Table<'_> {
    /// The state after a byte of a class, of a state that does not accept.
    #[inline]
    pub(crate) fn step_class(&self, state: u16, class: usize) -> u16 {
        self.next[usize::from(state) * self.stride + class]
    }
}

impl Machine {
    /// Builds the machine of several patterns, with at most `max_states` states.
    pub(crate) fn build(patterns: &[&Hir], max_states: usize) -> Result<Self, TooLarge> {
        let all = u64::MAX >> (MAX_RULES - patterns.len()).min(MAX_RULES - 1);
        Self::build_from(patterns, &[all], max_states)
    }

    /// The same with a start for each of these sets of patterns; there must be one.
    pub(crate) fn build_from(
        patterns: &[&Hir],
        sets: &[u64],
        max_states: usize,
    ) -> Result<Self, TooLarge> {
        debug_assert!(patterns.len() <= MAX_RULES);
        let nfa = Compiler::new()
            .configure(
                Config::new()
                    .utf8(false)
                    .which_captures(WhichCaptures::None)
                    .nfa_size_limit(Some(NFA_BYTES)),
            )
            .build_many_from_hir(patterns)
            .map_err(|_| TooLarge)?;
        Determiniser::new(&nfa, patterns.len()).run(sets, max_states.min(MAX_STATES))
    }

    #[inline]
    pub(crate) fn step(&self, state: u16, byte: u8) -> u16 {
        self.step_class(state, self.class(byte))
    }

    /// What tells a byte from others.
    #[inline]
    pub(crate) fn class(&self, byte: u8) -> usize {
        usize::from(self.classes[usize::from(byte)])
    }

    /// The state after a byte of a class.
    #[inline]
    pub(crate) fn step_class(&self, state: u16, class: usize) -> u16 {
        self.next[index(state) * self.stride + class]
    }

    /// The table alone, for loops over many bytes.
    pub(crate) fn table(&self) -> Table<'_> {
        Table {
            stride: self.stride,
            next: &self.next,
        }
    }

    /// First state for some patterns; for the set itself if the machine was built for it.
    pub(crate) fn start_of(&self, set: u64) -> u16 {
        let exact = self.starts.iter().find(|(known, _)| *known == set);
        let found = exact.or_else(|| self.starts.iter().find(|(known, _)| known & set == set));
        found.map_or(self.start, |(_, start)| *start)
    }

    /// The state after some bytes.
    #[inline]
    pub(crate) fn run(&self, state: u16, bytes: &[u8]) -> u16 {
        match bytes {
            [byte] => self.step(state, *byte),
            _ => bytes
                .iter()
                .fold(state, |state, &byte| self.step(state, byte)),
        }
    }

    /// Patterns that match what led to this state.
    pub(crate) fn accepted(&self, state: u16) -> u64 {
        index(state)
            .checked_sub(self.first_accept)
            .map_or(0, |at| self.accepts[at])
    }

    /// Patterns that match, or can match with more text.
    pub(crate) fn alive(&self, state: u16) -> u64 {
        self.masks[self.alive_set(state)]
    }

    /// Number of the set of patterns that match, or can match with more text.
    pub(crate) fn alive_set(&self, state: u16) -> usize {
        usize::from(self.alive[index(state)])
    }

    /// The sets that [`Machine::alive_set`] numbers.
    pub(crate) fn alive_sets(&self) -> &[u64] {
        &self.masks
    }

    pub(crate) fn states(&self) -> usize {
        self.alive.len()
    }

    /// Whether some byte both continues a match of this machine and begins one of the other; with such a byte.
    pub(crate) fn continues_into(&self, other: &Self) -> Option<u8> {
        let accepting = self.first_accept as u16..self.states() as u16;
        let begins = |byte: &u8| other.step(other.start, *byte) != DEAD;
        (0..=u8::MAX).filter(begins).find(|&byte| {
            accepting
                .clone()
                .any(|state| self.step(state, byte) != DEAD)
        })
    }

    /// Whether a match can begin with this text, letters of either case.
    pub(crate) fn can_begin_with(&self, text: &[u8]) -> bool {
        let mut states = vec![self.start];
        for &byte in text {
            let cases = [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()];
            let step = |&state: &u16| cases.map(|case| self.step(state, case));
            states = states
                .iter()
                .flat_map(step)
                .filter(|&state| state != DEAD)
                .collect();
            states.sort_unstable();
            states.dedup();
        }
        !states.is_empty()
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        256 + self.next.len() * 2
            + self.alive.len() * 2
            + (self.accepts.len() + self.masks.len()) * 8
    }
}

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

struct Determiniser<'a> {
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
    fn new(nfa: &'a NFA, patterns: usize) -> Self {
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

    fn run(mut self, sets: &[u64], max_states: usize) -> Result<Machine, TooLarge> {
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

#[cfg(test)]
mod tests {
    use super::{DEAD, Machine};
    use crate::pattern::parse;

    fn machine(patterns: &[&str]) -> Machine {
        let parsed: Vec<_> = patterns
            .iter()
            .map(|pattern| parse(pattern).unwrap())
            .collect();
        Machine::build(&parsed.iter().collect::<Vec<_>>(), 10_000).unwrap()
    }

    #[test]
    fn a_state_knows_what_it_accepts_and_what_it_can_still_reach() {
        let machine = machine(&["ab+", "abc", "ad"]);
        let at = |text: &str| machine.run(machine.start, text.as_bytes());
        assert_eq!(
            (machine.accepted(at("a")), machine.alive(at("a"))),
            (0, 0b111)
        );
        assert_eq!(
            (machine.accepted(at("ab")), machine.alive(at("ab"))),
            (0b001, 0b011)
        );
        assert_eq!(
            (machine.accepted(at("abc")), machine.alive(at("abc"))),
            (0b010, 0b010)
        );
        assert_eq!(at("abcd"), DEAD);
        assert_eq!(machine.accepted(DEAD) | machine.alive(DEAD), 0);
    }

    #[test]
    fn too_many_states_are_refused_and_not_built() {
        let hir = parse("[ab]*a[ab]{14}").unwrap();
        assert!(Machine::build(&[&hir], 4_096).is_err());
        assert!(Machine::build(&[&parse("(?:a{1000}){1000}").unwrap()], 4_096).is_err());
    }

    #[test]
    fn a_lead_that_shares_a_byte_with_its_pattern_is_noticed() {
        assert_eq!(
            machine(&["=[ a]*"]).continues_into(&machine(&["[a-z]+"])),
            Some(b'a')
        );
        assert_eq!(
            machine(&["= *"]).continues_into(&machine(&["[a-z]+"])),
            None
        );
    }

    #[test]
    fn a_keyword_may_begin_a_match_in_either_case() {
        assert!(machine(&["AKIA[A-Z]{4}"]).can_begin_with(b"akia"));
        assert!(!machine(&["AKIA[A-Z]{4}"]).can_begin_with(b"asia"));
    }
}
