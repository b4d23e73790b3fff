//! Chance that a rule will be broken within the next positions: the rule's table walked along a Markov chain of letters
//! that is learnt from the stream.

use crate::error::{Code, Error};
use crate::monitor::{Engine, Monitor, Program};
use crate::verdict::Verdict;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Most atoms of a rule whose future is forecast: the chain has `2^n` letters.
const ATOMS: usize = 5;
/// Weight of a letter that never came: the estimate of Krichevsky and Trofimov (1981).
const PRIOR: f64 = 0.5;

/// First-order chain over the rule's own letters, and the walk.
#[derive(Debug, Clone)]
pub struct Forecast {
    program: Arc<Program>,
    columns: usize,
    counts: Vec<u32>,
    last: usize,
    /// Probability of each pair of state and letter, now and after one step.
    mass: [Vec<f64>; 2],
}

impl Forecast {
    /// A forecast for the rule `program`, which has seen nothing: all letters are equally likely.
    ///
    /// # Errors
    /// [`Code::TooLarge`] if the rule has no table or more than five atoms.
    pub fn new(program: &Arc<Program>) -> Result<Self, Error> {
        let table = match &program.engine {
            Engine::Table(table) if table.bits.len() <= ATOMS => table,
            _ => {
                let message = "Only rules with a table and at most five atoms can be forecast";
                return Err(Error::new(
                    Code::TooLarge,
                    message,
                    "leave out the bound of time",
                ));
            }
        };
        let columns = 1 << table.bits.len();
        let cells = table.cells.len();
        Ok(Self {
            program: Arc::clone(program),
            columns,
            counts: alloc::vec![0; columns * columns],
            last: 0,
            mass: [alloc::vec![0.0; cells], alloc::vec![0.0; cells]],
        })
    }

    /// Learns the next letter of the stream. Before the first one the stream counts as having shown no atom.
    pub fn observe(&mut self, letter: u64) {
        let Engine::Table(table) = &self.program.engine else {
            return;
        };
        let column = table.column(letter);
        let count = &mut self.counts[self.last * self.columns + column];
        *count += 1;
        if *count == u32::from(u16::MAX) {
            for count in &mut self.counts[self.last * self.columns..][..self.columns] {
                *count /= 2;
            }
        }
        self.last = column;
    }

    /// Chance that `monitor`, which runs this forecast's rule, is violated within the next `steps` positions. Exact for
    /// the learnt chain; O(steps * states * letters^2), without allocation.
    ///
    /// # Errors
    /// [`Code::BadReference`] if the monitor runs another rule.
    pub fn violation(&mut self, monitor: &Monitor, steps: usize) -> Result<f64, Error> {
        let (Engine::Table(table), Some(offset)) = (&self.program.engine, monitor.offset()) else {
            return Err(Error::new(Code::BadReference, "Monitor has no table", ""));
        };
        if !Arc::ptr_eq(monitor.program(), &self.program) {
            return Err(Error::new(
                Code::BadReference,
                "Monitor runs another rule",
                "",
            ));
        }
        let columns = self.columns;
        let [now, next] = &mut self.mass;
        now.fill(0.0);
        now[offset as usize + self.last] = 1.0;
        // Decided states keep their mass: their rows lead to themselves.
        for _ in 0..steps {
            next.fill(0.0);
            for (place, mass) in now.iter().enumerate().filter(|(_, mass)| **mass > 0.0) {
                let (state, last) = (place / columns * columns, place % columns);
                let row = &self.counts[last * columns..][..columns];
                let total = row.iter().map(|c| f64::from(*c)).sum::<f64>() + PRIOR * columns as f64;
                for (letter, count) in row.iter().enumerate() {
                    let to = (table.cells[state + letter] >> 3) as usize;
                    next[to + letter] += mass * (f64::from(*count) + PRIOR) / total;
                }
            }
            core::mem::swap(now, next);
        }
        let broken = (now.chunks(columns).zip(&table.verdicts))
            .filter(|(_, verdict)| **verdict == Verdict::False)
            .map(|(mass, _)| mass.iter().sum::<f64>());
        Ok(broken.sum::<f64>().min(1.0))
    }
}
