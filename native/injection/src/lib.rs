//! Prompt injection in requests, tool results and retrieved context.
//!
//! A text is judged in windows: each sentence by a grammar of phrases over its folded words, the characters for delimiters and hidden
//! text, payloads decoded once, and two linear models. Must not know how findings are acted on.

#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

mod decode;
mod model;
mod phrases;
mod reader;
mod settings;
mod surface;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use midstream_text_detector::{Answer, Context, Detector, Origin, Reader, Rule, SettingsError};
use serde_json::Value;

use crate::reader::InjectionReader;
use crate::settings::Settings;

/// Indices into the rules.
pub(crate) mod rule {
    pub(crate) const OVERRIDE: u32 = 0;
    pub(crate) const ROLE_PLAY: u32 = 1;
    pub(crate) const DELIMITER: u32 = 2;
    pub(crate) const REVEAL: u32 = 3;
    pub(crate) const CONCEAL: u32 = 4;
    pub(crate) const EXFILTRATION: u32 = 5;
    pub(crate) const HIDDEN_TEXT: u32 = 6;
    pub(crate) const ENCODED: u32 = 7;
    pub(crate) const DATA_INSTRUCTION: u32 = 8;
    pub(crate) const JAILBREAK: u32 = 9;
}

const TAG: &str = "INJECTION";

static RULES: [Rule; 10] = [
    Rule {
        id: "override",
        tag: TAG,
    },
    Rule {
        id: "role-play",
        tag: TAG,
    },
    Rule {
        id: "delimiter",
        tag: TAG,
    },
    Rule {
        id: "reveal",
        tag: TAG,
    },
    Rule {
        id: "conceal",
        tag: TAG,
    },
    Rule {
        id: "exfiltration",
        tag: TAG,
    },
    Rule {
        id: "hidden-text",
        tag: TAG,
    },
    Rule {
        id: "encoded",
        tag: TAG,
    },
    Rule {
        id: "data-instruction",
        tag: TAG,
    },
    Rule {
        id: "jailbreak",
        tag: TAG,
    },
];

/// Reads the settings.
///
/// # Errors
/// Unknown settings, and values out of bounds.
pub fn compile(settings: Value) -> Result<Arc<dyn Detector>, SettingsError> {
    Ok(Arc::new(InjectionDetector {
        settings: Settings::read(settings)?,
    }))
}

/// Compiled settings.
#[derive(Debug)]
struct InjectionDetector {
    settings: Settings,
}

impl Detector for InjectionDetector {
    fn rules(&self) -> &[Rule] {
        &RULES
    }

    fn begin(&self, _context: &Context) -> Box<dyn Answer> {
        Box::new(InjectionAnswer {
            settings: self.settings,
        })
    }

    fn memory_bytes(&self) -> usize {
        size_of::<Self>() + model::memory_bytes()
    }
}

struct InjectionAnswer {
    settings: Settings,
}

impl Answer for InjectionAnswer {
    fn open(&mut self, origin: Origin) -> Box<dyn Reader> {
        Box::new(InjectionReader::new(self.settings, origin))
    }
}
