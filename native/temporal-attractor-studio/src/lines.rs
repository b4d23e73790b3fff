//! Periodic and quasi-periodic motion: is the series a sum of a few lines, and does that sum go on?
//!
//! Lines are taken off the first half one after the other (strongest first, frequencies refined
//! between the bins), then all are refitted in turn. The test is the second half: a sum of lines
//! that was fitted to noise or chaos forecasts nothing there.

use alloc::vec::Vec;
use core::f64::consts::TAU;

use crate::fft::{Complex, RealFft, usable_length};
#[cfg(not(feature = "std"))]
use crate::math::Math;

/// Most lines; a two-frequency torus with a bent waveform shows about ten above 1 %.
const LINES: usize = 16;
/// Rounds of refitting each line with the others taken off.
const SWEEPS: usize = 3;
/// No more lines are sought once so little of the variance is left: clean data, no noise to reach.
const DONE: f64 = 1e-8;
/// Most points that are looked at.
const WINDOW: usize = 4096;

/// One line: cycles per sample, and the weights of cosine and sine.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct SpectralLine {
    pub(crate) frequency: f64,
    cosine: f64,
    sine: f64,
}

impl SpectralLine {
    /// Twice its share of the variance.
    fn power(self) -> f64 {
        self.cosine * self.cosine + self.sine * self.sine
    }

    /// Adds `scale` times the line to values that begin at time `from`.
    fn add(self, values: &mut [f64], from: usize, scale: f64) {
        let (step, mut at) = (turn(self.frequency), phase(self.frequency, from));
        for value in values {
            *value += scale * (self.cosine * at.re + self.sine * at.im);
            at = rotate(at, step);
        }
    }
}

/// Scratch of the search.
#[derive(Debug, Default)]
pub(crate) struct LineScratch {
    fft: RealFft,
    residual: Vec<f64>,
    windowed: Vec<f64>,
    hann: Vec<f64>,
    spectrum: Vec<Complex>,
    lines: Vec<SpectralLine>,
}

impl LineScratch {
    pub(crate) fn reserve(&mut self, points: usize) {
        let points = points.min(WINDOW);
        self.fft.reserve(points);
        for buffer in [&mut self.residual, &mut self.windowed, &mut self.hann] {
            buffer.reserve(points);
        }
        self.spectrum.reserve(points / 2 + 1);
        self.lines.reserve(LINES);
    }

    /// The strongest line of the last fit.
    pub(crate) fn strongest(&self) -> Option<SpectralLine> {
        self.lines
            .iter()
            .copied()
            .max_by(|a, b| a.power().total_cmp(&b.power()))
    }

    /// Fits lines to the first half of the last points of a normalised series and returns the mean
    /// square error of their continuation over the second half, in shares of its variance.
    pub(crate) fn forecast_error(&mut self, series: &[f64]) -> f64 {
        let window = &series[series.len() - series.len().min(WINDOW)..];
        let half = usable_length(window.len() / 2);
        if half < 32 {
            return f64::INFINITY;
        }
        self.fit(&window[..half]);
        let rest = &window[half..];
        self.residual.clear();
        self.residual.extend_from_slice(rest);
        for line in &self.lines {
            line.add(&mut self.residual, half, -1.0);
        }
        power(&self.residual) / variance(rest).max(f64::MIN_POSITIVE)
    }

    fn fit(&mut self, part: &[f64]) {
        let length = part.len();
        self.fft.plan(length);
        self.hann.clear();
        let step = TAU / length as f64;
        self.hann
            .extend((0..length).map(|t| 0.5 - 0.5 * (step * (t as f64 + 0.5)).cos()));
        self.spectrum.clear();
        self.spectrum.resize(length / 2 + 1, Complex::default());
        self.residual.clear();
        self.residual.extend_from_slice(part);
        self.lines.clear();
        let start = power(&self.residual);
        while self.lines.len() < LINES && power(&self.residual) > DONE * start {
            let guess = self.strongest_bin();
            self.take(guess);
        }
        for _ in 0..SWEEPS {
            for place in 0..self.lines.len() {
                let line = self.lines.remove(0);
                line.add(&mut self.residual, 0, 1.0);
                self.take(line.frequency);
                debug_assert!(place < LINES);
            }
        }
    }

