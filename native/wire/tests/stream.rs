//! What happens to the text of a stream, case by case.

mod support;

use midstream_wire::{Outcome, Settings};
use serde_json::{Value, json};
use support::*;

#[test]
fn a_stream_without_findings_leaves_byte_for_byte() {
    let stream = [
        &chunk(&json!({"role": "assistant", "content": ""})),
        ": OPENROUTER PROCESSING\n\n",
        &content("Hello \u{1F600} \\ \"quoted\" \n"),
        "id: 5\nevent: message\ndata:{ \"choices\" : [ { \"delta\":{\"content\":\"\\u0041\\ud83d\\ude00\\/\"} ,\"index\":0}]}\n\n",
        "data: {\"vendor\":{\"ping\":1}}\n\n",
        "data: {\"choices\":null}\n\n",
        "data:\n\n",
        "\n",
        &finish(0),
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4,\"total_tokens\":7}}\n\n",
        DONE,
    ]
    .concat();
    assert_eq!(pass(&mask(), &stream), stream);
}

#[test]
fn a_match_over_three_frames_is_replaced_in_the_first() {
    let stream = [
        content("mail joh"),
        content("n@exam"),
        content("ple.org now"),
        finish(0),
        DONE.into(),
    ]
    .concat();
    let expected = [
        content("mail [EMAIL]"),
        content(""),
        content(" now"),
        finish(0),
        DONE.into(),
    ]
    .concat();
    assert_eq!(pass(&mask(), &stream), expected);
}

#[test]
fn a_rewritten_frame_keeps_all_other_bytes() {
    let stream = "event:x\ndata:{\"choices\" :[{\"logprobs\":{\"content\":[{\"token\":\"a@b.org\"}]},\"index\":0, \"delta\":{\"x\":1,\"content\":\"\\u0041: a@b.org\\/\\\"\\n\\u0001é\"},\"finish_reason\":\"stop\"}]}\r\n\r\ndata: [DONE]\r\n\r\n";
    let expected = "event:x\ndata:{\"choices\" :[{\"logprobs\":null,\"index\":0, \"delta\":{\"x\":1,\"content\":\"A: [EMAIL]/\\\"\\n\\u0001é\"},\"finish_reason\":\"stop\"}]}\r\n\r\ndata: [DONE]\r\n\r\n";
    assert_eq!(pass(&mask(), stream), expected);
}

#[test]
fn a_character_whose_halves_come_in_two_frames_outlives_a_rewrite_of_either() {
    let raw = |inside: &str| {
        frame(&format!(
            "{{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{inside}\"}}}}]}}"
        ))
    };
    let stream =
        |first: &str, second: &str| [raw(first), raw(second), finish(0), DONE.into()].concat();
    let masks = [redact("email", "[EMAIL]"), redact("face", "[FACE]")];
    for (first, second, rewritten) in [
        (
            r"hi \uD83D",
            r"\uDE00 there",
            [r"hi \uD83D", r"\uDE00 there"],
        ),
        (
            r"a@b.org \uD83D",
            r"\uDE00!",
            [r"[EMAIL] \ud83d", r"\uDE00!"],
        ),
        (
            r"hi \uD83D",
            r"\uDE00 a@b.org!",
            [r"hi \uD83D", r"\ude00 [EMAIL]!"],
        ),
        // A rewrite that covers it takes both halves.
        (
            r"hi \uD83D\uDE00\uD83D",
            r"\uDE02 ok",
            [r"hi [FACE]", r" ok"],
        ),
        // Nothing completes it.
        (r"hi \uD83D", r" a@b.org!", [r"hi \uD83D", r" [EMAIL]!"]),
        (r"a@b.org \uD83D", r"!", ["[EMAIL] \u{FFFD}", r"!"]),
    ] {
        let [one, two] = rewritten;
        assert_eq!(pass(&masks, &stream(first, second)), stream(one, two));
    }
}

