//! Settings and their bounds.

use midstream_text_detector::SettingsError;
use serde::Deserialize;
use serde_json::Value;

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Settings {
    /// Least probability that is reported.
    pub(crate) min_score: f32,
    /// Least probability at which a model counts.
    pub(crate) model_score: f32,
    /// Whether encoded payloads are decoded.
    pub(crate) decode: bool,
    /// Whether the linear model judges.
    pub(crate) model: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            min_score: 0.5,
            model_score: 0.9,
            decode: true,
            model: true,
        }
    }
}

impl Settings {
    /// # Errors
    /// Unknown settings, and values out of bounds.
    pub(crate) fn read(settings: Value) -> Result<Self, SettingsError> {
        let wrong = |field: &str, message: String| SettingsError {
            field: field.to_owned(),
            message,
        };
        let read: Self =
            serde_json::from_value(settings).map_err(|error| wrong("", error.to_string()))?;
        for (field, value) in [
            ("minScore", read.min_score),
            ("modelScore", read.model_score),
        ] {
            if !(0.05..=1.0).contains(&value) {
                return Err(wrong(field, "expected 0.05 to 1".to_owned()));
            }
        }
        Ok(read)
    }
}
