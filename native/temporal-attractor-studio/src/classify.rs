//! From a series to one verdict, and the evidence for it.
//!
//! Three explanations are tried, the simplest first: a waveform that repeats, a few lines that go
//! on, a rule that neighbours share. Each must do as well on data that it was not fitted to as the
//! nearest neighbour does; a series that none explains is stochastic, and what falls between the
//! thresholds is inconclusive with a reason. The sign of an exponent alone decides nothing.

use alloc::vec::Vec;

use crate::delay::DelayScratch;
use crate::determinism::DeterminismScratch;
use crate::dimension;
use crate::embedding::{Embedding, MAX_DIMENSION};
use crate::error::{Error, bounded};
use crate::exponent::{ExponentScratch, ExponentSettings};
use crate::lines::{LineScratch, fold_error, quieter_half, shift_error, variance};
#[cfg(not(feature = "std"))]
use crate::math::Math;
use crate::report::{FIT, NO_RULE, RISE, RULE, Report, STRAIGHT};
use crate::series::{MAX_POINTS, check, normalise};
use crate::stationarity::drift;
use crate::verdict::{Reason, Verdict};
use crate::zero_one::ZeroOneScratch;

/// Fewest points for any verdict.
pub const MINIMUM_POINTS: usize = 64;
/// Fewest points for stochastic: surrogates of less scatter too much.
const MINIMUM_STOCHASTIC: usize = 256;
/// Fewest points for chaotic where the delay is 1 (maps), and for flows.
const MINIMUM_MAP: usize = 1000;
const MINIMUM_FLOW: usize = 2000;

/// A model explains the series if its error is at most this multiple of the neighbours'.
const AS_GOOD: f64 = 2.0;
/// Error that a fold or a sum of lines is always allowed: the mesh of the samples. Where lines
/// explain the series, only a torus has to be told apart, and its folds leave 0.04 and more.
const FOLD_FLOOR: f64 = 1e-4;
const FOLD_FLOOR_OF_LINES: f64 = 0.01;
const LINE_FLOOR: f64 = 1e-3;
/// Share of the variance that a fold or lines must explain in any case.
const UNEXPLAINED: f64 = 0.2;
/// Fewest periods that must have been seen.
const PERIODS: f64 = 6.0;
/// Longest period that is tried in whole samples.
const LONGEST_SHIFT: usize = 64;
/// Multiples of the strongest line's period that are tried.
const MULTIPLES: usize = 16;

/// Kolmogorov-Smirnov distance (scaled) above which the halves differ, level 0.001.
const DRIFT: f64 = 1.95;
/// Fewest times that the series must have gone through its mean and back: a rule is seen only where
/// the motion returns. A walk that was summed twice passes every other gate now and then.
const CYCLES: usize = 10;
/// Most rise, in nats, of a divergence that counts as none.
const NO_RISE: f64 = 0.5;
/// Most of the 0-1 test's K for quasi-periodic motion.
const REGULAR: f64 = 0.5;
/// Deviation of the second half over that of the whole below which the series has come to rest.
const AT_REST: f64 = 1e-6;

/// What may be fixed from outside; the defaults choose everything from the series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// `None`: delay by mutual information, dimension by false neighbours.
    pub embedding: Option<Embedding>,
    /// `None`: four delays, but at least 10 samples and the embedding's span.
    pub theiler: Option<usize>,
    /// Largest delay that is tried, in samples.
    pub most_delay: usize,
    /// Largest dimension that is tried.
    pub most_dimension: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            embedding: None,
            theiler: None,
            most_delay: 100,
            most_dimension: 6,
        }
    }
}

impl Settings {
    fn check(&self) -> Result<(), Error> {
        if let Some(embedding) = self.embedding {
            embedding.check()?;
        }
        bounded("theiler", self.theiler.unwrap_or(0), 0, MAX_POINTS / 4)?;
        bounded("most_delay", self.most_delay, 1, MAX_POINTS / 4)?;
        bounded("most_dimension", self.most_dimension, 1, MAX_DIMENSION)?;
        Ok(())
    }
}

/// A classifier with its memory: after the first call on a length it allocates nothing.
#[derive(Debug, Default)]
pub struct Classifier {
    settings: Settings,
    series: Vec<f64>,
    delay: DelayScratch,
    lines: LineScratch,
    keys: Vec<u64>,
    determinism: DeterminismScratch,
    exponent: ExponentScratch,
    zero_one: ZeroOneScratch,
    low: Vec<f64>,
    high: Vec<f64>,
}

