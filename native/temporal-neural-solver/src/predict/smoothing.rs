//! Next value by exponential smoothing (Brown 1956; Holt 1957; Winters 1960).

use crate::error::{Code, Error};
use alloc::vec::Vec;

fn finite(value: f64) -> Result<f64, Error> {
    // Beyond this, sums of squares would leave the range of numbers.
    if value.is_finite() && value.abs() <= 1e150 {
        Ok(value)
    } else {
        Err(Error::new(
            Code::Number,
            "Value is not finite or exceeds 1e150",
            "drop the sample",
        ))
    }
}

fn share(value: f64) -> Result<f64, Error> {
    if value > 0.0 && value <= 1.0 {
        Ok(value)
    } else {
        Err(Error::new(
            Code::Number,
            "Smoothing factor is not in (0, 1]",
            "try 0.3",
        ))
    }
}

/// Weighted mean in which a sample's weight falls by `1 - factor` per step; best for a level with noise.
#[derive(Debug, Clone, PartialEq)]
pub struct Ewma {
    factor: f64,
    level: Option<f64>,
}

impl Ewma {
    /// # Errors
    /// [`Code::Number`] unless `factor` is in (0, 1].
    pub fn new(factor: f64) -> Result<Self, Error> {
        Ok(Self {
            factor: share(factor)?,
            level: None,
        })
    }

    /// The next value; `None` before the first one.
    pub fn predict(&self) -> Option<f64> {
        self.level
    }

    /// Learns `value`.
    ///
    /// # Errors
    /// [`Code::Number`] if it is not finite or exceeds 1e150; the state is then unchanged.
    pub fn observe(&mut self, value: f64) -> Result<(), Error> {
        let value = finite(value)?;
        // A difference below the smallest normal number would only slow the processor down.
        let step = |level: f64| {
            let step = self.factor * (value - level);
            if step.abs() < f64::MIN_POSITIVE {
                0.0
            } else {
                step
            }
        };
        self.level = Some(self.level.map_or(value, |level| level + step(level)));
        Ok(())
    }
}

/// Level, damped trend and additive season; best where values repeat with a known period.
#[derive(Debug, Clone, PartialEq)]
pub struct HoltWinters {
    level_factor: f64,
    trend_factor: f64,
    season_factor: f64,
    level: Option<f64>,
    trend: f64,
    season: Vec<f64>,
    first: Vec<f64>,
    at: usize,
}

/// Share of the trend that is believed one step on (Gardner and `McKenzie` 1985): an undamped one runs away.
const DAMPING: f64 = 0.9;

impl HoltWinters {
    /// Factors of level, trend and season, each in (0, 1], and the period in samples (1: no season).
    ///
    /// # Errors
    /// [`Code::Number`] for a factor outside, [`Code::TooLarge`] for a period of 0 or above 4096.
    pub fn new(factors: [f64; 3], period: usize) -> Result<Self, Error> {
        if period == 0 || period > 4096 {
            return Err(Error::new(Code::TooLarge, "Period is not in 1 to 4096", ""));
        }
        Ok(Self {
            level_factor: share(factors[0])?,
            trend_factor: share(factors[1])?,
            season_factor: share(factors[2])?,
            level: None,
            trend: 0.0,
            season: alloc::vec![0.0; period],
            first: Vec::with_capacity(period),
            at: 0,
        })
    }

    /// The next value; `None` before the first one. During the first period: the last value.
    pub fn predict(&self) -> Option<f64> {
        match self.level {
            Some(level) => Some(level + DAMPING * self.trend + self.season[self.at]),
            None => self.first.last().copied(),
        }
    }

    /// Learns `value`. Never allocates.
    ///
    /// # Errors
    /// [`Code::Number`] if it is not finite or exceeds 1e150; the state is then unchanged.
    pub fn observe(&mut self, value: f64) -> Result<(), Error> {
        let value = finite(value)?;
        let period = self.season.len();
        let Some(level) = self.level else {
            self.first.push(value);
            if self.first.len() == period {
                let mean = self.first.iter().sum::<f64>() / period as f64;
                for (season, first) in self.season.iter_mut().zip(&self.first) {
                    *season = if period > 1 { first - mean } else { 0.0 };
                }
                self.level = Some(mean);
            }
            return Ok(());
        };
        let season = self.season[self.at];
        let expected = level + DAMPING * self.trend;
        let new = expected + self.level_factor * (value - season - expected);
        self.trend =
            DAMPING * self.trend + self.trend_factor * (new - level - DAMPING * self.trend);
        if period > 1 {
            self.season[self.at] = season + self.season_factor * (value - new - season);
        }
        self.level = Some(new);
        self.at = (self.at + 1) % period;
        Ok(())
    }
}
