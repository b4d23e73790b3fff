//! Deterministic, minimal monitor table: subset construction over the automata of a formula and its negation.

use crate::expand::Full;
use crate::formula::Formula;
use crate::limits;
use crate::normal::{Bounds, Normal};
use crate::tableau::{Automaton, Letters, spend};
use crate::verdict::{Semantics, Verdict};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// A monitor as a table; the state is an offset into `cells`.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// `offset of the next state << 3 | its verdict`.
    pub cells: Vec<u32>,
    /// Bit of the vocabulary for each bit of the column.
    pub bits: Vec<u8>,
    /// The bits if they are neighbours: one shift and mask finds the column.
    run: Option<(u8, u64)>,
    /// Verdict of each state.
    pub verdicts: Vec<Verdict>,
    /// States of the minimal three-valued monitor, which does not tell presumably true from presumably false.
    pub ltl3_states: usize,
}

struct Subsets<'a> {
    letters: &'a Letters,
    sides: [&'a Automaton; 2],
    semantics: Semantics,
    index: BTreeMap<Vec<u16>, u16>,
    keys: Vec<Vec<u16>>,
    verdicts: Vec<Verdict>,
    next: Vec<u16>,
}

impl Table {
    pub fn new(
        formula: &Formula,
        patterns: &[(u64, Vec<u64>)],
        semantics: Semantics,
    ) -> Result<Self, Full> {
        let mut work = limits::TABLE_WORK;
        let yes = Normal::new(formula, Bounds::Keep).map_err(|_| Full)?;
        let no = Normal::negated(formula).map_err(|_| Full)?;
        if yes.timed {
            return Err(Full);
        }
        let empty = yes.empty();
        let letters = Letters::new(formula.atoms(), patterns, &yes.past)?;
        let yes = Automaton::new(yes, &letters, &mut work)?;
        let no = Automaton::new(no, &letters, &mut work)?;
        let mut subsets = Subsets {
            letters: &letters,
            sides: [&yes, &no],
            semantics,
            index: BTreeMap::new(),
            keys: Vec::new(),
            verdicts: Vec::new(),
            next: Vec::new(),
        };
        subsets.explore(empty, &mut work)?;
        let columns = letters.columns();
        let (next, verdicts) = minimise(&subsets.next, &subsets.verdicts, columns);
        let open: Vec<Verdict> = (verdicts.iter())
            .map(|v| {
                if v.is_final() {
                    *v
                } else {
                    Verdict::PresumablyFalse
                }
            })
            .collect();
        let ltl3_states = minimise(&next, &open, columns).1.len();
        let shift = letters.bits.len();
        let cells = (next.iter())
            .map(|state| (u32::from(*state) << shift) << 3 | verdicts[usize::from(*state)] as u32)
            .collect();
        let mask = columns as u64 - 1;
        let first = letters.bits.first().copied().unwrap_or(0);
        let neighbours = letters
            .bits
            .iter()
            .enumerate()
            .all(|(i, bit)| usize::from(*bit) == usize::from(first) + i);
        Ok(Self {
            cells,
            run: neighbours.then_some((first, mask)),
            bits: letters.bits,
            verdicts,
            ltl3_states,
        })
    }

    /// Number of states.
    pub fn states(&self) -> usize {
        self.verdicts.len()
    }

    #[inline]
    pub fn column(&self, letter: u64) -> usize {
        if let Some((first, mask)) = self.run {
            return (letter >> first & mask) as usize;
        }
        self.bits.iter().enumerate().fold(0, |column, (i, bit)| {
            column | ((letter >> bit & 1) as usize) << i
        })
    }

    /// The cell after `state` (an offset) on `letter`.
    #[inline]
    pub fn step(&self, state: u32, letter: u64) -> u32 {
        self.cells[state as usize + self.column(letter)]
    }

    /// For each state: whether false, and whether true, can still be reached.
    pub fn reachable(&self) -> Vec<[bool; 2]> {
        let columns = 1 << self.bits.len();
        let mut out: Vec<[bool; 2]> = self
            .verdicts
            .iter()
            .map(|v| [*v == Verdict::False, *v == Verdict::True])
            .collect();
        loop {
            let before = out.clone();
            for (state, row) in self.cells.chunks(columns).enumerate() {
                for cell in row {
                    let next = out[(cell >> 3) as usize / columns];
                    out[state] = [out[state][0] | next[0], out[state][1] | next[1]];
                }
            }
            if out == before {
                return out;
            }
        }
    }
}

