//! One formula over 64 streams at once: bit `s` of every word belongs to stream `s`.
//!
//! The table becomes a program of masks: the streams in a state are split by the atoms of a decision diagram until they
//! stand at their next state. All 64 streams take every path; no load depends on the data.

use crate::error::{Code, Error};
use crate::limits;
use crate::monitor::{Engine, Program};
use crate::table::Table;
use crate::verdict::Verdict;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// Splits the streams at register `from` by an atom.
#[derive(Debug, Clone, Copy)]
struct Split {
    from: u16,
    atom: u8,
    low: u16,
    high: u16,
}

/// A formula's monitor for 64 streams. Registers `0..states` hold the streams in each state.
#[derive(Debug, Clone)]
pub struct Sliced {
    splits: Vec<Split>,
    /// Streams in each state, then working registers for the diagram's nodes and for the next states.
    registers: Vec<u64>,
    verdicts: Vec<Verdict>,
    bits: Vec<u8>,
    next: usize,
}

struct Diagram<'t> {
    table: &'t Table,
    index: BTreeMap<(usize, Vec<u32>), u16>,
    /// Level, children and register of each inner node; parents may come after children.
    nodes: Vec<(usize, u16, u16)>,
}

impl Sliced {
    /// A bank of 64 streams before their first position.
    ///
    /// # Errors
    /// [`Code::TooLarge`] if the program has no table, or one with too many states to be sliced.
    pub fn new(program: &Program) -> Result<Self, Error> {
        let Engine::Table(table) = &program.engine else {
            return Err(Error::new(
                Code::TooLarge,
                "Only a formula with a table can be sliced",
                "use Monitor",
            ));
        };
        let states = table.states();
        let mut diagram = Diagram {
            table,
            index: BTreeMap::new(),
            nodes: Vec::new(),
        };
        let columns = 1 << table.bits.len();
        let roots: Vec<u16> = (table.cells.chunks(columns))
            .map(|row| diagram.node(table.bits.len(), row))
            .collect();
        if states + diagram.nodes.len() > limits::STATES {
            return Err(Error::new(
                Code::TooLarge,
                "Too many states for a sliced bank",
                "use Monitor",
            ));
        }
        Ok(diagram.schedule(&roots))
    }

    /// Reads one position of every stream: word `i` of `atoms` holds atom `i` of the vocabulary, bit `s` for stream
    /// `s`. Streams outside `active` have no event and stay where they are. Missing words count as zero.
    pub fn step(&mut self, atoms: &[u64], active: u64) {
        let states = self.verdicts.len();
        let next = self.next;
        let registers = &mut self.registers[..];
        for register in &mut registers[states..] {
            *register = 0;
        }
        let mut words = [0; limits::TABLE_ATOMS];
        for (word, bit) in words.iter_mut().zip(&self.bits) {
            *word = atoms.get(usize::from(*bit)).copied().unwrap_or(0);
        }
        for split in &self.splits {
            // A state's own register is read with the idle streams masked out; inner registers hold active ones only.
            let here = registers[usize::from(split.from)] & active;
            let word = words[usize::from(split.atom) % limits::TABLE_ATOMS];
            registers[usize::from(split.low)] |= here & !word;
            registers[usize::from(split.high)] |= here & word;
        }
        let (now, rest) = registers.split_at_mut(states);
        for (own, new) in now.iter_mut().zip(&rest[next - states..]) {
            *own = (*own & !active) | new;
        }
    }

    /// The streams whose verdict is `verdict`.
    pub fn streams(&self, verdict: Verdict) -> u64 {
        self.verdicts
            .iter()
            .zip(&self.registers)
            .filter(|(v, _)| **v == verdict)
            .fold(0, |all, (_, word)| all | word)
    }

    /// The verdict of one stream, 0 to 63.
    pub fn verdict(&self, stream: u32) -> Verdict {
        let at = self.registers[..self.verdicts.len()]
            .iter()
            .position(|word| word >> (stream & 63) & 1 == 1);
        at.map_or(Verdict::Unknown, |at| self.verdicts[at])
    }

    /// Puts the streams of `mask` back before their first position, for reuse by new ones.
    pub fn restart(&mut self, mask: u64) {
        for (state, word) in self.registers[..self.verdicts.len()].iter_mut().enumerate() {
            *word = if state == 0 {
                *word | mask
            } else {
                *word & !mask
            };
        }
    }
}

/// References below this are inner nodes; the others are next states.
const STATE: u16 = 1 << 15;

impl Diagram<'_> {
    /// The node for a part of a row in which the atoms above `level` are fixed.
    fn node(&mut self, level: usize, row: &[u32]) -> u16 {
        let columns = 1 << self.table.bits.len();
        if row.iter().all(|cell| cell == &row[0]) {
            return STATE + ((row[0] >> 3) as usize / columns) as u16;
        }
        if let Some(node) = self.index.get(&(level, row.to_vec())) {
            return *node;
        }
        let (low, high) = row.split_at(row.len() / 2);
        let children = (self.node(level - 1, low), self.node(level - 1, high));
        let node = if low == high {
            children.0
        } else {
            self.nodes.push((level - 1, children.0, children.1));
            (self.nodes.len() - 1) as u16
        };
        self.index.insert((level, row.to_vec()), node);
        node
    }

    /// Masks flow from parents to children: states first, then inner nodes from the top atom down.
    fn schedule(self, roots: &[u16]) -> Sliced {
        let states = roots.len();
        // A state whose row is one next state for all letters needs a register to flow through, too.
        let next = states + self.nodes.len();
        let place = |node: u16| {
            if node >= STATE {
                next as u16 + (node - STATE)
            } else {
                states as u16 + node
            }
        };
        let mut splits = Vec::new();
        for (state, root) in roots.iter().enumerate() {
            // Both sides to the same place: the streams move on whatever the atom says.
            splits.push(Split {
                from: state as u16,
                atom: 0,
                low: place(*root),
                high: place(*root),
            });
        }
        let mut order: Vec<usize> = (0..self.nodes.len()).collect();
        order.sort_by_key(|node| core::cmp::Reverse(self.nodes[*node].0));
        for node in order {
            let (atom, low, high) = self.nodes[node];
            splits.push(Split {
                from: (states + node) as u16,
                atom: atom as u8,
                low: place(low),
                high: place(high),
            });
        }
        let mut registers = alloc::vec![0; next + states];
        registers[0] = !0;
        Sliced {
            splits,
            registers,
            verdicts: self.table.verdicts.clone(),
            bits: self.table.bits.clone(),
            next,
        }
    }
}
