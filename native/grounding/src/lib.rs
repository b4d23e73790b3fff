//! Hallucination signals of an answer's sentences against the context they should rest on.
//!
//! [`compile`] gives a [`Detector`]; its answers read their context into hashed sets once, and judge every sentence when it is complete.
//! Knows nothing of models and vocabularies: what it can see is what is written. English.

#![forbid(unsafe_code)]

mod claims;
mod contradiction;
mod features;
mod index;
mod lexicon;
mod link;
mod model;
mod numeral;
mod onset;
mod reader;
mod reference;
mod rules;
mod settings;
mod token;
mod weights;

use std::sync::Arc;

use midstream_text_detector::{
    Answer, Context, Detector, Found, Origin, Reader, Rule, SettingsError,
};
use serde_json::Value;

use crate::index::Index;
use crate::reader::SentenceReader;
use crate::settings::Settings;

pub use crate::features::NAMES as FEATURES;
pub use crate::weights::THRESHOLD;

/// Compiles settings; `{}` gives the defaults. The README has the table.
///
/// # Errors
/// A field that is unknown, of the wrong type or out of its bounds.
pub fn compile(settings: Value) -> Result<Arc<dyn Detector>, SettingsError> {
    Ok(Arc::new(Grounding {
        settings: Arc::new(Settings::read(settings)?),
    }))
}

/// The README's examples run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[derive(Debug)]
struct Grounding {
    settings: Arc<Settings>,
}

struct Grounded {
    settings: Arc<Settings>,
    index: Arc<Index>,
}

/// Reads texts that are no answers.
struct Silent;

impl Detector for Grounding {
    fn rules(&self) -> &[Rule] {
        &rules::ALL
    }

    fn begin(&self, context: &Context) -> Box<dyn Answer> {
        let index = Arc::new(Index::new(context, &self.settings.limits));
        Box::new(Grounded {
            settings: Arc::clone(&self.settings),
            index,
        })
    }
}

impl Answer for Grounded {
    fn open(&mut self, origin: Origin) -> Box<dyn Reader> {
        // Thinking may wander, a refusal claims nothing, tool input is JSON.
        if origin != Origin::Content {
            return Box::new(Silent);
        }
        Box::new(SentenceReader::new(
            Arc::clone(&self.settings),
            Arc::clone(&self.index),
        ))
    }
}

impl Reader for Silent {
    fn push(&mut self, _text: &str, _found: &mut Vec<Found>) {}

    fn finish(&mut self, _found: &mut Vec<Found>) {}

    fn memory_bytes(&self) -> usize {
        0
    }
}
