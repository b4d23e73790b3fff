//! What does a sentence cost? `cargo bench -p midstream-toxicity`; target: at most 2 µs.

#[path = "../../text-detector/bench-support/sentences.rs"]
mod sentences;

use midstream_text_detector::{Context, Origin};
use serde_json::json;

fn main() {
    let texts = sentences::prose();
    let table = sentences::Table::new("midstream-toxicity", &texts);
    let detector = midstream_toxicity::compile(json!({})).expect("settings are fine");
    let context = Context::default();
    table.detector(
        "prose",
        &texts,
        (detector.as_ref(), &context, Origin::Content),
    );
    let disguised = sentences::disguised(&texts);
    table.detector(
        "disguised",
        &disguised,
        (detector.as_ref(), &context, Origin::Content),
    );
}
