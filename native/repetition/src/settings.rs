//! What a caller may set, with its bounds.

use core::fmt;

use serde::Deserialize;

/// Bounds of [`Settings::min_repeats`], in periods.
pub const MIN_REPEATS: (u32, u32) = (2, 100);
/// Bounds of [`Settings::min_chars`], in characters.
pub const MIN_CHARS: (u32, u32) = (16, 10_000);
/// Bounds of [`Settings::max_period`], in characters. The upper one keeps a stream's state below 64 KiB.
pub const MAX_PERIOD: (u32, u32) = (16, 2_000);

/// How much repetition is a loop.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Settings {
    /// Periods that must follow the first one, 2 to 100; 3 means that the text stands there four times.
    pub min_repeats: u32,
    /// Characters that must repeat, 16 to 10 000; keeps short echoes ("ha ha ha") from being loops.
    pub min_chars: u32,
    /// Longest period that is looked for, in characters, 16 to 2 000. Sets the memory of a stream: about 6 KB at 400.
    pub max_period: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            min_repeats: 3,
            min_chars: 48,
            max_period: 400,
        }
    }
}

/// A setting outside of its bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    /// Name of the field as the config spells it.
    pub field: &'static str,
    /// What was given.
    pub given: u32,
    /// Least and greatest allowed value.
    pub bounds: (u32, u32),
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
            ("minRepeats", self.min_repeats, MIN_REPEATS),
            ("minChars", self.min_chars, MIN_CHARS),
            ("maxPeriod", self.max_period, MAX_PERIOD),
        ] {
            if given < bounds.0 || given > bounds.1 {
                return Err(SettingsError {
                    field,
                    given,
                    bounds,
                });
            }
        }
        Ok(())
    }

    /// The nearest settings within bounds.
    pub(crate) fn clamped(self) -> Self {
        Self {
            min_repeats: self.min_repeats.clamp(MIN_REPEATS.0, MIN_REPEATS.1),
            min_chars: self.min_chars.clamp(MIN_CHARS.0, MIN_CHARS.1),
            max_period: self.max_period.clamp(MAX_PERIOD.0, MAX_PERIOD.1),
        }
    }
}
