//! What people and models are told: what was found, what would have been legal.

mod support;

use midstream_json_guard::{Guard, Settings};
use serde_json::{Value, json};
use support::{guard, violation};

fn expected(schema: &Value, text: &str) -> Vec<String> {
    let mut stream = guard(schema).start();
    stream.push(text.as_bytes());
    stream.expected()
}

fn said(schema: &Value, text: &str) -> String {
    violation(&guard(schema), text)
        .expect("a violation")
        .to_string()
}

#[test]
fn the_grammar_says_what_may_come_next() {
    let any = json!(true);
    for (text, legal) in [
        ("", &["{", "[", "\"", "number", "true", "false", "null"][..]),
        (
            "[",
            &["{", "[", "\"", "number", "true", "false", "null", "]"],
        ),
        ("{", &["\"", "}"]),
        ("{\"a\"", &[":"]),
        ("{\"a\": 1", &["digit", ".", "e", ",", "}"]),
        ("{\"a\": 1 ", &[",", "}"]),
        ("{\"a\": 1,", &["\""]),
        ("[tr", &["ue"]),
        ("\"a", &["character", "\""]),
        ("\"\\", &["one of \" \\ / b f n r t u"]),
        ("\"\\u0", &["hex digit"]),
        ("\"\\ud83d", &["second half of a surrogate pair"]),
        ("-", &["digit"]),
        ("12", &["digit", ".", "e", "end of text"]),
        ("{} ", &["end of text"]),
    ] {
        assert_eq!(expected(&any, text), legal, "behind {text}");
    }
}

#[test]
fn the_schema_narrows_what_may_come_next() {
    let schema = json!({
        "type": "object",
        "properties": {
            "color": {"enum": ["red", "green", "grey"]},
            "count": {"type": "integer", "minimum": 0},
            "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 1}
        },
        "required": ["color"],
        "additionalProperties": false
    });
    for (text, legal) in [
        ("", &["{"][..]),
        ("{", &["\"color\"", "\"count\"", "\"tags\""]),
        ("{\"co", &["\"color\"", "\"count\""]),
        ("{\"color", &["\"color\"", "\""]),
        ("{\"color\": ", &["\"green\"", "\"grey\"", "\"red\""]),
        ("{\"color\": \"gr", &["\"green\"", "\"grey\""]),
        ("{\"color\": \"red\"", &[",", "}"]),
        ("{\"count\": ", &["number"]),
        ("{\"count\": 1", &["digit", ".", "e", ","]),
        ("{\"tags\": [\"a\"", &["]"]),
        ("{\"tags\": [", &["\"", "]"]),
    ] {
        assert_eq!(expected(&schema, text), legal, "behind {text}");
    }
}

#[test]
fn a_violation_says_what_stood_there_and_what_was_legal() {
    let schema = json!({
        "properties": {
            "color": {"enum": ["red", "green", "grey", 5]}, "size": {"type": ["integer", "null"], "maximum": 10},
            "id": {"anyOf": [{"type": "string"}, {"type": "integer"}]}
        },
        "required": ["color", "id"], "additionalProperties": false
    });
    for (text, message) in [
        (
            "{\"color\": \"grx",
            "enum at byte 13: found x; expected one of: \"green\" \"grey\"",
        ),
        (
            "{\"color\": true",
            "enum at byte 10: found t; expected one of: \"green\" \"grey\" \"red\" 5",
        ),
        (
            "{\"colour",
            "additional-properties at byte 6: found u; expected \"color\"",
        ),
        (
            "{\"size\": \"1",
            "type at byte 9: found \"; expected one of: null integer",
        ),
        (
            "{\"size\": 11,",
            "maximum at byte 11: found ,; expected <= 10",
        ),
        (
            "{\"size\": 1}",
            "required at byte 10: found }; expected one of: \"color\" \"id\"",
        ),
        (
            "{\"id\": []",
            "type at byte 7: found [; expected one of: string integer",
        ),
        ("{\"id\" 1", "syntax at byte 6: found 1; expected :"),
        (
            "{\"id\": 1]",
            "syntax at byte 8: found ]; expected one of: digit . e ,",
        ),
        (
            "{\"id\": tru}",
            "type at byte 7: found t; expected one of: string integer",
        ),
        (
            "{\"id\": \"\u{7}",
            "syntax at byte 8: found byte 0x07; expected one of: character \"",
        ),
        (
            "{\"id\": \"a\"",
            "incomplete at byte 10: found end of text; expected ,",
        ),
    ] {
        assert_eq!(said(&schema, text), message, "{text}");
    }
}

#[test]
fn lists_are_bounded() {
    let names: Vec<String> = (0..1000)
        .map(|n| format!("name-{n}-{}", "x".repeat(200)))
        .collect();
    let schema = json!({ "enum": names });
    let found = violation(&guard(&schema), "\"none").expect("a violation");
    assert_eq!(found.expected.len(), 16);
    assert!(
        found.expected.iter().all(|entry| entry.len() <= 72),
        "{:?}",
        found.expected[0]
    );
}

#[test]
fn the_path_is_that_of_the_open_value() {
    let guard = Guard::compile(None, Settings::default()).expect("no schema");
    for (text, path) in [
        ("{\"a\": [1, {\"b/c\": ", "/a/1/b~1c"),
        ("{\"a\": [1, {\"b\"", "/a/1/b"),
        ("{\"a\": [1, {\"b", "/a/1"),
        ("{\"a\": [1, {\"b\": 2}", "/a"),
        ("{\"a\": [1], ", ""),
        ("[", ""),
        ("[1,", "/1"),
        ("{\"\": {\"\\u00e9", "/"),
    ] {
        let mut stream = guard.start();
        stream.push(text.as_bytes());
        assert_eq!(stream.path(), path, "{text}");
    }
}
