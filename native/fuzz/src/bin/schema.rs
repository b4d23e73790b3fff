//! A schema and a text, both the fuzzer's: nothing panics, and any cutting gives the same verdict.
#![no_main]

use libfuzzer_sys::fuzz_target;
use midstream_fuzz::{cut, pieces};
use midstream_json_guard::{Guard, Settings};

fuzz_target!(|data: &[u8]| {
    let Some((sizes, rest)) = cut(data) else {
        return;
    };
    let Some(at) = rest.iter().position(|byte| *byte == b'\n') else {
        return;
    };
    let Ok(schema) = serde_json::from_slice(&rest[..at]) else {
        return;
    };
    let Ok(guard) = Guard::compile(Some(&schema), Settings::default()) else {
        return;
    };
    let input = &rest[at + 1..];
    let mut whole = guard.start();
    whole.push(input);
    let mut parts = guard.start();
    for piece in pieces(sizes, input) {
        parts.push(piece);
    }
    assert_eq!(
        format!("{:?}", whole.finish()),
        format!("{:?}", parts.finish())
    );
});
