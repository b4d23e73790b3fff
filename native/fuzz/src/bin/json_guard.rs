//! Any bytes as JSON: the guard calls complete what serde_json reads, and nothing else, cut anywhere.
#![no_main]

use libfuzzer_sys::fuzz_target;
use midstream_fuzz::{cut, pieces};
use midstream_json_guard::{DuplicateKeys, Guard, Settings, Status};
use serde::de::IgnoredAny;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let Some((sizes, input)) = cut(data) else {
        return;
    };
    let settings = Settings {
        duplicate_keys: DuplicateKeys::Allow,
        ..Settings::default()
    };
    let guard = Guard::compile(None, settings).expect("no schema compiles");
    let mut whole = guard.start();
    whole.push(input);
    let verdict = whole.finish();
    let mut parts = guard.start();
    for piece in pieces(sizes, input) {
        parts.push(piece);
    }
    assert_eq!(format!("{verdict:?}"), format!("{:?}", parts.finish()));
    let is_complete = matches!(verdict, Status::Complete);
    if serde_json::from_slice::<IgnoredAny>(input).is_err() {
        assert!(!is_complete, "{verdict:?}");
    } else if serde_json::from_slice::<Value>(input).is_ok() {
        assert!(is_complete, "{verdict:?}");
    }
    // Between the two stand halves of surrogate pairs and numbers out of an f64's range, on which readers differ.
});
