//! Series for the contest: recorded provider streams, and generators whose best predictor is known.

use std::path::{Path, PathBuf};

pub struct Series {
    pub name: &'static str,
    /// Separate streams; the first half is for learning, the second is held out.
    pub symbols: Vec<Vec<u32>>,
    pub values: Vec<Vec<f64>>,
}

/// Kinds of event that the symbols of recorded streams fall into: eight, so that all models see the same.
fn kind(event: &serde_json::Value) -> u32 {
    let text = |path: &str| {
        event
            .pointer(path)
            .and_then(serde_json::Value::as_str)
            .unwrap_or("")
    };
    let has = |path: &str| event.pointer(path).is_some_and(|v| !v.is_null() && v != "");
    let own = text("/type");
    if has("/error") || own.contains("error") {
        7
    } else if has("/choices/0/finish_reason") || own.ends_with("stop") || own.ends_with("done") {
        6
    } else if has("/choices/0/delta/tool_calls")
        || text("/delta/type").contains("json")
        || own.contains("arguments")
    {
        5
    } else if has("/choices/0/delta/reasoning_content")
        || text("/delta/type").contains("thinking")
        || own.contains("reasoning")
    {
        4
    } else if has("/choices/0/delta/content")
        || text("/delta/type").contains("text")
        || own.contains("text.delta")
    {
        3
    } else if own.ends_with("start") || own.ends_with("added") || own.ends_with("created") {
        2
    } else {
        u32::from(!own.is_empty())
    }
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, out);
        } else if path.to_string_lossy().ends_with(".chunks.txt") {
            out.push(path);
        }
    }
}

/// The recorded streams, if the data sets are there: kinds of event, and the logarithm of each event's length.
pub fn recorded() -> Option<Series> {
    let folder = std::env::var("MIDSTREAM_DATA").unwrap_or_else(|_| {
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").to_string()
    });
    let mut paths = Vec::new();
    files(&Path::new(&folder).join("streams"), &mut paths);
    // Every other file is held out, whoever the provider is.
    paths.sort();
    let (even, odd): (Vec<_>, Vec<_>) =
        paths.into_iter().enumerate().partition(|(i, _)| i % 2 == 0);
    let mut out = Series {
        name: "recorded streams",
        symbols: Vec::new(),
        values: Vec::new(),
    };
    for (_, path) in even.into_iter().chain(odd) {
        let text = std::fs::read_to_string(path).ok()?;
        let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
        out.values
            .push(lines.iter().map(|line| (line.len() as f64).ln()).collect());
        let parsed = lines
            .iter()
            .filter_map(|line| serde_json::from_str(line).ok());
        out.symbols.push(parsed.map(|event| kind(&event)).collect());
    }
    (!out.symbols.is_empty()).then_some(out)
}

/// Draws the next symbol and value from the position and what came before.
type Step<'a> = &'a dyn Fn(&mut Random, usize, &[u32], &[f64]) -> (u32, f64);

struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A whole number below `below`.
    fn pick(&mut self, below: u32) -> u32 {
        self.next();
        (self.0 >> 33) as u32 % below
    }

    fn noise(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }
}

/// Ten streams of 1000 samples of each generator.
pub fn generated() -> Vec<Series> {
    let mut random = Random(1);
    let mut make = |name, step: Step<'_>| {
        let mut out = Series {
            name,
            symbols: Vec::new(),
            values: Vec::new(),
        };
        for _ in 0..10 {
            let (mut symbols, mut values) = (Vec::new(), Vec::new());
            for at in 0..1000 {
                let (symbol, value) = step(&mut random, at, &symbols, &values);
                symbols.push(symbol);
                values.push(value);
            }
            out.symbols.push(symbols);
            out.values.push(values);
        }
        out
    };
    let last = |s: &[u32], back: usize| s.len().checked_sub(back).map_or(0, |i| s[i]);
    vec![
        make("level + noise; period 12", &|r, at, _, _| {
            ((at % 12 / 3) as u32, 5.0 + r.noise())
        }),
        make("season 24; order-2 chain, 10 % noise", &|r, at, s, _| {
            let symbol = if r.next() < 0.1 {
                r.pick(4)
            } else {
                (last(s, 1) + last(s, 2) + 1) % 4
            };
            (
                symbol,
                (at as f64 * core::f64::consts::TAU / 24.0).sin() * 3.0 + 0.5 * r.noise(),
            )
        }),
        make("trend + noise; parity of 6 back", &|r, at, s, _| {
            (
                (last(s, 6) + u32::from(r.next() < 0.2)) % 2,
                at as f64 * 0.1 + r.noise(),
            )
        }),
        make("random walk; coin", &|r, _, _, v| {
            (
                u32::from(r.next() < 0.5),
                v.last().copied().unwrap_or(0.0) + r.noise(),
            )
        }),
    ]
}
