//! Lines and stochastic processes.

use super::Random;
use std::f64::consts::TAU;

/// A sum of cosines of given (period, amplitude), phases drawn.
pub fn lines(parts: &[(f64, f64)], random: &mut Random, length: usize) -> Vec<f64> {
    let phases: Vec<f64> = parts.iter().map(|_| random.range(0.0, TAU)).collect();
    (0..length)
        .map(|t| {
            let each = parts.iter().zip(&phases);
            each.map(|((p, a), phase)| a * (TAU * t as f64 / p + phase).cos())
                .sum()
        })
        .collect()
}

/// A torus with an amplitude-modulated waveform: its lines are combinations of two frequencies.
pub fn torus_product(random: &mut Random, length: usize) -> Vec<f64> {
    let (a, b) = (random.range(0.0, TAU), random.range(0.0, TAU));
    (0..length)
        .map(|t| {
            let (u, v) = (
                TAU * t as f64 / 23.7 + a,
                TAU * t as f64 / (23.7 * 2f64.sqrt()) + b,
            );
            (1.0 + 0.5 * u.cos()) * v.cos() + 0.3 * (2.0 * u).sin()
        })
        .collect()
}

pub fn autoregressive(weights: &[f64], random: &mut Random, length: usize) -> Vec<f64> {
    let mut past = vec![0.0; weights.len()];
    let mut out = Vec::with_capacity(length);
    for step in 0..length + 1000 {
        let next = past.iter().zip(weights).map(|(x, w)| x * w).sum::<f64>() + random.normal();
        past.rotate_right(1);
        past[0] = next;
        if step >= 1000 {
            out.push(next);
        }
    }
    out
}

/// AR(2) with poles of the given radius at the given period.
pub fn resonance(radius: f64, period: f64, random: &mut Random, length: usize) -> Vec<f64> {
    let weights = [2.0 * radius * (TAU / period).cos(), -radius * radius];
    autoregressive(&weights, random, length)
}

/// White noise summed `times` times.
pub fn walk(times: usize, random: &mut Random, length: usize) -> Vec<f64> {
    let mut series: Vec<f64> = (0..length).map(|_| random.normal()).collect();
    for _ in 0..times {
        let mut sum = 0.0;
        for value in &mut series {
            sum += *value;
            *value = sum;
        }
    }
    series
}

/// GARCH(1,1) with weights 0.1, 0.1, 0.8.
pub fn garch(random: &mut Random, length: usize) -> Vec<f64> {
    let (mut variance, mut last) = (1.0, 0.0);
    let mut next = || {
        variance = 0.1 + 0.1 * last * last + 0.8 * variance;
        last = f64::sqrt(variance) * random.normal();
        last
    };
    (0..500).for_each(|_| {
        next();
    });
    (0..length).map(|_| next()).collect()
}

/// Van der Pol's oscillator driven by white noise: a limit cycle whose phase diffuses.
pub fn noisy_oscillator(random: &mut Random, length: usize) -> Vec<f64> {
    let (mut x, mut y) = (1.0, 0.0);
    let step: f64 = 0.01;
    let mut out = Vec::with_capacity(length);
    for tick in 0..(length + 200) * 30 {
        let force = (1.0 - x * x) * y - x;
        x += step * y;
        y += step * force + 0.5 * step.sqrt() * random.normal();
        if tick >= 6000 && tick % 30 == 29 {
            out.push(x);
        }
    }
    out
}

pub fn moving_average(random: &mut Random, length: usize) -> Vec<f64> {
    let white: Vec<f64> = (0..length + 4).map(|_| random.normal()).collect();
    white.windows(5).map(|w| w.iter().sum::<f64>()).collect()
}

/// A threshold autoregression: two linear rules, switched by the sign of the last value.
pub fn threshold(random: &mut Random, length: usize) -> Vec<f64> {
    let mut x = 0.0;
    let mut out = Vec::with_capacity(length);
    for step in 0..length + 200 {
        x = if x > 0.0 { -1.2 * x } else { 0.7 * x + 1.0 } + 0.5 * random.normal();
        if step >= 200 {
            out.push(x);
        }
    }
    out
}

/// A telegraph signal in white noise.
pub fn telegraph(random: &mut Random, length: usize) -> Vec<f64> {
    let mut level = 1.0;
    (0..length)
        .map(|_| {
            if random.unit() < 0.02 {
                level = -level;
            }
            level + 0.1 * random.normal()
        })
        .collect()
}

/// A sine whose period grows by half over the series.
pub fn chirp(random: &mut Random, length: usize) -> Vec<f64> {
    let mut phase = random.range(0.0, TAU);
    (0..length)
        .map(|t| {
            phase += TAU / (20.0 + 10.0 * t as f64 / length as f64);
            phase.sin()
        })
        .collect()
}

/// A trend with red noise on it.
pub fn trend(random: &mut Random, length: usize) -> Vec<f64> {
    let noise = autoregressive(&[0.8], random, length);
    noise
        .iter()
        .enumerate()
        .map(|(t, x)| x + 20.0 * t as f64 / length as f64)
        .collect()
}

/// A product of two autoregressions: uncorrelated bursts.
pub fn bursts(random: &mut Random, length: usize) -> Vec<f64> {
    let slow = autoregressive(&[0.98], random, length);
    slow.iter().map(|x| x * random.normal()).collect()
}

/// A sine with a strong red noise.
pub fn sine_in_red_noise(random: &mut Random, length: usize) -> Vec<f64> {
    let noise = autoregressive(&[0.9], random, length);
    let phase = random.range(0.0, TAU);
    noise
        .iter()
        .enumerate()
        .map(|(t, x)| x + 2.0 * (TAU * t as f64 / 31.4 + phase).sin())
        .collect()
}

/// An AR(2) at 20 samples, seen through a cube: linear, with a static nonlinear read-out.
pub fn cubed_resonance(random: &mut Random, length: usize) -> Vec<f64> {
    resonance(0.98, 20.0, random, length)
        .iter()
        .map(|x| x * x * x)
        .collect()
}
