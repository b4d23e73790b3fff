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
use alloc::boxed::Box;
use alloc::vec;

use crate::run::Run;
use crate::slab::{NIL, Place, Slab};

const BITS: u32 = 8;
const SLOTS: usize = 1 << BITS;
const LEVELS: usize = (u64::BITS / BITS) as usize;
const WORDS: usize = SLOTS / 64;
/// Slots of all levels.
pub(crate) const PLACES: usize = LEVELS * SLOTS;

/// A list of tasks and a lower bound of their deadlines, exact unless the earliest was cancelled.
#[derive(Clone, Copy)]
struct Slot {
    min: u64,
    head: u32,
    tail: u32,
}

/// What [`Wheel::refine`] came to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refined {
    /// `run` holds the next tasks.
    Ready,
    /// No task is due, and `bound` says until when.
    Later,
    /// There is no task.
    Empty,
    /// The moves are spent.
    Spent,
}

pub(crate) struct Wheel {
    slots: Box<[Slot; PLACES]>,
    occupied: [[u64; WORDS]; LEVELS],
    /// One bit for each level with an occupied slot.
    levels: u32,
    /// Level of the slot that is being spread, 0 if none: level 0 is never spread.
    open_level: u32,
    open_place: Place,
    /// At or before every deadline here, and at or before the latest tick's time once it has moved from 0.
    pub base: u64,
    /// At or before every deadline here; `u64::MAX` if there is none.
    pub bound: u64,
    /// Tasks taken out of their slot in order; filled only while a tick runs.
    pub run: Run,
}

impl Wheel {
    pub fn new() -> Self {
        let slots = vec![
            Slot {
                min: 0,
                head: NIL,
                tail: NIL
            };
            PLACES
        ]
        .into_boxed_slice();
        Self {
            slots: slots.try_into().ok().expect("as many slots as places"),
            occupied: [[0; WORDS]; LEVELS],
            levels: 0,
            open_level: 0,
            open_place: 0,
            base: 0,
            bound: u64::MAX,
            run: Run::new(),
        }
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.levels == 0 && self.run.is_empty()
    }

    /// Adds a task whose deadline is at or after `base`.
    #[inline]
    pub fn insert(&mut self, slab: &mut Slab, index: u32) {
        let deadline = slab.nodes[index as usize].deadline;
        debug_assert!(
            deadline >= self.base,
            "an earlier deadline belongs to the late heap"
        );
        let (level, mut place) = self.place_of(deadline);
        if level < self.open_level {
            place = self.open_place;
        }
        self.append(slab, index, place);
        self.bound = self.bound.min(deadline);
    }

    #[inline]
    fn place_of(&self, deadline: u64) -> (u32, Place) {
        let differing = (deadline ^ self.base) | 1;
        let level = differing.ilog2() / BITS;
        let digit = (deadline >> (level * BITS)) as usize % SLOTS;
        (level, (level as usize * SLOTS + digit) as Place)
    }

    #[inline]
    fn append(&mut self, slab: &mut Slab, index: u32, place: Place) {
        let slot = &mut self.slots[place as usize % PLACES];
        let node = &mut slab.nodes[index as usize];
        let deadline = node.deadline;
        node.place = place;
        node.next = NIL;
        node.prev = slot.tail;
        if slot.head == NIL {
            slot.head = index;
            slot.min = deadline;
            let (level, digit) = (place as usize / SLOTS % LEVELS, place as usize % SLOTS);
            self.occupied[level][digit / 64] |= 1 << (digit % 64);
            self.levels |= 1 << level;
        } else {
            slot.min = slot.min.min(deadline);
            let tail = slot.tail as usize;
            slab.nodes[tail].next = index;
        }
        slot.tail = index;
    }

    /// Takes a task out of its slot.
    #[inline]
    pub fn unlink(&mut self, slab: &mut Slab, index: u32) {
        let node = slab.nodes[index as usize];
        let slot = &mut self.slots[node.place as usize % PLACES];
        if node.prev == NIL {
            slot.head = node.next;
        } else {
            slab.nodes[node.prev as usize].next = node.next;
        }
        if node.next == NIL {
            slot.tail = node.prev;
        } else {
            slab.nodes[node.next as usize].prev = node.prev;
        }
        if slot.head == NIL {
            self.vacate(node.place);
        }
    }

    fn vacate(&mut self, place: Place) {
        let (level, digit) = (place as usize / SLOTS % LEVELS, place as usize % SLOTS);
        self.occupied[level][digit / 64] &= !(1 << (digit % 64));
        if self.occupied[level] == [0; WORDS] {
            self.levels &= !(1 << level);
        }
        let slot = &mut self.slots[place as usize % PLACES];
        (slot.head, slot.tail) = (NIL, NIL);
    }

