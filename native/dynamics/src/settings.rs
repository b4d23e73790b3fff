//! What a caller may set, with its bounds.

use core::fmt;

use serde::Deserialize;

/// Bounds of [`Settings::repeated_share`].
pub const REPEATED_SHARE: (f64, f64) = (0.1, 0.9);
/// Bounds of [`Settings::repeated_words`], in words.
pub const REPEATED_WORDS: (f64, f64) = (16.0, 10_000.0);
/// Bounds of [`Settings::period_repeats`].
pub const PERIOD_REPEATS: (f64, f64) = (3.0, 100.0);
/// Bounds of [`Settings::drift_distance`]. Beyond 0.6 two texts would have to be opposites.
pub const DRIFT_DISTANCE: (f64, f64) = (0.1, 0.6);
/// Bounds of [`Settings::drift_words`], in words.
pub const DRIFT_WORDS: (f64, f64) = (16.0, 100_000.0);
/// Bounds of [`Settings::stall_ms`], in milliseconds.
pub const STALL_MS: (f64, f64) = (100.0, 3_600_000.0);
/// Bounds of [`Settings::stall_factor`].
pub const STALL_FACTOR: (f64, f64) = (2.0, 10_000.0);

/// How much of a behaviour is a finding. Whole numbers where the unit is a count.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Settings {
    /// Share of groups of four words seen before above which a text gathers evidence against itself.
    pub repeated_share: f64,
    /// Evidence that makes `low-novelty`: repeated groups beyond that share. At 0.65, 120 means 343 words that are all old.
    pub repeated_words: u32,
    /// Times that a period of lengths must follow the first one, for `periodic`.
    pub period_repeats: u32,
    /// Share of differing bits between the sketch of the beginning and of the last words, for `drift`; 0.5 is nothing in common.
    pub drift_distance: f64,
    /// Words for which the distance must last.
    pub drift_words: u32,
    /// Shortest silence that can be a `stall`, in milliseconds.
    pub stall_ms: u32,
    /// Times the stream's median gap that a stall must last.
    pub stall_factor: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            repeated_share: 0.65,
            repeated_words: 120,
            period_repeats: 6,
            drift_distance: 0.48,
            drift_words: 250,
            stall_ms: 10_000,
            stall_factor: 20,
        }
    }
}

/// A setting outside of its bounds.
#[derive(Clone, Debug, PartialEq)]
pub struct SettingsError {
    /// Name of the field as the config spells it.
    pub field: &'static str,
    /// What was given.
    pub given: f64,
    /// Least and greatest allowed value.
    pub bounds: (f64, f64),
}

impl fmt::Display for SettingsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            field,
            given,
            bounds: (least, most),
        } = self;
        write!(
            out,
            "{field} is {given}; it must be between {least} and {most}"
        )
    }
}

impl core::error::Error for SettingsError {}

impl Settings {
    /// Checks all bounds.
    ///
    /// # Errors
    /// The first field that is out of bounds.
    pub fn validate(&self) -> Result<(), SettingsError> {
        for (field, given, bounds) in [
            ("repeatedShare", self.repeated_share, REPEATED_SHARE),
            ("repeatedWords", self.repeated_words.into(), REPEATED_WORDS),
            ("periodRepeats", self.period_repeats.into(), PERIOD_REPEATS),
            ("driftDistance", self.drift_distance, DRIFT_DISTANCE),
            ("driftWords", self.drift_words.into(), DRIFT_WORDS),
            ("stallMs", self.stall_ms.into(), STALL_MS),
            ("stallFactor", self.stall_factor.into(), STALL_FACTOR),
        ] {
            // Written so that NaN is refused.
            if !(bounds.0..=bounds.1).contains(&given) {
                return Err(SettingsError {
                    field,
                    given,
                    bounds,
                });
            }
        }
        Ok(())
    }
}
