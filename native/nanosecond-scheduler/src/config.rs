//! What a scheduler is made with.
use core::fmt;

use crate::handle::MAX_CAPACITY;

/// What happens to a task for which there is no room.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Overload {
    /// The newcomer is refused. Tasks in the inbox wait there, so that its submitters are refused in turn.
    #[default]
    Reject,
    /// The newcomer replaces a task of the lowest class that is below its own; without one it is refused.
    DropLowest,
    /// The newcomer replaces the task with the latest deadline, whatever the classes; it is refused if its own is the latest.
    DropLatest,
}

/// Sizes and rules of a scheduler. All memory is taken when it is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Config {
    /// Most tasks at a time, 1 to [`MAX_CAPACITY`]; default 65,536. 56 bytes each, beside 260 KiB for the wheels.
    pub capacity: usize,
    /// Nanoseconds of waiting that are worth one class; default 10 ms. 0 knows no classes, `u64::MAX` no ageing.
    pub ageing: u64,
    /// Nanoseconds after its deadline from which on a delivery counts as missed; default 1 ms.
    pub tolerance: u64,
    /// Most tasks that one tick may move between slots, at least 1; default 4,096, about 50 us. A tick that has spent
    /// them delivers what it has and says `more`.
    pub moves_per_tick: usize,
    /// What happens when there is no room; default [`Overload::Reject`].
    pub overload: Overload,
    /// Places of the inbox for other threads, at most [`MAX_CAPACITY`], rounded up to a power of two; default 0: none.
    pub inbox: usize,
    /// Dropped tasks that are remembered until they are asked for, at most [`MAX_CAPACITY`]; default 256. The ones beyond
    /// are only counted.
    pub dropped: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            capacity: 65_536,
            ageing: 10_000_000,
            tolerance: 1_000_000,
            moves_per_tick: 4096,
            overload: Overload::Reject,
            inbox: 0,
            dropped: 256,
        }
    }
}

impl Config {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if !(1..=MAX_CAPACITY).contains(&self.capacity) {
            return Err(ConfigError::Capacity(self.capacity));
        }
        if self.inbox > MAX_CAPACITY {
            return Err(ConfigError::Inbox(self.inbox));
        }
        if self.dropped > MAX_CAPACITY {
            return Err(ConfigError::Dropped(self.dropped));
        }
        if self.moves_per_tick == 0 {
            return Err(ConfigError::MovesPerTick);
        }
        Ok(())
    }
}

/// A size out of bounds, with its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ConfigError {
    /// `capacity` is 0 or above [`MAX_CAPACITY`].
    Capacity(usize),
    /// `inbox` is above [`MAX_CAPACITY`].
    Inbox(usize),
    /// `dropped` is above [`MAX_CAPACITY`].
    Dropped(usize),
    /// `moves_per_tick` is 0.
    MovesPerTick,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Capacity(value) => {
                write!(to, "Capacity {value} is not between 1 and {MAX_CAPACITY}")
            }
            Self::Inbox(value) => write!(to, "Inbox {value} is above {MAX_CAPACITY}"),
            Self::Dropped(value) => write!(to, "Dropped {value} is above {MAX_CAPACITY}"),
            Self::MovesPerTick => write!(to, "Moves per tick 0 would never deliver"),
        }
    }
}

impl core::error::Error for ConfigError {}

/// There is no room for the task, and the overload policy found no other to give way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Full;

impl fmt::Display for Full {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "No room for another task")
    }
}

impl core::error::Error for Full {}
