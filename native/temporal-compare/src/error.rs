//! Why a comparison was refused.

use core::fmt;

/// Why a comparison was refused. No input makes this crate panic, and no answer is given for an input that has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CompareError {
    /// A series without samples has no warping path.
    Empty {
        /// The argument.
        argument: &'static str,
    },
    /// NaN or an infinity.
    NotFinite {
        /// The argument.
        argument: &'static str,
        /// Index of the first such float.
        index: usize,
    },
    /// The work is above the bound that the options (or the crate) set.
    TooLarge {
        /// Cells or elements that the call needs.
        needed: u64,
        /// Cells or elements that are allowed.
        allowed: u64,
    },
    /// No warping path fits the window.
    WindowTooNarrow {
        /// The window asked for.
        window: usize,
        /// The least window that these lengths allow.
        needed: usize,
    },
    /// A series of several dimensions is not a whole number of samples, or has no dimension.
    Ragged {
        /// The argument.
        argument: &'static str,
        /// Floats given.
        len: usize,
        /// Floats a sample.
        dims: usize,
    },
    /// The distance is above what the number type holds.
    Overflow,
    /// A setting is outside its bounds.
    BadOption {
        /// Its name.
        option: &'static str,
        /// Its bounds.
        must: &'static str,
    },
    /// An event came with a stamp below what has already been handed out.
    Late {
        /// Its stamp, ns.
        stamp: u64,
        /// The least stamp still accepted, ns.
        horizon: u64,
    },
}

impl fmt::Display for CompareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Empty { argument } => {
                write!(f, "`{argument}` is empty; give at least one element")
            }
            Self::NotFinite { argument, index } => {
                write!(
                    f,
                    "`{argument}` is NaN or infinite at index {index}; drop or interpolate such samples first"
                )
            }
            Self::TooLarge { needed, allowed } => write!(
                f,
                "The input needs {needed} cells or elements and {allowed} are allowed; shorten it, or raise the bound"
            ),
            Self::WindowTooNarrow { window, needed } => write!(
                f,
                "Window {window} is narrower than the difference of the lengths; set it to {needed} or more"
            ),
            Self::Ragged {
                argument,
                len,
                dims,
            } => write!(
                f,
                "`{argument}` has {len} floats, which is not a whole number of samples of {dims}; check the dimensions"
            ),
            Self::Overflow => {
                f.write_str("The distance is above the largest float; scale the series down")
            }
            Self::BadOption { option, must } => write!(f, "Option `{option}` must be {must}"),
            Self::Late { stamp, horizon } => write!(
                f,
                "Event at {stamp} ns is late: events before {horizon} ns have been handed out; widen the repair window"
            ),
        }
    }
}

impl core::error::Error for CompareError {}
