//! The 0-1 test for chaos: Gottwald, Melbourne, SIAM J. Appl. Dyn. Syst. 8 (2009) 129.
//!
//! A secondary vote only. It calls noise chaos (K = 1) and oversampled chaos regular (K = 0), so it
//! is asked only of series that have passed the test for determinism, and only on samples that are
//! one delay apart.

use alloc::vec::Vec;
use core::f64::consts::PI;

use crate::error::{Error, bounded};
#[cfg(not(feature = "std"))]
use crate::math::Math;
use crate::random::Random;
use crate::series::prepared;

/// Frequencies that are tried; K is their median.
const FREQUENCIES: usize = 64;
/// Most samples that are used; K is settled by then and the cost is their square.
const WINDOW: usize = 1024;

/// Scratch of the test.
#[derive(Debug, Default)]
pub(crate) struct ZeroOneScratch {
    samples: Vec<f64>,
    p: Vec<f64>,
    q: Vec<f64>,
    spread: Vec<f64>,
    votes: Vec<f64>,
}

impl ZeroOneScratch {
    pub(crate) fn reserve(&mut self) {
        for buffer in [&mut self.samples, &mut self.p, &mut self.q] {
            buffer.reserve(WINDOW);
        }
        self.spread.reserve(WINDOW / 10);
        self.votes.reserve(FREQUENCIES);
    }

    /// K of a normalised series decimated by `every`.
    pub(crate) fn test(&mut self, series: &[f64], every: usize) -> f64 {
        let kept = (series.len() / every.max(1)).min(WINDOW);
        let from = series.len() - kept * every.max(1);
        self.samples.clear();
        self.samples
            .extend(series[from..].iter().step_by(every.max(1)));
        let mean = self.samples.iter().sum::<f64>() / kept.max(1) as f64;
        self.samples.iter_mut().for_each(|value| *value -= mean);
        let mut random = Random::new(1);
        self.votes.clear();
        for _ in 0..FREQUENCIES {
            // Outside this range every process resonates with the walk.
            let vote = self.growth(PI / 5.0 + random.unit() * 3.0 * PI / 5.0);
            self.votes.push(vote);
        }
        self.votes.sort_unstable_by(f64::total_cmp);
        f64::midpoint(self.votes[FREQUENCIES / 2 - 1], self.votes[FREQUENCIES / 2])
    }

    /// Correlation of the walk's mean square displacement with time: 1 if it diffuses.
    fn growth(&mut self, frequency: f64) -> f64 {
        let (mut p, mut q) = (0.0, 0.0);
        self.p.clear();
        self.q.clear();
        for (time, value) in self.samples.iter().enumerate() {
            let (sine, cosine) = (frequency * time as f64).sin_cos();
            p += value * cosine;
            q += value * sine;
            self.p.push(p);
            self.q.push(q);
        }
        let most = self.samples.len() / 10;
        let base = self.samples.len() - most;
        self.spread.clear();
        for gap in 1..=most {
            let square = |walk: &[f64]| -> f64 {
                let pairs = walk[..base].iter().zip(&walk[gap..]);
                pairs.map(|(a, b)| (b - a) * (b - a)).sum()
            };
            self.spread
                .push((square(&self.p) + square(&self.q)) / base as f64);
        }
        let line = crate::series::fit(&self.spread);
        line.slope.signum() * line.r_squared.sqrt()
    }
}

/// K of the 0-1 test: near 0 for regular and near 1 for chaotic (or random) motion.
///
/// `every`: keep one sample in so many; the delay of the embedding is right, 1 for maps.
///
/// # Errors
///
/// Refuses empty, non-finite, constant and oversized series and fewer than 200 kept samples.
pub fn zero_one(values: &[f64], every: usize) -> Result<f64, Error> {
    bounded("every", every, 1, values.len().max(1))?;
    let series = prepared(values, 200 * every)?;
    Ok(ZeroOneScratch::default().test(&series, every))
}
