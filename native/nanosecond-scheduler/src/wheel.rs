//! One class's tasks in exact order of deadline, at a constant price each.
//!
//! Eight levels of 256 slots. A task lies on the level of the highest byte in which its deadline differs from `base`, in the
//! slot of that byte's value: the levels of Varghese and Lauck (SOSP 1987) with the moving origin of a radix heap (Ahuja,
//! Mehlhorn, Orlin and Tarjan, JACM 1990). Every deadline is at or after `base`, so the first slot of the lowest occupied
//! level holds the earliest, and nothing on it differs from `base` above its byte.
//!
//! A slot with few tasks is sorted on the spot (`run.rs`), one with many is spread over lower levels after `base` has moved
//! to its earliest deadline; so a task moves at most seven times, in practice once or twice, whatever the time scale.
//! Spreading may pause between two tasks: until it is done the slot stays open (`open_level`), takes the newcomers of
//! its range at its end, and nothing is delivered, so equal deadlines keep their order of arrival.
//!
//! Knows places and deadlines. Must not know: other classes, the clock, statistics.
use crate::run::Run;
use crate::slab::{Id, Link};
use crate::task::Class;

const BITS: u32 = 8;
const SLOTS: usize = 1 << BITS;
const LEVELS: usize = (u64::BITS / BITS) as usize;
/// Slots of all levels of one wheel.
pub(crate) const PLACES: usize = LEVELS * SLOTS;
/// Words of the slots' bitmap: as many as a `u32` has bits.
const WORDS: usize = PLACES / 64;

/// What [`Wheel::refine`] came to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refined {
    /// `run` holds the next tasks.
    Ready,
    /// No task is due.
    Later,
    /// The moves are spent.
    Spent,
}

pub(crate) struct Wheel {
    /// At or before every deadline here, and at or before the latest tick's time once it has moved from 0.
    pub base: u64,
    /// The first of this wheel's slots among all links.
    origin: Id,
    /// Shift of the digit of the slot that is being spread, 0 if none: level 0 is never spread.
    open_shift: u32,
    open_slot: Id,
    /// One bit for each word of `occupied` that is not 0.
    words: u32,
    /// One bit for each slot that is not empty, lower levels first.
    occupied: [u64; WORDS],
    /// Tasks taken out of their slot in order; filled only while a tick runs.
    pub run: Run,
}

impl Wheel {
    pub fn new(class: Class) -> Self {
        Self {
            base: 0,
            origin: (class.index() * PLACES) as Id,
            open_shift: 0,
            open_slot: 0,
            words: 0,
            occupied: [0; WORDS],
            run: Run::new(),
        }
    }

    /// Adds a task whose deadline is at or after `base`.
    #[inline]
    pub fn insert(&mut self, links: &mut [Link], id: Id, deadline: u64) {
        debug_assert!(
            deadline >= self.base,
            "an earlier deadline belongs to the late heap"
        );
        let shift = self.shift_of(deadline);
        if shift < self.open_shift {
            self.append(links, id, deadline, self.open_slot);
        } else {
            self.place(links, id, deadline, shift);
        }
    }

    /// Where the digit of a deadline's level begins: at the bit `BITS * level`.
    #[inline]
    fn shift_of(&self, deadline: u64) -> u32 {
        let difference = (deadline ^ self.base) | 1;
        if cfg!(target_arch = "x86_64") {
            // The search for the highest bit is eight operations on these processors, for the lowest it is two.
            !difference.swap_bytes().trailing_zeros() & (u64::BITS - BITS)
        } else {
            difference.ilog2() & !(BITS - 1)
        }
    }

    #[inline]
    fn place(&mut self, links: &mut [Link], id: Id, deadline: u64, shift: u32) {
        let digit = (deadline >> shift) as Id % SLOTS as Id;
        let level_start = shift * (SLOTS as Id / BITS);
        self.append(links, id, deadline, self.origin + level_start + digit);
    }

    #[inline]
    fn append(&mut self, links: &mut [Link], id: Id, deadline: u64, slot: Id) {
        let last = links[slot as usize].prev;
        links[last as usize].next = id;
        links[id as usize] = Link {
            time: deadline,
            next: slot,
            prev: last,
        };
        let link = &mut links[slot as usize];
        link.prev = id;
        link.time = link.time.min(deadline);
        self.mark(slot);
    }

    #[inline]
    fn mark(&mut self, slot: Id) {
        let word = slot as usize / 64 % WORDS;
        self.occupied[word] |= 1 << (slot % 64);
        self.words |= 1 << word;
    }

    /// Takes a task out of its slot.
    #[inline]
    pub fn unlink(&mut self, links: &mut [Link], id: Id) {
        let Link { prev, next, .. } = links[id as usize];
        links[prev as usize].next = next;
        links[next as usize].prev = prev;
        if prev == next {
            // Only a slot is its only task's neighbour on both sides.
            let slot = next;
            links[slot as usize].time = u64::MAX;
            self.clear(slot);
        }
    }

    #[inline]
    fn clear(&mut self, slot: Id) {
        let word = slot as usize / 64 % WORDS;
        self.occupied[word] &= !(1 << (slot % 64));
        self.words &= !(u32::from(self.occupied[word] == 0) << word);
    }