    /// Refines a frequency, fits the line there and takes it off the residual.
    fn take(&mut self, guess: f64) {
        let mut frequency = guess;
        for _ in 0..3 {
            frequency = (frequency + self.correction(frequency)).clamp(0.0, 0.5);
        }
        let line = self.project(frequency);
        line.add(&mut self.residual, 0, -1.0);
        self.lines.push(line);
    }

    /// The strongest frequency of the Hann-windowed residual, interpolated between bins.
    fn strongest_bin(&mut self) -> f64 {
        self.windowed.clear();
        self.windowed
            .extend(self.residual.iter().zip(&self.hann).map(|(a, b)| a * b));
        self.fft.forward(&self.windowed, &mut self.spectrum);
        let norm = |bin: usize| self.spectrum[bin].norm_squared();
        let last = self.spectrum.len() - 1;
        let peak = (1..=last)
            .max_by(|a, b| norm(*a).total_cmp(&norm(*b)))
            .unwrap_or(1);
        let length = self.residual.len() as f64;
        if peak == last || peak == 1 {
            return peak as f64 / length;
        }
        let (left, right) = (norm(peak - 1).sqrt(), norm(peak + 1).sqrt());
        let centre = norm(peak).sqrt().max(f64::MIN_POSITIVE);
        let (side, ratio) = if right > left {
            (1.0, right / centre)
        } else {
            (-1.0, left / centre)
        };
        let shift = ((2.0 * ratio - 1.0) / (1.0 + ratio)).clamp(-0.5, 1.0);
        (peak as f64 + side * shift) / length
    }

    /// How much the phase of the residual, seen at `frequency`, runs away from one half to the
    /// other, in cycles per sample.
    fn correction(&self, frequency: f64) -> f64 {
        let half = self.residual.len() / 2;
        let demodulate = |from: usize| {
            let (step, mut at) = (turn(frequency), phase(frequency, from));
            let mut sum = Complex::default();
            let taper = &self.hann; // every second weight: a full window over the half
            for (t, value) in self.residual[from..from + half].iter().enumerate() {
                let weight = value * taper[2 * t];
                sum.re += weight * at.re;
                sum.im -= weight * at.im;
                at = rotate(at, step);
            }
            sum
        };
        let (a, b) = (demodulate(0), demodulate(half));
        let cross = b.re * a.re + b.im * a.im;
        let turned = b.im * a.re - b.re * a.im;
        if cross == 0.0 && turned == 0.0 {
            return 0.0;
        }
        turned.atan2(cross) / TAU / half as f64
    }

    /// Least squares of cosine and sine, Hann-weighted so that other lines leak little.
    fn project(&self, frequency: f64) -> SpectralLine {
        let (step, mut at) = (turn(frequency), Complex { re: 1.0, im: 0.0 });
        let (mut cc, mut ss, mut cs, mut xc, mut xs) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (value, weight) in self.residual.iter().zip(&self.hann) {
            let (c, s) = (at.re, at.im);
            cc += weight * c * c;
            ss += weight * s * s;
            cs += weight * c * s;
            xc += weight * c * value;
            xs += weight * s * value;
            at = rotate(at, step);
        }
        let determinant = cc * ss - cs * cs;
        // At frequencies 0 and 1/2 the sine vanishes.
        if determinant < 1e-9 * (cc + ss) * (cc + ss) {
            return SpectralLine {
                frequency,
                cosine: xc / cc.max(f64::MIN_POSITIVE),
                sine: 0.0,
            };
        }
        let cosine = (xc * ss - xs * cs) / determinant;
        let sine = (xs * cc - xc * cs) / determinant;
        SpectralLine {
            frequency,
            cosine,
            sine,
        }
    }
}

fn power(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>() / values.len() as f64
}

fn turn(frequency: f64) -> Complex {
    Complex {
        re: (TAU * frequency).cos(),
        im: (TAU * frequency).sin(),
    }
}

fn phase(frequency: f64, time: usize) -> Complex {
    turn((frequency * time as f64).fract())
}

#[inline]
fn rotate(at: Complex, by: Complex) -> Complex {
    Complex {
        re: at.re * by.re - at.im * by.im,
        im: at.re * by.im + at.im * by.re,
    }
}

/// Phases of the fold are rounded to so many points per step: inside a step the order is random, so
/// that a period that resonates with the samples does not put neighbours in time side by side.
const POINTS_PER_STEP: f64 = 4.0;
/// Odd multiplier (2^32 over the golden ratio) that scatters the order of time, and its inverse.
const SCATTER: u32 = 0x9e37_79b1;
const GATHER: u32 = inverse(SCATTER);

