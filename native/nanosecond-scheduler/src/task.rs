//! What is scheduled and what comes back.
use core::num::NonZeroU64;

use crate::handle::Handle;

/// Number of priority classes.
pub const CLASSES: usize = 8;

/// A priority class: 0 is served first, 7 last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Class(u8);

impl Class {
    /// Served first.
    pub const HIGHEST: Self = Self(0);
    /// Served last.
    pub const LOWEST: Self = Self(CLASSES as u8 - 1);

    /// The class of a number from 0 to 7; nothing for any other.
    pub const fn new(number: u8) -> Option<Self> {
        if (number as usize) < CLASSES {
            Some(Self(number))
        } else {
            None
        }
    }

    /// The class of the low three bits.
    pub(crate) const fn of_bits(bits: u8) -> Self {
        Self(bits & Self::LOWEST.0)
    }

    /// From 0 to 7. The mask costs nothing and lets the compiler see the bound.
    #[inline]
    pub const fn number(self) -> u8 {
        self.0 & Self::LOWEST.0
    }

    pub(crate) const fn index(self) -> usize {
        self.number() as usize
    }
}

/// What to schedule. Times are nanoseconds on the caller's clock, whatever its zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Task {
    /// When it becomes due. The past means at the next tick; `u64::MAX` means practically never.
    pub deadline: u64,
    /// The caller's own number; the scheduler only hands it back.
    pub tag: u64,
    /// Priority; the highest unless said otherwise.
    pub class: Class,
    /// Time between deliveries; a task without one is delivered once.
    pub period: Option<NonZeroU64>,
}

impl Task {
    /// A task of the highest class, delivered once, with tag 0.
    pub const fn at(deadline: u64) -> Self {
        Self {
            deadline,
            tag: 0,
            class: Class::HIGHEST,
            period: None,
        }
    }

    /// With this tag.
    #[must_use]
    pub const fn tag(self, tag: u64) -> Self {
        Self { tag, ..self }
    }

    /// In this class.
    #[must_use]
    pub const fn class(self, class: Class) -> Self {
        Self { class, ..self }
    }

    /// Again and again at a fixed rate: at `deadline + k * period` for every whole `k`. A period of 0 means once.
    #[must_use]
    pub const fn every(self, period: u64) -> Self {
        Self {
            period: NonZeroU64::new(period),
            ..self
        }
    }
}

/// A task that a tick delivers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Due {
    /// The task's handle: no longer good unless the task is periodic.
    pub handle: Handle,
    /// As scheduled.
    pub tag: u64,
    /// When it was due, at or before the tick's time.
    pub deadline: u64,
    /// Periods after `deadline` that had also passed: they are folded into this delivery. 0 unless periodic; saturates.
    pub missed: u32,
    /// As scheduled.
    pub class: Class,
}

/// A task that will never be delivered because the scheduler was full.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Dropped {
    /// The victim's handle, no longer good; [`Handle::NONE`] for one that came through the inbox and was turned away.
    pub handle: Handle,
    /// As scheduled.
    pub tag: u64,
    /// As scheduled, or as rescheduled since.
    pub deadline: u64,
    /// As scheduled.
    pub class: Class,
}
