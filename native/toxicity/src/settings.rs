//! Settings, with their bounds.

use midstream_text_detector::SettingsError;
use serde::Deserialize;

/// Probability from which a sentence counts, for each category.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Thresholds {
    /// See [`crate::Category`].
    pub hate: f32,
    /// As above.
    pub threat: f32,
    /// As above.
    pub insult: f32,
    /// As above.
    pub sexual: f32,
    /// As above.
    pub self_harm: f32,
    /// As above.
    pub violence: f32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            hate: 0.7,
            threat: 0.7,
            insult: 0.8,
            sexual: 0.7,
            self_harm: 0.7,
            violence: 0.7,
        }
    }
}

impl Thresholds {
    /// In the order of [`crate::Category::ALL`].
    pub const fn all(&self) -> [f32; 6] {
        [
            self.hate,
            self.threat,
            self.insult,
            self.sexual,
            self.self_harm,
            self.violence,
        ]
    }
}

/// How findings are made of sentences.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Settings {
    /// Probabilities from which a sentence counts, 0 to 1 each.
    pub thresholds: Thresholds,
    /// Sentences in a row that must count, 1 to 5.
    pub debounce: u32,
    /// Probability at which one sentence is enough, 0 to 1; above 1: never.
    pub at_once: f32,
    /// What is left of the running maximum after one more sentence, 0 to 1.
    pub decay: f32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            thresholds: Thresholds::default(),
            debounce: 2,
            at_once: 0.93,
            decay: 0.7,
        }
    }
}

impl Settings {
    /// # Errors
    /// Names the first setting out of bounds.
    pub fn validate(&self) -> Result<(), SettingsError> {
        let error = |field: &str, message: &str| {
            Err(SettingsError {
                field: field.to_owned(),
                message: message.to_owned(),
            })
        };
        if !self
            .thresholds
            .all()
            .iter()
            .all(|threshold| (0.0..=1.0).contains(threshold))
        {
            return error("thresholds", "must be 0 to 1");
        }
        if !(1..=5).contains(&self.debounce) {
            return error("debounce", "must be 1 to 5 sentences");
        }
        if !(0.0..=2.0).contains(&self.at_once) {
            return error("atOnce", "must be 0 to 1, or above 1 for never");
        }
        if !(0.0..=1.0).contains(&self.decay) {
            return error("decay", "must be 0 to 1");
        }
        Ok(())
    }
}
