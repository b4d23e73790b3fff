//! How long a sentence takes: `cargo run --release -p midstream-injection --example speed -- DATA`. Least of twenty rounds for each text.

use std::time::Instant;

use midstream_injection::compile;
use midstream_text_detector::{Context, Origin};
use serde_json::{Value, json};

fn main() {
    let data = std::env::args().nth(1).expect("DATA");
    let file =
        std::fs::read_to_string(format!("{data}/grounding/begin_dev_wow.jsonl")).expect("the set");
    let texts: Vec<String> = file
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).expect("JSON lines")["knowledge"]
                .as_str()
                .expect("a text")
                .to_owned()
        })
        .collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    for (name, settings) in [
        ("phrases and marks", json!({"model": false})),
        ("all", json!({})),
    ] {
        let detector = compile(settings).expect("good settings");
        for origin in [Origin::User, Origin::Document] {
            let mut found = Vec::new();
            let mut least = 0.0;
            for text in &texts {
                let rounds = (0..20).map(|_| {
                    let start = Instant::now();
                    let mut reader = detector.begin(&Context::default()).open(origin);
                    reader.push(text, &mut found);
                    reader.finish(&mut found);
                    start.elapsed().as_secs_f64()
                });
                least += rounds.fold(f64::INFINITY, f64::min);
            }
            let each = least * 1e6 / texts.len() as f64;
            println!(
                "{name}, {origin:?}: {each:.2} us a text of {} bytes, {:.1} ns a byte",
                bytes / texts.len(),
                least * 1e9 / bytes as f64
            );
        }
    }
}
