//! The next few tasks of one class in order.
use crate::slab::Id;

/// Tasks of one slot, sorted by deadline, equal ones in order of arrival.
///
/// What is sorted is one number for each task, the nanoseconds after `base` and below them its place of arrival: minimum and
/// maximum of two numbers need no branch, and the order of deadlines is what no predictor can learn.
pub(crate) struct Run {
    keys: [u64; Self::CAPACITY],
    /// By place of arrival.
    ids: [Id; Self::CAPACITY],
    base: u64,
    start: usize,
    end: usize,
    /// Where they came from.
    pub slot: Id,
}

impl Run {
    /// Slots with at most so many tasks are sorted instead of spread. 6 to 16 make little difference (lab, holds of 10,000).
    pub const CAPACITY: usize = 8;
    const PLACE_BITS: u32 = Self::CAPACITY.ilog2();
    /// Bits that a deadline may be above the slot's bound.
    pub const SPAN_BITS: u32 = u64::BITS - Self::PLACE_BITS;

    pub const fn new() -> Self {
        Self {
            keys: [0; Self::CAPACITY],
            ids: [0; Self::CAPACITY],
            base: 0,
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
        (!self.is_empty()).then(|| self.get(self.start).0)
    }

    #[inline]
    pub fn last(&self) -> Option<u64> {
        (!self.is_empty()).then(|| self.get(self.end - 1).0)
    }

    /// What is left of the run: a place to read from by [`Run::get`], and its end.
    #[inline]
    pub fn span(&self) -> (usize, usize) {
        (self.start, self.end)
    }

    #[inline]
    pub fn get(&self, at: usize) -> (u64, Id) {
        let key = self.keys[at % Self::CAPACITY];
        (
            self.base + (key >> Self::PLACE_BITS),
            self.ids[key as usize % Self::CAPACITY],
        )
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

    /// Starts over for tasks of this slot, all of them at or after `base` and less than 2^`SPAN_BITS` after it.
    #[inline]
    pub fn restart(&mut self, slot: Id, base: u64) {
        (self.slot, self.base, self.start, self.end) = (slot, base, 0, 0);
    }

    /// Adds a task after all that are not later; only between [`Run::restart`] and reading, and not if full.
    #[inline]
    pub fn push(&mut self, deadline: u64, id: Id) {
        let mut moving = ((deadline - self.base) << Self::PLACE_BITS) | self.end as u64;
        self.ids[self.end % Self::CAPACITY] = id;
        for at in (0..self.end).rev() {
            let key = self.keys[at % Self::CAPACITY];
            self.keys[(at + 1) % Self::CAPACITY] = key.max(moving);
            moving = key.min(moving);
        }
        self.keys[0] = moving;
        self.end += 1;
    }

    pub fn pop_last(&mut self) -> Option<(u64, Id)> {
        if self.is_empty() {
            return None;
        }
        self.end -= 1;
        Some(self.get(self.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_deadlines_stay_in_order_of_arrival() {
        let mut run = Run::new();
        run.restart(3, 0);
        for (deadline, id) in [(5, 0), (2, 1), (5, 2), (2, 3), (9, 4), (0, 5)] {
            run.push(deadline, id);
        }
        let (start, end) = run.span();
        let ids: [Id; 6] = core::array::from_fn(|at| run.get(start + at).1);
        assert_eq!((end - start, ids), (6, [5, 1, 3, 0, 2, 4]));
    }
}
