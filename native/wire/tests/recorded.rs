//! Streams recorded from vendors, from the external data sets.

mod support;

use std::fs;

use midstream_wire::Settings;
use serde_json::Value;
use support::*;

/// Lines of the payloads of every recorded chat-completions stream.
fn recorded() -> Vec<(String, String)> {
    let Some(folder) = data() else {
        return Vec::new();
    };
    let index = fs::read_to_string(folder.join("streams/index.jsonl")).unwrap();
    let mut found = Vec::new();
    for line in index.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        if entry["api"] != "chat-completions" {
            continue;
        }
        let name = entry["file"].as_str().unwrap();
        let payloads = fs::read_to_string(folder.join(name)).unwrap();
        let frames: String = payloads
            .lines()
            .filter(|l| !l.is_empty())
            .map(frame)
            .collect();
        found.push((name.to_owned(), frames + DONE));
    }
    assert!(found.len() >= 10, "the data sets hold recorded streams");
    found
}

#[test]
fn recorded_streams_leave_byte_for_byte_in_every_partition() {
    let plan = usual();
    for (name, stream) in recorded() {
        let complete = read(&stream).finishes.contains_key(&0);
        let expected = if complete {
            stream.clone()
        } else {
            stream.replace(DONE, "")
        };
        for step in [1, 2, 5, 61, 300, 1 << 20] {
            let out = run(&plan, &Settings::default(), stream.as_bytes().chunks(step));
            let text = out.text();
            assert!(text.starts_with(&expected), "{name} in pieces of {step}");
            assert_eq!(text.len() == expected.len(), complete, "{name}");
            assert!(
                out.records.is_empty() && out.state.total_tokens > 0,
                "{name}"
            );
        }
    }
}

#[test]
fn recorded_streams_with_carriage_returns_leave_byte_for_byte() {
    for (name, stream) in recorded() {
        for end in ["\r\n", "\r"] {
            let stream = stream.replace('\n', end);
            for step in [1, 7, 4096] {
                let out = run(
                    &usual(),
                    &Settings::default(),
                    stream.as_bytes().chunks(step),
                );
                assert_eq!(out.text(), stream, "{name}");
            }
        }
    }
}
