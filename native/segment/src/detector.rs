//! [`Units`] as a detector: what it finds is where units are. So callers in other languages cut text as everything in native/ does.

use std::sync::Arc;

use midstream_text_detector::{
    Answer, Context, Detector, Found, Origin, Reader, Rule, SettingsError,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::units::{Cut, Units};

/// Longest unit that settings may ask for, in UTF-16 units.
const MAX_LIMIT: usize = 1 << 20;

/// Settings of the detector.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Settings {
    cut: Cut,
    /// Longest unit in UTF-16 units, 2 to 1,048,576.
    limit: usize,
}

const RULES: [Rule; 1] = [Rule {
    id: "unit",
    tag: "UNIT",
}];

/// Compiles `{"cut": "sentence" | "length", "limit": UTF-16 units}`.
///
/// # Errors
/// Names the setting that is wrong.
pub fn compile(settings: Value) -> Result<Arc<dyn Detector>, SettingsError> {
    let settings: Settings = serde_json::from_value(settings).map_err(|error| SettingsError {
        field: "settings".to_owned(),
        message: error.to_string(),
    })?;
    if !(2..=MAX_LIMIT).contains(&settings.limit) {
        return Err(SettingsError {
            field: "limit".to_owned(),
            message: format!("must be 2 to {MAX_LIMIT}"),
        });
    }
    Ok(Arc::new(settings))
}

impl Detector for Settings {
    fn rules(&self) -> &[Rule] {
        &RULES
    }

    fn begin(&self, _: &Context) -> Box<dyn Answer> {
        Box::new(*self)
    }
}

impl Answer for Settings {
    fn open(&mut self, _: Origin) -> Box<dyn Reader> {
        Box::new(UnitReader(Units::new(self.cut, self.limit)))
    }
}

struct UnitReader(Units);

fn found(start: u64, end: u64) -> Found {
    Found {
        rule: 0,
        start,
        end,
        from: end,
        score: 1.0,
        data: Map::new(),
    }
}

impl Reader for UnitReader {
    fn push(&mut self, text: &str, out: &mut Vec<Found>) {
        self.0.push(text, |start, end| out.push(found(start, end)));
    }

    fn finish(&mut self, out: &mut Vec<Found>) {
        self.0.finish(|start, end| out.push(found(start, end)));
    }

    fn hold_from(&self) -> u64 {
        self.0.open_from()
    }

    fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.0.memory_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_text_has_its_units_as_findings() {
        let detector = compile(json!({"cut": "sentence", "limit": 100})).unwrap();
        let mut reader = detector.begin(&Context::default()).open(Origin::Content);
        let mut out = Vec::new();
        reader.push("The sea is very near. The", &mut out);
        assert_eq!(reader.hold_from(), 21);
        reader.finish(&mut out);
        let places: Vec<_> = out.iter().map(|found| (found.start, found.end)).collect();
        assert_eq!(places, [(0, 21), (21, 25)]);
    }

    #[test]
    fn settings_out_of_bounds_are_named() {
        let error = compile(json!({"cut": "length", "limit": 1})).unwrap_err();
        assert_eq!(error.field, "limit");
        assert!(compile(json!({"cut": "word", "limit": 9})).is_err());
    }
}
