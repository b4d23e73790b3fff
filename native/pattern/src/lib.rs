//! Phrases in a stream of text, up to a number of edits: typing errors, another ending, a word left out.
//!
//! Case and the kind and number of white space do not count. A phrase is followed symbol by symbol; where it comes near
//! enough, the nearest end and beginning are reported, once. Knows nothing of sessions, channels or policies.
#![forbid(unsafe_code)]

mod bank;
mod fold;
mod follow;
mod reader;
mod settings;

use std::sync::Arc;

use midstream_text_detector::{Answer, Context, Detector, Origin, Reader, Rule, SettingsError};
use serde_json::Value;

use reader::Phrases;
pub use settings::{MAX_PHRASE, MAX_PHRASES, Phrase, Settings};

const RULES: [Rule; 1] = [Rule {
    id: "phrase",
    tag: "PATTERN",
}];

/// Compiles [`Settings`] as JSON.
///
/// Findings are of the rule `phrase`; their data is `{"phrase": index into the settings, "edits": count}` and their
/// score the share of the phrase that is as it should be. They act from their end on: nothing is held back.
///
/// # Errors
/// The first setting that is wrong.
pub fn compile(settings: Value) -> Result<Arc<dyn Detector>, SettingsError> {
    let settings: Settings = serde_json::from_value(settings).map_err(|error| SettingsError {
        field: String::new(),
        message: error.to_string(),
    })?;
    Ok(Arc::new(Compiled(Arc::new(Phrases::compile(&settings)?))))
}

#[derive(Debug)]
struct Compiled(Arc<Phrases>);

impl Detector for Compiled {
    fn rules(&self) -> &[Rule] {
        &RULES
    }

    fn begin(&self, _context: &Context) -> Box<dyn Answer> {
        Box::new(Reading(Arc::clone(&self.0)))
    }

    fn memory_bytes(&self) -> usize {
        self.0.memory_bytes()
    }
}

struct Reading(Arc<Phrases>);

impl Answer for Reading {
    fn open(&mut self, _origin: Origin) -> Box<dyn Reader> {
        Box::new(reader::PhraseReader::new(Arc::clone(&self.0)))
    }
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
