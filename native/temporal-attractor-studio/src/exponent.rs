//! Largest Lyapunov exponent: Rosenstein, Collins, De Luca, Physica D 65 (1993) 117.
//!
//! Pairs of nearest neighbours are followed and the mean logarithm of their distance is fitted by a
//! line. The textbook fit starts at the step where the pairs were chosen. There the curve rises for
//! any noise (the closest pair is close by luck and regresses to the mean), so white noise gets an
//! exponent of 0.4. Here the fit starts after the last coordinate of the embedding has passed, at
//! (dimension - 1) * delay + 1, where luck has no say.

use alloc::vec::Vec;

use crate::divergence::{Divergence, Pair, ZERO};
use crate::embedding::Embedding;
use crate::error::{Error, bounded};
#[cfg(not(feature = "std"))]
use crate::math::Math;
use crate::neighbours::{Neighbour, Neighbours};
use crate::random::Random;
use crate::series::{check, fit, normalise};

/// Contiguous groups of pairs whose spread gives the interval.
const BLOCKS: usize = 8;
/// Student's t for 95 % and `BLOCKS` - 1 degrees of freedom.
const STUDENT: f64 = 2.365;
/// Pairs that are followed to find the length of the fit.
const PILOT: usize = 512;
/// Share of the way from the first distance to that of random pairs that the fit covers. Tuned on
/// the systems of the bench: below it clean curves are straight, above it they bend.
const COVERED: f64 = 0.6;
/// Least straightness at which a fit is not shortened further.
const STRAIGHT: f64 = 0.7;
/// Least rise in nats of a shortened fit.
const ENOUGH: f64 = 1.0;
/// Fewest steps of a fit.
const SHORTEST: usize = 4;
/// Most steps of a fit.
const LONGEST: usize = 2048;
/// Share of coinciding pairs above which a logarithm of distances has no meaning.
const COINCIDING: f64 = 0.2;

/// What to fit. `theiler`: pairs closer in time than this are no neighbours. `start` and `length`
/// in samples; `None` chooses them from the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExponentSettings {
    /// How the series becomes points.
    pub embedding: Embedding,
    /// Pairs at most this many samples apart in time are no neighbours; at least one mean period.
    pub theiler: usize,
    /// First step of the fit; `None`: `(dimension - 1) * delay + 1`.
    pub start: Option<usize>,
    /// Steps of the fit; `None`: until the distance has covered 60 % of its way to saturation.
    pub length: Option<usize>,
}

/// A fitted exponent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exponent {
    /// Nats per sample; divide by the sampling interval for nats per time unit.
    pub lambda: f64,
    /// Lower end of a 95 % interval: spread over eight stretches of the series and over the two
    /// ends of the fit window. It does not cover what noise takes away from `lambda`.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// `lambda` times length: nats that the fit rests on.
    pub rise: f64,
    /// Share of the curve's variance that the line explains.
    pub r_squared: f64,
    /// Slope of the second half of the fit over that of the first; 1 for a straight line, near 0
    /// for a curve that saturates. 0 if the first half does not rise.
    pub straightness: f64,
    /// First step of the fit.
    pub start: usize,
    /// Steps of the fit.
    pub length: usize,
    /// Pairs that were followed.
    pub pairs: usize,
    /// Share of points whose nearest neighbour lies at distance zero.
    pub coinciding: f64,
}

/// Scratch of the fit.
#[derive(Debug, Default)]
pub(crate) struct ExponentScratch {
    nearest: Vec<Neighbour>,
    pairs: Vec<Pair>,
    divergence: Divergence,
    curve: Vec<f64>,
    smooth: Vec<f64>,
    pub(crate) tree: Neighbours,
    pub(crate) single: Vec<f32>,
}

impl ExponentScratch {
    /// Reserves for series of `points` values, so that later fits do not allocate.
    pub(crate) fn reserve(&mut self, points: usize) {
        self.reserve_pairs(points);
        self.nearest.reserve(points);
        self.tree.reserve(points);
        self.single.reserve(points);
    }

    /// The same where neighbours are found elsewhere.
    pub(crate) fn reserve_pairs(&mut self, points: usize) {
        self.pairs.reserve(points);
        let steps = LONGEST.min(points);
        self.divergence.reserve(steps);
        self.curve.reserve(steps);
        self.smooth.reserve(steps);
    }

    /// The exponent from given pairs of first coordinates; `None` if there are too few.
    pub(crate) fn fit_pairs(
        &mut self,
        series: &[f64],
        pairs: impl Iterator<Item = Pair>,
        start: usize,
        theiler: usize,
    ) -> Option<Exponent> {
        self.pairs.clear();
        self.pairs.extend(pairs);
        let length = self.choose_length(series, start, theiler);
        self.keep_pairs(series.len(), start + length);
        if self.pairs.len() < 4 * BLOCKS {
            return None;
        }
        let found = self.fit_line(series, start, length, 0.0);
        (found.lambda.is_finite() && found.low.is_finite()).then_some(found)
    }

