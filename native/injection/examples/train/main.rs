//! Trains the models: `cargo run --release -p midstream-injection --example train -- DATA`. Deterministic; prints what MODEL.md says.

mod requests;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use midstream_classify::metrics::{Scored, auc, precision_recall};
use midstream_classify::{Example, Features, Model, Training, train};
use serde_json::Value;

const SETTINGS: Training = Training {
    bits: 16,
    epochs: 8,
    rate: 0.5,
    decay: 1e-6,
    seed: 1,
};

/// A text of the training set. `labels`: jailbreak, instruction in data.
struct Sample {
    source: &'static str,
    /// Texts of one group are on one side of every split.
    group: usize,
    text: String,
    labels: [Option<bool>; 2],
}

fn rows(data: &Path, file: &str) -> Vec<Value> {
    let text =
        fs::read_to_string(data.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON lines"))
        .collect()
}

fn field(row: &Value, name: &str) -> String {
    row[name].as_str().expect("a text").to_owned()
}

fn sentences(text: &str) -> impl Iterator<Item = String> {
    text.split_inclusive(['.', '?', '!', '\n', '|'])
        .map(str::trim)
        .filter(|part| part.len() > 8)
        .map(str::to_owned)
}

fn texts(data: &Path) -> Vec<Sample> {
    let mut all = Vec::new();
    for (group, row) in rows(data, "injection/inthewild_jailbreak.jsonl")
        .iter()
        .enumerate()
    {
        all.push(Sample {
            source: "inthewild",
            group,
            text: field(row, "text"),
            labels: [Some(true), None],
        });
    }
    for (at, row) in rows(data, "injection/bipia_attacks.jsonl")
        .iter()
        .enumerate()
    {
        // As a user's message such a text is a plain request; those that are code or harmful say nothing about jailbreaks.
        let jailbreak = (at < 50).then_some(false);
        all.push(Sample {
            source: "bipia-attack",
            group: at / 5,
            text: field(row, "text"),
            labels: [jailbreak, Some(true)],
        });
    }
    for (group, row) in rows(data, "injection/bipia_email_contexts.jsonl")
        .iter()
        .enumerate()
    {
        let context = field(row, "context");
        for text in sentences(&context) {
            all.push(Sample {
                source: "bipia-mail",
                group,
                text,
                labels: [Some(false), Some(false)],
            });
        }
        all.push(Sample {
            source: "bipia-mail",
            group,
            text: context,
            labels: [Some(false), Some(false)],
        });
        all.push(Sample {
            source: "bipia-mail",
            group,
            text: field(row, "question"),
            labels: [Some(false), None],
        });
    }
    let mut seen = BTreeSet::new();
    let mut last = String::new();
    for (group, row) in rows(data, "grounding/begin_dev_wow.jsonl")
        .iter()
        .chain(&rows(data, "grounding/begin_test_wow.jsonl"))
        .enumerate()
    {
        for name in ["knowledge", "message", "response"] {
            let text = field(row, name);
            if !seen.insert(text.clone()) {
                continue;
            }
            // Long honest texts, so that length alone tells nothing.
            last = if last.len() > 3000 {
                String::new()
            } else {
                format!("{last} {text}")
            };
            if seen.len() % 9 == 0 {
                all.push(Sample {
                    source: "begin",
                    group,
                    text: last.clone(),
                    labels: [Some(false), None],
                });
            }
            let instruction = (name != "message").then_some(false);
            all.push(Sample {
                source: "begin",
                group,
                text,
                labels: [Some(false), instruction],
            });
        }
    }
    for (group, text) in requests::requests(2_000).into_iter().enumerate() {
        all.push(Sample {
            source: "requests",
            group,
            text,
            labels: [Some(false), None],
        });
    }
    all
}

fn fit(
    texts: &[Sample],
    holds_out: impl Fn(&Sample) -> bool,
    drops: impl Fn(&Sample) -> bool,
) -> Model {
    let examples: Vec<_> = texts
        .iter()
        .filter(|text| !drops(text))
        .map(|text| Example {
            text: &text.text,
            labels: text.labels.to_vec(),
            weight: 1.0,
            held_out: holds_out(text),
        })
        .collect();
    train(&examples, SETTINGS)
}

fn scores<'a>(
    model: &Model,
    label: usize,
    texts: impl Iterator<Item = (&'a str, bool)>,
) -> Vec<Scored> {
    let mut features = Features::new();
    let mut out = [0.0; 2];
    texts
        .map(|(text, is)| {
            model.predict(text, &mut features, &mut out);
            (out[label], is)
        })
        .collect()
}

fn say(what: &str, rows: &[Scored]) {
    println!("{what}: {} texts, AUC {:.3}", rows.len(), auc(rows));
    for threshold in [0.5, 0.9] {
        let (precision, recall) = precision_recall(rows, threshold);
        let alarms = rows
            .iter()
            .filter(|(score, is)| !is && *score >= threshold)
            .count();
        let benign = rows.iter().filter(|(_, is)| !is).count();
        println!(
            "    at {threshold}: P {precision:.3} R {recall:.3}, false alarms {alarms} of {benign}"
        );
    }
}

/// Each positive fold against a source of benign texts that was not learned from.
fn leave_one_source_out(data: &Path, texts: &[Sample]) {
    for label in [0, 1] {
        let positive = if label == 0 {
            "inthewild"
        } else {
            "bipia-attack"
        };
        let folds = 3;
        for source in ["bipia-mail", "begin", "requests"] {
            if label == 1 && source == "requests" {
                continue;
            }
            let mut all = Vec::new();
            for fold in 0..folds {
                let is_out = |text: &Sample| text.source == positive && text.group % folds == fold;
                let model = fit(
                    texts,
                    |text| text.group % 10 == 9,
                    |text| is_out(text) || text.source == source,
                );
                let tested = texts.iter().filter(|text| {
                    text.labels[label].is_some()
                        && (is_out(text) || (text.source == source && text.group % folds == fold))
                });
                all.extend(scores(
                    &model,
                    label,
                    tested.map(|text| (text.text.as_str(), text.labels[label] == Some(true))),
                ));
            }
            say(&format!("label {label}, source left out: {source}"), &all);
        }
    }
    let mut unseen: Vec<(&str, Vec<String>)> = Vec::new();
    let texts_of = |file: &str, name: &str| {
        rows(data, file)
            .iter()
            .map(|row| field(row, name))
            .collect::<Vec<_>>()
    };
    unseen.push((
        "mitre",
        texts_of("injection/mitre_frr_benign.jsonl", "text"),
    ));
    unseen.push((
        "halueval queries",
        texts_of("grounding/halueval_general.jsonl", "query"),
    ));
    let folds = 3;
    for (name, benign) in unseen {
        let mut all = Vec::new();
        for fold in 0..folds {
            let is_out = |text: &Sample| text.source == "inthewild" && text.group % folds == fold;
            let model = fit(texts, |text| text.group % 10 == 9, is_out);
            let attacks = texts
                .iter()
                .filter(|text| is_out(text))
                .map(|text| (text.text.as_str(), true));
            let honest = benign
                .iter()
                .enumerate()
                .filter(|(at, _)| at % folds == fold)
                .map(|(_, text)| (text.as_str(), false));
            all.extend(scores(&model, 0, attacks.chain(honest)));
        }
        say(&format!("label 0, never seen: {name}"), &all);
    }
}

fn main() {
    let data = std::env::args().nth(1).expect("DATA");
    let data = Path::new(&data);
    let texts = texts(data);
    for source in [
        "inthewild",
        "bipia-attack",
        "bipia-mail",
        "begin",
        "requests",
    ] {
        println!(
            "{source}: {} texts",
            texts.iter().filter(|text| text.source == source).count()
        );
    }
    leave_one_source_out(data, &texts);
    let model = fit(&texts, |text| text.group % 10 == 9, |_| false);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("model.bin");
    let bytes = model.to_bytes();
    fs::write(&path, &bytes).expect("the model is written");
    println!("{} bytes in {}", bytes.len(), path.display());
}
