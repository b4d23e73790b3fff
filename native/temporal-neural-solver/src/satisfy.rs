//! Whether formulas can hold together on some finite trace: a breadth-first search of the tableau, so
//! that the witness is as short as possible.

use crate::expand::{Expander, Full, Tableau};
use crate::formula::{Formula, Node};
use crate::limits;
use crate::normal::{Bounds, Normal};
use crate::past::Memory;
use crate::semantics::{Position, holds};
use crate::unroll::unroll;
use crate::vocabulary::Vocabulary;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A shortest trace on which all formulas hold.
    Yes(Vec<Position>),
    /// There is no such trace.
    No,
    /// The budget did not suffice, there are too many atoms, or clocks decide.
    Unknown,
}

/// One state of the search: past, obligations, and how it was reached.
struct State {
    past: Vec<u64>,
    obligations: u64,
    before: usize,
    letter: u64,
}

/// Searches for a finite trace on which all `formulas` hold. `budget` counts letters tried at states (10 000 take
/// about a millisecond). `No` is certain; bounds of time are first forgotten, so a contradiction between durations is
/// `Unknown`, and a witness is only given if it holds with all positions at one moment or a nanosecond apart.
pub fn satisfy(formulas: &[&Formula], words: &Vocabulary, budget: usize) -> Answer {
    let plain: Vec<Formula> = formulas.iter().map(|f| unroll(f)).collect();
    let plain: Vec<&Formula> = plain.iter().collect();
    let Ok(together) = Formula::combine(&plain, Node::And) else {
        return Answer::Unknown;
    };
    let Ok(normal) = Normal::new(&together, Bounds::Forget) else {
        return Answer::Unknown;
    };
    let Some(letters) = words.feasible(together.atoms(), limits::SEARCH_ATOMS) else {
        return Answer::Unknown;
    };
    let mut search = Search {
        scratch: Expander::new(&normal, limits::SEARCH_POOL),
        memory: normal.past.memory(),
        normal: &normal,
        letters: &letters,
        states: Vec::new(),
        budget,
    };
    match search.run() {
        Err(Full) => Answer::Unknown,
        Ok(None) if normal.past.is_timed() => Answer::Unknown,
        Ok(None) => Answer::No,
        Ok(Some(found)) => [0, 1]
            .into_iter()
            .map(|gap| stamped(&found, gap))
            .find(|trace| formulas.iter().all(|f| holds(f, trace)))
            .map_or(Answer::Unknown, Answer::Yes),
    }
}

fn stamped(letters: &[u64], gap: u64) -> Vec<Position> {
    let position = |(i, letter): (usize, &u64)| Position {
        time_ns: i as u64 * gap,
        letter: *letter,
    };
    letters.iter().enumerate().map(position).collect()
}

struct Search<'a> {
    normal: &'a Normal,
    letters: &'a [u64],
    scratch: Expander,
    memory: Memory,
    states: Vec<State>,
    budget: usize,
}

impl Search<'_> {
    fn run(&mut self) -> Result<Option<Vec<u64>>, Full> {
        let start = State {
            past: self.memory.words.clone(),
            obligations: self.normal.initial(),
            before: usize::MAX,
            letter: 0,
        };
        let mut index = BTreeSet::from([(start.past.clone(), start.obligations)]);
        self.states.push(start);
        let mut at = 0;
        while at < self.states.len() {
            for letter in self.letters {
                self.budget = self.budget.checked_sub(1).ok_or(Full)?;
                for obligations in self.after(at, *letter)? {
                    if obligations & self.normal.strong == 0 {
                        return Ok(Some(self.path(at, *letter)));
                    }
                    let past = self.memory.words.clone();
                    if index.insert((past.clone(), obligations)) {
                        self.states.push(State {
                            past,
                            obligations,
                            before: at,
                            letter: *letter,
                        });
                    }
                }
            }
            at += 1;
        }
        Ok(None)
    }

    /// Obligation sets after `letter`; leaves the new past in `memory`.
    fn after(&mut self, at: usize, letter: u64) -> Result<Vec<u64>, Full> {
        self.memory.words.clone_from(&self.states[at].past);
        self.normal.past.step(&mut self.memory, letter, (0, 0));
        let outputs = self.memory.outputs;
        self.scratch.clear();
        let mut setting = Tableau { untils: 0 };
        self.scratch
            .expand(self.normal, letter, outputs, &mut setting)?;
        let all = self
            .scratch
            .follow(self.normal, self.states[at].obligations)?;
        Ok(self
            .scratch
            .get(all)
            .iter()
            .map(|conjunction| conjunction.next)
            .collect())
    }

    fn path(&self, mut at: usize, letter: u64) -> Vec<u64> {
        let mut out = alloc::vec![letter];
        while self.states[at].before != usize::MAX {
            out.push(self.states[at].letter);
            at = self.states[at].before;
        }
        out.reverse();
        out
    }
}
