//! Rows of symbols that are too large for an index of their own.
//!
//! Nothing is cleared between calls: an entry counts only with the number of the present call.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::hint::select_unpredictable;

use super::Symbol;
use super::short::{Find, Kernel, Places, Rows, fill};

/// Slots: of 100 different symbols about five share one, and the table, 8 KiB, stays in the first cache.
const SLOTS_LOG2: u32 = 10;
const SLOTS: usize = 1 << SLOTS_LOG2;

/// Marks a slot that more than one symbol belongs to; all but the first are set aside.
const CROWDED: u64 = 1 << 63;

/// Where the number of the call begins in an entry: below it are a symbol, 32 bits, and its row, 8 bits.
const CALL_SHIFT: u32 = 40;

/// Calls that can be told apart.
const CALLS: u64 = CROWDED >> CALL_SHIFT;

#[derive(Clone, Debug)]
pub(super) struct Hashed {
    slots: Box<[u64; SLOTS]>,
    aside: Vec<(u32, u8)>,
    multiplier: u32,
    /// Number of the call, 1 to [`CALLS`] - 1.
    call: u64,
}

/// Multiply-shift with a secret odd factor.
#[inline]
fn slot(multiplier: u32, code: u32) -> usize {
    (code.wrapping_mul(multiplier) >> (32 - SLOTS_LOG2)) as usize
}

/// The entry of a symbol, without its row; `call` is in its place.
#[inline]
fn key(call: u64, code: u32) -> u64 {
    call | u64::from(code) << 8
}

impl Hashed {
    pub(super) fn new(multiplier: u64) -> Self {
        Self {
            slots: Box::new([0; SLOTS]),
            aside: Vec::new(),
            multiplier: (multiplier >> 32) as u32 | 1,
            call: 0,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of::<[u64; SLOTS]>() + self.aside.capacity() * size_of::<(u32, u8)>()
    }

    pub(super) fn with<S: Symbol>(
        &mut self,
        rows: &mut Rows,
        pattern: &[S],
        kernel: impl Kernel<S>,
    ) -> usize {
        self.call += 1;
        if self.call == CALLS {
            self.call = 1;
            self.slots.fill(0);
        }
        self.aside.clear();
        // Kept in registers: what is stored below might be to anything.
        let (multiplier, call) = (self.multiplier, self.call << CALL_SHIFT);
        fill(rows, pattern, kernel.backwards(), |symbol, row| {
            let code = symbol.code();
            let (slot, key) = (slot(multiplier, code), key(call, code));
            let seen = self.slots[slot];
            let difference = seen ^ key;
            if (1 << 8..1 << CALL_SHIFT).contains(&difference) || seen >= CROWDED | call {
                return self.enter_crowded(slot, key, row);
            }
            self.slots[slot] = key | u64::from(row);
            select_unpredictable(difference < 1 << 8, difference as u8, 0)
        });
        kernel.run(&Found {
            slots: &self.slots,
            aside: &self.aside,
            rows,
            multiplier,
            call,
        })
    }

    /// The slot is that of another symbol, or of several.
    #[cold]
    #[inline(never)]
    fn enter_crowded(&mut self, slot: usize, key: u64, row: u8) -> u8 {
        let resident = (self.slots[slot] & !CROWDED) ^ key;
        if resident < 1 << 8 {
            self.slots[slot] = CROWDED | key | u64::from(row);
            return resident as u8;
        }
        self.slots[slot] |= CROWDED;
        let code = (key >> 8) as u32;
        if let Some((_, last)) = self.aside.iter_mut().find(|(other, _)| *other == code) {
            return core::mem::replace(last, row);
        }
        self.aside.push((code, row));
        0
    }
}

/// The filled table.
struct Found<'a> {
    slots: &'a [u64; SLOTS],
    aside: &'a [(u32, u8)],
    rows: &'a Rows,
    multiplier: u32,
    call: u64,
}

impl<S: Symbol> Find<S> for Found<'_> {
    #[inline]
    fn find(&self, symbol: S) -> &Places {
        let code = symbol.code();
        let seen = self.slots[slot(self.multiplier, code)];
        let difference = seen ^ key(self.call, code);
        // Marks of earlier calls are smaller.
        let row = if seen >= CROWDED | self.call {
            self.find_crowded(code, difference & !CROWDED)
        } else {
            select_unpredictable(difference < 1 << 8, difference as u8, 0)
        };
        &self.rows[usize::from(row)]
    }
}

impl Found<'_> {
    #[cold]
    #[inline(never)]
    fn find_crowded(&self, code: u32, resident: u64) -> u8 {
        if resident < 1 << 8 {
            return resident as u8;
        }
        let aside = self.aside.iter().find(|(other, _)| *other == code);
        aside.map_or(0, |(_, row)| *row)
    }
}

#[cfg(test)]
mod tests {
    use super::super::lcs;
    use super::super::short::Short;
    use super::{CALLS, Hashed};

    /// Common symbols of two runs of symbols that no smaller index takes.
    fn common(table: &mut Short, a: u32, b: u32) -> usize {
        let run = |from: u32| (from..from + 100).map(|x| x << 20).collect::<Vec<_>>();
        lcs::short(table, &run(a), &run(b))
    }

    #[test]
    fn entries_of_the_first_calls_are_gone_when_their_numbers_come_again() {
        let mut table = Short::new(0x9E37_79B9_7F4A_7C15);
        assert_eq!(common(&mut table, 0, 30), 70);
        let Hashed { call, .. } = table.hashed_mut();
        assert_eq!(*call, 1);
        *call = CALLS - 2;
        assert_eq!(common(&mut table, 500, 500), 100);
        // The number of the very first call, whose pattern was 0 to 99.
        assert_eq!(common(&mut table, 1000, 50), 0);
        assert_eq!(table.hashed_mut().call, 1);
    }
}