impl Classifier {
    /// A classifier with memory for series of up to `points` values.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] above [`MAX_POINTS`]; [`Error::Setting`] names the field.
    pub fn new(points: usize, settings: Settings) -> Result<Self, Error> {
        settings.check()?;
        if points > MAX_POINTS {
            return Err(Error::TooLong {
                length: points,
                maximum: MAX_POINTS,
            });
        }
        let mut new = Self {
            settings,
            ..Self::default()
        };
        new.series.reserve(points);
        new.delay.reserve(points);
        new.lines.reserve(points);
        new.keys.reserve(points);
        new.determinism.reserve(points);
        new.exponent.reserve(points);
        new.zero_one.reserve();
        new.low.reserve(points);
        new.high.reserve(points);
        Ok(new)
    }

    /// The verdict on a series, with its evidence.
    ///
    /// # Errors
    ///
    /// Refuses empty, non-finite and oversized series and, unless it is constant, one with fewer
    /// than [`MINIMUM_POINTS`] values.
    pub fn classify(&mut self, values: &[f64]) -> Result<Report, Error> {
        check(values, 1)?;
        let mut series = core::mem::take(&mut self.series);
        let outcome = match normalise(values, &mut series) {
            Err(Error::Constant) => Ok(Report::new(values.len())),
            Err(error) => Err(error),
            Ok(()) => check(values, MINIMUM_POINTS).map(|()| self.examine(&series)),
        };
        self.series = series;
        outcome
    }

    fn examine(&mut self, series: &[f64]) -> Report {
        let mut report = Report::new(series.len());
        if at_rest(series) {
            return report;
        }
        let (embedding, theiler) = self.embed(series);
        (report.embedding, report.theiler) = (Some(embedding), Some(theiler));
        let (short, error) = self.shorten(series, embedding, theiler);
        report.verdict = match self.regular(series, error * error, &mut report) {
            Some(verdict) => verdict,
            None => self.irregular(series, short, &mut report),
        };
        report
    }

    /// The delay among this one, its half and its quarter whose neighbours forecast best, and their
    /// error. Motion between two wells (Lorenz, Duffing) has its first minimum of information so
    /// late that the embedding spans several forgetting times; the exponent bears that, a forecast
    /// does not.
    fn shorten(
        &mut self,
        series: &[f64],
        embedding: Embedding,
        theiler: usize,
    ) -> (Embedding, f64) {
        let horizon = (embedding.delay / 2).max(1);
        let mut best = (
            embedding,
            self.determinism.error(series, embedding, theiler, horizon),
        );
        if self.settings.embedding.is_some() {
            return best;
        }
        for part in [2, 4] {
            if embedding.delay >= part {
                let shorter = self.unfold(embedding.delay / part, theiler);
                let error = self.determinism.error(series, shorter, theiler, horizon);
                if error < best.1 {
                    best = (shorter, error);
                }
            }
        }
        best
    }

    /// The embedding with one coordinate more than the false neighbours ask for: where two branches
    /// still touch, forecasts and divergence feel it first.
    fn unfold(&mut self, delay: usize, theiler: usize) -> Embedding {
        let scratch = &mut self.exponent;
        let most = self.settings.most_dimension;
        let enough = dimension::select(&mut scratch.tree, &scratch.single, delay, theiler, most);
        Embedding {
            delay,
            dimension: (enough.max(2) + 1).min(MAX_DIMENSION),
        }
    }

    /// Delay, dimension and Theiler window.
    fn embed(&mut self, series: &[f64]) -> (Embedding, usize) {
        self.exponent.single.clear();
        self.exponent
            .single
            .extend(series.iter().map(|value| *value as f32));
        let longest = series.len() / 8 / MAX_DIMENSION;
        let delay = match self.settings.embedding {
            Some(embedding) => embedding.delay,
            None => self
                .delay
                .select(series, self.settings.most_delay.min(longest.max(1))),
        };
        let given = self.settings.theiler;
        let theiler = |span: usize| {
            let wanted = given.unwrap_or((4 * delay).max(10).max(span));
            wanted.min(series.len() / 8)
        };
        let embedding = match self.settings.embedding {
            Some(embedding) => embedding,
            None => self.unfold(delay, theiler(0)),
        };
        (embedding, theiler(embedding.span()))
    }

    /// Periodic or quasi-periodic, if a fold or lines do as well as neighbours (whose mean square
    /// error is `error`).
    fn regular(&mut self, series: &[f64], error: f64, report: &mut Report) -> Option<Verdict> {
        let line_error = self.lines.forecast_error(series);
        report.line_error = Some(line_error);
        let lines = line_error <= (AS_GOOD * error + LINE_FLOOR).min(UNEXPLAINED);
        // A map has no period between its steps: a circle map folds perfectly at 1 / rotation number
        // and is a torus all the same.
        let map = report
            .embedding
            .is_some_and(|embedding| embedding.delay == 1);
        let (period, fold) = self.period(series, map);
        let fold = fold / quieter_half(series);
        report.fold_error = Some(fold);
        let floor = if lines {
            FOLD_FLOOR_OF_LINES
        } else {
            FOLD_FLOOR
        };
        if fold <= (AS_GOOD * error + floor).min(UNEXPLAINED) {
            return Some(Verdict::Periodic { period });
        }
        lines.then_some(Verdict::Quasiperiodic)
    }

