//! Mean logarithm of the distance between pairs of points as they move on.
//!
//! One logarithm per pair and step would be most of the cost, so distances are multiplied and only
//! the product's logarithm is taken. The product is brought back to [1, 2) after every `BATCH`
//! factors: each factor lies in [1e-14, 1e3], so sixteen of them stay inside f64.

#[cfg(not(feature = "std"))]
use crate::math::Math;
use alloc::vec::Vec;

/// Factors between two renormalisations.
const BATCH: usize = 16;

/// Distances below this (in deviations of the series) count as zero: they are rounding.
pub(crate) const ZERO: f64 = 1e-14;

const EXPONENT_MASK: u64 = 0x7ff << 52;
const EXPONENT_ONE: u64 = 0x3ff << 52;

/// Two time indices.
pub(crate) type Pair = (u32, u32);

/// Scratch and result: for each step, how often the pairs were apart and the sum of logarithms.
#[derive(Debug, Default)]
pub(crate) struct Divergence {
    product: Vec<f64>,
    exponent: Vec<f64>,
    count: Vec<f64>,
}

impl Divergence {
    pub(crate) fn reserve(&mut self, steps: usize) {
        for buffer in [&mut self.product, &mut self.exponent, &mut self.count] {
            buffer.reserve(steps);
        }
    }

    /// Follows the pairs for `steps` samples from `start` samples after their first coordinate.
    ///
    /// Every pair must have `start + steps` samples ahead of both of its ends.
    pub(crate) fn follow(
        &mut self,
        series: &[f64],
        pairs: impl Iterator<Item = Pair>,
        start: usize,
        steps: usize,
    ) {
        self.product.clear();
        self.product.resize(steps, 1.0);
        for buffer in [&mut self.exponent, &mut self.count] {
            buffer.clear();
            buffer.resize(steps, 0.0);
        }
        let mut pending = 0;
        for (one, other) in pairs {
            let first = &series[one as usize + start..][..steps];
            let second = &series[other as usize + start..][..steps];
            multiply(first, second, &mut self.product, &mut self.count);
            pending += 1;
            if pending == BATCH {
                renormalise(&mut self.product, &mut self.exponent);
                pending = 0;
            }
        }
        renormalise(&mut self.product, &mut self.exponent);
    }

    /// Adds the mean logarithm of each step to `curve`; NaN where all pairs coincide.
    pub(crate) fn means(&self, curve: &mut Vec<f64>) {
        curve.clear();
        let steps = self.product.iter().zip(&self.exponent).zip(&self.count);
        curve.extend(steps.map(|((product, exponent), count)| {
            (product.ln() + exponent * core::f64::consts::LN_2) / count
        }));
    }
}

/// Multiplies each product by the distance at its step, zeros aside.
fn multiply(first: &[f64], second: &[f64], product: &mut [f64], count: &mut [f64]) {
    let ends = first.iter().zip(second);
    for ((a, b), (product, count)) in ends.zip(product.iter_mut().zip(count)) {
        let distance = (a - b).abs();
        let apart = distance > ZERO;
        *product *= if apart { distance } else { 1.0 };
        *count += if apart { 1.0 } else { 0.0 };
    }
}

/// Moves the binary exponents of the products into `exponent`.
fn renormalise(product: &mut [f64], exponent: &mut [f64]) {
    for (product, exponent) in product.iter_mut().zip(exponent) {
        let bits = product.to_bits();
        *exponent += f64::from((bits >> 52) as u16 & 0x7ff) - 1023.0;
        *product = f64::from_bits((bits & !EXPONENT_MASK) | EXPONENT_ONE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn equals_the_plain_mean_of_logarithms_and_skips_coinciding_ends() {
        let mut random = Random::new(3);
        let mut series: Vec<f64> = (0..400).map(|_| random.unit() * 1e-7).collect();
        series[310] = series[10];
        let pairs: Vec<Pair> = (0..299).map(|i| (i, 300 + i % 90)).collect();
        let mut divergence = Divergence::default();
        divergence.follow(&series, pairs.iter().copied(), 0, 9);
        let mut curve = Vec::new();
        divergence.means(&mut curve);
        for (step, mean) in curve.iter().enumerate() {
            let logs: Vec<f64> = pairs
                .iter()
                .map(|(a, b)| (series[*a as usize + step] - series[*b as usize + step]).abs())
                .filter(|distance| *distance > ZERO)
                .map(f64::ln)
                .collect();
            let plain = logs.iter().sum::<f64>() / logs.len() as f64;
            assert!(
                (mean - plain).abs() < 1e-10,
                "step {step}: {mean} instead of {plain}"
            );
        }
    }
}
