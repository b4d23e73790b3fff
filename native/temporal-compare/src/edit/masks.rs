//! Where each symbol of a pattern occurs, as bits: any alphabet, by a dense renumbering.
//!
//! Row 0 is that of the symbols that do not occur; the others are numbered as they come.

use alloc::vec::Vec;

use super::Symbol;

/// Most symbols of a pattern at a time. Every symbol may be a different one, so positions take up to `n^2 / 8` bytes:
/// 128 KiB for these, a gigabyte for the longest patterns that the bound of work lets through.
pub(super) const STRIP: usize = 1024;

/// From symbols to row numbers: open addressing with linear search.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    /// 0 = free. Longer than the hash says, so that a search need not wrap around.
    slots: Vec<u32>,
    /// Symbol of each row.
    codes: Vec<u32>,
    shift: u32,
    multiplier: u64,
    taken: usize,
}

impl Rows {
    /// Empties the table and makes room for a pattern of `len` symbols.
    fn reset(&mut self, slots_log2: u32, len: usize, multiplier: u64) {
        self.shift = 64 - slots_log2;
        self.multiplier = multiplier;
        self.taken = 0;
        // A search goes on past taken slots only, and there are at most `len` of them.
        let slots = (1 << slots_log2) + len + 1;
        self.slots.clear();
        self.slots.resize(slots, 0);
        if self.codes.len() <= len {
            self.codes.resize(len + 1, 0);
        }
    }

    /// Multiply-shift with a secret odd factor: whoever chooses the symbols cannot choose the collisions.
    #[inline]
    fn slot(&self, code: u32) -> usize {
        ((u64::from(code) + 1).wrapping_mul(self.multiplier) >> self.shift) as usize
    }

    /// The row of a symbol of the text.
    #[inline]
    pub(super) fn row(&self, code: u32) -> usize {
        let mut slot = self.slot(code);
        loop {
            let row = self.slots[slot] as usize;
            if row == 0 || self.codes[row] == code {
                return row;
            }
            slot += 1;
        }
    }

    /// The row of a symbol of the pattern, a new one if it is new.
    #[inline]
    fn insert(&mut self, code: u32) -> usize {
        let mut slot = self.slot(code);
        loop {
            let row = self.slots[slot] as usize;
            // Whether a symbol is new is a coin toss for the branch predictor: it is computed, not asked.
            let new = row == 0;
            let row = if new { self.taken + 1 } else { row };
            if !new && self.codes[row] != code {
                slot += 1;
                continue;
            }
            self.taken += usize::from(new);
            self.slots[slot] = row as u32;
            self.codes[row] = code;
            return row;
        }
    }

    pub(super) fn bytes(&self) -> usize {
        (self.slots.capacity() + self.codes.capacity()) * 4
    }
}

/// Positions of a pattern's symbols, one row a symbol.
#[derive(Clone, Debug, Default)]
pub(super) struct Masks {
    rows: Rows,
    bits: Vec<u64>,
    /// Words of `bits` that the last pattern took; the others are zero.
    used: usize,
    multiplier: u64,
}

impl Masks {
    pub(super) fn new(multiplier: u64) -> Self {
        Self {
            multiplier: multiplier | 1,
            ..Self::default()
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.rows.bytes() + self.bits.capacity() * 8
    }

    /// Rows of as many words as the pattern needs.
    pub(super) fn fill<S: Symbol>(&mut self, pattern: &[S]) -> (&Rows, &[u64]) {
        let words = pattern.len().div_ceil(64);
        let slots_log2 = (pattern.len() * 4).next_power_of_two().ilog2().max(8);
        self.rows.reset(slots_log2, pattern.len(), self.multiplier);
        // The number of distinct symbols is known only at the end, so rows are made as they come.
        self.wipe(words);
        for (at, symbol) in pattern.iter().enumerate() {
            let row = self.rows.insert(symbol.code());
            let end = (self.rows.taken + 1) * words;
            if self.bits.len() < end {
                self.bits.resize(end.next_power_of_two(), 0);
            }
            self.bits[row * words + at / 64] |= 1 << (at % 64);
        }
        self.used = (self.rows.taken + 1) * words;
        (&self.rows, &self.bits[..self.used])
    }

    fn wipe(&mut self, room: usize) {
        self.bits[..self.used].fill(0);
        self.used = 0;
        if self.bits.len() < room {
            self.bits.resize(room, 0);
        }
    }
}
