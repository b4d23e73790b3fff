//! Seeded generators of series whose regime is known, for tests and benches.
//!
//! `tuned` are the systems that thresholds of the classifier were chosen on; `held_out` were never
//! looked at while choosing.
#![allow(dead_code)] // each test binary uses its own part
#![allow(clippy::cast_sign_loss)] // counts of steps are not negative
#![allow(clippy::too_many_lines)] // tables

pub mod flows;
pub mod fresh;
pub mod held_out;
pub mod maps;
pub mod noises;

/// xoshiro256++ (Blackman, Vigna), seeded by `SplitMix64`.
pub struct Random([u64; 4]);

impl Random {
    pub fn new(seed: u64) -> Self {
        let mut z = seed;
        Self(std::array::from_fn(|_| {
            z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let a = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let b = (a ^ (a >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            b ^ (b >> 31)
        }))
    }

    pub fn bits(&mut self) -> u64 {
        let s = &mut self.0;
        let out = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = s[3].rotate_left(45);
        out
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in [low, high).
    pub fn range(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Standard normal, Box-Muller.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }
}

/// What a series is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    FixedPoint,
    Periodic,
    Quasiperiodic,
    Chaotic,
    Stochastic,
}

/// A named generator. `interval` is the time between samples and `lambda` the published largest
/// exponent per unit of that time.
#[derive(Clone, Copy)]
pub struct System {
    pub name: &'static str,
    pub class: Class,
    pub interval: f64,
    pub lambda: Option<f64>,
    pub make: fn(&mut Random, usize) -> Vec<f64>,
}

impl System {
    /// A series of `length` samples with Gaussian measurement noise of `noise` deviations.
    pub fn series(&self, seed: u64, length: usize, noise: f64) -> Vec<f64> {
        let mut random = Random::new(seed ^ hash(self.name));
        let mut series = (self.make)(&mut random, length);
        if noise > 0.0 {
            let sigma = noise * deviation(&series);
            for value in &mut series {
                *value += sigma * random.normal();
            }
        }
        series
    }
}

fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

pub fn deviation(series: &[f64]) -> f64 {
    let count = series.len() as f64;
    let mean = series.iter().sum::<f64>() / count;
    (series.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count).sqrt()
}

/// A permutation of the series in place.
pub fn shuffle(series: &mut [f64], random: &mut Random) {
    for last in (1..series.len()).rev() {
        series.swap(last, (random.bits() % (last as u64 + 1)) as usize);
    }
}

const fn system(
    name: &'static str,
    class: Class,
    interval: f64,
    lambda: Option<f64>,
    make: fn(&mut Random, usize) -> Vec<f64>,
) -> System {
    System {
        name,
        class,
        interval,
        lambda,
        make,
    }
}

/// The systems of the tuning table, with the exponents published for them.
pub fn tuned() -> Vec<System> {
    use Class::{Chaotic, FixedPoint, Periodic, Quasiperiodic, Stochastic};
    vec![
        system(
            "logistic 4",
            Chaotic,
            1.0,
            Some(std::f64::consts::LN_2),
            |r, n| maps::logistic(4.0, r, n),
        ),
        system("logistic 3.9", Chaotic, 1.0, Some(0.4958), |r, n| {
            maps::logistic(3.9, r, n)
        }),
        system("henon", Chaotic, 1.0, Some(0.419_217), maps::henon),
        system("lorenz 28", Chaotic, 0.05, Some(0.90563), |r, n| {
            flows::lorenz([10.0, 28.0, 8.0 / 3.0], 0.05, r, n)
        }),
        system("lorenz 45.92", Chaotic, 0.03, Some(1.4995), |r, n| {
            flows::lorenz([16.0, 45.92, 4.0], 0.03, r, n)
        }),
        system("rossler 5.7", Chaotic, 0.2, Some(0.0717), |r, n| {
            flows::rossler([0.2, 0.2, 5.7], 0.2, r, n)
        }),
        system("rossler 10", Chaotic, 0.2, Some(0.0887), |r, n| {
            flows::rossler([0.15, 0.2, 10.0], 0.2, r, n)
        }),
        system("mackey-glass 17", Chaotic, 1.0, Some(0.0051), |r, n| {
            flows::mackey_glass(17.0, 1.0, r, n)
        }),
        system("mackey-glass 23", Chaotic, 1.0, Some(0.0095), |r, n| {
            flows::mackey_glass(23.0, 1.0, r, n)
        }),
        system("mackey-glass 30", Chaotic, 1.0, Some(0.0070), |r, n| {
            flows::mackey_glass(30.0, 1.0, r, n)
        }),
        system("jerk 2.017", Chaotic, 0.4, Some(0.0551), |r, n| {
            flows::jerk(0.4, r, n)
        }),
        system("logistic 2.8", FixedPoint, 1.0, None, |r, n| {
            maps::logistic(2.8, r, n)
        }),
        system("logistic 3.2", Periodic, 1.0, None, |r, n| {
            maps::logistic(3.2, r, n)
        }),
        system("logistic 3.5", Periodic, 1.0, None, |r, n| {
            maps::logistic(3.5, r, n)
        }),
        system("logistic 3.83", Periodic, 1.0, None, |r, n| {
            maps::logistic(3.83, r, n)
        }),
        system("sine 17.3", Periodic, 1.0, None, |r, n| {
            noises::lines(&[(17.3, 1.0)], r, n)
        }),
        system("rossler 2.5", Periodic, 0.2, None, |r, n| {
            flows::rossler([0.2, 0.2, 2.5], 0.2, r, n)
        }),
        system("lorenz 160", Periodic, 0.02, None, |r, n| {
            flows::lorenz([10.0, 160.0, 8.0 / 3.0], 0.02, r, n)
        }),
        system("torus", Quasiperiodic, 1.0, None, |r, n| {
            noises::lines(&[(17.3, 1.0), (17.3 / 1.618_033_988_75, 1.0)], r, n)
        }),
        system(
            "torus product",
            Quasiperiodic,
            1.0,
            None,
            noises::torus_product,
        ),
        system("white", Stochastic, 1.0, None, |r, n| {
            noises::autoregressive(&[0.0], r, n)
        }),
        system("uniform", Stochastic, 1.0, None, |r, n| {
            (0..n).map(|_| r.unit()).collect()
        }),
        system("ar(1) .5", Stochastic, 1.0, None, |r, n| {
            noises::autoregressive(&[0.5], r, n)
        }),
        system("ar(1) .9", Stochastic, 1.0, None, |r, n| {
            noises::autoregressive(&[0.9], r, n)
        }),
        system("ar(1) .99", Stochastic, 1.0, None, |r, n| {
            noises::autoregressive(&[0.99], r, n)
        }),
        system("ar(2)", Stochastic, 1.0, None, |r, n| {
            noises::resonance(0.95, 20.0, r, n)
        }),
        system("ar(2) narrow", Stochastic, 1.0, None, |r, n| {
            noises::resonance(0.995, 20.0, r, n)
        }),
        system("random walk", Stochastic, 1.0, None, |r, n| {
            noises::walk(1, r, n)
        }),
        system("integrated walk", Stochastic, 1.0, None, |r, n| {
            noises::walk(2, r, n)
        }),
        system("garch", Stochastic, 1.0, None, noises::garch),
        system(
            "noisy oscillator",
            Stochastic,
            0.3,
            None,
            noises::noisy_oscillator,
        ),
        system(
            "moving average",
            Stochastic,
            1.0,
            None,
            noises::moving_average,
        ),
    ]
}

/// Processes that are neither chaotic nor periodic nor tori and that no verdict but "not chaotic"
/// is asked of: nonlinear, non-stationary, or in between.
pub fn stress() -> Vec<System> {
    use Class::Stochastic;
    vec![
        system("threshold ar", Stochastic, 1.0, None, noises::threshold),
        system("telegraph", Stochastic, 1.0, None, noises::telegraph),
        system("chirp", Stochastic, 1.0, None, noises::chirp),
        system("trend", Stochastic, 1.0, None, noises::trend),
        system("bursts", Stochastic, 1.0, None, noises::bursts),
        system(
            "sine in red noise",
            Stochastic,
            1.0,
            None,
            noises::sine_in_red_noise,
        ),
        system(
            "cubed resonance",
            Stochastic,
            1.0,
            None,
            noises::cubed_resonance,
        ),
    ]
}
