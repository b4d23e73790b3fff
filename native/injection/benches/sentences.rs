//! What does a sentence cost? `cargo bench -p midstream-injection`; target: at most 2 µs.

#[path = "../../text-detector/bench-support/sentences.rs"]
mod sentences;

use midstream_text_detector::{Context, Origin};
use serde_json::json;

fn main() {
    let texts = sentences::prose();
    let table = sentences::Table::new("midstream-injection", &texts);
    let detector = midstream_injection::compile(json!({})).expect("settings are fine");
    let context = Context::default();
    for (name, origin) in [("message", Origin::User), ("document", Origin::Document)] {
        table.detector(name, &texts, (detector.as_ref(), &context, origin));
    }
    let disguised = sentences::disguised(&texts);
    table.detector(
        "disguised message",
        &disguised,
        (detector.as_ref(), &context, Origin::User),
    );
}
