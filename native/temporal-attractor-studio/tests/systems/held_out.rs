//! Systems that no threshold was chosen on: written and first scored after the classifier stood.

use super::Class::{Chaotic, Periodic, Quasiperiodic, Stochastic};
use super::{Random, System, flows, system};
use std::f64::consts::TAU;

/// All of them. Exponents: Ikeda and hyperchaos from Sprott's tables, the others are not gated.
pub fn held_out() -> Vec<System> {
    vec![
        system("ikeda", Chaotic, 1.0, Some(0.508), ikeda),
        system("duffing two-well", Chaotic, 0.3, None, |r, n| {
            duffing(0.25, 0.3, r, n)
        }),
        system("chua", Chaotic, 0.1, None, chua),
        system("hyperchaos", Chaotic, 0.2, Some(0.112), hyperchaos),
        system("duffing locked", Periodic, 0.3, None, |r, n| {
            duffing(0.25, 0.2, r, n)
        }),
        system("circle locked", Periodic, 1.0, None, |r, n| {
            circle(0.9, 0.5, r, n)
        }),
        system("circle", Quasiperiodic, 1.0, None, |r, n| {
            circle(0.8, 0.618_033_988_75, r, n)
        }),
        system("circle weak", Quasiperiodic, 1.0, None, |r, n| {
            circle(0.4, 0.414_213_562, r, n)
        }),
        system("fgn .2", Stochastic, 1.0, None, |r, n| {
            fractional_noise(0.2, r, n)
        }),
        system("fgn .7", Stochastic, 1.0, None, |r, n| {
            fractional_noise(0.7, r, n)
        }),
        system("fgn .9", Stochastic, 1.0, None, |r, n| {
            fractional_noise(0.9, r, n)
        }),
        system("switching ar", Stochastic, 1.0, None, switching),
    ]
}

/// Ikeda's map at u = 0.9, real part observed.
fn ikeda(random: &mut Random, length: usize) -> Vec<f64> {
    let (mut x, mut y) = (random.range(0.0, 0.5), random.range(0.0, 0.5));
    let mut out = Vec::with_capacity(length);
    for step in 0..length + 500 {
        let (sine, cosine) = (0.4 - 6.0 / (1.0 + x * x + y * y)).sin_cos();
        (x, y) = (
            1.0 + 0.9 * (x * cosine - y * sine),
            0.9 * (x * sine + y * cosine),
        );
        if step >= 500 {
            out.push(x);
        }
    }
    out
}

/// x'' + damping x' - x + x^3 = force cos t.
fn duffing(damping: f64, force: f64, random: &mut Random, length: usize) -> Vec<f64> {
    let start = [
        random.range(-1.0, 1.0),
        random.range(-0.5, 0.5),
        random.range(0.0, TAU),
    ];
    let derive = move |s: &[f64; 3]| {
        [
            s[1],
            s[0] - s[0].powi(3) - damping * s[1] + force * s[2].cos(),
            1.0,
        ]
    };
    flows::integrate(derive, start, (0.3, 30, 600.0), length)
}

/// Chua's circuit, double scroll.
fn chua(random: &mut Random, length: usize) -> Vec<f64> {
    let start = [
        0.7 + random.range(-0.05, 0.05),
        random.range(-0.05, 0.05),
        0.0,
    ];
    let derive = |s: &[f64; 3]| {
        let bend = -0.714 * s[0] - 0.2145 * ((s[0] + 1.0).abs() - (s[0] - 1.0).abs());
        [
            15.6 * (s[1] - s[0] - bend),
            s[0] - s[1] + s[2],
            -28.0 * s[1],
        ]
    };
    flows::integrate(derive, start, (0.1, 50, 100.0), length)
}

/// Rossler's hyperchaos of 1979.
fn hyperchaos(random: &mut Random, length: usize) -> Vec<f64> {
    let start = [-20.0 + random.range(-0.5, 0.5), 0.0, 0.0, 15.0];
    let derive = |s: &[f64; 4]| {
        [
            -s[1] - s[2],
            s[0] + 0.25 * s[1] + s[3],
            3.0 + s[0] * s[2],
            -0.5 * s[2] + 0.05 * s[3],
        ]
    };
    flows::integrate(derive, start, (0.2, 40, 200.0), length)
}

/// The sine circle map, observed through a sine.
fn circle(coupling: f64, drive: f64, random: &mut Random, length: usize) -> Vec<f64> {
    let mut angle = random.unit();
    let mut out = Vec::with_capacity(length);
    for step in 0..length + 1000 {
        angle = (angle + drive - coupling / TAU * (TAU * angle).sin()).rem_euclid(1.0);
        if step >= 1000 {
            out.push((TAU * angle + 0.7).sin());
        }
    }
    out
}

/// Fractional Gaussian noise by Hosking's recursion (exact, O(N^2)).
fn fractional_noise(hurst: f64, random: &mut Random, length: usize) -> Vec<f64> {
    let power = |k: f64| k.abs().powf(2.0 * hurst);
    let covariance: Vec<f64> = (0..length)
        .map(|k| k as f64)
        .map(|k| 0.5 * (power(k + 1.0) - 2.0 * power(k) + power(k - 1.0)))
        .collect();
    let (mut weights, mut variance) = (Vec::<f64>::with_capacity(length), 1.0);
    let mut out = vec![random.normal()];
    for n in 1..length {
        let known: f64 = weights
            .iter()
            .zip(covariance[1..n].iter().rev())
            .map(|(w, c)| w * c)
            .sum();
        let last = (covariance[n] - known) / variance;
        let old = weights.clone();
        for (weight, mirrored) in weights.iter_mut().zip(old.iter().rev()) {
            *weight -= last * mirrored;
        }
        weights.push(last);
        variance *= 1.0 - last * last;
        let mean: f64 = weights
            .iter()
            .zip(out.iter().rev())
            .map(|(w, x)| w * x)
            .sum();
        out.push(mean + f64::sqrt(variance) * random.normal());
    }
    out
}

/// Two autoregressions of different memory and strength, switched at random.
fn switching(random: &mut Random, length: usize) -> Vec<f64> {
    let (mut calm, mut x) = (true, 0.0);
    (0..length)
        .map(|_| {
            if random.unit() < 0.01 {
                calm = !calm;
            }
            let (weight, strength) = if calm { (0.9, 0.5) } else { (-0.5, 2.0) };
            x = weight * x + strength * random.normal();
            x
        })
        .collect()
}
