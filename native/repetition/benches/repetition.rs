//! What does a byte cost? Best of several passes over slices of prose, code-like data and text made against the detector.
//!
//! `cargo bench -p midstream-repetition`; target: at most 15 ns a byte on prose (facts/guardrails.md 8).

use std::hint::black_box;
use std::time::Instant;

use midstream_repetition::{Detector, Loop, Settings};

const PASSES: u32 = 15;
/// A slice takes a fraction of a scheduler's tick.
const SLICE_BYTES: usize = 16 << 10;
/// As providers send text: a token or two at a time.
const PUSH_BYTES: usize = 5;

fn main() {
    // `cargo test --benches` only wants to know that it runs.
    let passes = if std::env::args().any(|arg| arg == "--bench") {
        PASSES
    } else {
        1
    };
    println!(
        "{:<28} {:>8} {:>10} {:>7}",
        "text", "bytes", "ns/byte", "loops"
    );
    for (name, text) in texts() {
        let (ns, loops) = cost(text.as_bytes(), passes);
        println!("{name:<28} {:>8} {ns:>10.2} {loops:>7}", text.len());
    }
    for max_period in [400, 2_000] {
        let detector = Detector::new(&Settings {
            max_period,
            ..Settings::default()
        });
        println!(
            "state at maxPeriod {max_period}: {} bytes",
            detector.memory_bytes()
        );
    }
}

/// Nanoseconds a byte, and loops found. Each slice counts with its best pass, so that a busy machine spoils few of them.
fn cost(text: &[u8], passes: u32) -> (f64, usize) {
    let mut detector = Detector::new(&Settings::default());
    let mut found = Vec::<Loop>::with_capacity(1 << 12);
    let mut total = 0.0;
    for slice in text.chunks(SLICE_BYTES) {
        let (before, known) = (detector.clone(), found.len());
        let mut best = f64::MAX;
        for _ in 0..passes {
            detector = before.clone();
            found.truncate(known);
            let begin = Instant::now();
            for piece in slice.chunks(PUSH_BYTES) {
                detector.push(black_box(piece), &mut found);
            }
            best = best.min(begin.elapsed().as_nanos() as f64);
        }
        total += best;
    }
    (total / text.len() as f64, found.len())
}

fn texts() -> Vec<(&'static str, String)> {
    let mut texts = vec![
        (
            "made-up prose",
            prose(200_000, b"abcdefghijklmnopqrstuvwxyz"),
        ),
        ("digits", prose(200_000, b"0123456789")),
        (
            "a loop of 50",
            "The pump reports state four and waits for a reply. ".repeat(4_000),
        ),
        // Every few characters another period is proposed, verified and dropped again.
        ("against the trackers", adversarial(200_000)),
    ];
    let root = std::env::var("MIDSTREAM_DATA").unwrap_or_else(|_| {
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").to_owned()
    });
    if let Ok(rows) = std::fs::read_to_string(format!("{root}/grounding/halueval_general.jsonl")) {
        let row = |line| serde_json::from_str::<serde_json::Value>(line).ok();
        let text = rows
            .lines()
            .filter_map(row)
            .filter_map(|row| Some(row["response"].as_str()?.to_owned()));
        texts.insert(
            0,
            ("answers (HaluEval)", text.collect::<Vec<_>>().join("\n")),
        );
    }
    texts
}

fn next(state: &mut u64) -> usize {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize
}

fn prose(len: usize, letters: &[u8]) -> String {
    let (mut text, mut state) = (String::with_capacity(len), 1);
    while text.len() < len {
        for _ in 0..2 + next(&mut state) % 8 {
            text.push(char::from(letters[next(&mut state) % letters.len()]));
        }
        text.push(' ');
    }
    text
}

/// Words of nine letters out of a few, in random order.
fn adversarial(len: usize) -> String {
    let words = [
        "abcdefghi",
        "jklmnopqr",
        "stuvwxyza",
        "bcdefghij",
        "klmnopqrs",
    ];
    let (mut text, mut state) = (String::with_capacity(len), 1);
    while text.len() < len {
        text.push_str(words[next(&mut state) % words.len()]);
    }
    text
}