impl Subsets<'_> {
    /// Key of a state: past, number of obligation sets of the formula, these, then those of the negation.
    fn intern(&mut self, past: u16, sides: [&[u16]; 2]) -> Result<u16, Full> {
        let mut key = alloc::vec![past, sides[0].len() as u16];
        key.extend_from_slice(sides[0]);
        key.extend_from_slice(sides[1]);
        let verdict = self.verdict(usize::from(past), sides);
        if verdict.is_final() {
            // All decided states with one verdict are one state.
            key = alloc::vec![u16::MAX, verdict as u16];
        }
        if let Some(id) = self.index.get(&key) {
            return Ok(*id);
        }
        let id = self.keys.len() as u16;
        if self.keys.len() == limits::STATES
            || (self.keys.len() + 1) * self.letters.columns() > limits::TABLE_CELLS
        {
            return Err(Full);
        }
        self.index.insert(key.clone(), id);
        self.keys.push(key);
        self.verdicts.push(verdict);
        Ok(id)
    }

    fn verdict(&self, past: usize, sides: [&[u16]; 2]) -> Verdict {
        let kind = usize::from(self.semantics == Semantics::Finite);
        let lives = |side: usize| {
            sides[side]
                .iter()
                .any(|set| self.sides[side].lives[past][usize::from(*set)][kind])
        };
        match (lives(0), lives(1)) {
            (true, false) => Verdict::True,
            (false, _) => Verdict::False,
            _ => Verdict::presumably(sides[0].iter().any(|set| self.sides[0].accepts(*set))),
        }
    }

    fn explore(&mut self, empty: bool, work: &mut usize) -> Result<(), Full> {
        self.intern(0, [&[0], &[0]])?;
        if !self.verdicts[0].is_final() {
            self.verdicts[0] = Verdict::presumably(empty);
        }
        let mut at = 0;
        while at < self.keys.len() {
            if self.verdicts[at].is_final() {
                self.next
                    .extend(core::iter::repeat_n(at as u16, self.letters.columns()));
            } else {
                self.row(at, work)?;
            }
            at += 1;
        }
        Ok(())
    }

    fn row(&mut self, at: usize, work: &mut usize) -> Result<(), Full> {
        let key = self.keys[at].clone();
        let past = usize::from(key[0]);
        let (yes, no) = key[2..].split_at(usize::from(key[1]));
        let mut known: BTreeMap<(u16, u16, u16), u16> = BTreeMap::new();
        for column in 0..self.letters.columns() {
            let after = self.letters.steps[past][column].1;
            let kind = (
                self.sides[0].classes[past][column],
                self.sides[1].classes[past][column],
                after,
            );
            let target = if let Some(target) = known.get(&kind) {
                *target
            } else {
                let yes = self.union(0, yes, kind.0, after, work)?;
                let no = self.union(1, no, kind.1, after, work)?;
                self.intern(after, [&yes, &no])?
            };
            known.insert(kind, target);
            self.next.push(target);
        }
        Ok(())
    }

    /// The obligation sets after one letter: those with a continuation, without those that ask more than another.
    fn union(
        &self,
        side: usize,
        from: &[u16],
        class: u16,
        past: u16,
        work: &mut usize,
    ) -> Result<Vec<u16>, Full> {
        let automaton = self.sides[side];
        let mut out: Vec<u16> = Vec::new();
        for set in from {
            for (target, _) in &automaton.next[usize::from(*set)][usize::from(class)] {
                let lives = automaton.lives[usize::from(past)][usize::from(*target)];
                let own = automaton.sets[usize::from(*target)];
                let weaker = |other: &u16| automaton.sets[usize::from(*other)] & !own == 0;
                if (lives[0] || lives[1]) && !out.iter().any(weaker) {
                    out.retain(|other| own & !automaton.sets[usize::from(*other)] != 0);
                    out.push(*target);
                }
                spend(work, 1)?;
            }
        }
        out.sort_unstable();
        Ok(out)
    }
}

/// Moore's partition refinement. State 0 stays state 0.
fn minimise(next: &[u16], verdicts: &[Verdict], columns: usize) -> (Vec<u16>, Vec<Verdict>) {
    let mut part: Vec<u16> = verdicts.iter().map(|v| *v as u16).collect();
    let mut parts = 0;
    loop {
        let mut index: BTreeMap<Vec<u16>, u16> = BTreeMap::new();
        let refined: Vec<u16> = (0..verdicts.len())
            .map(|state| {
                let row = &next[state * columns..(state + 1) * columns];
                let key: Vec<u16> = core::iter::once(part[state])
                    .chain(row.iter().map(|to| part[usize::from(*to)]))
                    .collect();
                let fresh = index.len() as u16;
                *index.entry(key).or_insert(fresh)
            })
            .collect();
        part = refined;
        if index.len() == parts {
            break;
        }
        parts = index.len();
    }
    let mut out = (
        alloc::vec![0; parts * columns],
        alloc::vec![Verdict::Unknown; parts],
    );
    for (state, verdict) in verdicts.iter().enumerate() {
        let own = usize::from(part[state]);
        out.1[own] = *verdict;
        for column in 0..columns {
            out.0[own * columns + column] = part[usize::from(next[state * columns + column])];
        }
    }
    out
}
