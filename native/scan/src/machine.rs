//! One anchored automaton over bytes: which rules match a text from its start, and at which ends.
//!
//! Determinised here and not by `regex_automata::dfa`, because candidate threads need what that hides: states of two bytes, matches
//! reported without delay, the exact death of an attempt, and which rules a state can still reach.

use regex_automata::nfa::thompson::{Compiler, Config, WhichCaptures};
use regex_syntax::hir::Hir;

use crate::determine::Determiniser;

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
    pub(crate) classes: Box<[u8; 256]>,
    pub(crate) stride: usize,
    pub(crate) next: Vec<u16>,
    pub(crate) start: u16,
    /// Sets of patterns that may match from a start, each with its first state.
    pub(crate) starts: Vec<(u64, u16)>,
    /// States from here on accept.
    pub(crate) first_accept: usize,
    /// Patterns that each accepting state accepts.
    pub(crate) accepts: Vec<u64>,
    /// Per state, which entry of `masks` holds the patterns that can still match.
    pub(crate) alive: Vec<u16>,
    pub(crate) masks: Vec<u64>,
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
