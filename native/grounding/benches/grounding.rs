//! What does a sentence cost once its context is read, and what does a byte of context cost?
//!
//! `cargo bench -p midstream-grounding`; target: at most 2 µs a sentence.

#[path = "../../text-detector/bench-support/sentences.rs"]
mod sentences;

use midstream_grounding::compile;
use midstream_text_detector::{Context, Message, Origin};
use serde_json::json;

fn main() {
    let texts = sentences::prose();
    let table = sentences::Table::new("midstream-grounding", &texts);
    let detector = compile(json!({})).expect("settings are valid");
    let context = Context {
        messages: vec![Message {
            origin: Origin::Document,
            text: texts.concat(),
        }],
        wants_json: false,
    };
    table.row("context", &texts, || {
        detector.begin(&context);
        1
    });
    table.detector(
        "faithful",
        &texts,
        (detector.as_ref(), &context, Origin::Content),
    );
    let invented: Vec<String> = texts
        .iter()
        .map(|text| text.replace("is ", "seems like ").replace("19", "17"))
        .collect();
    table.detector(
        "invented",
        &invented,
        (detector.as_ref(), &context, Origin::Content),
    );
    table.detector(
        "no context",
        &texts,
        (detector.as_ref(), &Context::default(), Origin::Content),
    );
}
