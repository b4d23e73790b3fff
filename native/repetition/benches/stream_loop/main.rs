//! StreamLoop-1 (facts/temporal.md C4): how soon is a loop of tokens found, and what else is called one?
//!
//! `cargo bench -p midstream-repetition --bench stream_loop [-- part of a rule's name]`; exit code 1 below a gate. The
//! delay counts from the end of the first copy, in tokens.

mod corpus;
mod loops;
mod measure;
mod peers;
mod rules;

use std::process::ExitCode;

use measure::Outcome;
use rules::Make;

/// A rule of the table.
pub struct Entry {
    /// As the table shows it.
    pub name: &'static str,
    /// Makes it at the start of a stream.
    pub make: Make,
    /// Own rules have gates; peers are there to compare.
    pub own: bool,
}

const ENTRIES: [Entry; 13] = [
    own("TokenLoops + prior", rules::Tokens::make),
    own("TokenLoops", rules::Tokens::make_without_prior),
    own("Detector, translated", rules::Text::make_translated),
    own("Detector, defaults", rules::Text::make),
    peer("exact 3 x, 32", rules::Plain::make_exact_three),
    peer("exact 4 x, 48", rules::Plain::make_exact_four),
    peer("leaky 3 x, 32", rules::Plain::make_leaky_three),
    peer("leaky 4 x, 48", rules::Plain::make_leaky_four),
    peer("vLLM 1..512 x 3", peers::Tail::make_vllm),
    peer("llama.cpp 16..1024 x 4", peers::Tail::make_llama_cpp),
    peer("vllm-mlx 1..128 x 3", peers::Tail::make_mlx),
    peer("gemini-cli", peers::Chunks::make),
    peer("coder/xum", peers::Characters::make),
];

const fn own(name: &'static str, make: Make) -> Entry {
    Entry {
        name,
        make,
        own: true,
    }
}

const fn peer(name: &'static str, make: Make) -> Entry {
    Entry {
        name,
        make,
        own: false,
    }
}

fn main() -> ExitCode {
    // `cargo test --benches` only wants to know that it runs.
    if !std::env::args().any(|arg| arg == "--bench") {
        println!("skipped: a bench; `cargo bench --bench stream_loop`");
        return ExitCode::SUCCESS;
    }
    let corpora = corpus::load();
    println!(
        "{:<10} {:>7} {:>9} {:>9} {:>6} {:>16}",
        "corpus", "streams", "bytes", "tokens", "B/tok", "FNV-1a"
    );
    for corpus in &corpora {
        let per_token = corpus.bytes as f64 / corpus.tokens() as f64;
        println!(
            "{:<10} {:>7} {:>9} {:>9} {per_token:>6.2} {:016x}",
            corpus.name,
            corpus.streams.len(),
            corpus.bytes,
            corpus.tokens(),
            corpus.hash
        );
    }
    let wanted = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let outcomes: Vec<Outcome> = ENTRIES
        .iter()
        .filter(|entry| wanted.as_ref().is_none_or(|part| entry.name.contains(part)))
        .map(|entry| Outcome::of(entry, &corpora))
        .collect();
    measure::print(&outcomes);
    let failures = measure::failures(&outcomes);
    for failure in &failures {
        println!("below its gate: {failure}");
    }
    ExitCode::from(u8::from(!failures.is_empty()))
}
