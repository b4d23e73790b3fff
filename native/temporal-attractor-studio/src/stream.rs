//! One series as it arrives: forecasts, permutation entropy and a sliding exponent.
//!
//! Every sample costs the search for one neighbour in the window; the exponent is fitted anew every
//! so often from the neighbours that were found on the way. A verdict costs milliseconds and is
//! asked for: [`RegimeStream::window`] goes to a [`crate::Classifier`], one of which serves any
//! number of streams.

use alloc::vec;
use alloc::vec::Vec;

use crate::embedding::{Embedding, MAX_DIMENSION};
use crate::error::{Error, bounded};
use crate::exponent::{Exponent, ExponentScratch};
use crate::lines::variance;
#[cfg(not(feature = "std"))]
use crate::math::Math;
use crate::permutation::PermutationStream;
use crate::simd::nearest_in_window;

/// Largest window, in samples.
pub const MAX_WINDOW: usize = 1 << 14;
/// Order of the permutation entropy.
const ORDER: usize = 4;
/// Deviations below this share of the values are rounding.
const ROUNDING: f64 = 1e-13;

/// How a stream is watched. Bounds: `window` 256 to 16,384 samples; the embedding's span, `theiler`
/// and `horizon` together at most half the window; `refit` at least 16 samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamSettings {
    /// Samples that are kept.
    pub window: usize,
    /// How samples become points.
    pub embedding: Embedding,
    /// Points at most this many samples apart are no neighbours.
    pub theiler: usize,
    /// Samples that a forecast looks ahead.
    pub horizon: usize,
    /// Samples between two fits of the exponent.
    pub refit: usize,
}

impl Default for StreamSettings {
    fn default() -> Self {
        Self {
            window: 1024,
            embedding: Embedding {
                delay: 1,
                dimension: 3,
            },
            theiler: 10,
            horizon: 1,
            refit: 128,
        }
    }
}

/// What one sample brought.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Distance of this sample from its forecast, in deviations of the window at the last fit.
    pub forecast_error: Option<f64>,
    /// Permutation entropy of order 4 over the window, 0 to 1.
    pub permutation_entropy: Option<f64>,
    /// Whether the exponent was fitted anew.
    pub refitted: bool,
}

/// A watched stream. All memory is taken by [`RegimeStream::new`]: about 100 bytes per sample of the
/// window.
#[derive(Debug)]
pub struct RegimeStream {
    settings: StreamSettings,
    /// Twice the window, so that the last `window` samples always lie together.
    samples: Vec<f64>,
    /// The same at mean 0 and deviation 1 (of the last fit), for the search.
    single: Vec<f32>,
    at: usize,
    seen: u64,
    mean: f64,
    deviation: f64,
    /// First coordinate of the neighbour of the point that begins at each place; MAX for none.
    neighbours: Vec<u64>,
    forecasts: Vec<f64>,
    entropy: PermutationStream,
    scratch: ExponentScratch,
    normal: Vec<f64>,
    exponent: Option<Exponent>,
}

impl RegimeStream {
    /// A stream with memory for its window.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] names the field.
    pub fn new(settings: StreamSettings) -> Result<Self, Error> {
        let StreamSettings {
            window,
            embedding,
            theiler,
            horizon,
            refit,
        } = settings;
        embedding.check()?;
        bounded("window", window, 256, MAX_WINDOW)?;
        bounded("horizon", horizon, 1, window / 4)?;
        bounded("theiler", theiler, 0, window / 4)?;
        bounded("embedding", embedding.span(), 0, window / 4)?;
        bounded("refit", refit, 16, MAX_WINDOW)?;
        let mut scratch = ExponentScratch::default();
        scratch.reserve_pairs(window);
        Ok(Self {
            settings,
            samples: vec![0.0; 2 * window],
            single: vec![0.0; 2 * window],
            at: 0,
            seen: 0,
            mean: 0.0,
            deviation: 1.0,
            neighbours: vec![u64::MAX; window],
            forecasts: vec![f64::NAN; horizon],
            entropy: PermutationStream::new(ORDER, embedding.delay, window)?,
            scratch,
            normal: Vec::with_capacity(window),
            exponent: None,
        })
    }

