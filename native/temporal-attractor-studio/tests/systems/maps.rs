//! Maps. In f64 some orbits collapse onto short cycles, so each step adds 1e-15 of noise.

use super::Random;

const DITHER: f64 = 1e-15;
const TRANSIENT: usize = 500;

/// x' = r x (1 - x); observed without transient except for r < 3, whose transient is the series.
pub fn logistic(rate: f64, random: &mut Random, length: usize) -> Vec<f64> {
    let mut x = random.range(0.1, 0.9);
    let transient = if rate < 3.0 { 0 } else { 2 * TRANSIENT };
    let mut out = Vec::with_capacity(length);
    for step in 0..length + transient {
        x = (rate * x * (1.0 - x) + DITHER * random.unit()).clamp(1e-12, 1.0 - 1e-12);
        if step >= transient {
            out.push(x);
        }
    }
    out
}

/// Henon's map at 1.4, 0.3, x observed.
pub fn henon(random: &mut Random, length: usize) -> Vec<f64> {
    let (mut x, mut y) = (random.range(-0.1, 0.1), random.range(-0.1, 0.1));
    let mut out = Vec::with_capacity(length);
    for step in 0..length + TRANSIENT {
        (x, y) = (1.0 - 1.4 * x * x + y, 0.3 * x);
        if step >= TRANSIENT {
            out.push(x);
        }
    }
    out
}
