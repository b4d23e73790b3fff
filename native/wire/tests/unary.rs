//! Whole answers.

mod support;

use midstream_wire::{Framing, Mode, Settings};
use serde_json::{Value, json};
use support::*;

fn unary() -> Settings {
    Settings {
        mode: Mode::Unary,
        ..Settings::default()
    }
}

fn whole(actions: &[Value], body: &str) -> String {
    let plan = plan(actions);
    let whole = run_whole(&plan, &unary(), body);
    let parts = run(&plan, &unary(), body.as_bytes().chunks(3));
    assert_eq!(parts.text(), whole.text());
    assert_eq!(parts.records, whole.records);
    whole.text()
}

fn body(message: &Value) -> String {
    json!({"id": "x", "choices": [{"index": 0, "message": message, "finish_reason": "stop",
        "logprobs": {"content": []}}], "usage": {"total_tokens": 5}})
    .to_string()
}

#[test]
fn an_untouched_body_leaves_byte_for_byte_at_its_end() {
    let text = "{ \"choices\" :\n [ {\"message\":{\"content\":\"\\u0041 b\", \"x\": [1.50]}} ] }\n";
    assert_eq!(whole(&mask(), text), text);
    let mut wire = midstream_wire::Wire::new(usual(), unary());
    let mut out = Vec::new();
    wire.feed(text.as_bytes(), &mut out);
    assert!(out.is_empty() && wire.state().held_bytes > 0);
}

#[test]
fn texts_are_rewritten_in_place() {
    let message = json!({"content": "to a@b.org\n", "reasoning_content": "c@d.org?", "refusal": null,
        "tool_calls": [{"function": {"arguments": "{\"to\":\"a@b.org\"}", "name": "a@b.org"}}]});
    let expected = body(
        &json!({"content": "to [EMAIL]\n", "reasoning_content": "[EMAIL]?", "refusal": null,
        "tool_calls": [{"function": {"arguments": "{\"to\":\"[EMAIL]\"}", "name": "a@b.org"}}]}),
    )
    .replace("{\"content\":[]}", "null");
    assert_eq!(whole(&mask(), &body(&message)), expected);
}

#[test]
fn findings_come_in_canonical_order() {
    let message = json!({"content": "a@b.org", "reasoning_content": "c@d.org", "tool_calls": [
        {"function": {"arguments": "\"a@b.org\""}}]});
    let out = run_whole(&usual(), &unary(), &body(&message));
    let blocks: Vec<u32> = out
        .records
        .iter()
        .map(|record| record.finding.block)
        .collect();
    assert_eq!(blocks, [1, 0, 3]);
    assert_eq!(out.state.total_tokens, 5);
}

#[test]
fn a_blocked_choice_is_cut_and_says_so() {
    let message = json!({"content": "so a@b.org x", "reasoning_content": "think", "refusal": "late",
        "tool_calls": [{"function": {"arguments": "{}"}}]});
    let out: Value =
        serde_json::from_str(&whole(&[block("email", "Stopped.")], &body(&message))).unwrap();
    let choice = &out["choices"][0];
    assert_eq!(choice["finish_reason"], "content_filter");
    assert_eq!(choice["logprobs"], Value::Null);
    assert_eq!(choice["message"]["content"], "so Stopped.");
    assert_eq!(choice["message"]["reasoning_content"], "think");
    assert_eq!(choice["message"]["refusal"], "");
    assert_eq!(
        choice["message"]["tool_calls"][0]["function"]["arguments"],
        ""
    );
}

#[test]
fn the_message_of_a_block_finds_its_place() {
    for content in [
        json!(null),
        json!(""),
        json!([{"type": "text", "text": "later"}]),
    ] {
        let message = json!({"content": content, "reasoning_content": "a@b.org"});
        let out: Value =
            serde_json::from_str(&whole(&[block("email", "Stopped.")], &body(&message))).unwrap();
        let content = &out["choices"][0]["message"]["content"];
        assert!(
            content == "Stopped." || content[1]["text"] == "Stopped.",
            "{out}"
        );
    }
    let message = json!({"reasoning_content": "a@b.org"});
    let out: Value =
        serde_json::from_str(&whole(&[block("email", "Stopped.")], &body(&message))).unwrap();
    assert_eq!(out["choices"][0]["message"]["content"], "Stopped.");
    let bare = "{\"choices\":[{\"message\":{\"reasoning_content\":\"a@b.org\"}}]}";
    let expected = "{\"choices\":[{\"message\":{\"reasoning_content\":\"\",\"content\":\"S\"},\"finish_reason\":\"content_filter\"}]}";
    assert_eq!(whole(&[block("email", "S")], bare), expected);
}

#[test]
fn other_choices_are_not_blocked() {
    let choice = |index: u32, text: &str| json!({"index": index, "message": {"content": text}, "finish_reason": "stop"});
    let text = json!({"choices": [choice(0, "a@b.org"), choice(1, "fine")]}).to_string();
    let out: Value = serde_json::from_str(&whole(&[block("email", "")], &text)).unwrap();
    assert_eq!(out["choices"][0]["finish_reason"], "content_filter");
    assert_eq!(out["choices"][1], choice(1, "fine"));
}

#[test]
fn an_error_body_is_passed_on() {
    let text = "{\"error\": {\"message\":\"no\"}}";
    let out = run_whole(&usual(), &unary(), text);
    assert_eq!(out.text(), text);
    assert!(out.state.failed);
}

#[test]
fn what_is_cut_or_unreadable_becomes_an_error_body() {
    for (text, length, code) in [
        ("{\"choices\":[", 100, "PROVIDER_CUT"),
        ("not json", 8, "PROVIDER_BAD_RESPONSE"),
        ("{\"choices\":[]}", 14, "PROVIDER_BAD_RESPONSE"),
        ("", 9, "PROVIDER_CUT"),
    ] {
        let settings = Settings {
            framing: Framing::ContentLength,
            content_length: length,
            ..unary()
        };
        let out = run_whole(&usual(), &settings, text);
        let body: Value = serde_json::from_str(&out.text()).unwrap();
        assert_eq!(body["error"]["code"], code);
        assert!(out.state.failed && out.state.done);
    }
}

#[test]
fn a_body_over_sixteen_mebibytes_is_refused() {
    let piece = vec![b' '; 1 << 20];
    let out = run(
        &usual(),
        &unary(),
        std::iter::repeat_n(piece.as_slice(), 17),
    );
    assert!(out.state.failed && out.text().contains("PROVIDER_BAD_RESPONSE"));
}

#[test]
fn a_known_length_ends_the_answer_without_an_end() {
    let text = body(&json!({"content": "a@b.org"}));
    let settings = Settings {
        framing: Framing::ContentLength,
        content_length: text.len() as u64,
        ..unary()
    };
    let mut wire = midstream_wire::Wire::new(usual(), settings);
    let mut out = Vec::new();
    wire.feed(text.as_bytes(), &mut out);
    assert!(wire.state().done && wire.state().message_end && wire.state().records);
    assert!(String::from_utf8(out).unwrap().contains("[EMAIL]"));
}