    /// The first slot of the lowest occupied level.
    #[inline]
    fn first(&self) -> Option<Place> {
        if self.levels == 0 {
            return None;
        }
        let level = self.levels.trailing_zeros() as usize % LEVELS;
        let words = &self.occupied[level];
        let word = words.iter().position(|&bits| bits != 0)?;
        Some((level * SLOTS + word * 64 + words[word].trailing_zeros() as usize) as Place)
    }

    /// Fills the empty `run` with the earliest tasks due at `now`, for at most `moves` movements.
    pub fn refine(&mut self, slab: &mut Slab, now: u64, moves: &mut usize) -> Refined {
        loop {
            if self.open_level > 0 && !self.spread(slab, moves) {
                return Refined::Spent;
            }
            let Some(place) = self.first() else {
                self.bound = u64::MAX;
                return Refined::Empty;
            };
            let slot = self.slots[place as usize % PLACES];
            self.bound = slot.min;
            if slot.min > now {
                return Refined::Later;
            }
            if (place as usize) < SLOTS {
                self.run_of_equals(slab, place);
                return Refined::Ready;
            }
            if self.sort_few(slab, place, now) {
                if !self.run.is_empty() {
                    return Refined::Ready;
                }
                continue;
            }
            self.base = slot.min;
            self.open_level = u32::from(place) / SLOTS as u32;
            self.open_place = place;
        }
    }

    /// Moves tasks of the open slot to lower levels; whether that is done.
    fn spread(&mut self, slab: &mut Slab, moves: &mut usize) -> bool {
        let place = self.open_place;
        let mut index = self.slots[place as usize % PLACES].head;
        while index != NIL {
            let node = slab.nodes[index as usize];
            if *moves == 0 {
                self.slots[place as usize % PLACES].head = index;
                slab.nodes[index as usize].prev = NIL;
                return false;
            }
            *moves -= 1;
            let (_, lower) = self.place_of(node.deadline);
            self.append(slab, index, lower);
            index = node.next;
        }
        self.vacate(place);
        self.open_level = 0;
        true
    }

    /// The first tasks of a slot on level 0, where all deadlines are equal and the order of arrival decides.
    fn run_of_equals(&mut self, slab: &mut Slab, place: Place) {
        let slot = &mut self.slots[place as usize % PLACES];
        let mut index = slot.head;
        while index != NIL && self.run.push(slot.min, index) {
            index = slab.nodes[index as usize].next;
        }
        slot.head = index;
        if index == NIL {
            self.vacate(place);
        } else {
            slab.nodes[index as usize].prev = NIL;
        }
    }

    /// Puts the due tasks of a slot into the run if the slot's tasks are few; whether they are. The slot's bound is exact then.
    fn sort_few(&mut self, slab: &mut Slab, place: Place, now: u64) -> bool {
        let mut index = self.slots[place as usize % PLACES].head;
        let mut rest = u64::MAX;
        let mut seen = 0;
        while index != NIL {
            if seen == Run::CAPACITY {
                self.run.clear();
                return false;
            }
            seen += 1;
            let node = &slab.nodes[index as usize];
            if node.deadline <= now {
                self.run.push_sorted(node.deadline, index);
            } else {
                rest = rest.min(node.deadline);
            }
            index = node.next;
        }
        if self.run.len() == seen {
            self.vacate(place);
        } else {
            for at in 0..self.run.len() {
                self.unlink(slab, self.run.index(at));
            }
            self.slots[place as usize % PLACES].min = rest;
        }
        self.bound = self.run.first().unwrap_or(rest);
        true
    }

    /// Returns what the tick had no room for to the front of its slots.
    pub fn put_back(&mut self, slab: &mut Slab) {
        while let Some((deadline, index)) = self.run.pop_last() {
            let place = slab.nodes[index as usize].place;
            let head = self.slots[place as usize % PLACES].head;
            if head == NIL {
                self.append(slab, index, place);
            } else {
                let slot = &mut self.slots[place as usize % PLACES];
                slot.min = slot.min.min(deadline);
                slot.head = index;
                slab.nodes[head as usize].prev = index;
                let node = &mut slab.nodes[index as usize];
                (node.prev, node.next) = (NIL, head);
            }
            self.bound = deadline;
        }
    }

    /// A task of the last occupied slot: the latest of the last few to come there.
    pub fn latest(&self, slab: &Slab) -> Option<u32> {
        if self.levels == 0 {
            return None;
        }
        let level = self.levels.ilog2() as usize % LEVELS;
        let words = &self.occupied[level];
        let word = words.iter().rposition(|&bits| bits != 0)?;
        let place = level * SLOTS + word * 64 + words[word].ilog2() as usize;
        let mut best = self.slots[place % PLACES].tail;
        let mut index = best;
        for _ in 0..Run::CAPACITY {
            if index == NIL {
                break;
            }
            if slab.nodes[index as usize].deadline > slab.nodes[best as usize].deadline {
                best = index;
            }
            index = slab.nodes[index as usize].prev;
        }
        Some(best)
    }
}