    /// The exponent of a normalised series; `single` must hold the same values as f32.
    pub(crate) fn fit(
        &mut self,
        series: &[f64],
        settings: ExponentSettings,
    ) -> Result<Exponent, Error> {
        let embedding = settings.embedding;
        let start = settings.start.unwrap_or(embedding.span() + 1);
        let shortest = settings.length.unwrap_or(SHORTEST);
        // A window that starts early may end before the last coordinate of its first point.
        let ahead = (start + shortest).max(embedding.span());
        let minimum = ahead + 2 * settings.theiler + 32;
        if series.len() < minimum {
            return Err(Error::TooShort {
                length: series.len(),
                minimum,
            });
        }
        let coinciding = self.find_pairs(series, settings, ahead);
        if coinciding > COINCIDING {
            return Err(Error::Quantised);
        }
        let length = match settings.length {
            Some(length) => length,
            None => self.choose_length(series, start, settings.theiler),
        };
        self.keep_pairs(series.len(), start + length);
        if self.pairs.len() < 4 * BLOCKS {
            return Err(Error::TooShort {
                length: series.len(),
                minimum: 2 * series.len(),
            });
        }
        let found = self.fit_line(series, start, length, coinciding);
        // A step at which all pairs of a block coincide has no logarithm.
        if found.lambda.is_finite() && found.low.is_finite() {
            Ok(found)
        } else {
            Err(Error::Quantised)
        }
    }

    /// Fills `pairs` with every point that has `ahead` samples left, no fewer than the span of the
    /// embedding; returns the coinciding share.
    fn find_pairs(&mut self, series: &[f64], settings: ExponentSettings, ahead: usize) -> f64 {
        let embedding = settings.embedding;
        let count = series.len() - ahead;
        self.tree.build(&self.single, embedding, count);
        self.pairs.clear();
        self.tree
            .all(&self.single, settings.theiler, &mut self.nearest);
        let mut coinciding = 0_usize;
        for (time, found) in self.nearest.iter().enumerate() {
            if !found.exists() {
                continue;
            }
            let other = found.index as usize;
            let same = (0..embedding.dimension).all(|axis| {
                let shift = axis * embedding.delay;
                (series[time + shift] - series[other + shift]).abs() <= ZERO
            });
            coinciding += usize::from(same);
            if !same {
                self.pairs.push((time as u32, found.index));
            }
        }
        coinciding as f64 / count.max(1) as f64
    }

    /// Drops pairs that end before the window does.
    fn keep_pairs(&mut self, points: usize, ahead: usize) {
        let last = points.saturating_sub(ahead) as u32;
        self.pairs
            .retain(|(one, other)| *one <= last && *other <= last);
    }

    /// Steps until a sample of the pairs has covered its share of the way to saturation.
    fn choose_length(&mut self, series: &[f64], start: usize, theiler: usize) -> usize {
        let ceiling = ceiling(series);
        let most = (series.len() / 4)
            .saturating_sub(start)
            .clamp(SHORTEST, LONGEST);
        let mut steps = (4 * SHORTEST).min(most);
        loop {
            let last = (series.len() - start - steps) as u32;
            let stride = (self.pairs.len() / PILOT).max(1);
            let pilot = self.pairs.iter().step_by(stride).copied();
            let pilot = pilot.filter(|(one, other)| *one <= last && *other <= last);
            self.divergence.follow(series, pilot, start, steps);
            self.divergence.means(&mut self.curve);
            // An orbit's own rhythm rides on the curve; a mean over one period takes it off.
            average(&self.curve, theiler.min(steps / 4).max(1), &mut self.smooth);
            let goal = self.smooth[0] + COVERED * (ceiling - self.smooth[0]);
            if let Some(reached) = self.smooth.iter().position(|mean| *mean >= goal) {
                return self.straight_part((reached + 1).clamp(SHORTEST, most));
            }
            if steps == most {
                return self.straight_part(most);
            }
            steps = (2 * steps).min(most);
        }
    }

    /// The longest part of `length` steps whose halves rise alike, as long as it rises enough to be
    /// told from luck; `length` if there is none.
    fn straight_part(&self, length: usize) -> usize {
        let mut part = length;
        while part > SHORTEST {
            let curve = &self.smooth[..part];
            if straightness(curve) >= STRAIGHT {
                return part;
            }
            if curve[part - 1] - curve[0] < ENOUGH {
                break;
            }
            part = (part * 7 / 8).max(SHORTEST);
        }
        length
    }

