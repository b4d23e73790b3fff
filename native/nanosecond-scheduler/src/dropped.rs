//! What was dropped, until somebody asks.
use alloc::collections::VecDeque;

use crate::task::Dropped;

pub(crate) struct Reports {
    waiting: VecDeque<Dropped>,
    capacity: usize,
}

impl Reports {
    pub fn new(capacity: usize) -> Self {
        Self {
            waiting: VecDeque::with_capacity(capacity),
            capacity,
        }
    }

    /// Whether there was room.
    pub fn add(&mut self, dropped: Dropped) -> bool {
        let room = self.waiting.len() < self.capacity;
        if room {
            self.waiting.push_back(dropped);
        }
        room
    }

    pub fn take(&mut self, out: &mut [Dropped]) -> usize {
        let count = self.waiting.len().min(out.len());
        for (to, dropped) in out.iter_mut().zip(self.waiting.drain(..count)) {
            *to = dropped;
        }
        count
    }
}
