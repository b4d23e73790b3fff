//! The one error of this crate: what is wrong with the input, where, and what to do about it.

use core::fmt;

/// Why an analysis was refused. A refused analysis is never a verdict.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// The series holds no value.
    Empty,
    /// The series (or what the embedding leaves of it) is shorter than the analysis needs.
    TooShort {
        /// Points that were given.
        length: usize,
        /// Points that are needed with these settings.
        minimum: usize,
    },
    /// The series is longer than the bound on work and memory.
    TooLong {
        /// Points that were given.
        length: usize,
        /// Most points that are taken.
        maximum: usize,
    },
    /// A value is NaN or infinite.
    NotFinite {
        /// Position of the first such value.
        index: usize,
    },
    /// All values are equal, so the asked quantity does not exist.
    Constant,
    /// Too many neighbours lie at distance zero for a quantity that needs the logarithm of a distance.
    Quantised,
    /// A setting is outside its bounds.
    Setting {
        /// Name of the field.
        name: &'static str,
        /// What was given.
        value: f64,
        /// Smallest allowed value.
        least: f64,
        /// Largest allowed value.
        most: f64,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Empty => write!(out, "The series is empty; give at least one value"),
            Self::TooShort { length, minimum } => write!(
                out,
                "The series has {length} points and {minimum} are needed; record longer, or lower delay, dimension or window"
            ),
            Self::TooLong { length, maximum } => write!(
                out,
                "The series has {length} points and {maximum} are the most; analyse a window of it or decimate it"
            ),
            Self::NotFinite { index } => write!(
                out,
                "The value at index {index} is NaN or infinite; drop it or fill the gap before the analysis"
            ),
            Self::Constant => write!(
                out,
                "All values are equal, so this quantity does not exist; classify() answers fixed-point for such a series"
            ),
            Self::Quantised => write!(
                out,
                "More than a fifth of the nearest neighbours lie at distance zero; the series is periodic or too coarsely quantised for this quantity"
            ),
            Self::Setting {
                name,
                value,
                least,
                most,
            } => {
                write!(
                    out,
                    "{name} is {value}; it must lie between {least} and {most}"
                )
            }
        }
    }
}

impl core::error::Error for Error {}

/// Checks an integer setting against its bounds.
pub(crate) fn bounded(
    name: &'static str,
    value: usize,
    least: usize,
    most: usize,
) -> Result<usize, Error> {
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    Err(Error::Setting {
        name,
        value: value as f64,
        least: least as f64,
        most: most as f64,
    })
}

/// Checks a real setting against its bounds; NaN is outside every bound.
pub(crate) fn bounded_real(
    name: &'static str,
    value: f64,
    least: f64,
    most: f64,
) -> Result<f64, Error> {
    if value >= least && value <= most {
        return Ok(value);
    }
    Err(Error::Setting {
        name,
        value,
        least,
        most,
    })
}
