//! Patterns in an unbounded series: SPRING (Sakurai, Faloutsos and Yamamuro 2007).
//!
//! One column of the matrix of the pattern against the stream is kept, where a path may begin at any tick; beside each
//! cell stands the tick at which its path began.

use alloc::vec::Vec;

use crate::dtw::{Cost, check_series};
use crate::error::CompareError;
use crate::real::smaller;

/// Most samples of a pattern.
const MAX_PATTERN: usize = 1 << 16;

/// A stretch of the stream: samples `start..end`, counted from the first one pushed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StreamMatch {
    /// Index of its first sample.
    pub start: u64,
    /// Index after its last sample.
    pub end: u64,
    /// Its distance from the pattern: a DTW distance without a window, see [`PatternStream`].
    pub distance: f64,
}

/// Finds the stretches of a stream, of any length, that are near to a pattern.
///
/// For each end, the nearest stretch of all starts counts. Where it is within `max_distance` it is reported, or it overlaps
/// a match, or one of its kind that is nearer. A match is at least as near as all of these that overlap it and no earlier match.
///
/// [`PatternStream::best`] and the distances up to the first match are exact. A match makes the stream forget the paths that
/// overlap it, also where they hid a path that did not: a later distance is that of a path between the two stretches, but
/// it may be above the least one. So nothing is reported that is not within `max_distance`; what is exact in all cases
/// would take memory without bound.
///
/// A push takes O(m) time for a pattern of m samples, allocates nothing, and does not depend on how long the stream is.
/// Memory: 24 bytes a sample of the pattern.
#[derive(Clone, Debug)]
pub struct PatternStream {
    pattern: Vec<f64>,
    distances: Vec<f64>,
    starts: Vec<u64>,
    cost: Cost,
    ticks: u64,
    tracker: Tracker,
}

/// What one pattern has found.
#[derive(Clone, Debug)]
pub(super) struct Tracker {
    max_distance: f64,
    pending: Option<StreamMatch>,
    best: Option<StreamMatch>,
}

impl Tracker {
    pub fn new(max_distance: f64) -> Self {
        Self {
            max_distance,
            pending: None,
            best: None,
        }
    }

    /// The pending match, if no path that overlaps it can still be nearer. `cells`: distances, and where they began.
    #[inline]
    pub fn due(&mut self, mut cells: impl Iterator<Item = (f64, u64)>) -> Option<StreamMatch> {
        let pending = self.pending?;
        if cells.any(|(distance, start)| distance < pending.distance && start < pending.end) {
            return None;
        }
        self.pending.take()
    }

    /// Looks at the last cell of a column: its distance, and where it began.
    #[inline]
    pub fn see(&mut self, (distance, start): (f64, u64), end: u64, report: Option<StreamMatch>) {
        // The last cell may have been forgotten with the report.
        let seen = if report.is_some_and(|report| start < report.end) {
            f64::INFINITY
        } else {
            distance
        };
        let here = StreamMatch {
            start,
            end,
            distance: seen,
        };
        let nearer = |than: Option<StreamMatch>| than.is_none_or(|than| seen < than.distance);
        if seen < f64::INFINITY && nearer(self.best) {
            self.best = Some(here);
        }
        if self.max_distance < f64::INFINITY && seen <= self.max_distance && nearer(self.pending) {
            self.pending = Some(here);
        }
    }

    pub fn take(&mut self) -> Option<StreamMatch> {
        self.pending.take()
    }

    pub fn best(&self) -> Option<StreamMatch> {
        self.best
    }

    pub fn reset(&mut self) {
        (self.pending, self.best) = (None, None);
    }
}

/// Refuses what is no pattern, or no largest distance.
pub(super) fn check_pattern(pattern: &[f64], max_distance: f64) -> Result<(), CompareError> {
    check_series("pattern", pattern, 1)?;
    if pattern.len() > MAX_PATTERN {
        return Err(CompareError::TooLarge {
            needed: pattern.len() as u64,
            allowed: MAX_PATTERN as u64,
        });
    }
    if max_distance.is_nan() || max_distance < 0.0 {
        return Err(CompareError::BadOption {
            option: "max_distance",
            must: "a number of at least 0",
        });
    }
    Ok(())
}

