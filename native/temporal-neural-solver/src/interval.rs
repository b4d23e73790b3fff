//! Bounds of timed operators: real time in nanoseconds, or positions.

use crate::error::{Code, Error};
use crate::limits;
use core::fmt;

/// What a bound counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// Positions of the trace, as in MLTL: `F[0,5]`.
    Steps,
    /// Nanoseconds between two positions' stamps, as in MTL: `F[0,30s]`.
    Nanoseconds,
}

/// A closed interval `[from, to]` relative to the position of its operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    /// What the bounds count.
    pub unit: Unit,
    /// The lower bound, inclusive.
    pub from: u64,
    /// The upper bound, inclusive.
    pub to: u64,
}

impl Interval {
    /// An interval of real time.
    ///
    /// # Errors
    /// [`Code::Interval`] if `from > to` or `to` exceeds 2^53.
    pub fn nanoseconds(from: u64, to: u64) -> Result<Self, Error> {
        Self {
            unit: Unit::Nanoseconds,
            from,
            to,
        }
        .checked()
    }

    /// An interval of positions.
    ///
    /// # Errors
    /// [`Code::Interval`] if `from > to` or `to` exceeds 2^53.
    pub fn steps(from: u64, to: u64) -> Result<Self, Error> {
        Self {
            unit: Unit::Steps,
            from,
            to,
        }
        .checked()
    }

    pub(crate) fn checked(self) -> Result<Self, Error> {
        if self.from > self.to {
            return Err(Error::new(
                Code::Interval,
                "Lower bound exceeds the upper bound",
                "swap the bounds",
            ));
        }
        if self.to > limits::BOUND {
            return Err(Error::new(
                Code::Interval,
                "Bound exceeds 2^53 (104 days in nanoseconds)",
                "shorten it",
            ));
        }
        Ok(self)
    }

    /// Whether `distance` lies inside.
    pub fn contains(self, distance: u64) -> bool {
        (self.from..=self.to).contains(&distance)
    }
}

/// Suffixes of durations and their length in nanoseconds, longest unit first.
pub(crate) const UNITS: [(&str, u64); 6] = [
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

fn write_duration(f: &mut fmt::Formatter<'_>, nanoseconds: u64) -> fmt::Result {
    if nanoseconds == 0 {
        return f.write_str("0");
    }
    let unit = UNITS
        .iter()
        .find(|unit| nanoseconds.is_multiple_of(unit.1))
        .unwrap_or(&UNITS[5]);
    write!(f, "{}{}", nanoseconds / unit.1, unit.0)
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit {
            Unit::Steps => write!(f, "[{},{}]", self.from, self.to),
            // A pair of zeros would be read as steps; at distance zero the unit matters.
            Unit::Nanoseconds if self.to == 0 => f.write_str("[0,0ns]"),
            Unit::Nanoseconds => {
                f.write_str("[")?;
                write_duration(f, self.from)?;
                f.write_str(",")?;
                write_duration(f, self.to)?;
                f.write_str("]")
            }
        }
    }
}
