//! Quality of an answer: promises, refusals, language, completeness, repetition.
//!
//! One pass over the text as it comes. A finding comes when it is certain: a refusal after its sentence, a broken bound on length with
//! the word that breaks it, the rest at the end. All scores are stated confidences of rules, not fitted probabilities, but the refusal's,
//! whose precision and recall are measured.

#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

mod language;
mod promise;
mod reader;
mod refusal;
mod settings;

use std::sync::Arc;

use midstream_text_detector::{Answer, Context, Detector, Origin, Reader, Rule, SettingsError};
use serde_json::Value;

pub use promise::Promises;
pub use settings::{Report, Settings};

pub(crate) const REFUSAL: u32 = 0;
pub(crate) const LENGTH: u32 = 1;
pub(crate) const FORMAT: u32 = 2;
pub(crate) const LANGUAGE: u32 = 3;
pub(crate) const UNFINISHED: u32 = 4;
pub(crate) const REPETITIVE: u32 = 5;
pub(crate) const LOW: u32 = 6;
pub(crate) const SCORE: u32 = 7;

/// What the score is made of, in the order of `data.parts`.
pub(crate) const QUALITY_PARTS: [&str; 6] = [
    "length", "format", "language", "finished", "novelty", "answers",
];

const RULES: [Rule; 8] = [
    rule("refusal"),
    rule("promise-length"),
    rule("promise-format"),
    rule("language"),
    rule("unfinished"),
    rule("repetitive"),
    rule("low-quality"),
    rule("quality"),
];

const fn rule(id: &'static str) -> Rule {
    Rule { id, tag: "QUALITY" }
}

/// Reads the settings ([`Settings`] as JSON).
///
/// # Errors
/// Names the setting that is out of bounds or unknown.
pub fn compile(settings: Value) -> Result<Arc<dyn Detector>, SettingsError> {
    let settings: Settings = serde_json::from_value(settings).map_err(|error| SettingsError {
        field: "settings".to_owned(),
        message: error.to_string(),
    })?;
    settings.validate()?;
    Ok(Arc::new(Quality { settings }))
}

#[derive(Debug)]
struct Quality {
    settings: Settings,
}

impl Detector for Quality {
    fn rules(&self) -> &[Rule] {
        &RULES
    }

    fn begin(&self, context: &Context) -> Box<dyn Answer> {
        Box::new(QualityAnswer {
            settings: self.settings,
            promises: Promises::read(context),
        })
    }
}

struct QualityAnswer {
    settings: Settings,
    promises: Promises,
}

impl Answer for QualityAnswer {
    fn open(&mut self, origin: Origin) -> Box<dyn Reader> {
        // What was promised is promised of the answer's text.
        let promises = if origin == Origin::Content {
            self.promises
        } else {
            Promises::default()
        };
        Box::new(reader::QualityReader::new(self.settings, promises))
    }
}
