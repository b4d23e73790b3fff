//! Where the time comes from: nanoseconds since the clock was made, never backwards.
//!
//! The scheduler reads no clock; these are for its callers. A gateway in TypeScript passes its own time instead.
mod counter;
mod manual;
#[cfg(feature = "std")]
mod os;
#[cfg(feature = "std")]
mod system;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod tsc;

pub use counter::{Counter, CounterClock};
pub use manual::ManualClock;
#[cfg(feature = "std")]
pub use os::OsClock;
#[cfg(feature = "std")]
pub use system::SystemClock;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
pub use tsc::Tsc;

/// Tells the time.
pub trait Clock {
    /// Nanoseconds since some zero of the clock's own; not below any earlier answer, except from a [`ManualClock`].
    fn now(&self) -> u64;
}
