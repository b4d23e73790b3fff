//! Automatic delay: the first minimum of the average mutual information.
//!
//! Fraser, Swinney, Phys. Rev. A 33 (1986) 1134. Values are replaced by their ranks and put into
//! equally filled bins, so the estimate does not change under x -> a x + b.

use alloc::vec::Vec;

use crate::error::{Error, bounded};
#[cfg(not(feature = "std"))]
use crate::math::Math;
use crate::series::{check, prepared};

/// Bins per axis; 16 x 16 cells hold about 4 points each at N = 1000.
const BINS: usize = 16;

/// A local minimum counts if nothing lower follows within so many lags: one lag higher may be noise.
const LOOK_AHEAD: usize = 2;

/// Lag-1 correlation below which a series is a map's (or noise): its neighbours in time are the
/// only delay that shows the rule. Half the variance is new at every step there.
const MAP_CORRELATION: f64 = 0.5;

/// Correlation above which a delayed coordinate adds nothing; the information of clean data has
/// minima there that come from the bins.
const REDUNDANT: f64 = 0.85;

/// Scratch of the delay search.
#[derive(Debug, Default)]
pub(crate) struct DelayScratch {
    order: Vec<u32>,
    bins: Vec<u8>,
}

impl DelayScratch {
    pub(crate) fn reserve(&mut self, points: usize) {
        self.order.reserve(points);
        self.bins.reserve(points);
    }

    /// Puts each value into one of `BINS` equally filled bins; equal values share a bin.
    fn rank(&mut self, series: &[f64]) {
        self.order.clear();
        self.order.extend(0..series.len() as u32);
        self.order
            .sort_unstable_by(|a, b| series[*a as usize].total_cmp(&series[*b as usize]));
        self.bins.clear();
        self.bins.resize(series.len(), 0);
        let mut last = (f64::NEG_INFINITY, 0_u8);
        for (rank, index) in self.order.iter().enumerate() {
            let value = series[*index as usize];
            if value > last.0 {
                last = (value, (rank * BINS / series.len()) as u8);
            }
            self.bins[*index as usize] = last.1;
        }
    }

    /// Mutual information of x(t) and x(t + lag) in nats.
    fn information(&self, lag: usize) -> f64 {
        let mut cells = [0_u32; BINS * BINS];
        let later = &self.bins[lag..];
        for (a, b) in self.bins.iter().zip(later) {
            cells[usize::from(*a) * BINS + usize::from(*b)] += 1;
        }
        let (mut rows, mut columns) = ([0_u32; BINS], [0_u32; BINS]);
        for (cell, count) in cells.iter().enumerate() {
            rows[cell / BINS] += count;
            columns[cell % BINS] += count;
        }
        let term = |count: &u32| {
            let count = f64::from(*count);
            if count > 0.0 { count * count.ln() } else { 0.0 }
        };
        let total = later.len() as f64;
        let sum = cells.iter().map(term).sum::<f64>()
            - rows.iter().map(term).sum::<f64>()
            - columns.iter().map(term).sum::<f64>();
        sum / total + total.ln()
    }

    /// The delay for a normalised series, searched up to `most`.
    pub(crate) fn select(&mut self, series: &[f64], most: usize) -> usize {
        let most = most.min(series.len() / 4).max(1);
        if correlation(series, 1) < MAP_CORRELATION {
            return 1;
        }
        self.rank(series);
        // What independent series of this length show on average (Roulston 1999), twice over.
        let floor = (BINS * BINS) as f64 / series.len() as f64;
        let (mut best, mut least) = (1, f64::INFINITY);
        for lag in 1..=most {
            let linear = correlation(series, lag);
            if linear > REDUNDANT && lag < most {
                continue;
            }
            let information = self.information(lag);
            if information < least {
                (best, least) = (lag, information);
            } else if lag - best >= LOOK_AHEAD {
                break;
            }
            // Past the first zero of the correlation a delay only folds the picture.
            if information < floor || linear <= 0.0 {
                break;
            }
        }
        best
    }
}

/// Correlation of a normalised series with itself `lag` samples later.
pub(crate) fn correlation(series: &[f64], lag: usize) -> f64 {
    let later = &series[lag.min(series.len())..];
    let sum: f64 = series.iter().zip(later).map(|(a, b)| a * b).sum();
    sum / later.len().max(1) as f64
}

/// Average mutual information of x(t) and x(t + lag) in nats, for lags 1 to `most`.
///
/// # Errors
///
/// Refuses empty, non-finite, constant and oversized series, fewer than 64 points, and `most`
/// outside 1 to a quarter of the length.
pub fn mutual_information(values: &[f64], most: usize) -> Result<Vec<f64>, Error> {
    let series = prepared(values, 64)?;
    bounded("most", most, 1, series.len() / 4)?;
    let mut scratch = DelayScratch::default();
    scratch.rank(&series);
    Ok((1..=most).map(|lag| scratch.information(lag)).collect())
}

/// The delay at the first minimum of the mutual information, or at the first zero of the correlation
/// if that comes first; at most `most`.
///
/// 1 for series whose neighbouring values correlate by less than 0.5 (maps, noise): there the
/// information falls from the first step on and a minimum would be one of the noise.
///
/// # Errors
///
/// As [`mutual_information`].
///
/// # Examples
///
/// ```
/// let sine: Vec<f64> = (0..2000).map(|t| (f64::from(t) * 0.1).sin()).collect();
/// let delay = midstream_temporal_attractor_studio::delay(&sine, 100)?;
/// assert!((5..=16).contains(&delay)); // up to a quarter of the period of 63 samples
/// # Ok::<(), midstream_temporal_attractor_studio::Error>(())
/// ```
pub fn delay(values: &[f64], most: usize) -> Result<usize, Error> {
    check(values, 64)?;
    bounded("most", most, 1, values.len() / 4)?;
    Ok(DelayScratch::default().select(&prepared(values, 64)?, most))
}
