//! What does one event cost on the wire path: framing, JSON, analysis of its text, and copying it out?
//!
//! Baselines in the same run: a copy of the same bytes, and `serde_json` parsing the same payloads. Results are checked
//! before anything is timed. Run: `cargo bench -p midstream-wire`.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use midstream_wire::{Framing, Plan, Settings, Wire};
use serde_json::{Value, json};

const EVENTS: usize = 2000;
const ROUNDS: usize = 41;

fn main() {
    println!(
        "ns per event of ~300 bytes ({EVENTS} events a stream, best of {ROUNDS} rounds: the machine is shared)\n"
    );
    let words = prose();
    let clean = stream(&words);
    let mails: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(i, word)| {
            if i % 20 == 0 {
                " jane.roe@example.org".to_owned()
            } else {
                word.clone()
            }
        })
        .collect();
    let mails = stream(&mails);
    let bytes = clean.len() / EVENTS;
    println!(
        "{:<52} {:>8.0}",
        "copy of the same bytes",
        best(|| copy(&clean))
    );
    println!(
        "{:<52} {:>8.0}",
        "serde_json, payloads only",
        best(|| parse(&clean))
    );
    // `cargo bench -p midstream-wire -- "no rules"`: only plans whose name holds the words.
    let wanted = std::env::args()
        .skip(1)
        .find(|arg| !arg.starts_with('-'))
        .unwrap_or_default();
    for (name, plan) in [
        ("no rules", plan(0)),
        ("two rules", plan(2)),
        ("twelve rules", plan(12)),
    ] {
        if !name.contains(&wanted) {
            continue;
        }
        check(&plan, &clean);
        for (what, input) in [("clean", &clean), ("a mail every 20 events", &mails)] {
            let one = best(|| feed(&plan, input, bytes));
            let ten = best(|| feed(&plan, input, bytes * 10));
            let flow = best(|| feed_with(&plan, input, bytes, true));
            println!(
                "{:<52} {one:>8.0}",
                format!("{name}, {what}, one event a read")
            );
            println!(
                "{:<52} {ten:>8.0}",
                format!("{name}, {what}, ten events a read")
            );
            println!(
                "{:<52} {flow:>8.0}",
                format!("{name}, {what}, flowing frames")
            );
        }
    }
    let chunked = chunked(&clean);
    let plan = plan(2);
    let framed = Settings {
        framing: Framing::Chunked,
        ..Settings::default()
    };
    let time = best(|| run(&plan, &framed, &chunked, bytes));
    println!("{:<52} {time:>8.0}", "two rules, clean, chunked transfer");
}

fn best(mut round: impl FnMut() -> usize) -> f64 {
    let times = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        black_box(round());
        start.elapsed().as_nanos() as f64 / EVENTS as f64
    });
    times.fold(f64::INFINITY, f64::min)
}

fn feed(plan: &Arc<Plan>, stream: &[u8], size: usize) -> usize {
    feed_with(plan, stream, size, false)
}

fn feed_with(plan: &Arc<Plan>, stream: &[u8], size: usize, flow: bool) -> usize {
    run(
        plan,
        &Settings {
            flow,
            ..Settings::default()
        },
        stream,
        size,
    )
}

fn run(plan: &Arc<Plan>, settings: &Settings, stream: &[u8], size: usize) -> usize {
    let mut wire = Wire::new(Arc::clone(plan), settings.clone());
    let mut out = Vec::with_capacity(1 << 16);
    let mut total = 0;
    for read in stream.chunks(size) {
        out.clear();
        wire.feed(read, &mut out);
        total += out.len();
    }
    total
}

fn check(plan: &Arc<Plan>, stream: &[u8]) {
    let mut wire = Wire::new(Arc::clone(plan), Settings::default());
    let mut out = Vec::new();
    wire.feed(stream, &mut out);
    assert_eq!(out, stream, "a clean stream leaves as it came");
}

fn copy(stream: &[u8]) -> usize {
    let mut out = Vec::with_capacity(1 << 16);
    for read in stream.chunks(stream.len() / EVENTS) {
        out.clear();
        out.extend_from_slice(black_box(read));
    }
    out.len()
}

