//! What the tests share: plans, streams, partitions, and a plain reading of what a client gets.
#![allow(dead_code, reason = "each test file uses a part")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use midstream_wire::{End, Plan, Record, Settings, State, Wire};
use serde_json::{Value, json};

/// A plan with an e-mail rule, a long object, and the given actions (`policy` and `analyser` are filled in).
pub fn plan(actions: &[Value]) -> Arc<Plan> {
    let actions: Vec<Value> = actions
        .iter()
        .map(|action| {
            let mut full = json!({"policy": "policy/test/p", "analyser": "analyser/test/a",
                "minScore": 0, "minCount": 1, "monitor": false});
            merge(&mut full, action);
            full
        })
        .collect();
    let spec = json!({"analysers": [{"id": "analyser/test/a", "rules": [
        {"id": "email", "tag": "EMAIL", "pattern": "[a-z0-9.]+@[a-z0-9]+\\.[a-z]{2,6}", "left": "email", "right": "alnum",
         "score": 0.9, "maxBytes": 100},
        {"id": "card", "tag": "CARD", "pattern": "[0-9]{12,16}", "left": "digit", "right": "digit", "score": 0.8, "maxBytes": 32},
    ], "literals": [{"id": "canary", "tag": "CANARY", "words": ["tomorrow never"]},
        {"id": "face", "tag": "FACE", "words": ["\u{1F600}\u{1F602}"]}]}], "actions": actions});
    Plan::compile_json(&spec.to_string()).unwrap()
}

fn merge(into: &mut Value, from: &Value) {
    for (key, value) in from.as_object().unwrap() {
        into[key] = value.clone();
    }
}

pub fn redact(rule: &str, text: &str) -> Value {
    json!({"rule": rule, "action": "rewrite", "replacement": {"kind": "tag", "text": text}})
}

pub fn block(rule: &str, message: &str) -> Value {
    json!({"rule": rule, "action": "block", "message": message})
}

pub fn usual() -> Arc<Plan> {
    plan(&[
        redact("email", "[EMAIL]"),
        redact("card", "[CARD]"),
        redact("canary", ""),
        redact("face", "[FACE]"),
    ])
}

/// What came out of one answer.
pub struct Output {
    pub bytes: Vec<u8>,
    pub state: State,
    pub records: Vec<Record>,
}

impl Output {
    pub fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }
}

/// Feeds pieces, then ends.
pub fn run<'a>(
    plan: &Arc<Plan>,
    settings: &Settings,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Output {
    run_until(plan, settings, pieces, End::Eof)
}

pub fn run_until<'a>(
    plan: &Arc<Plan>,
    settings: &Settings,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    end: End,
) -> Output {
    let mut wire = Wire::new(Arc::clone(plan), settings.clone());
    let (mut bytes, mut records) = (Vec::new(), Vec::new());
    for piece in pieces {
        wire.feed(piece, &mut bytes);
    }
    wire.end(end, &mut bytes);
    wire.take_records(&mut records);
    Output {
        bytes,
        state: wire.state(),
        records,
    }
}

pub fn run_whole(plan: &Arc<Plan>, settings: &Settings, stream: &str) -> Output {
    run(plan, settings, [stream.as_bytes()])
}

/// A chunk of choice 0 with this delta.
pub fn chunk(delta: &Value) -> String {
    chunk_of(0, delta, &Value::Null)
}

pub fn chunk_of(choice: u32, delta: &Value, finish: &Value) -> String {
    let chunk = json!({"id": "c1", "object": "chat.completion.chunk", "created": 7, "model": "m",
        "choices": [{"index": choice, "delta": delta, "logprobs": null, "finish_reason": finish}]});
    frame(&chunk.to_string())
}

pub fn finish(choice: u32) -> String {
    chunk_of(choice, &json!({}), &json!("stop"))
}

pub fn content(text: &str) -> String {
    chunk(&json!({"content": text}))
}

pub fn frame(payload: &str) -> String {
    format!("data: {payload}\n\n")
}

pub const DONE: &str = "data: [DONE]\n\n";

/// Payloads of the frames of a well-formed stream, by an independent reading (LF, CRLF or CR line ends).
pub fn payloads(stream: &str) -> Vec<String> {
    let stream = stream.replace("\r\n", "\n").replace('\r', "\n");
    let mut found = Vec::new();
    for event in stream.trim_start_matches('\u{feff}').split("\n\n") {
        let lines = event.lines().filter_map(|line| line.strip_prefix("data:"));
        let data: Vec<&str> = lines
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .collect();
        if !data.is_empty() {
            found.push(data.join("\n"));
        }
    }
    found
}

/// Text of every block: (choice, channel name) -> text, and each choice's finish reason.
#[derive(Debug, Default, PartialEq, Clone)]
pub struct Reading {
    pub texts: BTreeMap<(u64, String), String>,
    pub finishes: BTreeMap<u64, String>,
    pub done: bool,
    pub error: Option<String>,
}