#[test]
fn data_lines_of_one_event_are_one_payload() {
    let stream = "data: {\"choices\":[{\"index\":0,\ndata: \"delta\":{\"content\":\ndata:\"a@b.org\"},\"logprobs\":{\ndata: \"content\":[]},\ndata: \"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    let expected = "data: {\"choices\":[{\"index\":0,\ndata: \"delta\":{\"content\":\ndata:\"[EMAIL]\"},\"logprobs\":null,\ndata: \"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    assert_eq!(pass(&mask(), stream), expected);
    read(expected);
}

#[test]
fn every_channel_and_choice_is_a_text_of_its_own() {
    let both = |texts: [&str; 2]| {
        frame(&json!({"choices": [
            {"index": 1, "delta": {"content": texts[0], "reasoning_content": texts[1]}},
            {"index": 0, "delta": {"refusal": texts[0], "content": [
                {"type": "text", "text": texts[1]}, {"thinking": [{"text": texts[0]}], "type": "thinking"}]}}]}).to_string())
    };
    let stream = [
        both(["a@b", "c@d"]),
        both([".org!", ".com!"]),
        finish(0),
        finish(1),
        DONE.into(),
    ]
    .concat();
    let reading = read(&pass(&mask(), &stream));
    assert_eq!(reading.texts.len(), 5);
    assert!(
        reading.texts.values().all(|text| text == "[EMAIL]!"),
        "{reading:?}"
    );
    assert!(reading.done);
}

#[test]
fn names_in_any_order_and_with_escapes_are_read() {
    let stream = "data: {\"ch\\u006fices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"arguments\":\"\\\"a@b.org\\\"\"},\"index\":2}],\"c\\u006Fntent\":\"c@d.org\"},\"finish_reason\":\"stop\",\"index\":3}]}\n\n";
    let plan = usual();
    let out = run_whole(&plan, &settings(), stream);
    assert!(out.text().contains("\"\\\"[EMAIL]\\\"\"") && out.text().contains("\"[EMAIL]\""));
    let mut places: Vec<_> = out
        .records
        .iter()
        .map(|r| {
            (
                r.finding.choice,
                r.finding.block,
                r.finding.start,
                r.finding.end,
            )
        })
        .collect();
    places.sort_unstable();
    assert_eq!(places, [(3, 0, 0, 7), (3, 5, 1, 8)]);
}

#[test]
fn a_bare_number_in_tool_arguments_is_replaced_by_a_string() {
    let call = |arguments: &str| {
        chunk(&json!({"tool_calls": [{"index": 0, "function": {"arguments": arguments}}]}))
    };
    let stream = [
        call("{\"card\": 41111"),
        call("11111111111, \"to\":\"a\\u0040b.org\""),
        call("}"),
        finish(0),
    ]
    .concat();
    let reading = read(&pass(&mask(), &stream));
    assert_eq!(
        reading.texts[&(0, "tool 0".into())],
        "{\"card\": \"[CARD]\", \"to\":\"[EMAIL]\"}"
    );
}

#[test]
fn arguments_given_as_an_object_are_analysed() {
    let stream = [
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":{\"to\": \"a@b.org\",\"n\":411111111111}}}]}}]}\n\n",
        &finish(0), DONE,
    ].concat();
    let out = pass(&mask(), &stream);
    assert!(
        out.contains("\"arguments\":{\"to\": \"[EMAIL]\",\"n\":\"[CARD]\"}}"),
        "{out}"
    );
}

#[test]
fn function_call_custom_input_details_and_transcripts_are_read() {
    for delta in [
        json!({"function_call": {"arguments": "\"a@b.org\""}}),
        json!({"tool_calls": [{"index": 0, "custom": {"input": "\"a@b.org\""}}]}),
        json!({"reasoning": "a@b.org", "reasoning_details": [{"text": "a@b.org"}, {"summary": "a@b.org"}]}),
        json!({"reasoning": "a@b.org", "reasoning_content": "a@b.org"}),
        json!({"audio": {"transcript": "a@b.org"}}),
    ] {
        let out = pass(&mask(), &[chunk(&delta), finish(0)].concat());
        assert!(!out.contains("a@b.org") && out.contains("[EMAIL]"), "{out}");
    }
}

#[test]
fn a_whole_message_beside_the_delta_is_blanked_where_policies_act() {
    let stream = [
        frame(&json!({"choices": [{"index": 0, "delta": {"content": "b.org"}, "message": {"content": "a@b.org"}}]}).to_string()),
        finish(0), DONE.into(),
    ].concat();
    assert_eq!(pass(&[], &stream), stream);
    assert!(pass(&mask(), &stream).contains("\"message\":{\"content\":\"\"}"));
}

#[test]
fn a_block_releases_what_comes_before_and_ends_the_choice() {
    let stream = [
        content("so "),
        content("mail a@b"),
        content(".org now"),
        content("more"),
        finish(0),
        DONE.into(),
    ]
    .concat();
    let out = pass(&[block("email", "No \"mail\".")], &stream);
    let expected = [
        content("so "),
        content("mail "),
        "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":7,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"No \\\"mail\\\".\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n".into(),
        "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":7,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"content_filter\"}]}\n\n".into(),
        DONE.into(),
    ].concat();
    assert_eq!(out, expected);
}

#[test]
fn a_block_in_the_last_frame_takes_its_finish_reason() {
    let stream = [
        chunk_of(0, &json!({"content": "a@b.org"}), &json!("stop")),
        DONE.into(),
    ]
    .concat();
    let reading = read(&pass(&[block("email", "")], &stream));
    assert_eq!(reading.finishes[&0], "content_filter");
    assert!(reading.done && reading.texts.is_empty());
}

#[test]
fn a_blocked_choice_does_not_end_the_others() {
    let stream = [
        chunk_of(0, &json!({"content": "x a@b.org y"}), &Value::Null),
        chunk_of(1, &json!({"content": "one "}), &Value::Null),
        chunk_of(0, &json!({"content": "gone"}), &Value::Null),
        chunk_of(1, &json!({"content": "two"}), &Value::Null),
        frame(&json!({"choices": [{"index": 0, "delta": {"content": "gone"}, "finish_reason": "stop"},
            {"index": 1, "delta": {"content": "!"}}]}).to_string()),
        finish(1),
        "data: {\"choices\":[],\"usage\":{}}\n\n".into(),
        DONE.into(),
    ].concat();
    let two = Settings {
        choice_count: 2,
        ..settings()
    };
    let reading = read(&pass_with(&[block("email", "")], &two, &stream));
    assert_eq!(reading.texts[&(0, "content".into())], "x ");
    assert_eq!(reading.texts[&(1, "content".into())], "one two!");
    assert_eq!(
        (reading.finishes[&0].as_str(), reading.finishes[&1].as_str()),
        ("content_filter", "stop")
    );
    assert!(reading.done);
    let state = run_whole(&plan(&[block("email", "")]), &two, &stream).state;
    assert!(state.blocked && state.done && !state.failed);
}

#[test]
fn a_block_in_one_channel_ends_the_others_of_the_choice() {
    let stream = [
        chunk(&json!({"reasoning_content": "think"})),
        chunk(&json!({"content": "see a@b.org", "reasoning_content": "ing"})),
        chunk(&json!({"reasoning_content": "lost"})),
        finish(0),
        DONE.into(),
    ]
    .concat();
    let reading = read(&pass(&[block("email", "")], &stream));
    assert_eq!(reading.texts[&(0, "reasoning".into())], "thinking");
    assert_eq!(reading.texts[&(0, "content".into())], "see ");
}

#[test]
fn monitored_findings_are_recorded_and_nothing_is_done() {
    let stream = [content("a@b.org"), finish(0), DONE.into()].concat();
    let mut action = block("email", "no");
    action["monitor"] = json!(true);
    let plan = plan(&[action]);
    let out = run_whole(&plan, &settings(), &stream);
    assert_eq!(out.text(), stream);
    assert_eq!(out.records[0].verdicts[0].outcome, Outcome::Monitored);
}

#[test]
fn the_strictest_verdict_wins_and_the_earlier_of_equals() {
    let stream = [content("x a@b.org y"), finish(0), DONE.into()].concat();
    let first = pass(&[redact("email", "1"), redact("email", "2")], &stream);
    assert_eq!(read(&first).texts[&(0, "content".into())], "x 1 y");
    let blocked = pass(&[redact("email", "1"), block("email", "")], &stream);
    assert_eq!(read(&blocked).texts[&(0, "content".into())], "x ");
}

#[test]
fn scores_and_counts_hold_verdicts_back() {
    let stream = [
        content("a@b.org 411111111111 c@d.org e@f.org"),
        finish(0),
        DONE.into(),
    ]
    .concat();
    let mut second = redact("email", "X");
    second["minCount"] = json!(2);
    let mut sure = redact("card", "Y");
    sure["minScore"] = json!(0.85);
    let reading = read(&pass(&[second, sure], &stream));
    assert_eq!(
        reading.texts[&(0, "content".into())],
        "a@b.org 411111111111 X X"
    );
}

#[test]
fn replacements_of_every_kind_are_made_of_the_matched_text() {
    let stream = [content("a@b.org c@d.org a@b.org"), finish(0), DONE.into()].concat();
    let with = |replacement: Value| {
        let action = json!({"rule": "email", "action": "rewrite", "replacement": replacement});
        read(&pass(&[action], &stream))
            .texts
            .get(&(0, "content".into()))
            .cloned()
            .unwrap_or_default()
    };
    assert_eq!(
        with(json!({"kind": "mask", "char": "*", "keepLast": 3})),
        "****org ****org ****org"
    );
    assert_eq!(with(json!({"kind": "remove"})), "  ");
    assert_eq!(
        with(json!({"kind": "pseudonym", "tag": "E"})),
        "[E_1] [E_2] [E_1]"
    );
    let hashed = with(json!({"kind": "hash", "tag": "E", "key": "k", "length": 6}));
    let parts: Vec<&str> = hashed.split(' ').collect();
    assert!(
        parts[0] == parts[2] && parts[0] != parts[1] && parts[0].len() == 10,
        "{hashed}"
    );
}

#[test]
fn flowing_frames_carry_the_same_text_and_leave_at_once() {
    let flow = Settings {
        flow: true,
        ..settings()
    };
    let stream = [
        content("so "),
        content("mail a@b"),
        content(".org now "),
        finish(0),
        DONE.into(),
    ]
    .concat();
    let expected = [
        content("so "),
        content("mail "),
        content("[EMAIL] now "),
        finish(0),
        DONE.into(),
    ]
    .concat();
    assert_eq!(pass_with(&mask(), &flow, &stream), expected);
    // The first frame of a block, and one with an end, are held whole.
    let first = [
        content("mail a@b"),
        chunk_of(0, &json!({"content": " and a@b"}), &json!("stop")),
        DONE.into(),
    ]
    .concat();
    assert_eq!(pass_with(&mask(), &flow, &first), first);
}
