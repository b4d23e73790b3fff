//! What time it is for the watchers that ask.

use std::cell::OnceCell;
use std::sync::OnceLock;
use std::time::Instant;

use midstream_nanosecond_scheduler::clock::{Clock, SystemClock};

/// The thread's clock, and how far the process had come when it was made: all threads count from one moment.
struct ThreadClock {
    clock: SystemClock,
    made_at_ns: u64,
}

impl ThreadClock {
    /// Takes a millisecond, to learn the rate of the processor's counter.
    fn new() -> Self {
        static ZERO: OnceLock<Instant> = OnceLock::new();
        let clock = SystemClock::new();
        let zero = ZERO.get_or_init(Instant::now);
        let reading = || {
            let before = clock.now();
            let passed = u64::try_from(zero.elapsed().as_nanos()).unwrap_or(u64::MAX);
            let width = clock.now() - before;
            (width, passed.saturating_sub(before + width / 2))
        };
        // The closest of a few readings: the thread may be interrupted between the two clocks.
        let closest =
            (0..4).map(|_| reading()).fold(
                reading(),
                |best, next| if next.0 < best.0 { next } else { best },
            );
        Self {
            made_at_ns: closest.1,
            clock,
        }
    }
}

thread_local! {
    static CLOCK: OnceCell<ThreadClock> = const { OnceCell::new() };
}

/// Nanoseconds since a moment that all threads share. 14 ns, where the operating system's clock takes 60.
fn clock_ns() -> u64 {
    CLOCK.with(|clock| {
        let clock = clock.get_or_init(ThreadClock::new);
        clock.made_at_ns + clock.clock.now()
    })
}

/// Time of a session.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Time {
    /// No watcher wants to know: reading a clock is saved.
    Unused,
    Running,
    /// Told by the caller, in nanoseconds.
    Told(u64),
}

impl Time {
    pub fn new(is_wanted: bool) -> Self {
        if is_wanted {
            Self::Running
        } else {
            Self::Unused
        }
    }

    /// Makes the thread's clock now, so that no stream has to wait for it.
    pub fn prepare(is_wanted: bool) {
        if is_wanted {
            clock_ns();
        }
    }

    /// Nanoseconds from any start, the same for all streams.
    pub fn now_ns(self) -> u64 {
        match self {
            Self::Unused => 0,
            Self::Running => clock_ns(),
            Self::Told(now_ns) => now_ns,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_threads_count_from_one_moment() {
        let before = clock_ns();
        let other = std::thread::spawn(clock_ns).join().expect("it counts");
        let after = clock_ns();
        // Both clocks are right to some microseconds.
        assert!(before <= other + 1_000_000, "{before} {other}");
        assert!(other <= after + 1_000_000, "{other} {after}");
    }

    #[test]
    fn time_that_nobody_wants_stands_still() {
        assert_eq!(Time::new(false).now_ns(), 0);
        assert_eq!(Time::Told(7).now_ns(), 7);
    }
}