    #[inline]
    fn vacate(&mut self, links: &mut [Link], slot: Id) {
        links[slot as usize] = Link {
            time: u64::MAX,
            next: slot,
            prev: slot,
        };
        self.clear(slot);
    }

    /// The first slot of the lowest occupied level.
    #[inline]
    fn first(&self) -> Option<Id> {
        if self.words == 0 {
            return None;
        }
        let word = self.words.trailing_zeros();
        let bit = self.occupied[word as usize % WORDS].trailing_zeros();
        Some(self.origin + word * 64 + bit)
    }

    /// A time at or before every deadline here; nothing if there is none. Exact while the run is filled.
    #[inline]
    pub fn bound(&self, links: &[Link]) -> Option<u64> {
        if let Some(deadline) = self.run.first() {
            return Some(deadline);
        }
        if self.open_shift > 0 {
            return Some(self.base);
        }
        self.first().map(|slot| links[slot as usize].time)
    }

    /// Fills the empty `run` with the earliest tasks due at `now`, for at most `moves` movements.
    pub fn refine(&mut self, links: &mut [Link], now: u64, moves: &mut usize) -> Refined {
        loop {
            if self.open_shift > 0 && !self.spread(links, moves) {
                return Refined::Spent;
            }
            let Some(slot) = self.first() else {
                return Refined::Later;
            };
            let bound = links[slot as usize].time;
            if bound > now {
                return Refined::Later;
            }
            self.run.restart(slot, bound);
            let level = (slot - self.origin) / SLOTS as Id;
            if level == 0 {
                self.take_equals(links, slot);
            } else if (level + 1) * BITS > Run::SPAN_BITS || !self.take_few(links, slot, now) {
                self.base = bound;
                self.open_shift = level * BITS;
                self.open_slot = slot;
            }
            if !self.run.is_empty() {
                return Refined::Ready;
            }
        }
    }

    /// Moves tasks of the open slot to lower levels; whether that is done.
    fn spread(&mut self, links: &mut [Link], moves: &mut usize) -> bool {
        let slot = self.open_slot;
        let mut id = links[slot as usize].next;
        let mut left = *moves;
        while id != slot && left > 0 {
            left -= 1;
            let Link { time, next, .. } = links[id as usize];
            self.place(links, id, time, self.shift_of(time));
            id = next;
        }
        *moves = left;
        if id != slot {
            links[slot as usize].next = id;
            links[id as usize].prev = slot;
            return false;
        }
        self.vacate(links, slot);
        self.open_shift = 0;
        true
    }

    /// Takes the first tasks of a slot on level 0, where all deadlines are equal and the order of arrival decides.
    #[inline]
    fn take_equals(&mut self, links: &mut [Link], slot: Id) {
        let mut id = links[slot as usize].next;
        while id != slot && !self.run.is_full() {
            let Link { time, next, .. } = links[id as usize];
            self.run.push(time, id);
            id = next;
        }
        if id == slot {
            self.vacate(links, slot);
        } else {
            links[slot as usize].next = id;
            links[id as usize].prev = slot;
        }
    }

    /// Takes the due tasks of a slot if all its tasks are few; whether they are. The slot's bound is exact then.
    #[inline]
    fn take_few(&mut self, links: &mut [Link], slot: Id, now: u64) -> bool {
        let mut id = links[slot as usize].next;
        while id != slot {
            if self.run.is_full() {
                self.run.restart(slot, now);
                return false;
            }
            let Link { time, next, .. } = links[id as usize];
            self.run.push(time, id);
            id = next;
        }
        if self.run.last().is_none_or(|latest| latest <= now) {
            self.vacate(links, slot);
        } else {
            self.leave_later(links, slot, now);
        }
        true
    }

    /// Takes the due ones of the run out of their slot, and the others out of the run.
    fn leave_later(&mut self, links: &mut [Link], slot: Id, now: u64) {
        let (start, end) = self.run.span();
        let mut at = start;
        while at < end {
            let (time, id) = self.run.get(at);
            if time > now {
                links[slot as usize].time = time;
                break;
            }
            self.unlink(links, id);
            at += 1;
        }
        self.run.cut(at);
    }

    /// Returns what the tick had no room for to the front of its slot.
    pub fn put_back(&mut self, links: &mut [Link]) {
        let slot = self.run.slot;
        while let Some((time, id)) = self.run.pop_last() {
            let first = links[slot as usize].next;
            links[id as usize] = Link {
                time,
                next: first,
                prev: slot,
            };
            links[first as usize].prev = id;
            let link = &mut links[slot as usize];
            link.next = id;
            link.time = link.time.min(time);
            self.mark(slot);
        }
    }

    /// A task of the last occupied slot: the latest of the last few to come there.
    pub fn latest(&self, links: &[Link]) -> Option<Id> {
        let word = self.words.checked_ilog2()?;
        let bit = self.occupied[word as usize % WORDS].ilog2();
        let slot = self.origin + word * 64 + bit;
        let mut id = links[slot as usize].prev;
        let mut best = id;
        for _ in 0..Run::CAPACITY {
            if id == slot {
                break;
            }
            if links[id as usize].time > links[best as usize].time {
                best = id;
            }
            id = links[id as usize].prev;
        }
        Some(best)
    }
}
