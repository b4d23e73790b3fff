//! Is there a rule? Forecasts by the nearest neighbour, against the same on surrogates.
//!
//! Surrogates keep what a linear process with a static read-out can know. A series whose future its
//! neighbours foretell much better than the surrogates' neighbours do has a rule beyond that. The
//! *ratio* decides, not the rank among surrogates: the rank rejects half of all random walks.

use alloc::vec::Vec;

use crate::embedding::Embedding;
use crate::error::{Error, bounded};
use crate::fft::usable_length;
use crate::lines::variance;
#[cfg(not(feature = "std"))]
use crate::math::Math;
use crate::neighbours::Neighbours;
use crate::random::Random;
use crate::series::prepared;
use crate::surrogate::Surrogates;

/// Most points that are looked at: bounds the cost at about ten milliseconds.
const WINDOW: usize = 2048;
/// Surrogates; the mean of five is good to a few percent, which is enough for a threshold on the
/// ratio (a rank test at 5 % would need nineteen).
const SURROGATES: u64 = 5;
/// Points whose future is forecast.
const FORECASTS: usize = 512;
/// Seed of the surrogates: the same series always gets the same answer.
const SEED: u64 = 0x4d69_6453_7472_6561;

/// What the test found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Determinism {
    /// Error of the forecasts, 0 for a perfect rule and 1 for a forecast by a random value.
    pub error: f64,
    /// Mean error over the surrogates.
    pub surrogate_error: f64,
    /// `error / surrogate_error`: below 0.3 there is a rule, above 0.6 there is none to be seen.
    pub ratio: f64,
}

/// Scratch of the test.
#[derive(Debug, Default)]
pub(crate) struct DeterminismScratch {
    surrogates: Surrogates,
    surrogate: Vec<f64>,
    single: Vec<f32>,
    tree: Neighbours,
}

impl DeterminismScratch {
    pub(crate) fn reserve(&mut self, points: usize) {
        let points = points.min(WINDOW);
        self.surrogates.reserve(points);
        self.surrogate.reserve(points);
        self.single.reserve(points);
        self.tree.reserve(points);
    }

    /// The test on a normalised series; `horizon` samples ahead of the last coordinate.
    pub(crate) fn test(
        &mut self,
        series: &[f64],
        embedding: Embedding,
        theiler: usize,
        horizon: usize,
    ) -> Determinism {
        let window = closed_window(series);
        let error = self.forecast(window, embedding, theiler, horizon);
        self.surrogates.learn(window);
        let mut random = Random::new(SEED);
        let mut buffer = core::mem::take(&mut self.surrogate);
        buffer.clear();
        buffer.resize(window.len(), 0.0);
        let mut sum = 0.0;
        for _ in 0..SURROGATES {
            self.surrogates.draw(&mut random, &mut buffer);
            sum += self.forecast(&buffer, embedding, theiler, horizon);
        }
        self.surrogate = buffer;
        let surrogate_error = sum / SURROGATES as f64;
        let ratio = if surrogate_error > 0.0 {
            error / surrogate_error
        } else {
            1.0
        };
        Determinism {
            error,
            surrogate_error,
            ratio,
        }
    }

    /// The error on the series alone.
    pub(crate) fn error(
        &mut self,
        series: &[f64],
        embedding: Embedding,
        theiler: usize,
        horizon: usize,
    ) -> f64 {
        self.forecast(closed_window(series), embedding, theiler, horizon)
    }

    /// Root mean square error of forecasts over that of random pairs.
    fn forecast(
        &mut self,
        series: &[f64],
        embedding: Embedding,
        theiler: usize,
        horizon: usize,
    ) -> f64 {
        self.single.clear();
        self.single.extend(series.iter().map(|value| *value as f32));
        let ahead = embedding.span() + horizon;
        let count = series.len().saturating_sub(ahead);
        self.tree.build(&self.single, embedding, count);
        let (mut sum, mut asked) = (0.0, 0_u32);
        for time in (0..count).step_by((count / FORECASTS).max(1)) {
            let found = self.tree.nearest(&self.single, time, theiler);
            if found.exists() {
                let gap = series[time + ahead] - series[found.index as usize + ahead];
                sum += gap * gap;
                asked += 1;
            }
        }
        let spread = variance(series);
        if asked == 0 || spread == 0.0 {
            return 1.0;
        }
        (sum / f64::from(asked) / 2.0 / spread).sqrt()
    }
}

/// The longest stretch within the bound, placed so that its ends meet: the transform joins them,
/// and a step there would leak high frequencies into every surrogate.
fn closed_window(series: &[f64]) -> &[f64] {
    let length = usable_length(series.len().min(WINDOW));
    let mismatch = |start: usize| {
        let (first, last) = (series[start], series[start + length - 1]);
        let (second, before) = (series[start + 1], series[start + length - 2]);
        (first - last).powi(2) + ((second - first) - (last - before)).powi(2)
    };
    let mut best = (0, f64::INFINITY);
    for start in 0..=series.len() - length {
        let cost = mismatch(start);
        if cost < best.1 {
            best = (start, cost);
        }
    }
    &series[best.0..best.0 + length]
}

/// Forecasts `horizon` samples ahead by the nearest neighbour, on the series and on five
/// surrogates. Looks at 2048 points at most.
///
/// # Errors
///
/// Refuses empty, non-finite, constant, oversized and too short series and settings outside their
/// bounds.
pub fn determinism(
    values: &[f64],
    embedding: Embedding,
    theiler: usize,
    horizon: usize,
) -> Result<Determinism, Error> {
    embedding.check()?;
    bounded("horizon", horizon, 1, WINDOW / 4)?;
    bounded("theiler", theiler, 0, WINDOW / 4)?;
    let minimum = embedding.span() + horizon + 2 * theiler + 64;
    let series = prepared(values, minimum)?;
    bounded("delay", embedding.span(), 0, WINDOW / 2)?;
    Ok(DeterminismScratch::default().test(&series, embedding, theiler, horizon))
}
