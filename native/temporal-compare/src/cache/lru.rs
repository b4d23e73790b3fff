//! Least recently used, bounded by bytes.

use alloc::boxed::Box;
use alloc::vec::Vec;

/// No entry.
const NONE: u32 = u32::MAX;

/// What an entry costs beside its words: itself, and its share of the table at its emptiest.
const OVERHEAD: usize = size_of::<Entry>() + 32;

#[derive(Clone, Debug)]
struct Entry {
    hash: u128,
    lengths: [u32; 2],
    method: [u64; 3],
    words: Box<[u64]>,
    answer: u64,
    newer: u32,
    older: u32,
}

/// Key of an entry; the words are compared with by the caller.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub hash: u128,
    pub lengths: [u32; 2],
    pub method: [u64; 3],
}

/// Entries in a slab, found by open addressing, linked from newest to oldest.
#[derive(Clone, Debug)]
pub(super) struct Lru {
    entries: Vec<Entry>,
    free: Vec<u32>,
    /// Index of an entry, or `NONE`; a power of two of them, at most half full.
    slots: Vec<u32>,
    newest: u32,
    oldest: u32,
    bytes: usize,
    max_bytes: usize,
}

impl Lru {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self {
            entries: Vec::new(),
            free: Vec::new(),
            slots: alloc::vec![NONE; 16],
            newest: NONE,
            oldest: NONE,
            bytes: 0,
            max_bytes,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len() - self.free.len()
    }

    /// The answer of an entry with this key whose words are `same`; it is the newest from then on.
    #[inline]
    pub(super) fn get(&mut self, key: &Key, mut same: impl FnMut(&[u64]) -> bool) -> Option<u64> {
        let mask = self.slots.len() - 1;
        let mut slot = key.hash as usize & mask;
        loop {
            let index = self.slots[slot];
            let entry = self.entries.get(index as usize)?;
            if entry.hash == key.hash
                && entry.lengths == key.lengths
                && entry.method == key.method
                && same(&entry.words)
            {
                let answer = entry.answer;
                if self.newest != index {
                    self.unlink(index);
                    self.link(index);
                }
                return Some(answer);
            }
            slot = (slot + 1) & mask;
        }
    }

    /// Takes an entry up and drops old ones until all fit; returns how many. `None` where it is larger than all room.
    pub(super) fn insert(&mut self, key: Key, words: Vec<u64>, answer: u64) -> Option<usize> {
        let needed = OVERHEAD + words.len() * 8;
        if needed > self.max_bytes {
            return None;
        }
        let mut dropped = 0;
        while self.bytes + needed > self.max_bytes {
            self.drop_oldest();
            dropped += 1;
        }
        if (self.len() + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let entry = Entry {
            hash: key.hash,
            lengths: key.lengths,
            method: key.method,
            words: words.into_boxed_slice(),
            answer,
            newer: NONE,
            older: NONE,
        };
        let index = if let Some(index) = self.free.pop() {
            self.entries[index as usize] = entry;
            index
        } else {
            self.entries.push(entry);
            self.entries.len() as u32 - 1
        };
        self.bytes += needed;
        self.place(index);
        self.link(index);
        Some(dropped)
    }

    pub(super) fn clear(&mut self) {
        *self = Self::new(self.max_bytes);
    }

    fn drop_oldest(&mut self) {
        let index = self.oldest;
        let mask = self.slots.len() - 1;
        let mut hole = self.entries[index as usize].hash as usize & mask;
        while self.slots[hole] != index {
            hole = (hole + 1) & mask;
        }
        // What follows moves up where its search would otherwise end at the hole.
        let mut slot = hole;
        loop {
            slot = (slot + 1) & mask;
            let next = self.slots[slot];
            if next == NONE {
                break;
            }
            let wanted = self.entries[next as usize].hash as usize & mask;
            if (slot.wrapping_sub(wanted) & mask) >= (slot.wrapping_sub(hole) & mask) {
                self.slots[hole] = next;
                hole = slot;
            }
        }
        self.slots[hole] = NONE;
        self.unlink(index);
        let words = core::mem::take(&mut self.entries[index as usize].words);
        self.bytes -= OVERHEAD + words.len() * 8;
        self.free.push(index);
    }

    fn grow(&mut self) {
        self.slots = alloc::vec![NONE; self.slots.len() * 2];
        let mut index = self.newest;
        while index != NONE {
            self.place(index);
            index = self.entries[index as usize].older;
        }
    }

    fn place(&mut self, index: u32) {
        let mask = self.slots.len() - 1;
        let mut slot = self.entries[index as usize].hash as usize & mask;
        while self.slots[slot] != NONE {
            slot = (slot + 1) & mask;
        }
        self.slots[slot] = index;
    }

    fn unlink(&mut self, index: u32) {
        let Entry { newer, older, .. } = self.entries[index as usize];
        match newer {
            NONE => self.newest = older,
            newer => self.entries[newer as usize].older = older,
        }
        match older {
            NONE => self.oldest = newer,
            older => self.entries[older as usize].newer = newer,
        }
    }

    /// As the newest.
    fn link(&mut self, index: u32) {
        let older = self.newest;
        let entry = &mut self.entries[index as usize];
        (entry.newer, entry.older) = (NONE, older);
        match older {
            NONE => self.oldest = index,
            older => self.entries[older as usize].newer = index,
        }
        self.newest = index;
    }
}