    /// The shortest period that folds the series about as well as the best one does, and what it
    /// leaves; whole samples only for a map.
    fn period(&mut self, series: &[f64], map: bool) -> (f64, f64) {
        let most = series.len() as f64 / PERIODS;
        let strongest = if map {
            0.0
        } else {
            self.lines.strongest().map_or(0.0, |line| line.frequency)
        };
        let mut found = [(f64::INFINITY, f64::INFINITY); MULTIPLES + LONGEST_SHIFT];
        for (multiple, slot) in found.iter_mut().enumerate().take(MULTIPLES) {
            let period = (multiple + 1) as f64 / strongest;
            if strongest > 0.0 && period >= 2.0 && period <= most {
                *slot = (period, fold_error(series, period, &mut self.keys));
            }
        }
        for shift in 2..=LONGEST_SHIFT {
            if shift as f64 <= most {
                found[MULTIPLES + shift - 1] = (shift as f64, shift_error(series, shift));
            }
        }
        let best = found
            .iter()
            .map(|(_, error)| *error)
            .fold(f64::INFINITY, f64::min);
        let close = found
            .iter()
            .filter(|(_, error)| *error <= 1.5 * best + FOLD_FLOOR);
        close
            .copied()
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .unwrap_or(found[0])
    }

    /// Chaotic, stochastic or neither.
    fn irregular(&mut self, series: &[f64], short: Embedding, report: &mut Report) -> Verdict {
        let (Some(embedding), Some(theiler)) = (report.embedding, report.theiler) else {
            return inconclusive(Reason::NoScaling);
        };
        let delay = embedding.delay;
        if series.len() < MINIMUM_STOCHASTIC {
            return inconclusive(Reason::TooShort {
                minimum: MINIMUM_STOCHASTIC,
            });
        }
        let test = self.determinism.test(series, short, theiler, short.delay);
        report.determinism = Some(test);
        if test.ratio > NO_RULE {
            return Verdict::Stochastic;
        }
        if test.ratio > RULE {
            return inconclusive(Reason::WeakRule { ratio: test.ratio });
        }
        let moved = drift(series, 4 * delay, &mut self.low, &mut self.high);
        report.drift = Some(moved);
        if moved > DRIFT {
            return inconclusive(Reason::NonStationary { drift: moved });
        }
        let minimum = if delay == 1 {
            MINIMUM_MAP
        } else {
            MINIMUM_FLOW
        };
        if series.len() < minimum {
            return inconclusive(Reason::TooShort { minimum });
        }
        let cycles = crossings(series) / 2;
        if cycles < CYCLES {
            return inconclusive(Reason::FewCycles {
                cycles,
                minimum: CYCLES,
            });
        }
        self.ruled(series, embedding, report)
    }

    /// There is a rule and it is neither periodic nor a few lines.
    fn ruled(&mut self, series: &[f64], embedding: Embedding, report: &mut Report) -> Verdict {
        let theiler = report.theiler.unwrap_or(0);
        let settings = ExponentSettings {
            embedding,
            theiler,
            start: None,
            length: None,
        };
        let found = match self.exponent.fit(series, settings) {
            Ok(found) => found,
            Err(Error::Quantised) => return inconclusive(Reason::Quantised),
            Err(Error::TooShort { minimum, .. }) => {
                return inconclusive(Reason::TooShort { minimum });
            }
            Err(_) => return inconclusive(Reason::NoScaling),
        };
        report.exponent = Some(found);
        let straight = found.r_squared >= FIT && found.straightness >= STRAIGHT;
        if found.rise >= RISE && straight && found.low > 0.0 {
            return Verdict::Chaotic {
                lambda: found.lambda,
                low: found.low,
                high: found.high,
            };
        }
        if found.rise < NO_RISE {
            let vote = self.zero_one.test(series, embedding.delay);
            report.zero_one = Some(vote);
            if vote < REGULAR {
                return Verdict::Quasiperiodic;
            }
        }
        inconclusive(Reason::NoScaling)
    }
}

fn inconclusive(reason: Reason) -> Verdict {
    Verdict::Inconclusive { reason }
}

/// Whether the second half hardly moves any more.
fn at_rest(series: &[f64]) -> bool {
    let half = &series[series.len() / 2..];
    variance(half).sqrt() < AT_REST
}

/// How often a normalised series crosses its mean.
fn crossings(series: &[f64]) -> usize {
    series
        .windows(2)
        .filter(|pair| (pair[0] < 0.0) != (pair[1] < 0.0))
        .count()
}

/// The verdict on a series, with its evidence, all parameters chosen from the series.
///
/// # Errors
///
/// As [`Classifier::classify`].
pub fn classify(values: &[f64]) -> Result<Report, Error> {
    Classifier::new(values.len().min(MAX_POINTS), Settings::default())?.classify(values)
}
