//! The operating system's monotonic clock.
use std::time::Instant;

use super::Clock;

/// `std::time::Instant`, in nanoseconds since the clock was made.
#[derive(Clone, Copy, Debug)]
pub struct OsClock {
    zero: Instant,
}

impl OsClock {
    /// A clock that starts at 0.
    pub fn new() -> Self {
        Self {
            zero: Instant::now(),
        }
    }
}

impl Default for OsClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for OsClock {
    fn now(&self) -> u64 {
        // 2^64 ns are 584 years.
        u64::try_from(self.zero.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}