/// The inverse of an odd number modulo 2^32, by Newton's iteration.
const fn inverse(odd: u32) -> u32 {
    let mut guess = odd;
    let mut round = 0;
    while round < 5 {
        guess = guess.wrapping_mul(2_u32.wrapping_sub(odd.wrapping_mul(guess)));
        round += 1;
    }
    guess
}

/// Variance that is left after folding a normalised series at `period` samples, in shares of the
/// whole: each value against the mean of its two neighbours in phase (a string
/// length in the sense of Lafler, Kinman, Astrophys. J. Suppl. 11 (1965) 216, of second order so
/// that the waveform's slope does not count).
#[expect(clippy::cast_sign_loss, reason = "a phase is not negative")]
pub(crate) fn fold_error(series: &[f64], period: f64, keys: &mut Vec<u64>) -> f64 {
    keys.clear();
    let steps = series.len() as f64 / POINTS_PER_STEP;
    keys.extend((0..series.len()).map(|t| {
        let cycle = (t as f64 / period).fract();
        (u64::from((cycle * steps) as u32) << 32) | u64::from((t as u32).wrapping_mul(SCATTER))
    }));
    keys.sort_unstable();
    let value = |key: &u64| series[(*key as u32).wrapping_mul(GATHER) as usize];
    let off = |three: &[u64]| value(&three[1]) - f64::midpoint(value(&three[0]), value(&three[2]));
    let sum: f64 = keys.windows(3).map(|three| off(three).powi(2)).sum();
    // Independent noise of variance 1 has a mean square of 1.5 there.
    sum / 1.5 / (series.len() - 2) as f64
}

/// The same for a whole number of samples, by plain differences: exact for maps. The worst of the
/// lag itself and of its multiples nearest a half and a third of the series, where slow motion has
/// gone on.
pub(crate) fn shift_error(series: &[f64], shift: usize) -> f64 {
    let error = |lag: usize| {
        let later = &series[lag..];
        let sum: f64 = series.iter().zip(later).map(|(a, b)| (a - b).powi(2)).sum();
        sum / 2.0 / later.len() as f64
    };
    let far = |part: usize| (series.len() / part / shift).max(1) * shift;
    error(shift).max(error(far(2))).max(error(far(3)))
}

/// The smaller of the variances of the two halves; what explains the series must explain both.
pub(crate) fn quieter_half(series: &[f64]) -> f64 {
    let (first, second) = series.split_at(series.len() / 2);
    variance(first).min(variance(second)).max(f64::MIN_POSITIVE)
}

pub(crate) fn variance(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>()
        / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use crate::series::normalise;

    fn normal(make: impl Fn(f64) -> f64, length: usize) -> Vec<f64> {
        let raw: Vec<f64> = (0..length).map(|t| make(t as f64)).collect();
        let mut out = Vec::new();
        assert!(normalise(&raw, &mut out).is_ok());
        out
    }

    #[test]
    fn five_lines_go_on_and_noise_does_not() {
        let sum = |t: f64| {
            [
                (0.031_7, 1.0),
                (0.083_1, 0.6),
                (0.2, 0.3),
                (0.317, 0.2),
                (0.499, 0.1),
            ]
            .iter()
            .map(|(f, a)| a * (TAU * f * t + f * 100.0).cos())
            .sum()
        };
        let mut scratch = LineScratch::default();
        let error = scratch.forecast_error(&normal(sum, 4000));
        assert!(error < 1e-4, "{error}");
        let frequency = scratch.strongest().map_or(0.0, |line| line.frequency);
        assert!((frequency - 0.0317).abs() < 1e-7, "{frequency}");
        let random = core::cell::RefCell::new(Random::new(1));
        let noise = normal(|_| random.borrow_mut().unit(), 4000);
        assert!(scratch.forecast_error(&noise) > 0.9);
    }

    #[test]
    fn folding_leaves_nothing_at_the_period_and_all_beside_it() {
        let series = normal(
            |t| (TAU * t / 17.3).sin() + 0.5 * (2.0 * TAU * t / 17.3).cos(),
            5000,
        );
        let mut keys = Vec::new();
        assert!(fold_error(&series, 17.3, &mut keys) < 1e-4);
        assert!(fold_error(&series, 17.4, &mut keys) > 0.5);
        assert!(shift_error(&series, 173) < 1e-20);
        assert!(shift_error(&series, 170) > 0.05);
    }
}
