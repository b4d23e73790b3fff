//! What may be explored of a text, and is off unless it is asked for: how sure the model was of its tokens, and which
//! regime a series of measures shows.
//!
//! No refereed result says that a regime of such a series foretells anything (facts/temporal.md C2): a verdict is a label
//! for people who look, not a reason to act. Sampled text is random by construction, and `stochastic` is what it mostly is.

mod collapse;
mod reader;
mod regimes;

use std::sync::Arc;

use midstream_text_detector::{Answer, Context, Detector, Origin, Reader, Rule, SettingsError};
use serde::Deserialize;
use serde_json::Value;

/// Bounds of [`ExploreSettings::collapse_nats`].
pub const COLLAPSE_NATS: (f64, f64) = (0.0, 5.0);
/// Bounds of [`ExploreSettings::collapse_tokens`].
pub const COLLAPSE_TOKENS: (u32, u32) = (16, 4_096);

/// What is explored.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ExploreSettings {
    /// Whether the regime of each series is told at the end of a text.
    pub regimes: bool,
    /// Mean surprise of the newest tokens, in nats, below which the model has `collapse`d; 0 = not watched.
    pub collapse_nats: f64,
    /// How many tokens that mean is taken over.
    pub collapse_tokens: u32,
}

impl Default for ExploreSettings {
    fn default() -> Self {
        Self {
            regimes: false,
            collapse_nats: 0.0,
            collapse_tokens: 128,
        }
    }
}

/// The rules, by [`midstream_text_detector::Found::rule`].
const RULES: [Rule; 2] = [
    Rule {
        id: "collapse",
        tag: "DYNAMICS",
    },
    Rule {
        id: "exploratory-regime",
        tag: "DYNAMICS",
    },
];
const COLLAPSE: u32 = 0;
const REGIME: u32 = 1;

/// Compiles [`ExploreSettings`] as JSON to a detector with the rules `collapse` and `exploratory-regime`.
///
/// # Errors
/// The first setting that is wrong.
pub fn explore(settings: Value) -> Result<Arc<dyn Detector>, SettingsError> {
    let settings: ExploreSettings =
        serde_json::from_value(settings).map_err(|error| SettingsError {
            field: String::new(),
            message: error.to_string(),
        })?;
    let wrong = |field: &str, bounds: (f64, f64)| SettingsError {
        field: field.to_owned(),
        message: format!("must be between {} and {}", bounds.0, bounds.1),
    };
    if !(COLLAPSE_NATS.0..=COLLAPSE_NATS.1).contains(&settings.collapse_nats) {
        return Err(wrong("collapseNats", COLLAPSE_NATS));
    }
    if !(COLLAPSE_TOKENS.0..=COLLAPSE_TOKENS.1).contains(&settings.collapse_tokens) {
        let bounds = (COLLAPSE_TOKENS.0.into(), COLLAPSE_TOKENS.1.into());
        return Err(wrong("collapseTokens", bounds));
    }
    Ok(Arc::new(Explorer(settings)))
}

#[derive(Debug)]
struct Explorer(ExploreSettings);

impl Detector for Explorer {
    fn rules(&self) -> &[Rule] {
        &RULES
    }

    fn begin(&self, _context: &Context) -> Box<dyn Answer> {
        Box::new(Exploring(self.0))
    }
}

struct Exploring(ExploreSettings);

impl Answer for Exploring {
    fn open(&mut self, _origin: Origin) -> Box<dyn Reader> {
        Box::new(reader::ExploreReader::new(&self.0))
    }
}