impl PatternStream {
    /// A stream that has seen nothing yet. `max_distance`: the largest distance that [`PatternStream::push`] reports;
    /// infinity = report nothing, keep the [`PatternStream::best`] only.
    ///
    /// # Errors
    ///
    /// [`CompareError::Empty`], [`CompareError::NotFinite`], [`CompareError::TooLarge`] above 65,536 samples,
    /// [`CompareError::BadOption`].
    pub fn new(pattern: &[f64], max_distance: f64, cost: Cost) -> Result<Self, CompareError> {
        check_pattern(pattern, max_distance)?;
        Ok(Self {
            pattern: pattern.to_vec(),
            distances: alloc::vec![f64::INFINITY; pattern.len()],
            starts: alloc::vec![0; pattern.len()],
            cost,
            ticks: 0,
            tracker: Tracker::new(max_distance),
        })
    }

    /// Takes the next sample. Returns a match once no stretch that overlaps it can be nearer any more: the nearest of a
    /// group of overlapping stretches, and no two matches overlap.
    ///
    /// # Errors
    ///
    /// [`CompareError::NotFinite`] with the number of samples taken so far; the sample is left out, and the stream goes
    /// on with the next one.
    #[inline]
    pub fn push(&mut self, value: f64) -> Result<Option<StreamMatch>, CompareError> {
        if !value.is_finite() {
            return Err(CompareError::NotFinite {
                argument: "value",
                index: self.ticks as usize,
            });
        }
        let (distance, start) = match self.cost {
            Cost::Squared => self.column(value, |x| x * x),
            Cost::Absolute => self.column(value, f64::abs),
        };
        self.ticks += 1;
        let cells = self.distances.iter().copied();
        let report = (self.tracker).due(cells.zip(self.starts.iter().copied()));
        if let Some(report) = report {
            self.forget_before(report.end);
        }
        self.tracker.see((distance, start), self.ticks, report);
        Ok(report)
    }

    /// One column; returns the last cell and where its path began.
    #[inline]
    fn column(&mut self, value: f64, cost: impl Fn(f64) -> f64) -> (f64, u64) {
        let cells = self.distances.iter_mut().zip(&mut self.starts);
        let mut cells = cells.zip(&self.pattern);
        let Some(((distance, start), &sample)) = cells.next() else {
            return (f64::INFINITY, 0);
        };
        // A path may begin here at no cost, so no earlier one is better.
        let (mut corner, mut corner_start) = (*distance, *start);
        let (mut left, mut left_start) = (cost(value - sample), self.ticks);
        (*distance, *start) = (left, left_start);
        for ((distance, start), &sample) in cells {
            let (above, above_start) = (*distance, *start);
            // What does not wait for the cell before comes first.
            let known = smaller(corner, above);
            let known_start = if above <= corner {
                above_start
            } else {
                corner_start
            };
            left_start = if left <= known {
                left_start
            } else {
                known_start
            };
            left = cost(value - sample) + smaller(left, known);
            (corner, corner_start) = (above, above_start);
            (*distance, *start) = (left, left_start);
        }
        (left, left_start)
    }

    /// Ends the paths that began before this tick.
    fn forget_before(&mut self, tick: u64) {
        for (distance, start) in self.distances.iter_mut().zip(&self.starts) {
            if *start < tick {
                *distance = f64::INFINITY;
            }
        }
    }

    /// Ends the stream: the match that was still waiting, if any. The stream then begins anew.
    pub fn finish(&mut self) -> Option<StreamMatch> {
        let pending = self.tracker.take();
        self.reset();
        pending
    }

    /// The nearest stretch so far; with a finite `max_distance` stretches that overlap an earlier match do not count.
    #[must_use]
    pub fn best(&self) -> Option<StreamMatch> {
        self.tracker.best()
    }

    /// Samples taken so far.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.ticks
    }

    /// Forgets the stream, not the pattern.
    pub fn reset(&mut self) {
        self.distances.fill(f64::INFINITY);
        self.ticks = 0;
        self.tracker.reset();
    }

    /// Bytes held; the same from the first sample to the last.
    #[must_use]
    pub fn bytes(&self) -> usize {
        (self.pattern.capacity() + self.distances.capacity() + self.starts.capacity()) * 8
    }
}
