//! Tasks scheduled further into the past than the wheels can still sort: a binary heap, as a rule empty.
//!
//! Everything here is due. Entry, removal and delivery cost O(log n) of the tasks in it, which no caller can turn into more.
use alloc::vec::Vec;

use crate::rank::{Rank, Ranks};
use crate::slab::{Id, Link, Slab, State};

/// Rank, deadline, order of entry.
type Key = (u64, u8, u64, u64);

pub(crate) struct Late {
    heap: Vec<Id>,
    arrivals: u64,
}

impl Late {
    pub fn new(capacity: usize) -> Self {
        Self {
            heap: Vec::with_capacity(capacity),
            arrivals: 0,
        }
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    #[inline]
    pub fn first(&self) -> Option<Id> {
        self.heap.first().copied()
    }

    #[cold]
    pub fn insert(&mut self, slab: &mut Slab, ranks: &Ranks, id: Id, deadline: u64) {
        let at = self.heap.len();
        self.heap.push(id);
        slab.set_arrival(id, self.arrivals);
        self.arrivals += 1;
        slab.entry_mut(id).state = State::Late;
        slab.links[id as usize] = Link {
            time: deadline,
            next: id,
            prev: at as Id,
        };
        self.rise(slab, ranks, at);
    }

    #[cold]
    pub fn remove(&mut self, slab: &mut Slab, ranks: &Ranks, id: Id) {
        let at = slab.links[id as usize].prev as usize;
        self.heap.swap_remove(at);
        // Wherever it goes next, it is not here.
        slab.entry_mut(id).state = State::Wheel;
        if let Some(&moved) = self.heap.get(at) {
            slab.links[moved as usize].prev = at as Id;
            let at = self.rise(slab, ranks, at);
            self.sink(slab, ranks, at);
        }
    }

    fn key(slab: &Slab, ranks: &Ranks, id: Id) -> Key {
        let (class, deadline) = (slab.entry(id).class, slab.deadline(id));
        let Rank(time, number) = ranks.of(class, deadline);
        (time, number, deadline, slab.arrival(id))
    }

    fn rise(&mut self, slab: &mut Slab, ranks: &Ranks, mut at: usize) -> usize {
        while at > 0 {
            let parent = (at - 1) / 2;
            if Self::key(slab, ranks, self.heap[parent]) <= Self::key(slab, ranks, self.heap[at]) {
                break;
            }
            self.swap(slab, parent, at);
            at = parent;
        }
        at
    }

    fn sink(&mut self, slab: &mut Slab, ranks: &Ranks, mut at: usize) {
        loop {
            let key = |child: usize| self.heap.get(child).map(|&id| Self::key(slab, ranks, id));
            let (left, right) = (2 * at + 1, 2 * at + 2);
            let Some(left_key) = key(left) else { return };
            let (child, child_key) = match key(right) {
                Some(right_key) if right_key < left_key => (right, right_key),
                _ => (left, left_key),
            };
            if Self::key(slab, ranks, self.heap[at]) <= child_key {
                return;
            }
            self.swap(slab, at, child);
            at = child;
        }
    }

    fn swap(&mut self, slab: &mut Slab, a: usize, b: usize) {
        self.heap.swap(a, b);
        for at in [a, b] {
            slab.links[self.heap[at] as usize].prev = at as Id;
        }
    }
}
