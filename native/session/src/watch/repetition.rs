//! Loops in the text: native/repetition.

use std::sync::Arc;

use midstream_repetition::{Detector, Kind, Loop, Settings};
use serde_json::Value;

use super::{Seen, WatchPlan, WatchRule, Watcher};
use crate::error::PlanError;

const RULES: [WatchRule; 4] = {
    let mut rules = [WatchRule {
        id: "",
        tag: "LOOP",
        late: true,
    }; 4];
    let mut i = 0;
    while i < rules.len() {
        rules[i].id = Kind::ALL[i].rule();
        i += 1;
    }
    rules
};

pub(super) fn compile(analyser: &str, value: Value) -> Result<Arc<dyn WatchPlan>, PlanError> {
    let settings: Settings = serde_json::from_value(value)
        .map_err(|e| PlanError::new(analyser, "", "repetition", e.to_string()))?;
    settings
        .validate()
        .map_err(|e| PlanError::new(analyser, "", e.field, e.to_string()))?;
    Ok(Arc::new(Loops { settings }))
}

#[derive(Debug)]
struct Loops {
    settings: Settings,
}

impl WatchPlan for Loops {
    fn rules(&self) -> &[WatchRule] {
        &RULES
    }

    fn start(&self) -> Box<dyn Watcher> {
        Box::new(LoopWatcher {
            detector: Detector::new(&self.settings),
            loops: Vec::new(),
        })
    }
}

struct LoopWatcher {
    detector: Detector,
    loops: Vec<Loop>,
}

impl LoopWatcher {
    fn report(&mut self, seen: &mut Vec<Seen>) {
        seen.extend(self.loops.drain(..).map(|found| Seen {
            rule: found.kind as u32,
            start: found.start,
            end: found.end,
            from: found.end,
            score: found.score,
        }));
    }
}

impl Watcher for LoopWatcher {
    fn push(&mut self, text: &[u8], _now_ns: u64, seen: &mut Vec<Seen>) {
        self.detector.push(text, &mut self.loops);
        if !self.loops.is_empty() {
            self.report(seen);
        }
    }

    fn finish(&mut self, _now_ns: u64, seen: &mut Vec<Seen>) {
        self.detector.finish(&mut self.loops);
        self.report(seen);
    }
}
