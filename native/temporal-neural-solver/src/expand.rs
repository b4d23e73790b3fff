//! What a formula asks of the rest of the trace after one letter: a disjunction of conjunctions of obligations.
//!
//! The same step builds the tableau (all letters, before the stream) and progresses a formula (one letter at a time).

use crate::interval::Interval;
use crate::limits;
use crate::normal::{Nnf, Normal};
use alloc::vec::Vec;

/// Obligations that hold together. `extra` is the set of postponed untils in a tableau, and of pending timed
/// obligations in a progression; fewer is weaker in both readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Conjunction {
    pub next: u64,
    pub extra: u64,
}

impl Conjunction {
    fn join(self, other: Self) -> Self {
        Self {
            next: self.next | other.next,
            extra: self.extra | other.extra,
        }
    }

    /// Whether everything that `self` asks is asked by `other`.
    pub fn covers(self, other: Self) -> bool {
        self.next & !other.next == 0 && self.extra & !other.extra == 0
    }
}

/// A place in the pool.
pub(crate) type Range = (u32, u32);

/// What an expansion needs to know of its surroundings.
pub(crate) trait Setting {
    /// Bits for the until that hands on `obligation`.
    fn postponed(&self, obligation: u8) -> u64;
    /// A pending timed obligation of `node`, raised now; `None` if there is no room.
    fn pending(&mut self, node: u16) -> Option<u64>;
}

/// The tableau's setting: postponed untils are noted; a formula with timed operators has no tableau.
pub(crate) struct Tableau {
    pub untils: u64,
}

impl Setting for Tableau {
    fn postponed(&self, obligation: u8) -> u64 {
        self.untils & 1 << obligation
    }

    fn pending(&mut self, _node: u16) -> Option<u64> {
        None
    }
}

/// The pool had no room for another conjunction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

/// Reused working space: a stack of conjunctions and the range of each node.
#[derive(Debug, Clone)]
pub(crate) struct Expander {
    items: Vec<Conjunction>,
    ranges: Vec<Range>,
    capacity: usize,
}

impl Expander {
    pub fn new(normal: &Normal, capacity: usize) -> Self {
        Self {
            items: Vec::with_capacity(capacity),
            ranges: alloc::vec![(0, 0); normal.nodes.len()],
            capacity,
        }
    }

    pub fn get(&self, range: Range) -> &[Conjunction] {
        &self.items[range.0 as usize..range.1 as usize]
    }

    pub fn set(&mut self, at: u32, item: Conjunction) {
        self.items[at as usize] = item;
    }

    pub fn bytes(&self) -> usize {
        self.items.capacity() * size_of::<Conjunction>()
            + self.ranges.capacity() * size_of::<Range>()
    }

    pub fn node(&self, id: u16) -> Range {
        self.ranges[usize::from(id)]
    }

    fn start(&self) -> u32 {
        self.items.len() as u32
    }

    /// Adds to the range that began at `start`, unless something weaker is there; drops what it makes superfluous.
    fn add(&mut self, start: u32, new: Conjunction) -> Result<(), Full> {
        let from = start as usize;
        if self.items[from..].iter().any(|old| old.covers(new)) {
            return Ok(());
        }
        let mut at = from;
        while at < self.items.len() {
            if new.covers(self.items[at]) {
                self.items.swap_remove(at);
            } else {
                at += 1;
            }
        }
        if self.items.len() == self.capacity {
            return Err(Full);
        }
        self.items.push(new);
        Ok(())
    }

    pub fn one(&mut self, conjunction: Conjunction) -> Result<Range, Full> {
        let start = self.start();
        self.add(start, conjunction)?;
        Ok((start, self.start()))
    }

    /// Puts conjunctions that were expanded before back into the pool.
    pub fn load(&mut self, items: &[Conjunction]) -> Result<Range, Full> {
        let start = self.start();
        if self.items.len() + items.len() > self.capacity {
            return Err(Full);
        }
        self.items.extend_from_slice(items);
        Ok((start, self.start()))
    }

    pub fn or(&mut self, a: Range, b: Range) -> Result<Range, Full> {
        let start = self.start();
        for at in (a.0..a.1).chain(b.0..b.1) {
            let item = self.items[at as usize];
            self.add(start, item)?;
        }
        Ok((start, self.start()))
    }

