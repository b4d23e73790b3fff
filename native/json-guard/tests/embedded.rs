//! JSON in prose, as models write it.

mod support;

use midstream_json_guard::{Guard, Kind, Placement, Settings, Status};
use serde_json::json;
use support::{bytewise, cut, whole};

fn at(placement: Placement) -> Guard {
    let settings = Settings {
        placement,
        ..Settings::default()
    };
    Guard::compile(
        Some(&json!({"type": ["object", "array", "integer"]})),
        settings,
    )
    .expect("a schema")
}

/// The status at the end, the same at every partition, and the text that was taken as JSON.
#[track_caller]
fn judged(guard: &Guard, text: &str) -> (Status, String) {
    let mut stream = guard.start();
    stream.push(text.as_bytes());
    let status = stream.finish();
    assert_eq!(bytewise(guard, text.as_bytes()), status, "by bytes: {text}");
    assert_eq!(
        cut(guard, text.as_bytes(), &[7, 19, 31]),
        status,
        "cut: {text}"
    );
    (status, text[stream.value_range()].trim().to_owned())
}

#[track_caller]
fn is_found(placement: Placement, text: &str, value: &str) {
    assert_eq!(
        judged(&at(placement), text),
        (Status::Complete, value.to_owned()),
        "{text}"
    );
}

/// `text` has `!` before the first impossible byte.
#[track_caller]
fn is_refused(placement: Placement, text: &str, kind: Kind) {
    let offset = text.find('!').unwrap_or(text.len());
    let (status, _) = judged(&at(placement), &text.replacen('!', "", 1));
    let Status::Violation(violation) = status else {
        panic!("{text}: {status:?}")
    };
    assert_eq!(
        (violation.kind, violation.offset),
        (kind, offset),
        "{text}: {violation}"
    );
}

#[test]
fn a_strict_text_has_nothing_but_the_value() {
    is_found(Placement::Strict, " \n{\"a\": 1}\t\n", "{\"a\": 1}");
    is_found(Placement::Strict, " 12 ", "12");
    is_refused(Placement::Strict, "!Here: {}", Kind::Syntax);
    is_refused(Placement::Strict, "{} !{}", Kind::Syntax);
    is_refused(Placement::Strict, "12 !3", Kind::Syntax);
    is_refused(Placement::Strict, "!```json\n{}\n```", Kind::Syntax);
    is_refused(Placement::Strict, "", Kind::Incomplete);
    is_refused(
        Placement::Strict,
        "\u{feff}{}".replacen('\u{feff}', "!\u{feff}", 1).as_str(),
        Kind::Syntax,
    );
}

#[test]
fn a_fence_holds_the_value() {
    for text in [
        "Sure, here you are:\n\n```json\n{\"a\": [1]}\n```\nAnything {else}?",
        "```json\n{\"a\": [1]}\n```",
        "```JSON\r\n{\"a\": [1]}\r\n```\r\n",
        "~~~ json title=\"x\"\n{\"a\": [1]}\n~~~~",
        "   ````\n\n{\"a\": [1]}\n````",
        "```json\n{\"a\": [1]}",
        "Use `{}` or:\n```\n{\"a\": [1]}```",
        "```python\nx = {\"b\": 2}\n```\n```json\n{\"a\": [1]}\n```",
        "````md\n```json\n{\"b\": 2}\n```\n````\n```json\n{\"a\": [1]}\n```",
        "```\nnpm install\n```\n\n```json\n{\"a\": [1]}\n```",
        "```\n$ [user@host]\n```\n\n```\n{\"a\": [1]}\n```",
        "```json5\n{a: 1}\n```\n```json\n{\"a\": [1]}\n```",
        "```\n```\n```json\n{\"a\": [1]}\n```",
        "``` json `x`\n```json\n{\"a\": [1]}\n```",
    ] {
        is_found(Placement::Fenced, text, "{\"a\": [1]}");
    }
    is_found(Placement::Fenced, "```json\n12\n```", "12");
}

