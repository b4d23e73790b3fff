//! What the integration tests share.
#![allow(dead_code, reason = "each test binary uses its part")]

use midstream_json_guard::{Guard, Settings, Status, Violation};
use serde_json::Value;

/// The status of a text in one push, and at its end.
pub fn whole(guard: &Guard, text: &[u8]) -> Status {
    let mut stream = guard.start();
    stream.push(text);
    stream.finish()
}

/// The status of a text cut at `cuts`, which need not be sorted nor inside it.
pub fn cut(guard: &Guard, text: &[u8], cuts: &[usize]) -> Status {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (text.len() + 1)).collect();
    cuts.sort_unstable();
    let mut stream = guard.start();
    let mut from = 0;
    for cut in cuts {
        stream.push(&text[from..cut]);
        from = cut;
    }
    stream.push(&text[from..]);
    stream.finish()
}

/// The status of a text one byte at a time.
pub fn bytewise(guard: &Guard, text: &[u8]) -> Status {
    let mut stream = guard.start();
    for byte in text {
        stream.push(&[*byte]);
    }
    stream.finish()
}

/// A guard with default settings.
pub fn guard(schema: &Value) -> Guard {
    Guard::compile(Some(schema), Settings::default()).expect("the schema compiles")
}

/// The violation of a text, or `None`; the same at every partition.
pub fn violation(guard: &Guard, text: &str) -> Option<Violation> {
    let status = whole(guard, text.as_bytes());
    assert_eq!(
        status,
        bytewise(guard, text.as_bytes()),
        "bytewise differs for {text}"
    );
    match status {
        Status::Violation(violation) => Some(*violation),
        Status::Complete => None,
        Status::Open => panic!("finished streams are not open"),
    }
}
