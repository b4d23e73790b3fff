//! Virtual time.
use core::sync::atomic::{AtomicU64, Ordering};

use super::Clock;

/// A clock that stands still until it is moved, in either direction.
#[derive(Debug, Default)]
pub struct ManualClock {
    now: AtomicU64,
}

impl ManualClock {
    /// A clock that stands at this time.
    pub const fn new(now: u64) -> Self {
        Self {
            now: AtomicU64::new(now),
        }
    }

    /// Moves the hand to this time, also to an earlier one.
    pub fn set(&self, now: u64) {
        self.now.store(now, Ordering::Relaxed);
    }

    /// Moves the hand on; stays at `u64::MAX` once there.
    pub fn advance(&self, nanoseconds: u64) {
        self.set(self.now().saturating_add(nanoseconds));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }
}
