//! Positions of the symbols of a short pattern, as bits.
//!
//! Written for few instructions and no unpredictable branch: whether a symbol is new, or occurs at all, is a coin toss
//! for the branch predictor, and one wrong guess costs as much as four symbols. Nothing is cleared between calls: an
//! entry counts only with the number of the present call.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::hint::select_unpredictable;

use super::Symbol;

/// Longest pattern.
pub(super) const SHORT: usize = 128;

/// Slots: of 100 different symbols about five share one, and the tables, 24 KiB, stay in the first cache.
const SLOTS_LOG2: u32 = 10;
const SLOTS: usize = 1 << SLOTS_LOG2;

/// Marks a slot that more than one symbol belongs to; all but the first are set aside.
const CROWDED: u64 = 1 << 63;

/// Calls that can be told apart.
const CALLS: u32 = 1 << 31;

/// Positions of a symbol: bit `i` of the first word for place `i`, of the second for place `64 + i`.
pub(super) type Places = (u64, u64);

/// The table of one pattern at a time.
#[derive(Clone, Debug)]
pub(super) struct Short {
    tables: Box<Tables>,
    aside: Vec<(u32, Places)>,
    multiplier: u32,
    /// Number of the call, 1 to `CALLS` - 1.
    call: u32,
}

#[derive(Clone, Debug)]
struct Tables {
    /// Symbol of each slot, and above it the number of the call that set it, and the mark.
    keys: [u64; SLOTS],
    first: [u64; SLOTS],
    second: [u64; SLOTS],
}

/// Multiply-shift with a secret odd factor.
#[inline]
fn slot(multiplier: u32, code: u32) -> usize {
    (code.wrapping_mul(multiplier) >> (32 - SLOTS_LOG2)) as usize
}

#[inline]
fn key(call: u32, code: u32) -> u64 {
    u64::from(call) << 32 | u64::from(code)
}

impl Tables {
    /// The slot is that of another symbol, or of several.
    #[cold]
    #[inline(never)]
    fn put_crowded(
        &mut self,
        aside: &mut Vec<(u32, Places)>,
        slot: usize,
        key: u64,
        places: Places,
    ) {
        if self.keys[slot] & !CROWDED == key {
            self.first[slot] |= places.0;
            self.second[slot] |= places.1;
            return;
        }
        self.keys[slot] |= CROWDED;
        let code = key as u32;
        match aside.iter_mut().find(|(other, _)| *other == code) {
            Some((_, all)) => *all = (all.0 | places.0, all.1 | places.1),
            None => aside.push((code, places)),
        }
    }
}

impl Short {
    pub(super) fn new(multiplier: u64) -> Self {
        let tables = Tables {
            keys: [0; SLOTS],
            first: [0; SLOTS],
            second: [0; SLOTS],
        };
        Self {
            tables: Box::new(tables),
            aside: Vec::new(),
            multiplier: (multiplier >> 32) as u32 | 1,
            call: 0,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + size_of::<Tables>() + self.aside.capacity() * size_of::<(u32, Places)>()
    }

    /// Takes up a pattern of at most [`SHORT`] symbols and gives the table to `then`.
    #[inline]
    pub(super) fn with<S: Symbol, A>(&mut self, pattern: &[S], then: impl FnOnce(&Self) -> A) -> A {
        self.begin::<S>();
        let (first, second) = pattern.split_at(pattern.len().min(64));
        self.fill::<S, false>(first);
        self.fill::<S, true>(&second[..second.len().min(64)]);
        then(self)
    }

    #[inline]
    fn begin<S: Symbol>(&mut self) {
        self.call += 1;
        if self.call == CALLS {
            self.call = 1;
            self.tables.keys.fill(0);
        }
        self.aside.clear();
        if S::IS_BYTE {
            self.tables.first[..256].fill(0);
            self.tables.second[..256].fill(0);
        }
    }

    #[inline]
    fn slot(&self, code: u32) -> usize {
        slot(self.multiplier, code)
    }

    #[inline]
    fn key(&self, code: u32) -> u64 {
        key(self.call, code)
    }

    #[inline]
    fn fill<S: Symbol, const SECOND: bool>(&mut self, symbols: &[S]) {
        /// Keys of the same call that differ in the symbol, or the mark, only: their difference, the mark moved down.
        const SAME_CALL: u64 = (1 << 33) - 1;
        // Kept in registers: the stores below might be to anything.
        let (multiplier, call) = (self.multiplier, self.call);
        let tables = &mut *self.tables;
        let mut bit = 1u64;
        for symbol in symbols {
            let code = symbol.code();
            if S::IS_BYTE {
                let places = if SECOND {
                    &mut tables.second
                } else {
                    &mut tables.first
                };
                places[code as usize % 256] |= bit;
                bit <<= 1;
                continue;
            }
            let (slot, key) = (slot(multiplier, code), key(call, code));
            // One comparison: two would be a branch that asks whether the symbol is new.
            let difference = (tables.keys[slot] ^ key).rotate_left(1);
            if difference.wrapping_sub(1) < SAME_CALL {
                let places = if SECOND { (0, bit) } else { (bit, 0) };
                tables.put_crowded(&mut self.aside, slot, key, places);
            } else {
                let same = difference == 0;
                tables.keys[slot] = key;
                let (first, second) = (tables.first[slot], tables.second[slot]);
                let first = select_unpredictable(same, first, 0);
                let second = select_unpredictable(same, second, 0);
                tables.first[slot] = if SECOND { first } else { first | bit };
                tables.second[slot] = if SECOND { second | bit } else { second };
            }
            bit <<= 1;
        }
    }

    /// Positions of a symbol.
    #[inline]
    pub(super) fn find<S: Symbol>(&self, symbol: S) -> Places {
        let tables = &*self.tables;
        let code = symbol.code();
        if S::IS_BYTE {
            let row = code as usize % 256;
            return (tables.first[row], tables.second[row]);
        }
        let (slot, key) = (self.slot(code), self.key(code));
        let seen = tables.keys[slot];
        // Marks of earlier calls are smaller.
        if seen >= CROWDED | u64::from(self.call) << 32 {
            return self.find_crowded(code);
        }
        let same = seen == key;
        let (first, second) = (tables.first[slot], tables.second[slot]);
        (
            select_unpredictable(same, first, 0),
            select_unpredictable(same, second, 0),
        )
    }

    #[cold]
    #[inline(never)]
    fn find_crowded(&self, code: u32) -> Places {
        let slot = self.slot(code);
        if self.tables.keys[slot] & !CROWDED == self.key(code) {
            return (self.tables.first[slot], self.tables.second[slot]);
        }
        self.aside
            .iter()
            .find(|(other, _)| *other == code)
            .map_or((0, 0), |(_, places)| *places)
    }
}
