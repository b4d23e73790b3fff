//! What a scheduler counts.
use crate::task::{CLASSES, Class};

/// Counts of durations by powers of two.
///
/// Bucket 0 holds 0 ns, bucket `i` holds 2^(i-1) to 2^i - 1 ns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Histogram {
    buckets: [u64; Self::BUCKETS],
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            buckets: [0; Self::BUCKETS],
        }
    }
}

impl Histogram {
    /// Number of buckets: one for 0 and one for each bit of a `u64`.
    pub const BUCKETS: usize = 65;

    #[inline]
    pub(crate) fn record(&mut self, nanoseconds: u64) {
        let bucket = (u64::BITS - nanoseconds.leading_zeros()) as usize;
        self.buckets[bucket] += 1;
    }

    /// The counts.
    pub fn buckets(&self) -> &[u64; Self::BUCKETS] {
        &self.buckets
    }

    /// Number of durations counted.
    pub fn total(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// Longest duration of the bucket that holds this quantile (0 to 1, clamped): at most twice the true value. 0 if empty.
    pub fn quantile(&self, quantile: f64) -> u64 {
        let total = self.total();
        #[expect(clippy::cast_sign_loss, reason = "clamped; a NaN becomes 0")]
        let wanted = (quantile.clamp(0.0, 1.0) * total as f64) as u64;
        // Without `ceil`, which needs `std`: the smallest count that covers the quantile, and at least one.
        let wanted = if (wanted as f64) < quantile * total as f64 {
            wanted + 1
        } else {
            wanted
        };
        let wanted = wanted.clamp(u64::from(total > 0), total);
        let mut seen = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= wanted && seen > 0 {
                return if bucket == 0 {
                    0
                } else {
                    u64::MAX >> (Self::BUCKETS - 1 - bucket)
                };
            }
        }
        0
    }
}

/// Counts since the scheduler was made, except `depth`, which is of now.
///
/// Every accepted task is in `depth`, or was delivered for the last time, cancelled or dropped.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Statistics {
    /// Tasks accepted, from the inbox too; a periodic one once.
    pub scheduled: u64,
    /// Of these, deadlines before everything delivered so far: they cost O(log n) instead of O(1).
    pub scheduled_late: u64,
    /// Deliveries per class; a periodic task counts each time.
    pub delivered: [u64; CLASSES],
    /// Deliveries per class later than `Config::tolerance`.
    pub missed: [u64; CLASSES],
    /// Periods of periodic tasks folded into a later delivery; saturates.
    pub coalesced: u64,
    /// Tasks cancelled by their handle.
    pub cancelled: u64,
    /// Deliveries after which a periodic task was kept.
    pub renewed: u64,
    /// Deadlines changed by the handle.
    pub rescheduled: u64,
    /// Tasks refused for want of room, without those that the inbox refused.
    pub rejected: u64,
    /// Accepted tasks that gave way to others, per class.
    pub dropped: [u64; CLASSES],
    /// Dropped or rejected tasks whose report was lost because nobody asked for it in time.
    pub unreported: u64,
    /// Tasks held now, per class.
    pub depth: [u32; CLASSES],
    /// Places given up after 2^32 uses; each lowers the capacity by one.
    pub retired: u32,
    /// Movements between slots.
    pub moves: u64,
    /// Ticks that ended early because their movements were spent.
    pub exhausted: u64,
    /// Ticks whose time was before an earlier tick's.
    pub clock_regressions: u64,
    /// Tick's time minus deadline, in nanoseconds, of every delivery. Only as good as the times the caller passes.
    pub lateness: Histogram,
}

/// What a few deliveries of one class add to the counts.
#[derive(Default)]
pub(crate) struct Tally {
    pub delivered: u64,
    pub missed: u64,
    /// Deliveries after which the task was not kept.
    pub ended: u32,
}

impl Statistics {
    pub(crate) fn add(&mut self, class: Class, tally: &Tally) {
        self.delivered[class.index()] += tally.delivered;
        self.missed[class.index()] += tally.missed;
        self.depth[class.index()] -= tally.ended;
    }

    /// Nothing is counted per task that follows from other counts.
    pub(crate) fn with_scheduled(&self, live: usize) -> Self {
        let delivered: u64 = self.delivered.iter().sum();
        let dropped: u64 = self.dropped.iter().sum();
        let ended = delivered - self.renewed + self.cancelled + dropped;
        Self {
            scheduled: live as u64 + ended,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_the_longest_duration_of_its_bucket() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile(0.5), 0);
        for nanoseconds in [0, 1, 2, 3, 4, 100, 1000, u64::MAX] {
            histogram.record(nanoseconds);
        }
        assert_eq!(histogram.total(), 8);
        assert_eq!(histogram.quantile(0.0), 0);
        assert_eq!(histogram.quantile(0.125), 0);
        assert_eq!(histogram.quantile(0.25), 1);
        assert_eq!(histogram.quantile(0.5), 3);
        assert_eq!(histogram.quantile(0.75), 127);
        assert_eq!(histogram.quantile(0.875), 1023);
        assert_eq!(histogram.quantile(1.0), u64::MAX);
        assert_eq!(histogram.quantile(f64::NAN), 0);
        assert_eq!(histogram.quantile(7.0), u64::MAX);
    }
}
