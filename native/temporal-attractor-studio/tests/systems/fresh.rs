//! A second list that was written and scored after the last change that the first one led to.

use super::Class::{Chaotic, Periodic, Quasiperiodic, Stochastic};
use super::{Random, System, flows, noises, system};

/// All of them.
pub fn fresh() -> Vec<System> {
    vec![
        system("tinkerbell", Chaotic, 1.0, None, tinkerbell),
        system("lozi", Chaotic, 1.0, None, lozi),
        system("chen", Chaotic, 0.02, Some(2.027), chen),
        system("halvorsen", Chaotic, 0.05, None, halvorsen),
        system("van der pol", Periodic, 0.2, None, van_der_pol),
        system("brusselator", Periodic, 0.2, None, brusselator),
        system("three lines", Quasiperiodic, 1.0, None, |r, n| {
            noises::lines(
                &[
                    (31.0, 1.0),
                    (31.0 / 1.324_718, 0.7),
                    (31.0 / 1.754_878, 0.5),
                ],
                r,
                n,
            )
        }),
        system(
            "delayed logistic",
            Quasiperiodic,
            1.0,
            None,
            delayed_logistic,
        ),
        system("arma", Stochastic, 1.0, None, arma),
        system("volatility", Stochastic, 1.0, None, volatility),
        system("gamma ar", Stochastic, 1.0, None, gamma_autoregression),
        system("two resonances", Stochastic, 1.0, None, two_resonances),
    ]
}

fn tinkerbell(random: &mut Random, length: usize) -> Vec<f64> {
    let (mut x, mut y) = (-0.72 + random.range(-0.005, 0.005), -0.64);
    let mut out = Vec::with_capacity(length);
    for step in 0..length + 500 {
        (x, y) = (
            x * x - y * y + 0.9 * x - 0.6013 * y,
            2.0 * x * y + 2.0 * x + 0.5 * y,
        );
        if step >= 500 {
            out.push(x);
        }
    }
    out
}

fn lozi(random: &mut Random, length: usize) -> Vec<f64> {
    let (mut x, mut y) = (random.range(-0.1, 0.1), random.range(-0.1, 0.1));
    let mut out = Vec::with_capacity(length);
    for step in 0..length + 500 {
        (x, y) = (1.0 - 1.7 * f64::abs(x) + y, 0.5 * x);
        if step >= 500 {
            out.push(x);
        }
    }
    out
}

fn chen(random: &mut Random, length: usize) -> Vec<f64> {
    let start = [-3.0 + random.range(-0.5, 0.5), 2.0, 20.0];
    let derive = |s: &[f64; 3]| {
        [
            35.0 * (s[1] - s[0]),
            -7.0 * s[0] - s[0] * s[2] + 28.0 * s[1],
            s[0] * s[1] - 3.0 * s[2],
        ]
    };
    flows::integrate(derive, start, (0.02, 20, 20.0), length)
}

fn halvorsen(random: &mut Random, length: usize) -> Vec<f64> {
    let start = [-5.0 + random.range(-0.1, 0.1), 0.0, 0.0];
    let rate = |a: f64, b: f64, c: f64| -1.4 * a - 4.0 * b - 4.0 * c - b * b;
    let derive = move |s: &[f64; 3]| {
        [
            rate(s[0], s[1], s[2]),
            rate(s[1], s[2], s[0]),
            rate(s[2], s[0], s[1]),
        ]
    };
    flows::integrate(derive, start, (0.05, 20, 100.0), length)
}

fn van_der_pol(random: &mut Random, length: usize) -> Vec<f64> {
    let start = [random.range(-1.0, 1.0), 1.0];
    let derive = |s: &[f64; 2]| [s[1], 3.0 * (1.0 - s[0] * s[0]) * s[1] - s[0]];
    flows::integrate(derive, start, (0.2, 40, 200.0), length)
}

fn brusselator(random: &mut Random, length: usize) -> Vec<f64> {
    let start = [1.0 + random.range(0.0, 0.5), 1.0];
    let derive = |s: &[f64; 2]| {
        [
            1.0 + s[0] * s[0] * s[1] - 4.0 * s[0],
            3.0 * s[0] - s[0] * s[0] * s[1],
        ]
    };
    flows::integrate(derive, start, (0.2, 40, 200.0), length)
}

/// x' = 2.05 x (1 - y), y' = x: an invariant circle after the Neimark-Sacker bifurcation at 2.
fn delayed_logistic(random: &mut Random, length: usize) -> Vec<f64> {
    let (mut x, mut y) = (0.5 + random.range(-0.05, 0.05), 0.5);
    let mut out = Vec::with_capacity(length);
    for step in 0..length + 2000 {
        (x, y) = (2.05 * x * (1.0 - y), x);
        if step >= 2000 {
            out.push(x);
        }
    }
    out
}

fn arma(random: &mut Random, length: usize) -> Vec<f64> {
    let white: Vec<f64> = (0..length + 200).map(|_| random.normal()).collect();
    let mut out = vec![0.0, 0.0];
    for t in 2..white.len() {
        let next = 1.2 * out[t - 1] - 0.5 * out[t - 2] + white[t] + 0.6 * white[t - 1];
        out.push(next);
    }
    out.split_off(200)
}

fn volatility(random: &mut Random, length: usize) -> Vec<f64> {
    let mut log = 0.0;
    (0..length)
        .map(|_| {
            log = 0.97 * log + 0.3 * random.normal();
            f64::exp(log / 2.0) * random.normal()
        })
        .collect()
}

/// AR(1) with exponential shocks: skewed, with jumps up and decays down.
fn gamma_autoregression(random: &mut Random, length: usize) -> Vec<f64> {
    let mut x = 0.0;
    (0..length)
        .map(|_| {
            x = 0.85 * x - (1.0 - random.unit()).ln();
            x
        })
        .collect()
}

fn two_resonances(random: &mut Random, length: usize) -> Vec<f64> {
    let fast = noises::resonance(0.98, 11.0, random, length);
    let slow = noises::resonance(0.99, 47.0, random, length);
    let scale = super::deviation(&fast) / super::deviation(&slow);
    fast.iter().zip(&slow).map(|(a, b)| a + scale * b).collect()
}
