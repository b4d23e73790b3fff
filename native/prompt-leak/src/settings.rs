//! Settings and their bounds.

use midstream_text_detector::SettingsError;
use serde::Deserialize;
use serde_json::Value;

/// Shortest canary, in characters: a shorter one stands in honest answers.
const MIN_CANARY: usize = 6;
/// Longest canary, in bytes: it has to fit into what may be held.
const MAX_CANARY: usize = 128;

/// What decides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Words of a run that is a finding.
    pub(crate) min_run: u32,
    /// Share of the prompt's words that is a finding.
    pub(crate) min_coverage: f32,
    /// Most words of a run that wait.
    pub(crate) hold_words: u32,
    /// Most bytes that wait.
    pub(crate) hold_bytes: u64,
}

#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) canaries: Vec<String>,
    pub(crate) public: Vec<String>,
    pub(crate) limits: Limits,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Raw {
    canaries: Vec<String>,
    public: Vec<String>,
    min_run: u32,
    min_coverage: f32,
    hold_words: u32,
    hold_bytes: u64,
}

impl Default for Raw {
    fn default() -> Self {
        Self {
            canaries: Vec::new(),
            public: Vec::new(),
            min_run: 8,
            min_coverage: 0.3,
            hold_words: 8,
            hold_bytes: 512,
        }
    }
}

fn wrong(field: &str, message: &str) -> SettingsError {
    SettingsError {
        field: field.to_owned(),
        message: message.to_owned(),
    }
}

impl Settings {
    /// # Errors
    /// Unknown settings, and values out of bounds.
    pub(crate) fn read(settings: Value) -> Result<Self, SettingsError> {
        let raw: Raw =
            serde_json::from_value(settings).map_err(|error| wrong("", &error.to_string()))?;
        for (at, canary) in raw.canaries.iter().enumerate() {
            let field = format!("canaries.{at}");
            if canary.chars().count() < MIN_CANARY || canary.len() > MAX_CANARY {
                return Err(wrong(&field, "expected 6 characters to 128 bytes"));
            }
            if canary.trim() != canary {
                return Err(wrong(&field, "expected no space around it"));
            }
        }
        if raw.canaries.len() > 64 {
            return Err(wrong("canaries", "expected at most 64"));
        }
        if !(5..=64).contains(&raw.min_run) {
            return Err(wrong("minRun", "expected 5 to 64 words"));
        }
        if !(0.05..=1.0).contains(&raw.min_coverage) {
            return Err(wrong("minCoverage", "expected 0.05 to 1"));
        }
        if raw.hold_words > 64 {
            return Err(wrong("holdWords", "expected 0 to 64 words"));
        }
        if raw.hold_bytes > 4096 {
            return Err(wrong("holdBytes", "expected 0 to 4096 bytes"));
        }
        Ok(Self {
            canaries: raw.canaries,
            public: raw.public,
            limits: Limits {
                min_run: raw.min_run,
                min_coverage: raw.min_coverage,
                hold_words: raw.hold_words,
                hold_bytes: raw.hold_bytes,
            },
        })
    }
}
