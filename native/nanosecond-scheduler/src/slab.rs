//! The tasks' memory: links apart from the rest, a stack of free places, a generation for each place.
use alloc::vec::Vec;
use core::num::NonZeroU64;

use crate::handle::Handle;
use crate::task::{CLASSES, Class, Task};
use crate::wheel::PLACES;

/// Number of a link: the slots of all wheels come first, then the tasks.
pub(crate) type Id = u32;
const FIRST_TASK: usize = CLASSES * PLACES;

/// A member of a circular list, 16 bytes: a slot or a task. A slot alone in its list is empty, so adding and removing ask
/// nothing about neighbours.
#[derive(Clone, Copy)]
pub(crate) struct Link {
    /// A task's deadline. A slot's lower bound of its tasks' deadlines, `u64::MAX` if it is empty.
    pub time: u64,
    /// A slot's first task.
    pub next: Id,
    /// A slot's last task. The position in the heap for a task there.
    pub prev: Id,
}

/// Where a task is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// The place has no task.
    Free,
    /// In its class's wheel.
    Wheel,
    /// In the heap of tasks scheduled into the past.
    Late,
}

/// The rest of a task, 16 bytes: not touched while it moves.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    pub tag: u64,
    pub generation: u32,
    pub state: State,
    pub class: Class,
    pub periodic: bool,
}

/// What few tasks need.
#[derive(Clone, Copy)]
struct Rare {
    period: u64,
    /// Order of entry into the late heap.
    arrival: u64,
}

pub(crate) struct Slab {
    pub links: Vec<Link>,
    entries: Vec<Entry>,
    rare: Vec<Rare>,
    /// A stack and not a list: the next place is known before the last one has been read.
    free: Vec<Id>,
    retired: usize,
    capacity: usize,
}

impl Slab {
    pub fn new(capacity: usize) -> Self {
        let mut links = Vec::with_capacity(FIRST_TASK + capacity);
        links.extend((0..FIRST_TASK as Id).map(|id| Link {
            time: u64::MAX,
            next: id,
            prev: id,
        }));
        Self {
            links,
            entries: Vec::with_capacity(capacity),
            rare: Vec::with_capacity(capacity),
            free: Vec::with_capacity(capacity),
            retired: 0,
            capacity,
        }
    }

    pub fn live(&self) -> usize {
        self.entries.len() - self.free.len() - self.retired
    }

    pub fn is_full(&self) -> bool {
        self.free.is_empty() && self.entries.len() == self.capacity
    }

    #[inline]
    pub fn entry(&self, id: Id) -> &Entry {
        &self.entries[(id as usize).wrapping_sub(FIRST_TASK)]
    }

    #[inline]
    pub fn entry_mut(&mut self, id: Id) -> &mut Entry {
        &mut self.entries[(id as usize).wrapping_sub(FIRST_TASK)]
    }

    #[inline]
    pub fn deadline(&self, id: Id) -> u64 {
        self.links[id as usize].time
    }

    /// A place used before. The one freed last comes first: it is still in the cache.
    #[inline]
    pub fn reuse(&mut self) -> Option<Id> {
        self.free.pop()
    }

    /// A place never used before. Places are not prepared in advance, so that untouched memory stays untouched.
    #[cold]
    pub fn grow(&mut self) -> Option<Id> {
        if self.entries.len() == self.capacity {
            return None;
        }
        let id = self.links.len() as Id;
        self.links.push(Link {
            time: 0,
            next: id,
            prev: id,
        });
        self.rare.push(Rare {
            period: 0,
            arrival: 0,
        });
        let state = State::Free;
        self.entries.push(Entry {
            tag: 0,
            generation: 1,
            state,
            class: Class::HIGHEST,
            periodic: false,
        });
        Some(id)
    }

    /// Ends the task, which the caller has taken out of its list; whether the place is retired.
    #[inline]
    pub fn release(&mut self, id: Id) -> bool {
        let entry = self.entry_mut(id);
        entry.state = State::Free;
        // Starting again at 1 would make a handle good that was given out 2^32 tenants ago.
        entry.generation = entry.generation.wrapping_add(1);
        if entry.generation == 0 {
            self.retired += 1;
            return true;
        }
        // Never grows: there are at most as many free places as places.
        self.free.push(id);
        false
    }

    /// The place of a live task.
    #[inline]
    pub fn find(&self, handle: Handle) -> Option<Id> {
        let entry = self.entries.get(handle.index() as usize)?;
        let good = entry.generation == handle.generation() && entry.state != State::Free;
        good.then_some(handle.index() + FIRST_TASK as Id)
    }

    /// The handle of a place in this generation.
    #[inline]
    pub fn handle(id: Id, generation: u32) -> Handle {
        Handle::from_parts(id.wrapping_sub(FIRST_TASK as Id), generation)
    }

    pub fn period(&self, id: Id) -> u64 {
        self.rare[id as usize - FIRST_TASK].period
    }

    #[inline]
    pub fn set_period(&mut self, id: Id, period: NonZeroU64) {
        self.rare[id as usize - FIRST_TASK].period = period.get();
    }

    pub fn arrival(&self, id: Id) -> u64 {
        self.rare[id as usize - FIRST_TASK].arrival
    }

    pub fn set_arrival(&mut self, id: Id, arrival: u64) {
        self.rare[id as usize - FIRST_TASK].arrival = arrival;
    }

    /// The task at a place, with its present deadline.
    pub fn task(&self, id: Id) -> Task {
        let entry = self.entry(id);
        let task = Task::at(self.deadline(id))
            .tag(entry.tag)
            .class(entry.class);
        if entry.periodic {
            task.every(self.period(id))
        } else {
            task
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_whose_generations_are_used_up_is_retired() {
        let mut slab = Slab::new(1);
        let id = slab.grow().unwrap();
        slab.entry_mut(id).state = State::Wheel;
        let first = Slab::handle(id, slab.entry(id).generation);
        assert!(!slab.release(id));
        // No test could get here by use.
        slab.entry_mut(id).generation = u32::MAX;
        assert_eq!(slab.reuse(), Some(id));
        slab.entry_mut(id).state = State::Wheel;
        let last = Slab::handle(id, u32::MAX);
        assert_eq!((slab.find(last), slab.find(first)), (Some(id), None));
        assert!(slab.release(id));
        assert_eq!((slab.is_full(), slab.live()), (true, 0));
        assert_eq!((slab.reuse(), slab.grow()), (None, None));
        for generation in [0, 1, u32::MAX] {
            assert_eq!(slab.find(Slab::handle(id, generation)), None);
        }
    }
}
