//! The order across classes.
use crate::task::{CLASSES, Class};

/// What tasks of different classes are compared by: the smaller goes first.
///
/// The first number is the deadline plus the class's handicap, `class * ageing` nanoseconds (saturating); the second is the
/// class. Waiting does not change it, so every order by it is free of surprises: a task of class c is overtaken only by tasks
/// whose deadlines are less than `c * ageing` after its own, hence waits for finitely many, however the classes above are
/// flooded. That is ageing without a clock: the same order as a bonus of one class for every `ageing` nanoseconds waited.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank(pub u64, pub u8);

impl Rank {
    /// After every task.
    pub const NONE: Self = Self(u64::MAX, u8::MAX);
}

pub(crate) struct Ranks {
    handicaps: [u64; CLASSES],
}

impl Ranks {
    pub fn new(ageing: u64) -> Self {
        Self {
            handicaps: core::array::from_fn(|class| ageing.saturating_mul(class as u64)),
        }
    }

    #[inline]
    pub fn of(&self, class: Class, deadline: u64) -> Rank {
        Rank(
            deadline.saturating_add(self.handicaps[class.index()]),
            class.number(),
        )
    }
}