#[test]
fn a_broken_value_in_a_fence_is_a_violation_and_so_is_none() {
    is_refused(Placement::Fenced, "```json\n{!a: 1}\n```", Kind::Syntax);
    is_refused(Placement::Fenced, "```json\n!\"text\"\n```", Kind::Type);
    is_refused(
        Placement::Fenced,
        "```json\n{}\n!// done\n```",
        Kind::Syntax,
    );
    is_refused(Placement::Fenced, "```json\n{\"a\": 1\n!```", Kind::Syntax);
    is_refused(Placement::Fenced, "```json\n!```", Kind::Syntax);
    is_refused(Placement::Fenced, "{\"a\": 1}", Kind::Incomplete);
    is_refused(
        Placement::Fenced,
        "    ```json\n{}\n    ```",
        Kind::Incomplete,
    );
    is_refused(Placement::Fenced, "```\n{\"a\": 1, !b}\n```", Kind::Syntax);
    is_refused(Placement::Fenced, "```json\n{\"a\": 1,", Kind::Incomplete);
}

#[test]
fn the_first_value_in_prose_is_found() {
    for (text, value) in [
        ("The answer is {\"a\": 1}. Done.", "{\"a\": 1}"),
        ("{\"a\": 1}", "{\"a\": 1}"),
        ("```json\n{\"a\": 1}\n```", "{\"a\": 1}"),
        ("See {name} and {x {\"a\": 1}", "{\"a\": 1}"),
        ("As in [1], and [2, 3]:\n[1, 2]\nDone", "[1, 2]"),
        ("[1] says:\n[\n  {\"a\": 1}\n]", "[\n  {\"a\": 1}\n]"),
        ("[link](http://x)\n{}", "{}"),
        ("list:\n  [1]  \nmore", "[1]"),
        ("x [[[[{\"a\": 1}", "{\"a\": 1}"),
        ("{} is empty, {\"a\": 1} is not", "{\"a\": 1}"),
        ("\u{e9}\u{2026}{\"a\": 1}", "{\"a\": 1}"),
    ] {
        is_found(Placement::FindFirst, text, value);
    }
}

#[test]
fn prose_is_no_violation_but_a_value_that_breaks_later_is() {
    is_refused(Placement::FindFirst, "no value here", Kind::Incomplete);
    is_refused(
        Placement::FindFirst,
        "see {this} and [that]",
        Kind::Incomplete,
    );
    is_refused(Placement::FindFirst, "So: {\"a\": 1, !b: 2}", Kind::Syntax);
    is_refused(Placement::FindFirst, "So:\n[1, !]", Kind::Syntax);
    is_refused(Placement::FindFirst, "So: {\"a\": 1", Kind::Incomplete);
}

#[test]
fn a_value_that_the_schema_has_no_place_for_is_prose_until_it_is_surely_json() {
    let settings = Settings {
        placement: Placement::FindFirst,
        ..Settings::default()
    };
    let schema =
        json!({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]});
    let guard = Guard::compile(Some(&schema), settings).expect("a schema");
    assert_eq!(whole(&guard, b"{{{{{[[[[{\"a\": 1}"), Status::Complete);
    assert_eq!(
        judged(&guard, "[1, 2]\n{} {\"a\": 1}"),
        (Status::Complete, "{\"a\": 1}".to_owned())
    );
    assert!(
        matches!(whole(&guard, b"x {\"a\": \"1\"}"), Status::Violation(v) if v.kind == Kind::Type && v.offset == 8)
    );
}

#[test]
fn a_stream_says_what_it_waits_for() {
    let expected = |placement, text: &str| {
        let mut stream = at(placement).start();
        stream.push(text.as_bytes());
        stream.expected()
    };
    assert_eq!(
        expected(Placement::Fenced, "Hello"),
        ["JSON in a Markdown fence"]
    );
    assert_eq!(
        expected(Placement::Fenced, "```json\n{}"),
        ["closing fence"]
    );
    assert_eq!(
        expected(Placement::FindFirst, "Hello"),
        ["a JSON object or array"]
    );
    assert_eq!(expected(Placement::FindFirst, "{\"a\": 1} "), ["any text"]);
    assert_eq!(expected(Placement::Strict, "{} "), ["end of text"]);
}
