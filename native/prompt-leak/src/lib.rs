//! A system prompt in the answer: canaries, runs in common, phrases that reveal.
#![forbid(unsafe_code)]

use std::sync::Arc;

use midstream_text_detector::{Detector, SettingsError};
use serde_json::Value;

/// Reads the settings.
///
/// # Errors
/// Always: the detector is not built yet.
pub fn compile(_settings: Value) -> Result<Arc<dyn Detector>, SettingsError> {
    Err(SettingsError {
        field: String::new(),
        message: "this detector is not built yet".to_owned(),
    })
}
