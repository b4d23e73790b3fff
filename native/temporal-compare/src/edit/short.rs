//! Positions of the symbols of a short pattern, as bits.
//!
//! Written for few instructions and no unpredictable branch: whether a symbol is new, or occurs at all, is a coin toss
//! for the branch predictor, and one wrong guess costs as much as four symbols.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::hint::select_unpredictable;

use super::Symbol;

/// Longest pattern.
pub(super) const SHORT: usize = 128;

/// Slots: a pattern of 100 different symbols has one collision; the table, 13 KiB with all, stays in the first cache.
const SLOTS_LOG2: u32 = 12;
const SLOTS: usize = 1 << SLOTS_LOG2;

/// Rows of positions: a power of two, so that no index needs a check. Row 0 is that of the symbols that do not occur.
const ROWS: usize = 256;

/// Marks a slot that more than one symbol belongs to; all but the first are set aside.
const CROWDED: u16 = 1 << 15;

/// Positions of a symbol: bit `i` of the first word for place `i`, of the second for place `64 + i`.
pub(super) type Places = (u64, u64);

/// The table, empty between calls.
#[derive(Clone, Debug)]
pub(super) struct Short {
    tables: Box<Tables>,
    aside: Vec<(u32, Places)>,
    multiplier: u32,
}

#[derive(Clone, Debug)]
struct Tables {
    /// Row of the symbol; 0 = free.
    slots: [u16; SLOTS],
    /// Symbol of each row.
    codes: [u32; ROWS],
    first: [u64; ROWS],
    second: [u64; ROWS],
    /// Slots to free again.
    taken: [u16; SHORT],
}

impl Short {
    pub(super) fn new(multiplier: u64) -> Self {
        let tables = Tables {
            slots: [0; SLOTS],
            codes: [0; ROWS],
            first: [0; ROWS],
            second: [0; ROWS],
            taken: [0; SHORT],
        };
        Self {
            tables: Box::new(tables),
            aside: Vec::new(),
            multiplier: (multiplier >> 32) as u32 | 1,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + size_of::<Tables>() + self.aside.capacity() * size_of::<(u32, Places)>()
    }

    /// Takes up a pattern of at most [`SHORT`] symbols, gives the table to `then`, and empties it.
    #[inline]
    pub(super) fn with<S: Symbol, A>(&mut self, pattern: &[S], then: impl FnOnce(&Self) -> A) -> A {
        let (first, second) = pattern.split_at(pattern.len().min(64));
        let rows = self.fill::<S, false>(first, 0);
        let rows = self.fill::<S, true>(&second[..second.len().min(64)], rows);
        let answer = then(self);
        self.clear::<S>(pattern, rows);
        answer
    }

    /// Returns the number of rows in use.
    #[inline]
    fn fill<S: Symbol, const SECOND: bool>(&mut self, symbols: &[S], mut rows: usize) -> usize {
        let tables = &mut *self.tables;
        let from = if SECOND { 64 } else { 0 };
        let taken = &mut tables.taken[from..from + symbols.len()];
        let mut bit = 1u64;
        for (symbol, taken) in symbols.iter().zip(taken) {
            let code = symbol.code();
            let mut row = code as usize % ROWS;
            if !S::IS_BYTE {
                let slot = (code.wrapping_mul(self.multiplier) >> (32 - SLOTS_LOG2)) as usize;
                *taken = slot as u16;
                let seen = tables.slots[slot];
                let next = (rows + 1) % ROWS;
                tables.codes[next] = code;
                row = select_unpredictable(seen == 0, next, usize::from(seen) % ROWS);
                if tables.codes[row] != code {
                    tables.slots[slot] |= CROWDED;
                    set_aside(
                        &mut self.aside,
                        code,
                        if SECOND { (0, bit) } else { (bit, 0) },
                    );
                    bit <<= 1;
                    continue;
                }
                rows += usize::from(seen == 0);
                // The mark survives, and a free slot takes the new row.
                tables.slots[slot] = seen | row as u16;
            }
            let places = if SECOND {
                &mut tables.second
            } else {
                &mut tables.first
            };
            places[row] |= bit;
            bit <<= 1;
        }
        rows
    }

    /// Positions of a symbol.
    #[inline]
    pub(super) fn find<S: Symbol>(&self, symbol: S) -> Places {
        let tables = &*self.tables;
        let code = symbol.code();
        if S::IS_BYTE {
            let row = code as usize % ROWS;
            return (tables.first[row], tables.second[row]);
        }
        let seen = tables.slots[(code.wrapping_mul(self.multiplier) >> (32 - SLOTS_LOG2)) as usize];
        let row = usize::from(seen) % ROWS;
        let same = tables.codes[row] == code;
        if seen & CROWDED != 0 {
            return if same {
                (tables.first[row], tables.second[row])
            } else {
                self.find_aside(code)
            };
        }
        let row = select_unpredictable(same, row, 0);
        (tables.first[row], tables.second[row])
    }

    #[cold]
    #[inline(never)]
    fn find_aside(&self, code: u32) -> Places {
        self.aside
            .iter()
            .find(|(other, _)| *other == code)
            .map_or((0, 0), |(_, places)| *places)
    }

    #[inline]
    fn clear<S: Symbol>(&mut self, pattern: &[S], rows: usize) {
        let tables = &mut *self.tables;
        if S::IS_BYTE {
            for symbol in pattern {
                let row = symbol.code() as usize % ROWS;
                (tables.first[row], tables.second[row]) = (0, 0);
            }
            return;
        }
        for &slot in &tables.taken[..pattern.len().min(SHORT)] {
            tables.slots[usize::from(slot) % SLOTS] = 0;
        }
        tables.first[..=rows.min(SHORT)].fill(0);
        tables.second[..=rows.min(SHORT)].fill(0);
        self.aside.clear();
    }
}

#[cold]
#[inline(never)]
fn set_aside(aside: &mut Vec<(u32, Places)>, code: u32, places: Places) {
    match aside.iter_mut().find(|(other, _)| *other == code) {
        Some((_, all)) => *all = (all.0 | places.0, all.1 | places.1),
        None => aside.push((code, places)),
    }
}
