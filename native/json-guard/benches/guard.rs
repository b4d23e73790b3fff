//! What does a byte cost: without a schema, with one, on adversarial text; beside parsing the whole text once, and beside the
//! naive way to guard a stream, which is to parse all of it again at every piece?
//!
//! Verdicts are checked before anything is timed. Run: `cargo bench -p midstream-json-guard`; the figures are time for a whole
//! text, and bytes a second of it.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use midstream_json_guard::{Guard, Placement, Settings, Status};
use serde_json::{Value, json};

/// Bytes of a piece, as a model's token.
const PIECE: usize = 4;

fn main() {
    divan::main();
}

/// An answer as structured output has it: 64 KB of rows.
fn rows() -> String {
    let mut rows = Vec::new();
    for id in 0..420 {
        rows.push(json!({
            "id": id, "name": format!("Jane Roe {id}"), "kind": (["cat", "dog", "bird"][id % 3]), "score": (0.25 * id as f64),
            "tags": ["first", "second"], "note": "She said \"yes\" and left; nobody has seen her since."
        }));
    }
    json!({ "rows": rows }).to_string()
}

/// Text in Cyrillic, two bytes a letter.
fn prose() -> String {
    json!({"text": "Съешь же ещё этих мягких французских булок, да выпей чаю. ".repeat(600)})
        .to_string()
}

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {"rows": {"type": "array", "items": {"$ref": "#/$defs/row"}}},
        "required": ["rows"], "additionalProperties": false,
        "$defs": {"row": {
            "type": "object",
            "properties": {
                "id": {"type": "integer", "minimum": 0}, "name": {"type": "string", "maxLength": 80},
                "kind": {"enum": ["cat", "dog", "bird"]}, "score": {"type": "number"},
                "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 8},
                "note": {"anyOf": [{"type": "string"}, {"type": "null"}]}
            },
            "required": ["id", "name", "kind", "score", "tags", "note"], "additionalProperties": false
        }}
    })
}

/// Every alternative lives until the last byte of a long name.
fn wide() -> (Value, String) {
    let common = "x".repeat(60);
    let alternatives: Vec<Value> = (0..100)
        .map(|n| json!({"properties": {format!("{common}{n:03}"): true}, "additionalProperties": false, "maxProperties": 1}))
        .collect();
    (
        json!({"items": {"anyOf": alternatives}}),
        json!(vec![json!({format!("{common}099"): 1}); 300]).to_string(),
    )
}

fn guard(schema: Option<&Value>, placement: Placement) -> Guard {
    let settings = Settings {
        placement,
        max_depth: 10_000,
        ..Settings::default()
    };
    Guard::compile(schema, settings).expect("the schema compiles")
}

/// Pushes a text in pieces, from a stream that is made for it.
fn run(bencher: Bencher<'_, '_>, guard: &Guard, (text, piece): (&str, usize)) {
    let read = || {
        let mut stream = guard.start();
        for piece in text.as_bytes().chunks(piece) {
            stream.push(black_box(piece));
        }
        stream.finish()
    };
    assert_eq!(read(), Status::Complete);
    bencher
        .counter(BytesCount::new(text.len()))
        .bench_local(read);
}

#[divan::bench]
fn rows_without_schema(bencher: Bencher<'_, '_>) {
    run(bencher, &guard(None, Placement::Strict), (&rows(), PIECE));
}

#[divan::bench]
fn rows_without_schema_in_one_piece(bencher: Bencher<'_, '_>) {
    run(
        bencher,
        &guard(None, Placement::Strict),
        (&rows(), usize::MAX),
    );
}

#[divan::bench]
fn rows_with_schema(bencher: Bencher<'_, '_>) {
    run(
        bencher,
        &guard(Some(&schema()), Placement::Strict),
        (&rows(), PIECE),
    );
}

#[divan::bench]
fn rows_with_schema_in_one_piece(bencher: Bencher<'_, '_>) {
    run(
        bencher,
        &guard(Some(&schema()), Placement::Strict),
        (&rows(), usize::MAX),
    );
}

#[divan::bench]
fn rows_with_schema_in_a_fence(bencher: Bencher<'_, '_>) {
    let text = format!("Here it is:\n```json\n{}\n```\n", rows());
    run(
        bencher,
        &guard(Some(&schema()), Placement::Fenced),
        (&text, PIECE),
    );
}

#[divan::bench]
fn cyrillic_string_with_schema(bencher: Bencher<'_, '_>) {
    let schema = json!({"properties": {"text": {"type": "string", "maxLength": 1_000_000}}});
    run(
        bencher,
        &guard(Some(&schema), Placement::Strict),
        (&prose(), PIECE),
    );
}

#[divan::bench]
fn deep_nesting_with_recursive_schema(bencher: Bencher<'_, '_>) {
    let text = format!("{}{}", "[".repeat(9000), "]".repeat(9000));
    let schema = json!({"anyOf": [{"type": "array", "items": {"$ref": "#"}}, {"type": "array", "maxItems": 1}]});
    run(
        bencher,
        &guard(Some(&schema), Placement::Strict),
        (&text, PIECE),
    );
}

#[divan::bench]
fn a_hundred_alternatives_that_all_live(bencher: Bencher<'_, '_>) {
    let (schema, text) = wide();
    run(
        bencher,
        &guard(Some(&schema), Placement::Strict),
        (&text, PIECE),
    );
}

#[divan::bench]
fn broken_candidates_in_prose(bencher: Bencher<'_, '_>) {
    let text = format!("{}\n{{\"rows\": []}}", "[{ {x ".repeat(10_000));
    run(
        bencher,
        &guard(Some(&schema()), Placement::FindFirst),
        (&text, PIECE),
    );
}

#[divan::bench]
fn peer_serde_json_once(bencher: Bencher<'_, '_>) {
    let text = rows();
    let read =
        || serde_json::from_slice::<serde::de::IgnoredAny>(black_box(text.as_bytes())).is_ok();
    assert!(read());
    bencher
        .counter(BytesCount::new(text.len()))
        .bench_local(read);
}

#[divan::bench]
fn peer_serde_json_once_into_values(bencher: Bencher<'_, '_>) {
    let text = rows();
    let read = || serde_json::from_slice::<Value>(black_box(text.as_bytes())).is_ok();
    assert!(read());
    bencher
        .counter(BytesCount::new(text.len()))
        .bench_local(read);
}

#[divan::bench]
fn peer_jsonschema_once(bencher: Bencher<'_, '_>) {
    let text = rows();
    let validator = jsonschema::draft202012::new(&schema()).expect("a schema");
    let read = || {
        let value = serde_json::from_slice::<Value>(black_box(text.as_bytes())).expect("JSON");
        validator.is_valid(&value)
    };
    assert!(read());
    bencher
        .counter(BytesCount::new(text.len()))
        .bench_local(read);
}

/// The naive streaming peer: everything so far is parsed again at each piece. A tenth of the text, since it is quadratic.
#[divan::bench(sample_count = 5)]
fn peer_parse_again_at_every_piece(bencher: Bencher<'_, '_>) {
    let text = &rows()[..6400];
    let read = || {
        let ends = (PIECE..=text.len()).step_by(PIECE);
        let broken = |end| {
            let read =
                serde_json::from_slice::<serde::de::IgnoredAny>(black_box(&text.as_bytes()[..end]));
            read.is_err_and(|error| !error.is_eof())
        };
        ends.filter(|&end| broken(end)).count()
    };
    // It calls a number that is cut behind its point broken: `0.` is no end of text to it.
    assert!(read() < 20);
    bencher
        .counter(BytesCount::new(text.len()))
        .bench_local(read);
}
