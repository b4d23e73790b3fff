//! Settings of the detector.

use midstream_text_detector::{Origin, SettingsError};
use serde::Deserialize;
use serde_json::Value;

use crate::index::Limits;
use crate::weights;

/// Settings as they come, all with defaults.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Given {
    min_score: f32,
    min_span_score: f32,
    onset_entropy: f32,
    max_context_bytes: usize,
    user_evidence_bytes: usize,
    evidence: Vec<Origin>,
}

impl Default for Given {
    fn default() -> Self {
        Self {
            min_score: weights::THRESHOLD,
            min_span_score: 0.0,
            onset_entropy: 1.5,
            max_context_bytes: 256 << 10,
            user_evidence_bytes: 1000,
            evidence: vec![Origin::Document, Origin::Tool],
        }
    }
}

/// Checked settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Lowest probability of a sentence that is reported; 0: all are.
    pub min_score: f32,
    /// Lowest probability of a span that is reported.
    pub min_span_score: f32,
    /// Lowest entropy of an onset that is reported, in nats.
    pub onset_entropy: f32,
    /// What of the context is read.
    pub limits: Limits,
}

impl Settings {
    /// Reads and checks settings.
    pub fn read(settings: Value) -> Result<Self, SettingsError> {
        let error = |field: &str, message: &str| SettingsError {
            field: field.to_owned(),
            message: message.to_owned(),
        };
        let given: Given =
            serde_json::from_value(settings).map_err(|cause| error("", &cause.to_string()))?;
        for (field, value) in [
            ("minScore", given.min_score),
            ("minSpanScore", given.min_span_score),
        ] {
            if !(0.0..=1.0).contains(&value) {
                return Err(error(field, "must be a probability, 0 to 1"));
            }
        }
        if !(0.0..=20.0).contains(&given.onset_entropy) {
            return Err(error("onsetEntropy", "must be 0 to 20 nats"));
        }
        if given.max_context_bytes > 16 << 20 {
            return Err(error("maxContextBytes", "must be at most 16777216"));
        }
        let is_context = |origin: &Origin| {
            !matches!(
                origin,
                Origin::Content | Origin::Reasoning | Origin::Refusal | Origin::ToolInput
            )
        };
        if !given.evidence.iter().all(is_context) {
            return Err(error(
                "evidence",
                "must be of document, tool, user, instructions, assistant",
            ));
        }
        Ok(Self {
            min_score: given.min_score,
            min_span_score: given.min_span_score,
            onset_entropy: given.onset_entropy,
            limits: Limits {
                max_context_bytes: given.max_context_bytes,
                user_evidence_bytes: if given.user_evidence_bytes == 0 {
                    usize::MAX
                } else {
                    given.user_evidence_bytes
                },
                evidence: given.evidence,
            },
        })
    }
}
