//! Toxicity of a text by category, sentence by sentence.
//!
//! Three kinds of evidence on one sentence, all after its disguises came off: a linear model of n-grams, a lexicon with severity, and
//! phrases for what is said with ordinary words. They make one probability for each category; a [`Found`] needs the category to stand
//! over its threshold in several sentences in a row, or far over it in one.
//!
//! [`Found`]: midstream_text_detector::Found

#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

mod detector;
mod judge;
mod lexicon;
mod phrases;
mod settings;
mod words;

use std::sync::Arc;

use midstream_text_detector::{Detector, SettingsError};
use serde_json::Value;

pub use judge::{Evidence, Judge, combine};
pub use lexicon::lexicon_bytes;
pub use settings::{Settings, Thresholds};
pub use words::term_hash;

/// What kind of harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Category {
    /// Against people for what they are.
    Hate,
    /// Announced or wished harm.
    Threat,
    /// Rudeness, profanity, belittling.
    Insult,
    /// Explicit sexual talk.
    Sexual,
    /// Suicide and hurting oneself.
    SelfHarm,
    /// Graphic violence.
    Violence,
}

impl Category {
    /// In the order of [`Detector::rules`].
    pub const ALL: [Self; 6] = [
        Self::Hate,
        Self::Threat,
        Self::Insult,
        Self::Sexual,
        Self::SelfHarm,
        Self::Violence,
    ];

    /// Its rule.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Hate => "hate",
            Self::Threat => "threat",
            Self::Insult => "insult",
            Self::Sexual => "sexual",
            Self::SelfHarm => "self-harm",
            Self::Violence => "violence",
        }
    }
}

/// Reads the settings ([`Settings`] as JSON).
///
/// # Errors
/// Names the setting that is out of bounds or unknown.
pub fn compile(settings: Value) -> Result<Arc<dyn Detector>, SettingsError> {
    detector::compile(settings)
}
