//! The stretches of a series that are nearest to a pattern, exactly.
//!
//! Best first: the stretch with the least lower bound is looked at more closely (ends, then envelopes, then the distance
//! itself, abandoned above the best distance known), until the least bound of all is a distance. So every distance that
//! is computed to the end is one that the answer needs. A scan with "the k-th best so far" as its cutoff would not be
//! exact: with an exclusion zone a better match can push out two worse ones, and the k-th best then rises again.

use alloc::collections::BinaryHeap;
use alloc::vec::Vec;
use core::cmp::{Ordering, Reverse};

use super::bounds::{Envelope, below, ends, outside};
use super::{PatternMatch, SearchOptions, SearchWork};
use crate::dtw::{Cost, Dtw, check_series};
use crate::error::CompareError;
use crate::simd::Task;

/// Most samples of a series: 16 bytes each are held while it is searched, and 16 for its envelope.
const MAX_SERIES: usize = 1 << 22;

/// Finds patterns; keep one for each thread, so that repeated calls allocate nothing.
#[derive(Clone, Debug, Default)]
pub struct PatternSearch {
    dtw: Dtw<f64>,
    of_pattern: Envelope,
    of_series: Envelope,
    open: Vec<Reverse<Candidate>>,
    exact: Vec<Reverse<Candidate>>,
}

/// A stretch and what is known of its distance. Ordered by the bound, then the start.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    bound: f64,
    start: u32,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Ends,
    Envelopes,
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Candidate {}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bound
            .total_cmp(&other.bound)
            .then(self.start.cmp(&other.start))
    }
}

