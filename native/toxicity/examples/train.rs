//! Trains the model and makes the lexicon: `cargo run --release -p midstream-toxicity --example train -- DATA`.
//!
//! Run it twice: the second run measures with the model that the first one wrote, and prints the constants of `judge.rs`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use midstream_classify::metrics::{Scored, auc, precision_at_recall, precision_recall};
use midstream_classify::{Example, Features, Training, fold, train};
use midstream_toxicity::{Judge, combine, lexicon_bytes, term_hash};
use serde_json::Value;

fn rows(path: &Path) -> Vec<Value> {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON lines"))
        .collect()
}

/// A tweet without what only tweets have.
fn untweet(text: &str) -> String {
    let words = text.split_whitespace().filter(|word| {
        !(word.starts_with('@')
            || word.starts_with("\"@")
            || word.starts_with("http")
            || *word == "RT"
            || word.contains("&#"))
    });
    words
        .collect::<Vec<_>>()
        .join(" ")
        .replace("&amp;", "&")
        .replace('#', "")
}

/// Text, toxic, hate, weight. Clean tweets count for more than clean prose: what tells toxic from clean must not be that it is a tweet.
fn texts(data: &Path) -> Vec<(String, Option<bool>, Option<bool>, f32)> {
    let mut all = Vec::new();
    for row in rows(&data.join("toxicity/davidson.jsonl")) {
        let text = untweet(row["text"].as_str().unwrap());
        let label = row["label"].as_str().unwrap();
        let weight = match label {
            "neither" => 4.0,
            "hate" => 3.0,
            _ => 1.0,
        };
        all.push((
            text,
            Some(label != "neither"),
            Some(label == "hate"),
            weight,
        ));
    }
    for (file, fields) in [
        ("grounding/begin_dev_wow.jsonl", ["knowledge", "response"]),
        ("grounding/begin_test_wow.jsonl", ["knowledge", "response"]),
        (
            "injection/bipia_email_contexts.jsonl",
            ["context", "question"],
        ),
    ] {
        let mut seen = std::collections::BTreeSet::new();
        for row in rows(&data.join(file)) {
            for field in fields {
                if let Some(text) = row[field]
                    .as_str()
                    .filter(|text| seen.insert((*text).to_owned()))
                {
                    for sentence in text
                        .split_inclusive(['.', '\n'])
                        .filter(|part| part.trim().len() > 8)
                    {
                        all.push((sentence.trim().to_owned(), Some(false), Some(false), 0.5));
                    }
                }
            }
        }
    }
    all
}

/// Categories of the source by ours: hate 0, insult 2, sexual 3.
fn category(names: &[&str]) -> u8 {
    let has = |name: &str| names.iter().any(|one| one.starts_with(name));
    if has("racial") || has("sexual orientation") || has("religious") {
        0
    } else if has("sexual anatomy") {
        3
    } else {
        2
    }
}

/// Adds a term; of two entries for the same words the more severe one stays.
fn add(entries: &mut BTreeMap<u32, u8>, term: &str, what: u8) {
    let mut folded = String::new();
    fold(term, &mut folded);
    let words: Vec<&str> = folded
        .split(' ')
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .collect();
    let letters = words
        .iter()
        .flat_map(|word| word.bytes())
        .filter(|byte| !byte.is_ascii_digit())
        .count();
    if words.is_empty() || words.len() > 3 || letters < 3 {
        return;
    }
    let entry = entries.entry(term_hash(words)).or_insert(what);
    if what & 15 > *entry & 15 {
        *entry = what;
    }
}

fn lexicon(data: &Path) -> Vec<u8> {
    let mut entries = BTreeMap::new();
    for row in rows(&data.join("toxicity/lexicon_profanity_en.jsonl")) {
        let names: Vec<&str> = row["categories"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap())
            .collect();
        let severity = match row["severity"].as_f64().unwrap() {
            mild if mild < 1.5 => 1,
            strong if strong < 2.5 => 2,
            _ => 3,
        };
        let what = category(&names) << 4 | severity;
        add(&mut entries, row["term"].as_str().unwrap(), what);
    }
    for row in rows(&data.join("toxicity/lexicon_ldnoobw_en.jsonl")) {
        add(&mut entries, row["term"].as_str().unwrap(), 3 << 4 | 2);
    }
    for line in include_str!("insults.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        let (severity, terms) = line.split_once(' ').expect("severity, then terms");
        for term in terms.split(", ") {
            add(
                &mut entries,
                term,
                2 << 4 | severity.parse::<u8>().expect("1 to 3"),
            );
        }
    }
    lexicon_bytes(entries.into_iter().collect())
}

/// Highest probability of any category over the sentences of a text.
fn score(judge: &mut Judge, text: &str) -> f32 {
    let mut sentences = midstream_segment::Sentences::new();
    let mut most = 0.0_f32;
    let mut take = |judge: &mut Judge, sentence: &str| {
        most = combine(&judge.read(sentence))
            .into_iter()
            .fold(most, f32::max);
    };
    sentences.push(text, |_, sentence| take(judge, sentence));
    sentences.finish(|_, sentence| take(judge, sentence));
    most
}

