//! What does a token of four bytes cost with everything on: scanner, loops, dynamics, and a step of sixteen temporal rules?
//!
//! `npm run bench -- token`, which writes the shipped analysers' plans to a file and names it in `MIDSTREAM_PLAN`. Native
//! code only: no FFI, no JSON of the wire. The text is the answers of `HaluEval` (`MIDSTREAM_DATA`), else made up.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use midstream_session::{Channel, Detector, Plan};
use midstream_temporal_neural_solver::{Atom, Formula, Monitor, Semantics, Vocabulary, compile};
use serde_json::{Value, json};

const TOKEN: usize = 4;
/// Tokens of one stream: an answer of 2 000 words.
const TOKENS: usize = 3_000;
const STREAMS: usize = 12;
/// Rounds of which the least and the median count: the machine is shared.
const ROUNDS: usize = 21;
const RULES: usize = 16;
/// facts/temporal.md D: the whole per-token path, in nanoseconds.
const TARGET: f64 = 300.0;

fn main() {
    let Some(plan) = std::env::var_os("MIDSTREAM_PLAN") else {
        println!("skipped: no MIDSTREAM_PLAN; `npm run bench -- token`");
        return;
    };
    let plan = std::fs::read_to_string(plan).expect("MIDSTREAM_PLAN is a file");
    let plan: Value = serde_json::from_str(&plan).expect("MIDSTREAM_PLAN is JSON");
    let (source, text) = text();
    let streams: Vec<&[u8]> = text.chunks_exact(TOKENS * TOKEN).take(STREAMS).collect();
    let tokens = streams.len() * TOKENS;
    println!(
        "{tokens} tokens of {TOKEN} bytes, {source}; ns a token, of {ROUNDS} rounds of each stream\n"
    );
    println!("{:<44}{:>8}{:>9}", "", "least", "median");
    let mut sum = 0.0;
    for (name, parts) in [
        ("no analyser: the session itself", &[][..]),
        ("scanner: all rules of pii and secrets", &["pii", "secrets"]),
        ("repetition", &["repetition"]),
        ("dynamics", &["dynamics"]),
    ] {
        sum += report(name, tokens, &subset(&plan, parts), &streams, 0);
    }
    sum += report(
        "sixteen temporal rules, a step each",
        tokens,
        &subset(&plan, &[]),
        &streams,
        RULES,
    );
    println!(
        "{:<44}{sum:>8.0}  (the session counted five times)",
        "sum of the parts"
    );
    let all = ["pii", "secrets", "repetition", "dynamics"];
    let least = report("everything", tokens, &subset(&plan, &all), &streams, RULES);
    let verdict = if least <= TARGET { "met" } else { "missed" };
    println!("\ntarget {TARGET:.0} ns: {verdict}");
}

/// The plan with these types of analysers only.
fn subset(plan: &Value, types: &[&str]) -> Arc<Plan> {
    let analysers = plan["analysers"].as_array().expect("analysers");
    let is_wanted = |one: &&Value| {
        let id = one["id"].as_str().unwrap_or("");
        types
            .iter()
            .any(|wanted| id.split('/').nth(1) == Some(wanted))
    };
    let kept: Vec<&Value> = analysers.iter().filter(is_wanted).collect();
    assert_eq!(kept.len(), types.len(), "{types:?}");
    let json = json!({"analysers": kept, "actions": []}).to_string();
    Plan::compile_json(&json).expect("a shipped plan compiles")
}

/// Monitors of rules that stay open: `G(a -> X G !b)` of which no `b` comes.
fn monitors(count: usize) -> Vec<Monitor> {
    let each = (0..count).map(|at| {
        let mut words = Vocabulary::new();
        for name in ["a", "b"] {
            let atom = Atom::Proposition(format!("{name}{at}"));
            words.intern(atom).expect("two atoms");
        }
        let formula = Formula::parse(&format!("G(a{at} -> X G !b{at})"), &mut words);
        let program = compile(&formula.expect("parses"), &words, Semantics::Stream);
        Monitor::new(&program.expect("compiles"))
    });
    each.collect()
}

fn report(name: &str, tokens: usize, plan: &Arc<Plan>, streams: &[&[u8]], rules: usize) -> f64 {
    let mut sums = [0.0; 2];
    // Stream by stream: a millisecond that nobody else took is found sooner than a whole round.
    for stream in streams {
        let mut times: Vec<f64> = (0..ROUNDS).map(|_| run(plan, stream, rules)).collect();
        times.sort_by(f64::total_cmp);
        sums[0] += times[0];
        sums[1] += times[ROUNDS / 2];
    }
    let [least, median] = sums.map(|sum| sum / tokens as f64);
    println!("{name:<44}{least:>8.1}{median:>9.1}");
    least
}

/// Nanoseconds of one stream.
fn run(plan: &Arc<Plan>, stream: &[u8], rules: usize) -> f64 {
    let mut detector = Detector::new(Arc::clone(plan));
    let mut monitors = monitors(rules);
    let begin = Instant::now();
    for (at, token) in stream.chunks_exact(TOKEN).enumerate() {
        black_box(detector.push(0, 0, Channel::Content, token));
        for monitor in &mut monitors {
            black_box(monitor.step(at as u64, at as u64 & 1));
        }
    }
    begin.elapsed().as_nanos() as f64
}

fn text() -> (&'static str, Vec<u8>) {
    let root = std::env::var("MIDSTREAM_DATA").unwrap_or_else(|_| {
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").to_owned()
    });
    let Ok(lines) = std::fs::read_to_string(format!("{root}/grounding/halueval_general.jsonl"))
    else {
        return ("made-up prose", made_up());
    };
    let mut text = String::new();
    for row in lines
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
    {
        text.push_str(row["response"].as_str().unwrap_or(""));
        text.push_str("\n\n");
    }
    ("answers of HaluEval", text.into_bytes())
}

/// Words of the pump, in no order that repeats.
fn made_up() -> Vec<u8> {
    let words = [
        "pump", "valve", "closes", "again", "the", "a", "slowly", "pressure", "rises", "now",
    ];
    let mut state = 1_u64;
    let mut text = String::new();
    while text.len() < STREAMS * TOKENS * TOKEN {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        text.push_str(words[(state >> 60) as usize % words.len()]);
        text.push_str(if (state >> 50).is_multiple_of(9) {
            ". "
        } else {
            " "
        });
    }
    text.into_bytes()
}
