//! Question: what does scanning cost, per byte, on prose and on the worst text we know, and how much text is held back?
//!
//! `cargo bench -p midstream-scan`; the rules are plugins/analyser/{pii,secrets}/rules.json, or the file of `MIDSTREAM_PLAN` (an
//! array of analysers); an argument chooses the texts whose names contain it. The prose is `HaluEval`'s replies (`MIDSTREAM_DATA`, default ../shared/data). Best of several runs; the baseline
//! in the same run is what gateways do: search again in all text so far, per chunk.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use midstream_scan::spec::AnalyserSpec;
use midstream_scan::{Event, Plan, Scanner, TextKind};

/// Bytes of one push: a token of English text.
const TOKEN: usize = 4;
/// Runs of which the best counts: the machine is shared.
const RUNS: usize = 5;
/// Least time of one run.
const LEAST: Duration = Duration::from_millis(40);

fn main() {
    let specs = specs();
    let (compile, plan) = best(|| Plan::compile(&specs).expect("the shipped rules compile"));
    println!(
        "plan: {} rules, compiled in {:.0} ms, {:.2} MB shared",
        plan.rules().len(),
        compile.as_secs_f64() * 1e3,
        plan.memory_bytes() as f64 / 1e6
    );
    let wanted = |name: &str| {
        let filter = std::env::args()
            .skip(1)
            .find(|argument| !argument.starts_with('-'));
        filter.is_none_or(|filter| name.contains(&filter))
    };
    let prose = prose();
    println!(
        "\n{:<22} {:>9} {:>9} {:>9} {:>7} {:>8} {:>7} {:>7} {:>7} {:>7}",
        "text",
        "bytes",
        "ns/B 4 B",
        "ns/B 1 KB",
        "steps/B",
        "findings",
        "mean",
        "p99",
        "max",
        "session"
    );
    if prose.is_empty() {
        println!(
            "prose: no data set at {}; set MIDSTREAM_DATA",
            data().display()
        );
    } else if wanted("prose") {
        row(&plan, "prose", &prose);
    }
    for (name, text) in adversarial().into_iter().filter(|(name, _)| wanted(name)) {
        row(&plan, name, &[text]);
    }
    if !prose.is_empty() && wanted("baseline") {
        baseline(&specs, &plan, &prose);
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn data() -> PathBuf {
    std::env::var_os("MIDSTREAM_DATA").map_or_else(|| root().join("../shared/data"), PathBuf::from)
}

fn specs() -> Vec<AnalyserSpec> {
    if let Some(path) = std::env::var_os("MIDSTREAM_PLAN") {
        let text = std::fs::read_to_string(path).expect("MIDSTREAM_PLAN can be read");
        return serde_json::from_str(&text).expect("MIDSTREAM_PLAN holds an array of analysers");
    }
    let load = |name: &str| {
        let path = root()
            .join("plugins/analyser")
            .join(name)
            .join("rules.json");
        let mut value: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(path).ok()?).expect("rules are JSON");
        let fields = value.as_object_mut().expect("rules are an object");
        fields.retain(|key, _| key == "rules" || key == "literals");
        fields.insert("id".into(), format!("analyser/{name}/all").into());
        fields.insert("minScore".into(), 0.5.into());
        Some(serde_json::from_value(value).expect("rules have the format of spec.rs"))
    };
    ["pii", "secrets"].into_iter().filter_map(load).collect()
}

fn prose() -> Vec<String> {
    let path = data().join("grounding/halueval_general.jsonl");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let response = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(value.get("response")?.as_str()?.to_owned())
    };
    text.lines().filter_map(response).collect()
}

/// Texts that begin as many attempts, or as long ones, as the rules allow.
fn adversarial() -> Vec<(&'static str, String)> {
    let mut seed = 1_u64;
    let mut random = move |below: usize| {
        // Marsaglia's xorshift64: the bench needs no better.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut made = |length: usize, chars: &[u8]| -> String {
        (0..length)
            .map(|_| char::from(chars[random(chars.len())]))
            .collect()
    };
    let size = 100_000;
    let keys = [
        "sk-proj-",
        "ghp_",
        "AKIA",
        "xoxb-",
        "api_key=",
        "password: ",
        "eyJhbGciOi",
        "-----BEGIN ",
        "AIza",
    ];
    let mut near_keys = String::new();
    let mut urls = String::new();
    while near_keys.len() < size {
        for key in keys {
            let _ = write!(near_keys, "{key}{} ", made(7, alphabet));
        }
        let _ = write!(
            urls,
            "https://{}.example.com/a?b={}&c=1.2.3.4 ",
            made(6, b"abcdef"),
            made(9, b"0123456789-")
        );
    }
    let repeat = |piece: &str| piece.repeat(size / piece.len());
    vec![
        ("base64", made(size, alphabet)),
        (
            "base64, short lines",
            made(size, b"ABCDEFabcdef0123456789+/ \n"),
        ),
        ("digits", made(size, b"0123456789")),
        ("digits, separated", made(size, b"0123456789 -.")),
        ("1 1 1 1", repeat("1 ")),
        ("1-1-1-1", repeat("1-")),
        ("a.a.a.a", repeat("a.")),
        ("hex:hex", repeat("a0:")),
        ("near keys", near_keys),
        ("urls", urls),
        ("passport 1 1 1", repeat("passport ssn tax id 12 34 56 ")),
        ("Russian", repeat("Привет, как дела у сора сегодня? ")),
        ("mixed scripts", repeat("аdmin раsswоrd с0dе ")),
        ("zero-width", repeat("a\u{200b}1\u{200d}")),
        ("full-width", repeat("１２３４ａ＠ｂ．")),
    ]
}

