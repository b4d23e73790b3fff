//! Limits: depth, length, states; memory and allocations on adversarial text.

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use midstream_json_guard::{Guard, Kind, Placement, Settings, Status, Stream};
use serde_json::{Value, json};

struct Counting;

// Of this thread: the harness allocates on its own, now and then.
thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    /// May wrap: a block can be freed by another thread than the one that asked for it.
    static LIVE: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call is passed to the system's allocator as it came; counting touches no memory of the heap.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        LIVE.set(LIVE.get().wrapping_add(layout.size()));
        // SAFETY: the caller's duty is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.set(LIVE.get().wrapping_sub(layout.size()));
        // SAFETY: the caller's duty is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Allocations and growth of memory while `text` is pushed four bytes at a time.
fn cost(stream: &mut Stream, text: &[u8]) -> (usize, usize) {
    let (allocations, live) = (ALLOCATIONS.get(), LIVE.get());
    for piece in text.chunks(4) {
        stream.push(piece);
    }
    let change = LIVE.get().wrapping_sub(live).cast_signed();
    let grown = usize::try_from(change).unwrap_or(0);
    (ALLOCATIONS.get() - allocations, grown)
}

fn rows(count: usize) -> String {
    let row = r#"{"id": 12, "name": "Jane \u00e9", "tags": ["a", "b"], "kind": "x"}"#;
    format!("[{}]", vec![row; count].join(","))
}

fn schema() -> Value {
    json!({"type": "array", "items": {"$ref": "#/$defs/row"}, "$defs": {"row": {
        "type": "object",
        "properties": {
            "id": {"type": "integer", "minimum": 0}, "name": {"type": "string", "maxLength": 40, "pattern": "^[A-Z]"},
            "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": true},
            "kind": {"anyOf": [{"const": "x"}, {"enum": ["y", "z"]}]}
        },
        "required": ["id", "name"], "additionalProperties": false
    }}})
}

fn compile(schema: Option<&Value>, settings: Settings) -> Guard {
    Guard::compile(schema, settings).expect("the schema compiles")
}

#[test]
fn text_costs_no_allocation_and_memory_is_bounded() {
    let defaults = Settings::default();
    let document = schema();
    for schema in [None, Some(&document)] {
        let mut stream = compile(schema, defaults).start();
        let text = rows(3000);
        let (warm, rest) = text.as_bytes().split_at(4000);
        cost(&mut stream, warm);
        let (allocations, _) = cost(&mut stream, rest);
        assert_eq!(stream.status(), Status::Complete);
        assert_eq!(
            allocations,
            0,
            "200 KB of rows, with schema: {}",
            schema.is_some()
        );
    }

    let (_, grown) = cost(
        &mut compile(Some(&document), defaults).start(),
        rows(20).as_bytes(),
    );
    assert!(grown < 4 << 10, "{grown} bytes for a small answer");

    // Ten thousand levels, each asked the same recursive question twice over.
    let twice = json!({"anyOf": [{"items": {"$ref": "#"}}, {"items": {"$ref": "#"}}, {"items": {"not": {"$ref": "#"}}}]});
    let deep = Settings {
        max_depth: 10_000,
        ..defaults
    };
    let mut stream = compile(Some(&twice), deep).start();
    let (_, grown) = cost(&mut stream, "[".repeat(10_000).as_bytes());
    assert_eq!(stream.status(), Status::Open);
    assert!(grown < 4 << 20, "{grown} bytes for ten thousand levels");

    // Alternatives beyond the limit are undecided, and nothing is refused for that.
    let wide: Vec<Value> = (0..5000)
        .map(|n| json!({"properties": {"a": {"const": n}}, "required": ["a"]}))
        .collect();
    let mut stream = compile(Some(&json!({ "anyOf": wide })), defaults).start();
    stream.push(b"{\"a\": 4999}");
    assert_eq!(
        (stream.status(), stream.is_decided()),
        (Status::Complete, false)
    );

    // One long string, one long name, candidates without end.
    let long = "x".repeat(1 << 19);
    let mut stream = compile(Some(&json!({"items": {"maxLength": 1 << 20}})), defaults).start();
    let (_, grown) = cost(&mut stream, format!("[\"{long}\"]").as_bytes());
    assert!(grown < 1 << 12, "{grown} bytes for a long string");
    let finding = Settings {
        placement: Placement::FindFirst,
        ..defaults
    };
    let mut stream = compile(Some(&document), finding).start();
    let (_, grown) = cost(&mut stream, "[{ ".repeat(100_000).as_bytes());
    assert!(grown < 1 << 12, "{grown} bytes for prose");

    refusals_at_the_limits(defaults);
}

fn refusals_at_the_limits(defaults: Settings) {
    let refused = |settings: Settings, text: &str| match support::whole(
        &compile(None, settings),
        text.as_bytes(),
    ) {
        Status::Violation(violation) => Some((violation.kind, violation.offset)),
        _ => None,
    };
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert_eq!(refused(defaults, &nested(128)), None);
    assert_eq!(refused(defaults, &nested(129)), Some((Kind::Depth, 128)));
    let short = Settings {
        max_bytes: 10,
        ..defaults
    };
    assert_eq!(refused(short, "\"12345678\""), None);
    assert_eq!(refused(short, "\"123456789\""), Some((Kind::TooLong, 10)));
    assert_eq!(refused(defaults, &"1".repeat(1100)), None);
    assert_eq!(
        refused(defaults, &"1".repeat(1101)),
        Some((Kind::TooLong, 1100))
    );
}