fn parse(stream: &[u8]) -> usize {
    let text = std::str::from_utf8(stream).unwrap();
    let payloads = text.lines().filter_map(|line| line.strip_prefix("data: {"));
    payloads
        .map(|line| {
            let payload = &text[line.as_ptr().addr() - text.as_ptr().addr() - 1..][..=line.len()];
            let value: Value = serde_json::from_str(payload).unwrap();
            value["choices"][0]["delta"]["content"]
                .as_str()
                .map_or(0, str::len)
        })
        .sum()
}

/// Words as a model sends them, a token at a time.
fn prose() -> Vec<String> {
    let text = "The committee met on Tuesday to go over the budget; nobody had read section 4.2, which lists 17 items \
        (mostly small) and one that costs more than all of the others together. \"We should ask again\", she said, and so they did.";
    let tokens: Vec<String> = text
        .split_inclusive(' ')
        .map(|word| format!(" {}", word.trim_end()))
        .collect();
    (0..EVENTS)
        .map(|i| tokens[i % tokens.len()].clone())
        .collect()
}

fn stream(words: &[String]) -> Vec<u8> {
    let chunk = |delta: Value, finish: Value| {
        let chunk = json!({"id": "chatcmpl-7eb08824-fb8d-47af-a1f0-3aa786f2d1f3", "object": "chat.completion.chunk",
            "created": 1_770_770_839, "model": "gpt-4o-mini-2024-07-18", "service_tier": "default", "system_fingerprint": "fp_f8b414701e",
            "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}], "usage": null});
        format!("data: {chunk}\n\n")
    };
    let mut text: String = words
        .iter()
        .map(|word| chunk(json!({"content": word}), Value::Null))
        .collect();
    text += &chunk(json!({}), json!("stop"));
    text += "data: [DONE]\n\n";
    text.into_bytes()
}

fn chunked(stream: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in stream.chunks(stream.len() / EVENTS) {
        out.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}

fn plan(rules: usize) -> Arc<Plan> {
    let patterns = [
        (
            "email",
            "[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\\.[A-Za-z0-9-]{1,63})+",
            "email",
            "alnum",
        ),
        ("card", "[0-9]{4}( ?[0-9]{4}){3}", "number", "digit"),
        ("ip", "[0-9]{1,3}(\\.[0-9]{1,3}){3}", "number", "digit"),
        ("ssn", "[0-9]{3}-[0-9]{2}-[0-9]{4}", "number", "digit"),
        ("mac", "[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}", "word", "word"),
        (
            "iban",
            "[A-Z]{2}[0-9]{2}( ?[A-Z0-9]{4}){3,7}",
            "word",
            "word",
        ),
        (
            "phone",
            "\\+[0-9]{1,3}[ -]?[0-9]{2,4}([ -]?[0-9]{2,4}){1,4}",
            "word",
            "digit",
        ),
        ("hex", "[0-9a-f]{40}", "word", "word"),
        (
            "uuid",
            "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
            "word",
            "word",
        ),
        ("eth", "0x[0-9a-fA-F]{40}", "word", "word"),
        ("date", "[0-9]{2}/[0-9]{2}/[0-9]{4}", "number", "digit"),
        ("plate", "[A-Z]{1,3}-[A-Z]{1,2} [0-9]{1,4}", "word", "word"),
    ];
    let patterns = &patterns[..rules];
    let list: Vec<Value> = patterns
        .iter()
        .map(|(id, pattern, left, right)| {
            json!({"id": id, "tag": id.to_uppercase(), "pattern": pattern, "left": left, "right": right, "score": 0.9, "maxBytes": 128})
        })
        .collect();
    let actions: Vec<Value> = patterns
        .iter()
        .map(|(id, ..)| {
            json!({"policy": "policy/redact/mask", "analyser": "analyser/pii/all", "rule": id, "action": "rewrite", "minScore": 0,
                "minCount": 1, "monitor": false, "replacement": {"kind": "tag", "text": format!("[{}]", id.to_uppercase())}})
        })
        .collect();
    let spec =
        json!({"analysers": [{"id": "analyser/pii/all", "rules": list}], "actions": actions});
    Plan::compile_json(&spec.to_string()).unwrap()
}