    /// Fits the whole curve and those of the blocks.
    fn fit_line(
        &mut self,
        series: &[f64],
        start: usize,
        length: usize,
        coinciding: f64,
    ) -> Exponent {
        let mut slopes = [0.0; BLOCKS];
        self.smooth.clear();
        self.smooth.resize(length, 0.0);
        let size = self.pairs.len().div_ceil(BLOCKS);
        for (block, slope) in self.pairs.chunks(size).zip(&mut slopes) {
            self.divergence
                .follow(series, block.iter().copied(), start, length);
            self.divergence.means(&mut self.curve);
            *slope = fit(&self.curve).slope;
            let weight = block.len() as f64 / self.pairs.len() as f64;
            for (sum, mean) in self.smooth.iter_mut().zip(&self.curve) {
                *sum += weight * mean;
            }
        }
        let line = fit(&self.smooth);
        let mean = slopes.iter().sum::<f64>() / BLOCKS as f64;
        let variance = slopes
            .iter()
            .map(|slope| (slope - mean).powi(2))
            .sum::<f64>()
            / (BLOCKS - 1) as f64;
        let quarter = length / 4;
        let early = fit(&self.smooth[..length - quarter]).slope;
        let late = fit(&self.smooth[quarter..]).slope;
        let reach =
            (STUDENT * STUDENT * variance / BLOCKS as f64 + (early - late).powi(2) / 4.0).sqrt();
        Exponent {
            lambda: line.slope,
            low: line.slope - reach,
            high: line.slope + reach,
            rise: line.slope * length as f64,
            r_squared: line.r_squared,
            straightness: straightness(&self.smooth),
            start,
            length,
            pairs: self.pairs.len(),
            coinciding,
        }
    }
}

/// Slope of the second half of a curve over that of the first; 0 if the first does not rise.
fn straightness(curve: &[f64]) -> f64 {
    let half = curve.len().div_ceil(2);
    let first = fit(&curve[..half]).slope;
    let second = fit(&curve[curve.len() - half..]).slope;
    if first > 0.0 { second / first } else { 0.0 }
}

/// Mean logarithm of the distance of two values drawn at random: where divergence ends.
fn ceiling(series: &[f64]) -> f64 {
    let mut random = Random::new(0);
    let (mut sum, mut count) = (0.0, 0_u32);
    for _ in 0..4 * PILOT {
        let a = series[random.below(series.len())];
        let distance = (a - series[random.below(series.len())]).abs();
        if distance > ZERO {
            sum += distance.ln();
            count += 1;
        }
    }
    sum / f64::from(count.max(1))
}

/// Means over `width` steps from each step on; the curve's end uses what is left.
fn average(curve: &[f64], width: usize, out: &mut Vec<f64>) {
    out.clear();
    out.extend((0..curve.len()).map(|from| {
        let part = &curve[from..(from + width).min(curve.len())];
        part.iter().sum::<f64>() / part.len() as f64
    }));
}

/// The largest Lyapunov exponent of a series in nats per sample.
///
/// A positive value alone proves nothing; [`crate::classify`] adds the test for determinism.
///
/// # Errors
///
/// Refuses empty, non-finite, constant, oversized and too short series, settings outside their
/// bounds, and ([`Error::Quantised`]) series of which more than a fifth of the nearest neighbours
/// coincide.
///
/// # Examples
///
/// ```
/// use midstream_temporal_attractor_studio::{Embedding, ExponentSettings, exponent};
///
/// let mut x = 0.3;
/// let series: Vec<f64> = (0..3000).map(|_| { x = 3.9 * x * (1.0 - x); x }).collect();
/// let embedding = Embedding { delay: 1, dimension: 2 };
/// let settings = ExponentSettings { embedding, theiler: 10, start: None, length: None };
/// let found = exponent(&series, settings)?;
/// assert!((found.lambda - 0.4958).abs() < 0.03); // tangent-space value: 0.4958
/// # Ok::<(), midstream_temporal_attractor_studio::Error>(())
/// ```
pub fn exponent(values: &[f64], settings: ExponentSettings) -> Result<Exponent, Error> {
    settings.embedding.check()?;
    check(values, 32)?;
    bounded("theiler", settings.theiler, 0, values.len())?;
    bounded("start", settings.start.unwrap_or(0), 0, values.len())?;
    bounded("length", settings.length.unwrap_or(2), 2, LONGEST)?;
    let mut scratch = ExponentScratch::default();
    let mut series = Vec::with_capacity(values.len());
    normalise(values, &mut series)?;
    scratch
        .single
        .extend(series.iter().map(|value| *value as f32));
    scratch.fit(&series, settings)
}
