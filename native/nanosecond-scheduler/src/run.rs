//! The next few tasks of one class in order.

/// Sorted by deadline, equal ones in order of arrival.
pub(crate) struct Run {
    entries: [(u64, u32); Self::CAPACITY],
    start: usize,
    end: usize,
}

impl Run {
    /// Slots with at most so many tasks are sorted instead of spread.
    pub const CAPACITY: usize = 16;

    pub const fn new() -> Self {
        Self {
            entries: [(0, 0); Self::CAPACITY],
            start: 0,
            end: 0,
        }
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    pub fn clear(&mut self) {
        (self.start, self.end) = (0, 0);
    }

    /// Deadline of the next task.
    #[inline]
    pub fn first(&self) -> Option<u64> {
        (!self.is_empty()).then(|| self.entries[self.start % Self::CAPACITY].0)
    }

    /// The task at this place of the run, counted from its next.
    pub fn index(&self, at: usize) -> u32 {
        self.entries[(self.start + at) % Self::CAPACITY].1
    }

    /// Adds a task that is not earlier than the others; false if there is no room.
    pub fn push(&mut self, deadline: u64, index: u32) -> bool {
        if self.end == Self::CAPACITY {
            return false;
        }
        self.entries[self.end] = (deadline, index);
        self.end += 1;
        true
    }

    /// Adds a task after all that are not later. The caller sees to the room.
    #[inline]
    pub fn push_sorted(&mut self, deadline: u64, index: u32) {
        let mut at = self.end;
        while at > 0 && self.entries[at - 1].0 > deadline {
            self.entries[at] = self.entries[at - 1];
            at -= 1;
        }
        self.entries[at] = (deadline, index);
        self.end += 1;
    }

    #[inline]
    pub fn pop_first(&mut self) -> Option<u32> {
        if self.is_empty() {
            return None;
        }
        let (_, index) = self.entries[self.start % Self::CAPACITY];
        self.start += 1;
        if self.is_empty() {
            self.clear();
        }
        Some(index)
    }

    pub fn pop_last(&mut self) -> Option<(u64, u32)> {
        if self.is_empty() {
            return None;
        }
        self.end -= 1;
        let last = self.entries[self.end];
        if self.is_empty() {
            self.clear();
        }
        Some(last)
    }
}