    pub fn and(&mut self, a: Range, b: Range) -> Result<Range, Full> {
        if a.0 == a.1 {
            return Ok(a);
        }
        if b.0 == b.1 {
            return Ok(b);
        }
        let start = self.start();
        for left in a.0..a.1 {
            for right in b.0..b.1 {
                let item = self.items[left as usize].join(self.items[right as usize]);
                self.add(start, item)?;
            }
        }
        Ok((start, self.start()))
    }

    /// Forgets everything, keeps the memory.
    pub fn clear(&mut self) {
        self.items.clear();
    }

    /// Expands every node for one letter. Ends early, and says so, if the pool is full.
    pub fn expand(
        &mut self,
        normal: &Normal,
        letter: u64,
        past: u64,
        setting: &mut impl Setting,
    ) -> Result<(), Full> {
        let truth = self.one(Conjunction::default())?;
        let falsehood = (self.start(), self.start());
        let either = |value: bool| if value { truth } else { falsehood };
        for (id, node) in normal.nodes.iter().enumerate() {
            let range = match *node {
                Nnf::True => truth,
                Nnf::False => falsehood,
                Nnf::Literal(bit, negated) => either((letter >> bit & 1 == 1) != negated),
                Nnf::Past(output, negated) => either((past >> output & 1 == 1) != negated),
                Nnf::And(a, b) => self.and(self.node(a), self.node(b))?,
                Nnf::Or(a, b) if self.is_true(a) || self.is_true(b) => truth,
                Nnf::Or(a, b) => self.or(self.node(a), self.node(b))?,
                Nnf::Next(obligation) => self.one(Conjunction {
                    next: 1 << obligation,
                    extra: 0,
                })?,
                Nnf::Until(a, b, obligation) => {
                    if self.is_true(b) || self.node(a).0 == self.node(a).1 {
                        self.node(b)
                    } else {
                        let extra = setting.postponed(obligation);
                        let rest = self.one(Conjunction {
                            next: 1 << obligation,
                            extra,
                        })?;
                        let hold = self.and(self.node(a), rest)?;
                        self.or(self.node(b), hold)?
                    }
                }
                Nnf::Release(a, b, obligation) => {
                    let rest = self.one(Conjunction {
                        next: 1 << obligation,
                        extra: 0,
                    })?;
                    let free = if self.is_true(a) {
                        truth
                    } else {
                        self.or(self.node(a), rest)?
                    };
                    self.and(self.node(b), free)?
                }
                Nnf::TimedUntil(.., window) | Nnf::TimedRelease(.., window) => {
                    let extra = setting.pending(id as u16).ok_or(Full)?;
                    let rest = self.one(Conjunction { next: 0, extra })?;
                    self.timed(*node, window, 0, rest)?
                }
            };
            self.ranges[id] = range;
        }
        Ok(())
    }

    fn is_true(&self, id: u16) -> bool {
        let range = self.node(id);
        range.1 == range.0 + 1 && self.items[range.0 as usize] == Conjunction::default()
    }

    /// A timed operator `distance` after it was raised; `rest` is the obligation to go on.
    pub fn timed(
        &mut self,
        node: Nnf,
        window: Interval,
        distance: u64,
        rest: Range,
    ) -> Result<Range, Full> {
        match node {
            Nnf::TimedUntil(a, b, _) => {
                let empty = (rest.0, rest.0);
                if distance > window.to {
                    return Ok(empty);
                }
                let hold = self.and(self.node(a), rest)?;
                if distance < window.from {
                    Ok(hold)
                } else {
                    self.or(self.node(b), hold)
                }
            }
            Nnf::TimedRelease(a, b, _) => {
                if distance > window.to {
                    return self.one(Conjunction::default());
                }
                let free = self.or(self.node(a), rest)?;
                if distance < window.from {
                    Ok(free)
                } else {
                    self.and(self.node(b), free)
                }
            }
            _ => Ok(rest),
        }
    }

    /// What a conjunction of obligations becomes, once the nodes are expanded.
    pub fn follow(&mut self, normal: &Normal, mut next: u64) -> Result<Range, Full> {
        let mut all = self.one(Conjunction::default())?;
        while next != 0 {
            let obligation = normal.obligations[next.trailing_zeros() as usize];
            next &= next - 1;
            all = self.and(all, self.node(obligation.node))?;
        }
        Ok(all)
    }

    /// A pool that never has to grow.
    pub fn for_stream(normal: &Normal) -> Self {
        Self::new(normal, limits::POOL)
    }
}
