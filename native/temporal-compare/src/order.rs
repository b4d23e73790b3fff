//! Events in time: nanosecond stamps, in order or nearly so.

use alloc::collections::BinaryHeap;
use core::cmp::{Ordering, Reverse};

use crate::error::CompareError;
use crate::simd::{self, Extremes};

/// What a list of stamps looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderCheck {
    /// Index of the first stamp below the one before it.
    pub first_disorder: Option<usize>,
    /// Least difference of neighbours, ns; below 0 where they are out of order. `None` for fewer than two stamps.
    pub least_delta: Option<i64>,
    /// Greatest difference of neighbours, ns: the widest gap.
    pub greatest_delta: Option<i64>,
}

/// Difference of two stamps, ns; what does not fit is the nearest that does.
#[inline]
fn delta(before: u64, after: u64) -> i64 {
    let difference = after.wrapping_sub(before).cast_signed();
    // Right but where the difference needs 65 bits.
    if (after >= before) == (difference >= 0) {
        difference
    } else if after > before {
        i64::MAX
    } else {
        i64::MIN
    }
}

/// Where a difference needs 65 bits.
#[cold]
fn slow_extremes(stamps: &[u64]) -> Extremes {
    let start = Extremes::NONE;
    stamps
        .windows(2)
        .fold(start, |all, two| all.with(delta(two[0], two[1])))
}

/// Checks the order of stamps, ns. One pass.
#[must_use]
pub fn check_order(stamps: &[u64]) -> OrderCheck {
    if stamps.len() < 2 {
        return OrderCheck {
            first_disorder: None,
            least_delta: None,
            greatest_delta: None,
        };
    }
    let Extremes { least, greatest } =
        simd::extremes(stamps).unwrap_or_else(|| slow_extremes(stamps));
    let disorder = || {
        stamps
            .windows(2)
            .position(|two| two[1] < two[0])
            .map(|at| at + 1)
    };
    OrderCheck {
        first_disorder: if least < 0 { disorder() } else { None },
        least_delta: Some(least),
        greatest_delta: Some(greatest),
    }
}

/// Differences of neighbours, ns, signed, into `out`.
///
/// # Errors
///
/// [`CompareError::BadOption`] if `out` has not one place fewer than there are stamps (none for no stamp).
pub fn deltas(stamps: &[u64], out: &mut [i64]) -> Result<(), CompareError> {
    if out.len() != stamps.len().saturating_sub(1) {
        return Err(CompareError::BadOption {
            option: "out",
            must: "one shorter than the stamps",
        });
    }
    if !simd::deltas(stamps, out) {
        for (two, place) in stamps.windows(2).zip(out) {
            *place = delta(two[0], two[1]);
        }
    }
    Ok(())
}

/// An event of a [`TemporalSequence`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<T> {
    /// When it happened, ns since a moment of the caller's choice.
    pub stamp: u64,
    /// How many were pushed before it: the order among equal stamps.
    pub sequence: u64,
    /// What happened.
    pub value: T,
    /// Nanoseconds since the event handed out before it; 0 for the first.
    pub delta: u64,
}

#[derive(Clone, Debug)]
struct Waiting<T> {
    stamp: u64,
    sequence: u64,
    value: T,
}

impl<T> Waiting<T> {
    fn key(&self) -> (u64, u64) {
        (self.stamp, self.sequence)
    }
}

impl<T> PartialEq for Waiting<T> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<T> Eq for Waiting<T> {}

impl<T> PartialOrd for Waiting<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Waiting<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

/// Puts events that arrive a little out of order into order: by stamp, equal stamps as they arrived.
///
/// An event waits until one has arrived that is at least `window` newer, so what comes up to `window` too late still finds its
/// place.
/// Holds at most `capacity` events.
#[derive(Clone, Debug)]
pub struct TemporalSequence<T> {
    waiting: BinaryHeap<Reverse<Waiting<T>>>,
    window: u64,
    capacity: usize,
    newest: u64,
    /// Stamp of the last event handed out.
    handed_out: Option<u64>,
    pushed: u64,
    repaired: u64,
    late: u64,
    gap: u64,
    gaps: u64,
}

/// What a sequence has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrderStatistics {
    /// Events taken.
    pub pushed: u64,
    /// Those that came after a newer one, and were put in their place.
    pub repaired: u64,
    /// Those that were refused as too late.
    pub late: u64,
    /// Neighbours handed out that lay more than `gap` apart.
    pub gaps: u64,
    /// Events that wait.
    pub waiting: usize,
}

impl<T> TemporalSequence<T> {
    /// A sequence that waits `window` ns for what is late (0 = not at all), and counts distances above `gap` ns.
    ///
    /// # Errors
    ///
    /// [`CompareError::BadOption`] for a capacity of 0 or above 2^20.
    pub fn new(window: u64, gap: u64, capacity: usize) -> Result<Self, CompareError> {
        if capacity == 0 || capacity > 1 << 20 {
            return Err(CompareError::BadOption {
                option: "capacity",
                must: "1 to 1048576",
            });
        }
        Ok(Self {
            waiting: BinaryHeap::new(),
            window,
            capacity,
            newest: 0,
            handed_out: None,
            pushed: 0,
            repaired: 0,
            late: 0,
            gap,
            gaps: 0,
        })
    }

    /// Takes an event; returns its sequence number. O(log n) of the events that wait.
    ///
    /// # Errors
    ///
    /// [`CompareError::Late`] below the last stamp handed out: its place has passed. [`CompareError::TooLarge`] when
    /// `capacity` events wait: take some first.
    pub fn push(&mut self, stamp: u64, value: T) -> Result<u64, CompareError> {
        if let Some(horizon) = self.handed_out
            && stamp < horizon
        {
            self.late += 1;
            return Err(CompareError::Late { stamp, horizon });
        }
        if self.waiting.len() == self.capacity {
            let allowed = self.capacity as u64;
            return Err(CompareError::TooLarge {
                needed: allowed + 1,
                allowed,
            });
        }
        self.repaired += u64::from(stamp < self.newest);
        self.newest = self.newest.max(stamp);
        let sequence = self.pushed;
        self.pushed += 1;
        self.waiting.push(Reverse(Waiting {
            stamp,
            sequence,
            value,
        }));
        Ok(sequence)
    }

    /// The next event in order, if nothing can come before it any more: the newest stamp is at
    /// least `window` later.
    pub fn pop_ready(&mut self) -> Option<Event<T>> {
        let Reverse(first) = self.waiting.peek()?;
        if self.newest - first.stamp >= self.window {
            self.pop()
        } else {
            None
        }
    }

    /// The next event in order, however new: at the end of the stream, or to make room.
    pub fn pop(&mut self) -> Option<Event<T>> {
        let Reverse(Waiting {
            stamp,
            sequence,
            value,
        }) = self.waiting.pop()?;
        let delta = self.handed_out.map_or(0, |before| stamp - before);
        self.gaps += u64::from(delta > self.gap);
        self.handed_out = Some(stamp);
        Some(Event {
            stamp,
            sequence,
            value,
            delta,
        })
    }

    /// What it has seen.
    #[must_use]
    pub fn statistics(&self) -> OrderStatistics {
        OrderStatistics {
            pushed: self.pushed,
            repaired: self.repaired,
            late: self.late,
            gaps: self.gaps,
            waiting: self.waiting.len(),
        }
    }
}