    /// Takes one sample. Constant work but for every `refit`-th sample, which fits the exponent.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] with the number of samples taken so far; the sample is not taken.
    pub fn push(&mut self, value: f64) -> Result<Step, Error> {
        if !value.is_finite() {
            return Err(Error::NotFinite {
                index: self.seen as usize,
            });
        }
        let permutation_entropy = self.entropy.push(value)?;
        let window = self.settings.window;
        if self.seen == 0 {
            self.mean = value;
        }
        let single = ((value - self.mean) / self.deviation) as f32;
        for place in [self.at, self.at + window] {
            self.samples[place] = value;
            self.single[place] = single;
        }
        self.at = (self.at + 1) % window;
        let slot = (self.seen % self.settings.horizon as u64) as usize;
        let gap = (value - self.forecasts[slot]).abs() / self.deviation;
        self.seen += 1;
        self.forecasts[slot] = self.find().unwrap_or(f64::NAN);
        let refitted = self.seen.is_multiple_of(self.settings.refit as u64);
        if refitted {
            self.refit();
        }
        let forecast_error = gap.is_finite().then_some(gap);
        Ok(Step {
            forecast_error,
            permutation_entropy,
            refitted,
        })
    }

    /// Finds the neighbour of the newest point, keeps it, and returns the forecast it gives.
    fn find(&mut self) -> Option<f64> {
        let StreamSettings {
            window,
            embedding,
            theiler,
            horizon,
            ..
        } = self.settings;
        let held = self.seen.min(window as u64) as usize;
        let samples = &self.single[self.at + window - held..self.at + window];
        let newest = held.checked_sub(embedding.span() + 1)?;
        // The neighbour's own future must be known, and it must not be the point itself.
        let count = (newest + 1).checked_sub(horizon.max(theiler + 1))?;
        let (mut axes, mut point) = ([&samples[..0]; MAX_DIMENSION], [0.0; MAX_DIMENSION]);
        for (axis, (axes, point)) in axes
            .iter_mut()
            .zip(&mut point)
            .enumerate()
            .take(embedding.dimension)
        {
            let shift = axis * embedding.delay;
            *axes = &samples[shift..shift + count];
            *point = samples[newest + shift];
        }
        let used = embedding.dimension;
        let (place, distance) = nearest_in_window(&axes[..used], &point[..used]);
        if !distance.is_finite() {
            return None;
        }
        let first = self.seen - held as u64;
        let begins = first + newest as u64;
        // Coinciding points say nothing about separation.
        let pair = if distance > 0.0 {
            first + place as u64
        } else {
            u64::MAX
        };
        self.neighbours[(begins % window as u64) as usize] = pair;
        let ahead = self.at + window - held + place + embedding.span() + horizon;
        Some(self.samples[ahead])
    }

    /// Scales the window anew and fits the exponent to the neighbours found in it.
    fn refit(&mut self) {
        let StreamSettings {
            window,
            embedding,
            theiler,
            ..
        } = self.settings;
        let held = self.seen.min(window as u64) as usize;
        let samples = &self.samples[self.at + window - held..self.at + window];
        let largest = samples
            .iter()
            .fold(0.0_f64, |most, value| most.max(value.abs()));
        self.normal.clear();
        self.normal.extend(
            samples
                .iter()
                .map(|value| value / largest.max(f64::MIN_POSITIVE)),
        );
        let mean = self.normal.iter().sum::<f64>() / held as f64;
        let deviation = variance(&self.normal).sqrt();
        self.mean = mean * largest;
        let constant = deviation < ROUNDING;
        self.deviation = if constant { 1.0 } else { deviation * largest };
        let scale = if constant { 1.0 } else { 1.0 / deviation };
        for value in &mut self.normal {
            *value = (*value - mean) * scale;
        }
        let oldest = self.at + window - held;
        for (place, value) in self.normal.iter().enumerate() {
            let single = *value as f32;
            self.single[(oldest + place) % window] = single;
            self.single[(oldest + place) % window + window] = single;
        }
        if constant || held < window {
            self.exponent = None;
            return;
        }
        let first = self.seen - window as u64;
        let neighbours = &self.neighbours;
        let pairs = (0..window).filter_map(|place| {
            let other = neighbours[((first + place as u64) % window as u64) as usize];
            let known = place + embedding.span() < window && other != u64::MAX && other >= first;
            known.then(|| (place as u32, (other - first) as u32))
        });
        let start = embedding.span() + 1;
        self.exponent = self
            .scratch
            .fit_pairs(&self.normal, pairs, start, theiler.max(1));
    }