/// Reads a stream as a client does, with a JSON library.
pub fn read(stream: &str) -> Reading {
    let mut reading = Reading::default();
    for payload in payloads(stream) {
        assert!(
            !reading.done && reading.error.is_none(),
            "something follows the end: {payload}"
        );
        if payload == "[DONE]" {
            reading.done = true;
            continue;
        }
        let value: Value =
            serde_json::from_str(&lift(&payload)).unwrap_or_else(|e| panic!("{e}: {payload}"));
        if let Some(error) = value.get("error").filter(|error| !error.is_null()) {
            reading.error = Some(error["code"].as_str().unwrap_or("upstream").to_owned());
            continue;
        }
        for choice in value["choices"].as_array().into_iter().flatten() {
            let index = choice["index"].as_u64().unwrap();
            read_message(&mut reading, index, &choice["delta"]);
            if let Some(reason) = choice["finish_reason"].as_str() {
                assert!(!reading.finishes.contains_key(&index), "two finish reasons");
                reading.finishes.insert(index, reason.to_owned());
            }
        }
    }
    for text in reading.texts.values_mut() {
        *text = lower(text);
    }
    reading
}

/// Stands for a surrogate in Rust's strings, which cannot hold one.
pub fn stand_in(surrogate: u16) -> char {
    char::from_u32(0xF_0000 + u32::from(surrogate)).unwrap()
}

/// JSON with each escaped surrogate as its stand-in, so that texts are joined as in a client whose strings are UTF-16.
fn lift(json: &str) -> String {
    let mut out = String::new();
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let digits = rest[at..].strip_prefix("\\u").and_then(|hex| hex.get(..4));
        let unit = digits.and_then(|hex| u16::from_str_radix(hex, 16).ok());
        let taken = if let Some(unit) = unit.filter(|unit| (0xD800..0xE000).contains(unit)) {
            out.push(stand_in(unit));
            6
        } else {
            out.push_str(&rest[at..at + 2]);
            2
        };
        rest = &rest[at + taken..];
    }
    out + rest
}

fn lower(text: &str) -> String {
    let mut units = Vec::new();
    for c in text.chars() {
        match u32::from(c) {
            code @ 0xF_D800..0xF_E000 => units.push((code - 0xF_0000) as u16),
            _ => units.extend_from_slice(c.encode_utf16(&mut [0; 2])),
        }
    }
    String::from_utf16_lossy(&units)
}

pub fn read_message(reading: &mut Reading, choice: u64, message: &Value) {
    let mut add = |channel: &str, value: &Value| {
        if let Some(text) = value.as_str().filter(|text| !text.is_empty()) {
            reading
                .texts
                .entry((choice, channel.to_owned()))
                .or_default()
                .push_str(text);
        }
    };
    add("content", &message["content"]);
    for item in message["content"].as_array().into_iter().flatten() {
        add("content", &item["text"]);
        for thought in item["thinking"].as_array().into_iter().flatten() {
            add("reasoning", &thought["text"]);
        }
    }
    add("reasoning", &message["reasoning_content"]);
    add("refusal", &message["refusal"]);
    for call in message["tool_calls"].as_array().into_iter().flatten() {
        let mut name = String::from("tool ");
        let _ = write!(name, "{}", call["index"]);
        add(&name, &call["function"]["arguments"]);
    }
}

/// Pieces of `bytes` cut at `cuts` (taken modulo the length).
pub fn cut_at<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places
        .windows(2)
        .map(|pair| &bytes[pair[0]..pair[1]])
        .collect()
}

/// The folder of the external data sets, if it is there.
pub fn data() -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = std::env::var_os("MIDSTREAM_DATA")
        .map_or_else(|| root.join("../shared/data"), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!(
        "skipped: no data sets at {} (set MIDSTREAM_DATA)",
        folder.display()
    );
    None
}

pub fn settings() -> Settings {
    Settings::default()
}

/// Output for the stream, checked to be the same in several partitions.
pub fn pass(actions: &[Value], stream: &str) -> String {
    pass_with(actions, &settings(), stream)
}

pub fn pass_with(actions: &[Value], settings: &Settings, stream: &str) -> String {
    let plan = plan(actions);
    let whole = run_whole(&plan, settings, stream);
    for step in [1, 2, 3, 7, 64] {
        let parts = run(&plan, settings, stream.as_bytes().chunks(step));
        assert_eq!(parts.text(), whole.text(), "in pieces of {step}");
        assert_eq!(parts.records, whole.records, "in pieces of {step}");
        let state = |mut state: State| {
            state.trailing = 0;
            state
        };
        assert_eq!(
            state(parts.state),
            state(whole.state),
            "in pieces of {step}"
        );
    }
    whole.text()
}

pub fn mask() -> [Value; 3] {
    [
        redact("email", "[EMAIL]"),
        redact("card", "[CARD]"),
        redact("canary", ""),
    ]
}
