//! Text under watchers (loops, dynamics): any cutting gives the same findings.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use midstream_fuzz::{cut, str_pieces};
use midstream_session::{Channel, Detector, Plan};
use serde_json::json;

static PLAN: LazyLock<Arc<Plan>> = LazyLock::new(|| {
    let spec = json!({
        "analysers": [
            {"id": "a", "repetition": {"minChars": 16}},
            {"id": "b", "dynamics": {"repeatedWords": 16, "driftWords": 16, "periodRepeats": 3}},
        ],
        "actions": [],
    });
    Plan::compile_json(&spec.to_string()).expect("the plan compiles")
});

fn run<'a>(input: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut detector = Detector::new(Arc::clone(&PLAN));
    detector.set_time(0);
    for piece in input {
        detector.push(0, 0, Channel::Content, piece.as_bytes());
    }
    detector.end(0, 0);
    let mut found = Vec::new();
    detector.take_findings(&mut found);
    found.iter().map(|one| format!("{one:?}")).collect()
}

fuzz_target!(|data: &[u8]| {
    let Some((sizes, input)) = cut(data) else {
        return;
    };
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    assert_eq!(run(std::iter::once(text)), run(str_pieces(sizes, text)));
});
