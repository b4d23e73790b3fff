//! What a detector costs a sentence, beside a baseline of the same run. Included by the benches of the detectors' crates.
//!
//! Sentences are of BEGIN's knowledge texts (`MIDSTREAM_DATA`, default ../shared/data), 60 to 140 bytes each; without the set eight of our
//! own. Least of many rounds: the machine is shared. Counts of instructions:
//! `valgrind --tool=callgrind --collect-atstart=no --toggle-collect='*measured*' BENCH NAME`, where `NAME` is the name of a row; divided by the
//! number of sentences that is printed.

use std::collections::HashSet;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use midstream_segment::Sentences;
use midstream_text_detector::{Context, Detector, Found, Origin};

/// Sentences of a round.
const MOST: usize = 400;
/// Bytes of a sentence.
const LENGTHS: std::ops::RangeInclusive<usize> = 60..=140;
/// Bytes of a piece where a text comes as a model writes it.
const TOKEN: usize = 4;

const OWN: [&str; 8] = [
    "The Eiffel Tower was built by the company of Gustave Eiffel between 1887 and 1889.",
    "It is 330 metres tall, about the same height as an 81-storey building in a city.",
    "Its base is square, measuring 125 metres on each of its four sides at the ground.",
    "During its construction it became the tallest structure made by people in the world.",
    "It was the first structure in the world to reach a height of 300 metres, in 1889.",
    "The top level's upper platform is 276 metres above the ground, and open to the public.",
    "Tickets can be purchased to ascend by stairs or lift to the first and second levels.",
    "The climb from the ground to the first level is over 300 steps, and so is the next one.",
];

/// The sentences, each ending with a space.
pub fn prose() -> Vec<String> {
    let data = std::env::var_os("MIDSTREAM_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let Ok(file) = std::fs::read_to_string(data.join("grounding/begin_dev_wow.jsonl")) else {
        println!("no data set at {}: eight own sentences", data.display());
        return OWN.map(|text| format!("{text} ")).to_vec();
    };
    let mut texts = Vec::new();
    for line in file.lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        let mut sentences = Sentences::new();
        let mut take = |text: &str| {
            if LENGTHS.contains(&text.len()) {
                // Behind a full stop nothing ends before a small letter.
                let (first, rest) = text.split_at(text.ceil_char_boundary(1));
                texts.push(format!("{}{rest} ", first.to_uppercase()));
            }
        };
        sentences.push(row["knowledge"].as_str().unwrap_or_default(), |_, text| {
            take(text);
        });
        sentences.finish(|_, text| take(text));
    }
    texts.dedup();
    texts.truncate(MOST);
    texts
}

/// The same with letters disguised: no sentence is plain.
#[allow(dead_code, reason = "for detectors that take disguises off")]
pub fn disguised(texts: &[String]) -> Vec<String> {
    texts
        .iter()
        .map(|text| {
            text.replace('e', "3")
                .replace('a', "а")
                .replace("th", "t\u{200b}h")
        })
        .collect()
}

/// Times rows and prints them.
pub struct Table {
    rounds: usize,
    wanted: Option<String>,
    baseline: f64,
}

impl Table {
    /// Prints the baseline: what a word list costs that is looked up word by word, with the standard library alone.
    pub fn new(title: &str, texts: &[String]) -> Self {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let is_bench = arguments.iter().any(|argument| argument == "--bench");
        let mut table = Self {
            rounds: if is_bench { 200 } else { 1 },
            wanted: arguments
                .into_iter()
                .find(|argument| !argument.starts_with('-')),
            baseline: 0.0,
        };
        let bytes: usize = texts.iter().map(String::len).sum();
        println!(
            "{title}: {} sentences of {} bytes",
            texts.len(),
            bytes / texts.len()
        );
        let words: HashSet<String> = texts
            .iter()
            .flat_map(|text| text.split_whitespace())
            .step_by(7)
            .map(str::to_lowercase)
            .collect();
        table.baseline = table.row("baseline: lower case, words in a HashSet", texts, || {
            let known = |text: &String| {
                let lower = text.to_lowercase();
                lower
                    .split_whitespace()
                    .filter(|word| words.contains(*word))
                    .count()
            };
            texts.iter().map(known).sum()
        });
        table
    }

    /// Prints nanoseconds a sentence, a byte, and how many times the baseline that is; `run` reads all texts once and gives a count.
    pub fn row(&self, name: &str, texts: &[String], mut run: impl FnMut() -> usize) -> f64 {
        if self.wanted.as_ref().is_some_and(|wanted| name != wanted) {
            return 0.0;
        }
        let count = run();
        let least = (0..self.rounds).fold(f64::MAX, |least, _| {
            let begin = Instant::now();
            black_box(measured(&mut run));
            least.min(begin.elapsed().as_nanos() as f64)
        });
        let bytes: usize = texts.iter().map(String::len).sum();
        let each = least / texts.len() as f64;
        let times = if self.baseline > 0.0 {
            each / self.baseline
        } else {
            1.0
        };
        println!(
            "  {name:<44} {each:>7.0} ns a sentence {:>6.2} ns a byte {times:>5.1} x ({count})",
            least / bytes as f64
        );
        each
    }

    /// A detector that reads all sentences as one text, whole and as a model writes them; then each sentence as a text of its own.
    #[allow(
        dead_code,
        reason = "not all benches that include this have a detector"
    )]
    pub fn detector(
        &self,
        name: &str,
        texts: &[String],
        (detector, context, origin): (&dyn Detector, &Context, Origin),
    ) {
        let mut answer = detector.begin(context);
        let mut found: Vec<Found> = Vec::new();
        self.row(&format!("{name}, one text"), texts, || {
            found.clear();
            let mut reader = answer.open(origin);
            for text in texts {
                reader.push(text, &mut found);
            }
            reader.finish(&mut found);
            found.len()
        });
        self.row(&format!("{name}, one text in tokens"), texts, || {
            found.clear();
            let mut reader = answer.open(origin);
            for text in texts {
                let mut rest = text.as_str();
                while !rest.is_empty() {
                    let (token, later) =
                        rest.split_at(rest.ceil_char_boundary(TOKEN.min(rest.len())));
                    reader.push(token, &mut found);
                    rest = later;
                }
            }
            reader.finish(&mut found);
            found.len()
        });
        self.row(&format!("{name}, a text each"), texts, || {
            found.clear();
            for text in texts {
                let mut reader = answer.open(origin);
                reader.push(text, &mut found);
                reader.finish(&mut found);
            }
            found.len()
        });
    }
}

/// What callgrind counts.
#[inline(never)]
fn measured(run: &mut dyn FnMut() -> usize) -> usize {
    run()
}
