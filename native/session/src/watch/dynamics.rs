//! How the text behaves, and the pace of its arrival: native/dynamics.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, OnceLock};

use midstream_dynamics::{Dynamics, Found, Kind, Settings};
use serde_json::Value;

use super::{Seen, WatchPlan, WatchRule, Watcher};
use crate::error::PlanError;

const RULES: [WatchRule; 4] = {
    let mut rules = [WatchRule {
        id: "",
        tag: "DYNAMICS",
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
        .map_err(|e| PlanError::new(analyser, "", "dynamics", e.to_string()))?;
    settings
        .validate()
        .map_err(|e| PlanError::new(analyser, "", e.field, e.to_string()))?;
    Ok(Arc::new(Measures { settings }))
}

/// Key of all words' hashes: unknown outside of the process, and the same for all of its streams.
fn key() -> u64 {
    static KEY: OnceLock<u64> = OnceLock::new();
    *KEY.get_or_init(|| RandomState::new().hash_one(0_u8))
}

#[derive(Debug)]
struct Measures {
    settings: Settings,
}

impl WatchPlan for Measures {
    fn rules(&self) -> &[WatchRule] {
        &RULES
    }

    fn start(&self) -> Box<dyn Watcher> {
        Box::new(DynamicsWatcher {
            dynamics: Dynamics::new(&self.settings, key()),
            found: Vec::new(),
        })
    }

    fn is_timed(&self) -> bool {
        true
    }
}

struct DynamicsWatcher {
    dynamics: Dynamics,
    found: Vec<Found>,
}

impl DynamicsWatcher {
    fn report(&mut self, seen: &mut Vec<Seen>) {
        seen.extend(self.found.drain(..).map(|found| Seen {
            rule: found.kind as u32,
            start: found.start,
            end: found.end,
            from: found.end,
            score: found.score,
        }));
    }
}

impl Watcher for DynamicsWatcher {
    fn push(&mut self, text: &[u8], now_ns: u64, seen: &mut Vec<Seen>) {
        if text.is_empty() {
            return;
        }
        self.dynamics.arrive(now_ns, &mut self.found);
        self.dynamics.push(text, &mut self.found);
        if !self.found.is_empty() {
            self.report(seen);
        }
    }

    fn finish(&mut self, _now_ns: u64, seen: &mut Vec<Seen>) {
        self.dynamics.finish(&mut self.found);
        self.report(seen);
    }
}
