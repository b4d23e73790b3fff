//! Settings, with their bounds.

use midstream_text_detector::SettingsError;
use serde::Deserialize;

/// When the score is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Report {
    /// As `low-quality`, below the threshold.
    #[default]
    Low,
    /// Also as `quality`, at the end of every text.
    Always,
}

/// How strict to be.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Settings {
    /// Score below which a text is `low-quality`, 0 to 1.
    pub threshold: f32,
    /// When the score is told.
    pub report: Report,
    /// Share of groups of four words that stood before, from which a text is `repetitive`, 0.1 to 1.
    pub repeated_share: f32,
    /// Confidence from which a `refusal` is one, 0 to 1.
    pub refusal: f32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            threshold: 0.5,
            report: Report::Low,
            repeated_share: 0.35,
            refusal: 0.5,
        }
    }
}

impl Settings {
    /// # Errors
    /// Names the first setting out of bounds.
    pub fn validate(&self) -> Result<(), SettingsError> {
        for (field, value, least) in [
            ("threshold", self.threshold, 0.0),
            ("repeatedShare", self.repeated_share, 0.1),
            ("refusal", self.refusal, 0.0),
        ] {
            if !(least..=1.0).contains(&value) {
                return Err(SettingsError {
                    field: field.to_owned(),
                    message: format!("must be {least} to 1"),
                });
            }
        }
        Ok(())
    }
}