    /// The exponent of the last fit, in nats per sample; `None` until the window is full or if too
    /// few points had neighbours. No verdict: see [`crate::Classifier`].
    pub fn exponent(&self) -> Option<Exponent> {
        self.exponent
    }

    /// The samples of the window, oldest first.
    pub fn window(&self) -> &[f64] {
        let window = self.settings.window;
        let held = self.seen.min(window as u64) as usize;
        &self.samples[self.at + window - held..self.at + window]
    }

    /// Samples taken since the beginning.
    pub fn seen(&self) -> u64 {
        self.seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_holds_the_last_samples_in_order_and_forecasts_follow_the_rule() {
        let settings = StreamSettings {
            window: 256,
            ..StreamSettings::default()
        };
        let Ok(mut stream) = RegimeStream::new(settings) else {
            panic!("valid settings")
        };
        let mut x = 0.3;
        let mut all = Vec::new();
        let mut late = Vec::new();
        for now in 0..3000 {
            x = 3.9 * x * (1.0 - x);
            all.push(x);
            let Ok(step) = stream.push(x) else {
                panic!("finite")
            };
            assert_eq!(stream.window(), &all[all.len().saturating_sub(256)..]);
            if now > 500 {
                late.extend(step.forecast_error);
            }
        }
        assert_eq!(late.len(), 2499);
        late.sort_unstable_by(f64::total_cmp);
        assert!(late[late.len() / 2] < 0.05, "{}", late[late.len() / 2]);
        let lambda = stream
            .exponent()
            .map_or(f64::NAN, |exponent| exponent.lambda);
        assert!((lambda - 0.4958).abs() < 0.12, "{lambda}");
    }

    #[test]
    fn bad_samples_are_refused_and_change_nothing() {
        let Ok(mut stream) = RegimeStream::new(StreamSettings::default()) else {
            panic!("valid settings")
        };
        for value in [1e300, -1e300, 0.0, 5e-324] {
            assert!(stream.push(value).is_ok());
        }
        let before = stream.window().to_vec();
        assert_eq!(
            stream.push(f64::INFINITY),
            Err(Error::NotFinite { index: 4 })
        );
        assert_eq!(stream.window(), before);
        assert_eq!(stream.seen(), 4);
    }

    #[test]
    fn extreme_and_constant_streams_give_no_number_that_is_not_finite() {
        let Ok(mut stream) = RegimeStream::new(StreamSettings::default()) else {
            panic!("valid settings")
        };
        for now in 0..5000_u32 {
            let value = match now / 1000 {
                0 => 7.0,
                1 => f64::from(now % 2) * 1e308,
                2 => 1e-310 * f64::from(now % 7),
                3 => -1e308,
                _ => f64::from(now).sin(),
            };
            let Ok(step) = stream.push(value) else {
                panic!("finite")
            };
            assert!(step.forecast_error.is_none_or(f64::is_finite));
            assert!(
                stream
                    .exponent()
                    .is_none_or(|exponent| !exponent.lambda.is_infinite())
            );
        }
    }
}
