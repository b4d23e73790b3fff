//! The plan as JSON (`NativePlanSpec` of core/native/native-core.ts), read strictly and with the place of every fault.

use std::sync::Arc;

use midstream_scan::spec::{AnalyserSpec, LiteralRule, PatternRule};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::PlanError;
use crate::finding::{Channel, Kind};
use crate::watch::{self, WatchPlan};

/// What stands in the place of a rewritten range.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "lowercase",
    rename_all_fields = "camelCase"
)]
pub enum Replacement {
    /// Any fixed text: `[EMAIL]`.
    Tag {
        /// The text, brackets included.
        text: String,
    },
    /// One `char` for each character but the last `keep_last`, which stay.
    Mask {
        /// One character.
        char: char,
        /// Characters that stay, from the end.
        keep_last: u32,
    },
    /// `[TAG:hex]`: first `length` hex digits of HMAC-SHA-256(key, matched text).
    Hash {
        /// Label without brackets.
        tag: String,
        /// Key of the HMAC.
        key: String,
        /// Hex digits, 1 to 64.
        length: u32,
    },
    /// Nothing.
    Remove,
    /// `[TAG_1]`: numbered for each distinct matched text of a tag, in one choice.
    Pseudonym {
        /// Label without brackets.
        tag: String,
    },
}

/// One policy's verdict for findings of one rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ActionSpec {
    pub policy: String,
    pub analyser: String,
    pub rule: String,
    pub action: Kind,
    #[serde(default)]
    pub min_score: f32,
    #[serde(default = "one")]
    pub min_count: u32,
    #[serde(default)]
    pub monitor: bool,
    #[serde(default)]
    pub replacement: Option<Replacement>,
    #[serde(default)]
    pub message: Option<String>,
}

fn one() -> u32 {
    1
}

/// One analyser's wishes.
#[derive(Clone, Debug)]
pub(crate) struct AnalyserPlan {
    pub spec: AnalyserSpec,
    pub watches: Vec<Arc<dyn WatchPlan>>,
    /// One bit a channel.
    pub channels: u8,
}

/// Everything a pipeline wants.
#[derive(Clone, Debug)]
pub(crate) struct PlanSpec {
    pub analysers: Vec<AnalyserPlan>,
    pub actions: Vec<ActionSpec>,
}

/// Reads a plan.
pub(crate) fn parse(json: &str) -> Result<PlanSpec, PlanError> {
    let root: Value = serde_json::from_str(json)
        .map_err(|e| PlanError::new("", "", "", format!("The plan is not valid JSON: {e}")))?;
    let Value::Object(mut root) = root else {
        return Err(PlanError::new("", "", "", "The plan must be a JSON object"));
    };
    let analysers = take_list(&mut root, "", "", "analysers")?
        .into_iter()
        .map(analyser)
        .collect::<Result<_, _>>()?;
    let actions = take_list(&mut root, "", "", "actions")?
        .into_iter()
        .map(action)
        .collect::<Result<_, _>>()?;
    refuse_rest(&root, "")?;
    Ok(PlanSpec { analysers, actions })
}

fn analyser(value: Value) -> Result<AnalyserPlan, PlanError> {
    let Value::Object(mut fields) = value else {
        return Err(PlanError::new(
            "",
            "",
            "analysers",
            "An analyser must be an object",
        ));
    };
    let id = match fields.remove("id") {
        Some(Value::String(id)) if !id.is_empty() => id,
        _ => {
            return Err(PlanError::new(
                "",
                "",
                "id",
                "An analyser needs an id that is not empty",
            ));
        }
    };
    let rules = take_list(&mut fields, &id, "", "rules")?
        .into_iter()
        .map(|rule| named::<PatternRule>(&id, rule, "rules"))
        .collect::<Result<_, _>>()?;
    let literals = take_list(&mut fields, &id, "", "literals")?
        .into_iter()
        .map(|rule| named::<LiteralRule>(&id, rule, "literals"))
        .collect::<Result<_, _>>()?;
    let mut watches = Vec::new();
    for (key, compile) in watch::KINDS {
        match fields.remove(key) {
            None | Some(Value::Null) => {}
            Some(value) => watches.push(compile(&id, value)?),
        }
    }
    let min_score = match fields.remove("minScore") {
        None | Some(Value::Null) => 0.0,
        Some(value) => read::<f32>(&id, "", "minScore", value)?,
    };
    let channels = match fields.remove("channels") {
        None | Some(Value::Null) => 0b1111,
        Some(value) => read::<Vec<Channel>>(&id, "", "channels", value)?
            .into_iter()
            .fold(0, |set, channel| set | (1 << channel as u8)),
    };
    refuse_rest(&fields, &id)?;
    let spec = AnalyserSpec {
        id,
        rules,
        literals,
        min_score,
    };
    Ok(AnalyserPlan {
        spec,
        watches,
        channels,
    })
}

fn action(value: Value) -> Result<ActionSpec, PlanError> {
    let policy = value
        .get("policy")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    read(&policy, "", "actions", value)
}

fn named<T: DeserializeOwned>(analyser: &str, value: Value, field: &str) -> Result<T, PlanError> {
    let rule = value
        .get("id")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    read(analyser, &rule, field, value)
}

fn read<T: DeserializeOwned>(
    analyser: &str,
    rule: &str,
    field: &str,
    value: Value,
) -> Result<T, PlanError> {
    serde_json::from_value(value).map_err(|e| PlanError::new(analyser, rule, field, e.to_string()))
}

fn take_list(
    fields: &mut Map<String, Value>,
    analyser: &str,
    rule: &str,
    field: &str,
) -> Result<Vec<Value>, PlanError> {
    match fields.remove(field) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(values)) => Ok(values),
        Some(_) => Err(PlanError::new(analyser, rule, field, "Must be a list")),
    }
}

fn refuse_rest(fields: &Map<String, Value>, analyser: &str) -> Result<(), PlanError> {
    match fields.keys().next() {
        None => Ok(()),
        Some(key) => Err(PlanError::new(
            analyser,
            "",
            key,
            "Unknown field; remove it",
        )),
    }
}