fn report(data: &Path) {
    let mut judge = Judge::new();
    let surge: Vec<Scored> = rows(&data.join("toxicity/surge_en.jsonl"))
        .iter()
        .map(|row| {
            (
                score(&mut judge, row["text"].as_str().unwrap()),
                row["toxic"].as_bool().unwrap(),
            )
        })
        .collect();
    let moderation: Vec<Scored> = rows(&data.join("toxicity/openai_moderation.jsonl"))
        .iter()
        .map(|row| {
            (
                score(&mut judge, row["text"].as_str().unwrap()),
                row["any"].as_i64() == Some(1) || row["any"] == true,
            )
        })
        .collect();
    let hatecheck: Vec<Scored> = rows(&data.join("toxicity/hatecheck.jsonl"))
        .iter()
        .map(|row| {
            (
                score(&mut judge, row["text"].as_str().unwrap()),
                row["hateful"].as_bool().unwrap_or(row["hateful"] == 1),
            )
        })
        .collect();
    for (name, rows) in [
        ("surge", &surge),
        ("openai moderation", &moderation),
        ("hatecheck", &hatecheck),
    ] {
        for threshold in [0.3, 0.5, 0.7, 0.8, 0.9] {
            let (precision, recall) = precision_recall(rows, threshold);
            println!("  {name} at {threshold}: precision {precision:.3}, recall {recall:.3}");
        }
        let (threshold, precision) = precision_at_recall(rows, 0.8);
        println!(
            "{name}: AUC {:.3}, precision at recall 0.8 {precision:.3} (threshold {threshold:.3})",
            auc(rows)
        );
    }
    let mut replies: Vec<f32> = rows(&data.join("grounding/halueval_general.jsonl"))
        .iter()
        .map(|row| score(&mut judge, row["response"].as_str().unwrap()))
        .collect();
    replies.sort_by(|a, b| b.total_cmp(a));
    println!(
        "benign replies: 0.5 % score over {:.3}, 0.1 % over {:.3}",
        replies[replies.len() / 200],
        replies[replies.len() / 1000]
    );
}

/// Logistic regression of three numbers by plain gradient descent.
fn fit(points: &[([f32; 3], bool)]) -> [f64; 4] {
    let mut weights = [0.5, 0.5, 0.5, -1.0_f64];
    for _ in 0..4000 {
        let mut gradient = [0.0; 4];
        for (features, positive) in points {
            let sum: f64 = features
                .iter()
                .zip(weights)
                .map(|(f, w)| f64::from(*f) * w)
                .sum::<f64>()
                + weights[3];
            let error = 1.0 / (1.0 + (-sum).exp()) - f64::from(u8::from(*positive));
            for (slope, feature) in gradient.iter_mut().zip(features) {
                *slope += error * f64::from(*feature);
            }
            gradient[3] += error;
        }
        for (weight, slope) in weights.iter_mut().zip(gradient) {
            *weight -= 0.3 * slope / points.len() as f64;
        }
    }
    weights
}

fn main() {
    let data = PathBuf::from(
        std::env::args()
            .nth(1)
            .expect("the folder of the data sets"),
    );
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let texts = texts(&data);
    let held_out = |index: usize| index.is_multiple_of(10);
    let examples: Vec<Example<'_>> = texts
        .iter()
        .enumerate()
        .map(|(index, (text, toxic, hate, weight))| Example {
            text,
            labels: vec![*toxic, *hate],
            weight: *weight,
            held_out: held_out(index),
        })
        .collect();
    let model = train(&examples, Training::default());
    fs::write(root.join("model.bin"), model.to_bytes()).unwrap();
    fs::write(root.join("lexicon.bin"), lexicon(&data)).unwrap();
    let (mut features, mut out) = (Features::new(), [0.0; 2]);
    let own: Vec<Scored> = examples
        .iter()
        .filter(|example| example.held_out)
        .map(|example| {
            model.predict(example.text, &mut features, &mut out);
            (out[0], example.labels[0] == Some(true))
        })
        .collect();
    println!("{} texts; held out: AUC {:.3}", examples.len(), auc(&own));
    let mut judge = Judge::new();
    let points: Vec<([f32; 3], bool)> = examples
        .iter()
        .filter(|example| example.held_out)
        .map(|example| {
            let evidence = judge.read(example.text);
            let worst = evidence.severity.iter().copied().max().unwrap_or(0);
            let p = evidence.toxic.clamp(1e-4, 1.0 - 1e-4);
            (
                [
                    (p / (1.0 - p)).ln(),
                    f32::from(worst),
                    evidence.hits.min(4) as f32,
                ],
                example.labels[0] == Some(true),
            )
        })
        .collect();
    println!("TOXIC: {:.3?}", fit(&points));
    report(&data);
}
