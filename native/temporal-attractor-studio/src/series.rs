//! What every analysis does first: check the values and bring them to mean 0 and deviation 1.

use alloc::vec::Vec;

use crate::error::Error;
#[cfg(not(feature = "std"))]
use crate::math::Math;

/// Longest series that any analysis takes, in points.
///
/// 2^17 keeps the largest scratch under 16 MiB and indices inside u32.
pub const MAX_POINTS: usize = 1 << 17;

/// Values whose deviation is below this share of the largest magnitude are equal up to rounding:
/// f64 holds 1.1e-16 of a value, and a mean over `MAX_POINTS` terms loses about two digits.
const ROUNDING: f64 = 1e-13;

/// Refuses what no analysis can use.
pub(crate) fn check(values: &[f64], minimum: usize) -> Result<(), Error> {
    if values.is_empty() {
        return Err(Error::Empty);
    }
    if values.len() > MAX_POINTS {
        return Err(Error::TooLong {
            length: values.len(),
            maximum: MAX_POINTS,
        });
    }
    if let Some(index) = values.iter().position(|value| !value.is_finite()) {
        return Err(Error::NotFinite { index });
    }
    if values.len() < minimum {
        return Err(Error::TooShort {
            length: values.len(),
            minimum,
        });
    }
    Ok(())
}

/// Fills `out` with the values at mean 0 and deviation 1; `Constant` if they do not vary.
///
/// Works on values divided by the largest magnitude, so that 1e300 does not overflow.
pub(crate) fn normalise(values: &[f64], out: &mut Vec<f64>) -> Result<(), Error> {
    let largest = values
        .iter()
        .fold(0.0_f64, |most, value| most.max(value.abs()));
    out.clear();
    let lowest = values
        .iter()
        .fold(f64::INFINITY, |least, value| least.min(*value));
    let highest = values
        .iter()
        .fold(f64::NEG_INFINITY, |most, value| most.max(*value));
    if lowest >= highest {
        return Err(Error::Constant);
    }
    // Two steps keep subnormal magnitudes from overflowing the reciprocal.
    out.extend(values.iter().map(|value| value / largest));
    let count = out.len() as f64;
    let mean = out.iter().sum::<f64>() / count;
    for value in out.iter_mut() {
        *value -= mean;
    }
    let deviation = (out.iter().map(|value| value * value).sum::<f64>() / count).sqrt();
    if deviation < ROUNDING {
        return Err(Error::Constant);
    }
    for value in out.iter_mut() {
        *value /= deviation;
    }
    Ok(())
}

/// Checks, normalises and returns a new vector.
pub(crate) fn prepared(values: &[f64], minimum: usize) -> Result<Vec<f64>, Error> {
    check(values, minimum)?;
    let mut out = Vec::with_capacity(values.len());
    normalise(values, &mut out)?;
    Ok(out)
}

/// A line fitted by least squares to equally spaced ordinates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Line {
    /// Rise per step.
    pub(crate) slope: f64,
    /// Share of the variance that the line explains; 0 for a flat curve.
    pub(crate) r_squared: f64,
}

/// Least squares over `0, 1, 2, ...`; fewer than two ordinates give a flat line.
pub(crate) fn fit(ordinates: &[f64]) -> Line {
    let count = ordinates.len() as f64;
    if ordinates.len() < 2 {
        return Line {
            slope: 0.0,
            r_squared: 0.0,
        };
    }
    let middle = (count - 1.0) / 2.0;
    let mean = ordinates.iter().sum::<f64>() / count;
    let (mut across, mut along, mut total) = (0.0, 0.0, 0.0);
    for (step, ordinate) in ordinates.iter().enumerate() {
        let (x, y) = (step as f64 - middle, ordinate - mean);
        across += x * y;
        along += x * x;
        total += y * y;
    }
    let slope = across / along;
    let r_squared = if total > 0.0 {
        across * across / (along * total)
    } else {
        0.0
    };
    Line { slope, r_squared }
}
