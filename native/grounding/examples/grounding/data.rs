//! Rows to train and score on, and which side each is on.

use std::fs;
use std::path::PathBuf;

use midstream_text_detector::{Context, Message, Origin};
use serde_json::Value;

use crate::perturb;

/// One answer with its label.
pub struct Row {
    /// What it rests on.
    pub context: Context,
    /// The answer.
    pub answer: String,
    /// Whether it is not attributable.
    pub is_bad: bool,
    /// What was changed in it; for faithful rows how they were written anew.
    pub kind: &'static str,
    /// Held out of training.
    pub is_held_out: bool,
}

/// Of a hundred groups, how many are trained on.
const TRAIN_PERCENT: u64 = 70;

/// Which side a knowledge text is on: FNV-1a of it in small letters without double spaces, as a new seed for every use.
pub fn bucket(seed: &str, knowledge: &str) -> u64 {
    let norm = knowledge.to_lowercase();
    let words = norm.split_whitespace().flat_map(|word| [word, " "]);
    let bytes = seed.bytes().chain(words.flat_map(str::bytes));
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33
}

/// Whether a knowledge text is held out.
pub fn is_held_out(knowledge: &str) -> bool {
    bucket("grounding:", knowledge) % 100 >= TRAIN_PERCENT
}

/// All objects of a file of the data folder's `grounding/`.
pub fn objects(name: &str) -> Vec<Value> {
    let folder = std::env::var("MIDSTREAM_DATA").map_or_else(
        |_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = folder.join("grounding").join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("no data at {}: {error}; set MIDSTREAM_DATA", path.display())
    });
    text.lines()
        .map(|line| serde_json::from_str(line).expect("data is JSON lines"))
        .collect()
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap_or_default()
}

/// A context of documents and a question.
pub fn context(documents: &[&str], question: &str) -> Context {
    let message = |origin, text: &&str| Message {
        origin,
        text: (*text).to_owned(),
    };
    let documents = documents
        .iter()
        .map(|document| message(Origin::Document, document));
    let question = (!question.is_empty()).then(|| message(Origin::User, &question));
    Context {
        messages: documents.chain(question).collect(),
        wants_json: false,
    }
}

/// Labelled rows of a BEGIN file.
pub fn begin(name: &str) -> Vec<Row> {
    let rows = objects(name);
    let labelled = rows
        .iter()
        .filter_map(|row| Some((row, row["attributable"].as_bool()?)));
    labelled
        .map(|(row, attributable)| Row {
            context: context(&[text(row, "knowledge")], text(row, "message")),
            answer: text(row, "response").to_owned(),
            is_bad: !attributable,
            kind: "",
            is_held_out: is_held_out(text(row, "knowledge")),
        })
        .collect()
}

/// Answers without context.
pub fn without_context() -> Vec<Row> {
    let rows = objects("halueval_general.jsonl");
    rows.iter()
        .map(|row| Row {
            context: context(&[], text(row, "query")),
            answer: text(row, "response").to_owned(),
            is_bad: row["hallucination"].as_bool().unwrap_or_default(),
            kind: "",
            is_held_out: true,
        })
        .collect()
}

/// The perturbation set: made of BEGIN's knowledge, both sides apart.
pub fn perturbed() -> Vec<Row> {
    let mut knowledge: Vec<String> = ["begin_dev_wow.jsonl", "begin_test_wow.jsonl"]
        .into_iter()
        .flat_map(objects)
        .map(|row| text(&row, "knowledge").to_owned())
        // Small letters only: names cannot be seen in those.
        .filter(|text| text.chars().any(char::is_uppercase))
        .collect();
    knowledge.sort();
    knowledge.dedup();
    let (held_out, trained): (Vec<_>, Vec<_>) = knowledge
        .iter()
        .map(String::as_str)
        .partition(|text| is_held_out(text));
    [trained, held_out]
        .into_iter()
        .flat_map(|side| perturb::rows(&side))
        .collect()
}
