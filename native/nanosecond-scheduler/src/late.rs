//! Tasks scheduled further into the past than the wheels can still sort: a binary heap, as a rule empty.
//!
//! Everything here is due. Entry, removal and delivery cost O(log n) of the tasks in it, which no caller can turn into more.
use alloc::vec::Vec;

use crate::rank::Ranks;
use crate::slab::{LATE, Slab};

/// Rank, deadline, order of entry.
type Key = (u64, u8, u64, u64);

pub(crate) struct Late {
    heap: Vec<u32>,
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
    pub fn first(&self) -> Option<u32> {
        self.heap.first().copied()
    }

    #[cold]
    pub fn insert(&mut self, slab: &mut Slab, ranks: &Ranks, index: u32) {
        let at = self.heap.len();
        self.heap.push(index);
        slab.rare[index as usize].arrival = self.arrivals;
        self.arrivals += 1;
        let node = &mut slab.nodes[index as usize];
        node.place = LATE;
        node.prev = at as u32;
        self.rise(slab, ranks, at);
    }

    #[cold]
    pub fn remove(&mut self, slab: &mut Slab, ranks: &Ranks, index: u32) {
        let at = slab.nodes[index as usize].prev as usize;
        self.heap.swap_remove(at);
        if let Some(&moved) = self.heap.get(at) {
            slab.nodes[moved as usize].prev = at as u32;
            let at = self.rise(slab, ranks, at);
            self.sink(slab, ranks, at);
        }
    }

    fn key(slab: &Slab, ranks: &Ranks, index: u32) -> Key {
        let node = &slab.nodes[index as usize];
        let rank = ranks.of(node.class, node.deadline);
        (
            rank.0,
            rank.1,
            node.deadline,
            slab.rare[index as usize].arrival,
        )
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
            let key = |child: usize| {
                self.heap
                    .get(child)
                    .map(|&index| Self::key(slab, ranks, index))
            };
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
            slab.nodes[self.heap[at] as usize].prev = at as u32;
        }
    }
}
