//! Do both halves of the series draw from the same values? Two-sample Kolmogorov-Smirnov distance.
//!
//! Neighbouring samples are not independent, so the count that enters the threshold is that of
//! independent stretches, not of samples.

#[cfg(not(feature = "std"))]
use crate::math::Math;
use alloc::vec::Vec;

/// Largest distance of the two halves' distribution functions, times the square root of half the
/// number of independent stretches per half: above about 1.95 (level 0.001) the halves differ.
///
/// `memory`: samples after which values count as independent.
pub(crate) fn drift(series: &[f64], memory: usize, low: &mut Vec<f64>, high: &mut Vec<f64>) -> f64 {
    let half = series.len() / 2;
    low.clear();
    low.extend_from_slice(&series[..half]);
    high.clear();
    high.extend_from_slice(&series[series.len() - half..]);
    low.sort_unstable_by(f64::total_cmp);
    high.sort_unstable_by(f64::total_cmp);
    let (mut a, mut b, mut most) = (0, 0, 0);
    while a < half && b < half {
        let value = low[a].min(high[b]);
        while a < half && low[a] <= value {
            a += 1;
        }
        while b < half && high[b] <= value {
            b += 1;
        }
        most = most.max(a.abs_diff(b));
    }
    let stretches = (half as f64 / memory.max(1) as f64).max(1.0);
    most as f64 / half.max(1) as f64 * (stretches / 2.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn equal_halves_have_no_drift_and_shifted_ones_the_largest() {
        let mut random = Random::new(5);
        let mut series: Vec<f64> = (0..1000).map(|_| random.unit()).collect();
        let (mut low, mut high) = (Vec::new(), Vec::new());
        assert!(drift(&series, 1, &mut low, &mut high) < 1.95);
        series[500..].iter_mut().for_each(|value| *value += 2.0);
        let full = drift(&series, 1, &mut low, &mut high);
        assert!((full - 250f64.sqrt()).abs() < 1e-9, "{full}");
        assert!(drift(&[1.0, 1.0], 1, &mut low, &mut high).abs() < 1e-12);
    }
}
