//! The tasks' memory: one array, a free list, a generation for each place.
use alloc::vec::Vec;

use crate::handle::Handle;
use crate::task::{Class, Task};

/// No task.
pub(crate) const NIL: u32 = u32::MAX;

/// Where a node is: a slot of its class's wheel if below `wheel::PLACES`, or one of the two below.
pub(crate) type Place = u16;
/// In the heap of tasks scheduled into the past; `prev` is the position there.
pub(crate) const LATE: Place = 0xfffe;
/// On the free list.
pub(crate) const FREE: Place = 0xffff;

/// 32 bytes, two to a cache line: what insertion, movement and delivery touch.
#[derive(Clone, Copy)]
pub(crate) struct Node {
    pub deadline: u64,
    pub tag: u64,
    pub next: u32,
    pub prev: u32,
    pub generation: u32,
    pub place: Place,
    pub class: Class,
    pub periodic: bool,
}

/// What few tasks need, kept apart.
#[derive(Clone, Copy)]
pub(crate) struct Rare {
    /// Nanoseconds; read only if `periodic`.
    pub period: u64,
    /// Order of entry; read only if in the late heap.
    pub arrival: u64,
}

pub(crate) struct Slab {
    pub nodes: Vec<Node>,
    pub rare: Vec<Rare>,
    free: u32,
    live: u32,
    retired: u32,
    capacity: u32,
}

impl Slab {
    pub fn new(capacity: usize) -> Self {
        Self {
            nodes: Vec::with_capacity(capacity),
            rare: Vec::with_capacity(capacity),
            free: NIL,
            live: 0,
            retired: 0,
            capacity: capacity as u32,
        }
    }

    pub fn live(&self) -> usize {
        self.live as usize
    }

    pub fn is_full(&self) -> bool {
        self.live + self.retired >= self.capacity
    }

    /// A place for the task, not yet in any list. The place freed last comes first: it is still in the cache.
    #[inline]
    pub fn take(&mut self, task: &Task) -> Option<u32> {
        let index = self.free;
        let Some(node) = self.nodes.get_mut(index as usize) else {
            return self.grow(task);
        };
        self.free = node.next;
        node.deadline = task.deadline;
        node.tag = task.tag;
        node.class = task.class;
        node.periodic = task.period.is_some();
        if let Some(period) = task.period {
            self.rare[index as usize].period = period.get();
        }
        self.live += 1;
        Some(index)
    }

    /// A place never used before. Places are not prepared in advance, so that untouched memory stays untouched.
    #[cold]
    fn grow(&mut self, task: &Task) -> Option<u32> {
        let index = self.nodes.len() as u32;
        if index >= self.capacity {
            return None;
        }
        self.nodes.push(Node {
            deadline: task.deadline,
            tag: task.tag,
            next: NIL,
            prev: NIL,
            generation: 1,
            place: FREE,
            class: task.class,
            periodic: task.period.is_some(),
        });
        self.rare.push(Rare {
            period: task.period.map_or(0, core::num::NonZeroU64::get),
            arrival: 0,
        });
        self.live += 1;
        Some(index)
    }

    /// Ends the task, which the caller has taken out of its list; whether the place is retired.
    #[inline]
    pub fn release(&mut self, index: u32) -> bool {
        let node = &mut self.nodes[index as usize];
        node.place = FREE;
        self.live -= 1;
        if node.generation == u32::MAX {
            // Starting again at 1 would make a handle good that was given out 2^32 tenants ago.
            node.generation = 0;
            self.retired += 1;
            return true;
        }
        node.generation += 1;
        node.next = self.free;
        self.free = index;
        false
    }

    /// The place of a live task.
    #[inline]
    pub fn find(&self, handle: Handle) -> Option<u32> {
        let node = self.nodes.get(handle.index() as usize)?;
        (node.generation == handle.generation() && node.place != FREE).then_some(handle.index())
    }

    #[inline]
    pub fn handle(&self, index: u32) -> Handle {
        Handle::new(index, self.nodes[index as usize].generation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_whose_generations_are_used_up_is_retired() {
        let mut slab = Slab::new(1);
        let index = slab.take(&Task::at(0)).unwrap();
        let first = slab.handle(index);
        assert!(!slab.release(index));
        // No test could get here by use.
        slab.nodes[index as usize].generation = u32::MAX;
        assert_eq!(slab.take(&Task::at(0)), Some(index));
        slab.nodes[index as usize].place = 0;
        let last = slab.handle(index);
        assert_eq!((slab.find(last), slab.find(first)), (Some(index), None));
        assert!(slab.release(index));
        assert!(slab.is_full());
        assert_eq!(slab.take(&Task::at(0)), None);
        for generation in [0, 1, u32::MAX] {
            assert_eq!(slab.find(Handle::new(index, generation)), None);
        }
    }
}