/// Time this thread has run. The machine may be shared, so the wall clock is only the fallback.
fn clock() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text.split(' ').next().and_then(|nanos| nanos.parse().ok());
    nanos.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

fn time<T>(run: impl FnOnce() -> T) -> (Duration, T) {
    let start = clock();
    let result = run();
    (clock().saturating_sub(start), result)
}

/// The best of several runs, each repeated until the clock, which may tick in milliseconds, can measure it.
fn best<T>(mut run: impl FnMut() -> T) -> (Duration, T) {
    let mut timed = || {
        let start = clock();
        let mut repeats = 0;
        loop {
            let result = run();
            repeats += 1;
            let taken = clock().saturating_sub(start);
            if taken >= LEAST {
                return (taken / repeats, result);
            }
        }
    };
    let first = timed();
    let shorter =
        |best: (Duration, T), next: (Duration, T)| if next.0 < best.0 { next } else { best };
    (1..RUNS).map(|_| timed()).fold(first, shorter)
}

fn scan_all(plan: &Plan, texts: &[String], push: usize) -> usize {
    let mut events: Vec<Event> = Vec::new();
    let mut count = 0;
    for text in texts {
        let mut scanner = Scanner::new(plan, TextKind::Plain);
        for piece in text.as_bytes().chunks(push) {
            scanner.push(plan, piece, &mut events);
            black_box(scanner.safe());
        }
        scanner.finish(plan, &mut events);
        count += events.len();
        events.clear();
    }
    count
}

fn row(plan: &Plan, name: &str, texts: &[String]) {
    let bytes: usize = texts.iter().map(String::len).sum();
    let nanos = |push| best(|| scan_all(plan, texts, push)).0.as_secs_f64() * 1e9 / bytes as f64;
    let (small, large) = (nanos(TOKEN), nanos(1024));
    let mut held: Vec<u64> = Vec::new();
    let (mut memory, mut work, mut dropped) = (0, 0, 0);
    let mut events = Vec::new();
    for text in texts {
        let mut scanner = Scanner::new(plan, TextKind::Plain);
        let mut pushed = 0;
        for piece in text.as_bytes().chunks(TOKEN) {
            scanner.push(plan, piece, &mut events);
            pushed += piece.len() as u64;
            held.push(pushed - scanner.safe());
        }
        memory = memory.max(scanner.memory_bytes());
        scanner.finish(plan, &mut events);
        work += scanner.work();
        dropped += scanner.dropped_attempts();
    }
    held.sort_unstable();
    let mean = held.iter().sum::<u64>() as f64 / held.len() as f64;
    let found = events
        .iter()
        .filter(|event| !matches!(event, Event::Opened { .. }))
        .count();
    print!(
        "{name:<22} {bytes:>9} {small:>9.1} {large:>9.1} {:>7.1} {found:>8} {mean:>7.1}",
        work as f64 / bytes as f64
    );
    println!(
        " {:>7} {:>7} {memory:>7}{}",
        held[held.len() * 99 / 100],
        held[held.len() - 1],
        if dropped > 0 {
            format!("  {dropped} attempts dropped")
        } else {
            String::new()
        }
    );
}

/// What most gateways do: on every chunk, one `RegexSet` over all text so far, without verifiers; and the keywords alone.
fn baseline(specs: &[AnalyserSpec], plan: &Plan, prose: &[String]) {
    let sample: Vec<String> = prose.iter().take(40).cloned().collect();
    let bytes: usize = sample.iter().map(String::len).sum();
    let rules = || specs.iter().flat_map(|spec| &spec.rules);
    let patterns: HashSet<&str> = rules().map(|rule| rule.pattern.as_str()).collect();
    let set = regex::bytes::RegexSetBuilder::new(patterns)
        .unicode(false)
        .size_limit(1 << 28)
        .dfa_size_limit(1 << 26)
        .build();
    let per_byte = |time: Duration| time.as_secs_f64() * 1e9 / bytes as f64;
    println!("\nbaselines on {bytes} bytes of prose in pushes of {TOKEN} B, ns/B");
    println!(
        "{:<60} {:>9.1}",
        "this scanner",
        per_byte(best(|| scan_all(plan, &sample, TOKEN)).0)
    );
    if let Ok(set) = set {
        let rescan = || {
            for text in &sample {
                for end in (TOKEN..=text.len()).step_by(TOKEN) {
                    black_box(set.matches(&text.as_bytes()[..end]).len());
                }
            }
        };
        let rescanned = time(rescan).0;
        println!(
            "{:<60} {:>9.1}",
            "regex::RegexSet, whole text again at each push",
            per_byte(rescanned)
        );
        let once = || {
            sample
                .iter()
                .map(|text| set.matches(text.as_bytes()).len())
                .sum::<usize>()
        };
        println!(
            "{:<60} {:>9.1}",
            "regex::RegexSet, once at the end (no streaming)",
            per_byte(best(once).0)
        );
    }
    let words: HashSet<&str> = rules()
        .flat_map(|rule| &rule.keywords)
        .map(String::as_str)
        .collect();
    let search = aho_corasick::AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(words);
    if let Ok(search) = search {
        let once = || {
            sample
                .iter()
                .map(|text| search.find_iter(text).count())
                .sum::<usize>()
        };
        println!(
            "{:<60} {:>9.1}",
            "aho-corasick, keywords only, once at the end",
            per_byte(best(once).0)
        );
    }
}
