//! What time it is for the watchers that ask.

use std::time::Instant;

/// Time since a session began.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Time {
    /// No watcher wants to know: reading a clock for every push is saved.
    Unused,
    Running(Instant),
    /// Told by the caller, in nanoseconds.
    Told(u64),
}

impl Time {
    pub fn new(is_wanted: bool) -> Self {
        if is_wanted {
            Self::Running(Instant::now())
        } else {
            Self::Unused
        }
    }

    pub fn now_ns(self) -> u64 {
        match self {
            Self::Unused => 0,
            Self::Running(since) => u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX),
            Self::Told(now_ns) => now_ns,
        }
    }
}
