//! The next few tasks of one class in order.
use crate::slab::Id;

/// Tasks of one slot, sorted by deadline, equal ones in order of arrival.
pub(crate) struct Run {
    entries: [(u64, Id); Self::CAPACITY],
    start: usize,
    end: usize,
    /// Where they came from.
    pub slot: Id,
}

impl Run {
    /// Slots with at most so many tasks are sorted instead of spread.
    pub const CAPACITY: usize = 16;

    pub const fn new() -> Self {
        Self {
            entries: [(0, 0); Self::CAPACITY],
            start: 0,
            end: 0,
            slot: 0,
        }
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    #[inline]
    pub fn is_full(&self) -> bool {
        self.end == Self::CAPACITY
    }

    #[inline]
    pub fn first(&self) -> Option<u64> {
        (!self.is_empty()).then(|| self.entries[self.start % Self::CAPACITY].0)
    }

    #[inline]
    pub fn last(&self) -> Option<u64> {
        (!self.is_empty()).then(|| self.entries[(self.end - 1) % Self::CAPACITY].0)
    }

    /// What is left of the run: a place to read from by [`Run::get`], and its end.
    #[inline]
    pub fn span(&self) -> (usize, usize) {
        (self.start, self.end)
    }

    #[inline]
    pub fn get(&self, at: usize) -> (u64, Id) {
        self.entries[at % Self::CAPACITY]
    }

    /// Forgets what lies before this place.
    #[inline]
    pub fn advance_to(&mut self, at: usize) {
        self.start = at;
    }

    /// Forgets what lies from this place on.
    #[inline]
    pub fn cut(&mut self, at: usize) {
        self.end = at;
    }

    /// Starts over for tasks of this slot.
    #[inline]
    pub fn restart(&mut self, slot: Id) {
        (self.slot, self.start, self.end) = (slot, 0, 0);
    }

    /// Adds a task after all that are not later; only between [`Run::restart`] and reading, and not if full.
    ///
    /// Goes through all of them: a loop that stopped at the right place would cost more by its unpredictable end.
    #[inline]
    pub fn push(&mut self, deadline: u64, id: Id) {
        let mut moving = (deadline, id);
        for at in (0..self.end).rev() {
            let entry = self.entries[at % Self::CAPACITY];
            let after = entry.0 > moving.0;
            self.entries[(at + 1) % Self::CAPACITY] = if after { entry } else { moving };
            moving = if after { moving } else { entry };
        }
        self.entries[0] = moving;
        self.end += 1;
    }

    /// Adds a task that is not earlier than the others; as [`Run::push`].
    #[inline]
    pub fn push_last(&mut self, deadline: u64, id: Id) {
        self.entries[self.end % Self::CAPACITY] = (deadline, id);
        self.end += 1;
    }

    pub fn pop_last(&mut self) -> Option<(u64, Id)> {
        if self.is_empty() {
            return None;
        }
        self.end -= 1;
        Some(self.entries[self.end % Self::CAPACITY])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_deadlines_stay_in_order_of_arrival() {
        let mut run = Run::new();
        run.restart(3);
        for (deadline, id) in [(5, 0), (2, 1), (5, 2), (2, 3), (9, 4), (0, 5)] {
            run.push(deadline, id);
        }
        let (start, end) = run.span();
        let ids: [Id; 6] = core::array::from_fn(|at| run.get(start + at).1);
        assert_eq!((end - start, ids), (6, [5, 1, 3, 0, 2, 4]));
    }
}