impl PatternSearch {
    /// A workspace; allocates nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes that the buffers hold.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.dtw.bytes()
            + self.of_pattern.bytes()
            + self.of_series.bytes()
            + (self.open.capacity() + self.exact.capacity()) * size_of::<Candidate>()
    }

    /// The stretches nearest to the pattern, nearest first, equally near ones by their start: the nearest of all, then
    /// the nearest of those that start at least `exclusion` samples from it, and so on up to `k`.
    ///
    /// Every stretch is as long as the pattern; for matches of any length see
    /// [`PatternStream`](super::PatternStream). Samples are compared as they are: scale both sides before.
    ///
    /// # Errors
    ///
    /// [`CompareError::Empty`], [`CompareError::NotFinite`], [`CompareError::TooLarge`] (a series of more than 2^22
    /// samples, or more than `max_cells` of work), [`CompareError::BadOption`], and [`CompareError::Overflow`] if the
    /// samples lie so far apart that a distance may be no finite float.
    pub fn find(
        &mut self,
        series: &[f64],
        pattern: &[f64],
        options: &SearchOptions,
        found: &mut Vec<PatternMatch>,
    ) -> Result<SearchWork, CompareError> {
        found.clear();
        check(series, pattern, options)?;
        if pattern.len() > series.len() {
            return Ok(SearchWork::default());
        }
        match options.cost {
            Cost::Squared => self.search(series, pattern, options, found, |x| x * x),
            Cost::Absolute => self.search(series, pattern, options, found, f64::abs),
        }
    }

    fn search(
        &mut self,
        series: &[f64],
        pattern: &[f64],
        options: &SearchOptions,
        found: &mut Vec<PatternMatch>,
        cost: impl Fn(f64) -> f64 + Copy,
    ) -> Result<SearchWork, CompareError> {
        let len = pattern.len();
        let radius = options.window.unwrap_or(len).min(len);
        let limit = options.max_distance.unwrap_or(f64::INFINITY);
        let apart = options.exclusion.unwrap_or(len.div_ceil(2));
        let mut work = SearchWork::default();
        self.of_pattern.fill(pattern, radius);
        self.of_series.fill(series, radius);
        let mut open = self.stretches(series, pattern, limit, cost, &mut work);
        let mut exact = core::mem::take(&mut self.exact);
        exact.clear();
        let mut exact = BinaryHeap::from(exact);
        let free = |found: &[PatternMatch], start: u32| {
            found
                .iter()
                .all(|one| one.start.abs_diff(start as usize) >= apart)
        };
        let outcome = loop {
            while exact
                .peek()
                .is_some_and(|Reverse(best)| !free(found, best.start))
            {
                exact.pop();
            }
            let best = exact
                .peek()
                .map_or(f64::INFINITY, |Reverse(best)| best.bound);
            let Some(Reverse(next)) = open.peek().copied().filter(|next| next.0.bound <= best)
            else {
                let Some(Reverse(best)) = exact.pop() else {
                    break Ok(work);
                };
                found.push(PatternMatch {
                    start: best.start as usize,
                    distance: best.bound,
                });
                if found.len() == options.k {
                    break Ok(work);
                }
                continue;
            };
            open.pop();
            if !free(found, next.start) {
                continue;
            }
            let start = next.start as usize;
            let stretch = &series[start..start + len];
            if next.stage == Stage::Ends {
                work.bounded += 1;
                work.cells += len as u64;
                let bound = self.envelopes(pattern, stretch, start, cost);
                if bound <= limit {
                    let bound = bound.max(next.bound);
                    open.push(Reverse(Candidate {
                        bound,
                        stage: Stage::Envelopes,
                        ..next
                    }));
                }
                continue;
            }
            work.distances += 1;
            work.cells += (len * (2 * radius + 1).min(len)) as u64;
            if work.cells > options.max_cells {
                break Err(CompareError::TooLarge {
                    needed: work.cells,
                    allowed: options.max_cells,
                });
            }
            let cutoff = best.min(limit);
            let task = Task {
                rows: pattern,
                cols: stretch,
                dims: 1,
                squared: options.cost == Cost::Squared,
                window: options.window,
                cutoff,
            };
            let distance = self.dtw.solve(task);
            if distance <= cutoff {
                exact.push(Reverse(Candidate {
                    bound: distance,
                    ..next
                }));
            } else if cutoff < limit {
                // Only known to be above the best one: it waits until that one is taken, or stands in nobody's way.
                open.push(Reverse(Candidate {
                    bound: cutoff.next_up(),
                    ..next
                }));
            }
        };
        (self.open, self.exact) = (open.into_vec(), exact.into_vec());
        outcome
    }

    /// All stretches that their ends do not rule out.
    fn stretches(
        &mut self,
        series: &[f64],
        pattern: &[f64],
        limit: f64,
        cost: impl Fn(f64) -> f64 + Copy,
        work: &mut SearchWork,
    ) -> BinaryHeap<Reverse<Candidate>> {
        let mut open = core::mem::take(&mut self.open);
        open.clear();
        work.stretches = (series.len() - pattern.len() + 1) as u64;
        work.cells = work.stretches;
        for (start, stretch) in series.windows(pattern.len()).enumerate() {
            let bound = below(ends(pattern, stretch, cost), 2);
            if bound <= limit {
                open.push(Reverse(Candidate {
                    bound,
                    start: start as u32,
                    stage: Stage::Ends,
                }));
            }
        }
        BinaryHeap::from(open)
    }

    /// The greater of the bounds by the envelope of either side.
    fn envelopes(
        &self,
        pattern: &[f64],
        stretch: &[f64],
        start: usize,
        cost: impl Fn(f64) -> f64 + Copy,
    ) -> f64 {
        let len = pattern.len();
        let of_pattern = outside(
            stretch,
            &self.of_pattern.lower,
            &self.of_pattern.upper,
            cost,
        );
        // It may look beyond the stretch, which makes it wider, and the bound smaller.
        let of_series = outside(
            pattern,
            &self.of_series.lower[start..start + len],
            &self.of_series.upper[start..start + len],
            cost,
        );
        below(of_pattern.max(of_series), len)
    }
}

fn check(series: &[f64], pattern: &[f64], options: &SearchOptions) -> Result<(), CompareError> {
    check_series("series", series, 1)?;
    check_series("pattern", pattern, 1)?;
    if series.len() > MAX_SERIES {
        return Err(CompareError::TooLarge {
            needed: series.len() as u64,
            allowed: MAX_SERIES as u64,
        });
    }
    if options.k == 0 {
        return Err(CompareError::BadOption {
            option: "k",
            must: "at least 1",
        });
    }
    if options
        .max_distance
        .is_some_and(|most| most.is_nan() || most < 0.0)
    {
        return Err(CompareError::BadOption {
            option: "max_distance",
            must: "a number of at least 0",
        });
    }
    // No path is longer than both sides, and no cell costs more than the two samples that lie furthest apart.
    let all = || series.iter().chain(pattern);
    let least = all().fold(f64::INFINITY, |a, &b| a.min(b));
    let most = all().fold(f64::NEG_INFINITY, |a, &b| a.max(b));
    let apart = most - least;
    let cell = if options.cost == Cost::Squared {
        apart * apart
    } else {
        apart
    };
    if (cell * 2.0 * pattern.len() as f64).is_finite() {
        Ok(())
    } else {
        Err(CompareError::Overflow)
    }
}
