//! The best clock of the machine.
use super::{Clock, OsClock};
#[cfg(target_arch = "x86_64")]
use super::{CounterClock, Tsc};

/// The time-stamp counter where it can be trusted, else the operating system's clock. Nanoseconds since it was made.
#[derive(Debug)]
pub struct SystemClock(Kind);

#[derive(Debug)]
enum Kind {
    #[cfg(target_arch = "x86_64")]
    Counter(CounterClock<Tsc, OsClock>),
    Os(OsClock),
}

impl SystemClock {
    /// Takes a millisecond where the counter is there, to learn its rate.
    pub fn new() -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(clock) = Tsc::new().and_then(|tsc| CounterClock::new(tsc, OsClock::new())) {
            return Self(Kind::Counter(clock));
        }
        Self::os()
    }

    /// The operating system's clock only.
    pub fn os() -> Self {
        Self(Kind::Os(OsClock::new()))
    }

    /// Whether the processor's counter is in use.
    pub fn uses_counter(&self) -> bool {
        match &self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Counter(_) => true,
            Kind::Os(_) => false,
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[inline]
    fn now(&self) -> u64 {
        match &self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Counter(clock) => clock.now(),
            Kind::Os(clock) => clock.now(),
        }
    }
}
