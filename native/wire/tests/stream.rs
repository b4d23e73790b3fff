//! Streams, case by case.

mod support;

use midstream_wire::{End, Framing, Outcome, Settings};
use serde_json::{Value, json};
use support::*;

fn settings() -> Settings {
    Settings::default()
}

/// Output for the stream, checked to be the same in several partitions.
fn pass(actions: &[Value], stream: &str) -> String {
    pass_with(actions, &settings(), stream)
}

fn pass_with(actions: &[Value], settings: &Settings, stream: &str) -> String {
    let plan = plan(actions);
    let whole = run_whole(&plan, settings, stream);
    for step in [1, 2, 3, 7, 64] {
        let parts = run(&plan, settings, stream.as_bytes().chunks(step));
        assert_eq!(parts.text(), whole.text(), "in pieces of {step}");
        assert_eq!(parts.records, whole.records, "in pieces of {step}");
        let state = |mut state: midstream_wire::State| {
            state.trailing = 0;
            state
        };
        assert_eq!(
            state(parts.state),
            state(whole.state),
            "in pieces of {step}"
        );
    }
    whole.text()
}

fn mask() -> [Value; 3] {
    [
        redact("email", "[EMAIL]"),
        redact("card", "[CARD]"),
        redact("canary", ""),
    ]
}

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
fn usage_of_every_shape_is_counted() {
    let usage = json!({"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7});
    let late = frame(&json!({"choices": [], "usage": usage}).to_string());
    let with_choice = frame(
        &json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": usage})
            .to_string(),
    );
    let groq = frame(&json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "x_groq": {"usage": usage}}).to_string());
    let null = frame(
        &json!({"choices": [{"index": 0, "delta": {"content": "x"}}], "usage": null}).to_string(),
    );
    for stream in [
        [null.clone(), finish(0), late],
        [null.clone(), with_choice, String::new()],
        [null, groq, String::new()],
    ] {
        let out = run_whole(&usual(), &settings(), &(stream.concat() + DONE));
        let state = out.state;
        assert_eq!(
            (state.input_tokens, state.output_tokens, state.total_tokens),
            (3, 4, 7)
        );
        assert_eq!(out.text(), stream.concat() + DONE);
    }
}

#[test]
fn only_the_usage_only_chunk_is_stripped() {
    let usage = frame(&json!({"choices": [], "usage": {"total_tokens": 9}}).to_string());
    let azure = frame(&json!({"choices": [], "prompt_filter_results": []}).to_string());
    let stream = [azure.clone(), content("x"), finish(0), usage, DONE.into()].concat();
    let strip = Settings {
        strip_usage: true,
        ..settings()
    };
    assert_eq!(
        pass_with(&[], &strip, &stream),
        [azure, content("x"), finish(0), DONE.into()].concat()
    );
}

#[test]
fn a_missing_terminator_is_added_and_what_follows_one_is_dropped() {
    let whole = [content("x"), finish(0), DONE.into()].concat();
    assert_eq!(pass(&[], &[content("x"), finish(0)].concat()), whole);
    assert_eq!(
        pass(&[], &[&whole, DONE, "data: junk\n\n", DONE].concat()),
        whole
    );
    assert_eq!(pass(&[], whole.trim_end()), whole);
    assert_eq!(
        pass(
            &[],
            &format!("{}data: [DONE]\n", whole.trim_end_matches(DONE))
        ),
        whole
    );
}

#[test]
fn a_stream_that_ends_early_ends_in_an_error() {
    let cut = [content("x a@b.or")].concat();
    let reading = read(&pass(&mask(), &cut));
    assert_eq!(reading.texts[&(0, "content".into())], "x [EMAIL]");
    assert_eq!(reading.error.as_deref(), Some("PROVIDER_CUT"));
    assert!(!reading.done);
    let no_finish = [content("x"), DONE.into()].concat();
    assert_eq!(
        read(&pass(&[], &no_finish)).error.as_deref(),
        Some("PROVIDER_CUT")
    );
    assert_eq!(read(&pass(&[], "")).error.as_deref(), Some("PROVIDER_CUT"));
    assert_eq!(
        read(&pass(&[], DONE)).error.as_deref(),
        Some("PROVIDER_CUT")
    );
}

#[test]
fn why_the_upstream_ended_is_in_the_error() {
    let complete = [content("x"), finish(0)].concat();
    for (end, code) in [
        (End::Failed, "PROVIDER_CUT"),
        (End::TimedOut, "PROVIDER_TIMEOUT"),
    ] {
        let out = run_until(&usual(), &settings(), [complete.as_bytes()], end);
        assert_eq!(read(&out.text()).error.as_deref(), Some(code));
        assert!(out.state.failed && out.state.done);
    }
}

#[test]
fn a_cancelled_upstream_ends_without_a_word() {
    let out = run_until(
        &usual(),
        &settings(),
        [content("a@b").as_bytes()],
        End::Cancelled,
    );
    assert!(out.bytes.is_empty() && out.state.done && !out.state.holding);
}

#[test]
fn every_truncation_ends_honestly() {
    let stream = [
        content("x a@b.org"),
        content(" é"),
        finish(0),
        "data: {\"choices\":[],\"usage\":{}}\n\n".into(),
        DONE.into(),
    ]
    .concat();
    let finished = [content("x"), content("")].len(); // frames before the finish
    assert_eq!(finished, 2);
    for cut in 0..stream.len() {
        let out = run(&usual(), &settings(), [&stream.as_bytes()[..cut]]);
        let reading = read(&out.text());
        assert!(
            reading.done != reading.error.is_some(),
            "{cut}: {reading:?}"
        );
        assert_eq!(
            reading.done,
            reading.finishes.contains_key(&0) && reading.error.is_none()
        );
        assert_eq!(out.state.failed, reading.error.is_some());
        // In chunked framing without the last chunk nothing may look complete.
        let chunked = format!(
            "{cut:x}\r\n{}",
            std::str::from_utf8(&stream.as_bytes()[..cut]).unwrap_or("")
        );
        let framed = Settings {
            framing: Framing::Chunked,
            ..settings()
        };
        let out = run(&usual(), &framed, [chunked.as_bytes()]);
        let reading = read(&out.text());
        assert!(reading.done || reading.error.is_some(), "{cut}");
    }
}

#[test]
fn an_error_event_is_passed_on_after_held_text_and_nothing_follows() {
    for error in [
        "data: {\"error\":{\"message\":\"overloaded\",\"code\":\"upstream\"}}\n\n",
        "event: error\ndata: {\"message\":\"x\",\"error\":{}}\n\n",
        "event: error\ndata: plain words\n\n",
    ] {
        let stream = [
            content("x a@b.o"),
            error.into(),
            content("late"),
            DONE.into(),
        ]
        .concat();
        let out = run_whole(&usual(), &settings(), &stream);
        assert_eq!(out.text(), [content("x a@b.o"), error.into()].concat());
        assert!(out.state.failed && out.state.done);
        pass(&mask(), &stream);
    }
}

#[test]
fn an_error_event_before_any_text_does_not_count_as_a_start() {
    let out = run_whole(
        &usual(),
        &settings(),
        "data: {\"error\":{\"message\":\"busy\"}}\n\n",
    );
    assert!(out.state.failed && out.state.done && !out.state.started);
}

#[test]
fn an_error_event_after_a_block_is_the_last_word_or_none() {
    let error = "data: {\"error\":{\"message\":\"busy\"}}\n\n";
    let stream = [content("a@b.org"), error.into(), DONE.into()].concat();
    let reading = read(&pass(&[block("email", "")], &stream));
    assert!(reading.done != reading.error.is_some());
    assert_eq!(reading.finishes[&0], "content_filter");
    let two = Settings {
        choice_count: 2,
        ..settings()
    };
    let reading = read(&pass_with(&[block("email", "")], &two, &stream));
    assert!(!reading.done && reading.error.is_some());
}

#[test]
fn text_in_an_error_event_is_analysed() {
    let error = frame(&json!({"error": {"code": 502}, "choices": [{"index": 0, "delta": {"content": "a@b.org"}, "finish_reason": "error"}]}).to_string());
    let out = pass(&mask(), &[content("x "), error].concat());
    assert!(out.contains("[EMAIL]") && !out.contains("a@b.org") && read(&out).error.is_some());
}

#[test]
fn a_null_error_is_none() {
    let stream = [
        frame("{\"error\":null,\"choices\":[]}"),
        content("x"),
        finish(0),
        DONE.into(),
    ]
    .concat();
    assert_eq!(pass(&mask(), &stream), stream);
}

#[test]
fn what_cannot_be_read_ends_the_answer_unless_it_may_pass() {
    let open = Settings {
        pass_unknown: true,
        ..settings()
    };
    for junk in [
        "data: {\"choices\":[}\n\n",
        "data: hello\n\n",
        "data: {\"choices\":{}}\n\n",
        "data: {\"choices\":[5]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\",\"content\":\"b\"}}]}\n\n",
        "data: {\"a\":1} x\n\n",
    ] {
        let stream = [content("x"), junk.into(), finish(0), DONE.into()].concat();
        let out = pass(&mask(), &stream);
        assert_eq!(
            out,
            content("x")
                + "data: {\"error\":{\"message\":\"The upstream's answer could not be read\",\"type\":\"upstream_error\",\"param\":null,\"code\":\"PROVIDER_BAD_RESPONSE\"}}\n\n"
        );
        assert_eq!(pass_with(&mask(), &open, &stream), stream);
    }
    let strict = Settings {
        block_unknown: true,
        ..settings()
    };
    let stream = [
        content("x"),
        frame("{\"vendor\":1}"),
        finish(0),
        DONE.into(),
    ]
    .concat();
    let reading = read(&pass_with(&mask(), &strict, &stream));
    assert_eq!(reading.error.as_deref(), Some("PROVIDER_BAD_RESPONSE"));
}

#[test]
fn split_frames_carry_the_same_text_and_leave_earlier() {
    let split = Settings {
        split: true,
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
        content("[EMAIL]"),
        content(" now "),
        finish(0),
        DONE.into(),
    ]
    .concat();
    assert_eq!(pass_with(&mask(), &split, &stream), expected);
    // The first frame of a block, and one with an end, are never split.
    let first = [
        content("mail a@b"),
        chunk_of(0, &json!({"content": " and a@b"}), &json!("stop")),
        DONE.into(),
    ]
    .concat();
    assert_eq!(pass_with(&mask(), &split, &first), first);
}

#[test]
fn more_than_a_mebibyte_of_waiting_frames_ends_the_answer() {
    // Choice 1 holds a text that stays undecided, so that the frames of choice 0 queue up behind it.
    let mut stream = chunk_of(1, &json!({"content": "a@b"}), &Value::Null);
    let filler = content(&"word ".repeat(2000));
    while stream.len() < (1 << 20) + 20_000 {
        stream += &filler;
    }
    let out = run(&usual(), &settings(), stream.as_bytes().chunks(5000));
    assert_eq!(read(&out.text()).error.as_deref(), Some("PLUGIN_OVERHELD"));
    assert!(!out.text().contains("word") && out.state.failed && out.state.done);
}

#[test]
fn an_event_of_more_than_a_mebibyte_ends_the_answer() {
    let stream = content(&"x".repeat(1 << 20));
    let out = pass(&mask(), &stream);
    assert_eq!(read(&out).error.as_deref(), Some("PROVIDER_BAD_RESPONSE"));
}

#[test]
fn too_many_choices_or_blocks_end_the_answer_unread() {
    let calls: Vec<Value> = (0..1100)
        .map(|i| json!({"index": i, "function": {"arguments": "a@b.org"}}))
        .collect();
    let stream = [
        content("x"),
        chunk(&json!({"tool_calls": calls})),
        finish(0),
        DONE.into(),
    ]
    .concat();
    let out = pass(&mask(), &stream);
    assert_eq!(read(&out).error.as_deref(), Some("PROVIDER_BAD_RESPONSE"));
    assert!(!out.contains("a@b.org"));
}

#[test]
fn framing_ends_the_message_and_counts_what_follows() {
    let stream = [content("x"), finish(0)].concat();
    let chunked = format!(
        "{:X};a=b\r\n{stream}\r\n0\r\nT: x\r\n\r\nHTTP/1.1",
        stream.len()
    );
    let framed = Settings {
        framing: Framing::Chunked,
        ..settings()
    };
    let out = run_whole(&usual(), &framed, &chunked);
    assert_eq!(out.text(), stream.clone() + DONE);
    assert!(out.state.message_end && out.state.done && !out.state.failed);

    let mut wire = midstream_wire::Wire::new(usual(), framed.clone());
    let mut bytes = Vec::new();
    wire.feed(chunked.as_bytes(), &mut bytes);
    assert_eq!(wire.state().trailing, 8);
    assert_eq!(pass_with(&mask(), &framed, &chunked), stream.clone() + DONE);

    let known = Settings {
        framing: Framing::ContentLength,
        content_length: stream.len() as u64,
        ..settings()
    };
    assert_eq!(
        pass_with(&mask(), &known, &(stream.clone() + "tail")),
        stream.clone() + DONE
    );
    let longer = Settings {
        content_length: 1 + stream.len() as u64,
        ..known
    };
    assert_eq!(
        read(&pass_with(&mask(), &longer, &stream)).error.as_deref(),
        Some("PROVIDER_CUT")
    );
}

#[test]
fn broken_chunks_end_the_answer() {
    let framed = Settings {
        framing: Framing::Chunked,
        ..settings()
    };
    let out = run_whole(&usual(), &framed, "zz\r\n");
    assert_eq!(
        read(&out.text()).error.as_deref(),
        Some("PROVIDER_BAD_RESPONSE")
    );
    assert!(out.state.failed && !out.state.message_end);
}

#[test]
fn text_after_a_finish_reason_is_analysed_too() {
    let stream = [finish(0), content("a@b.org"), DONE.into()].concat();
    let reading = read(&pass(&mask(), &stream));
    assert_eq!(reading.texts[&(0, "content".into())], "[EMAIL]");
}

#[test]
fn a_finish_reason_decides_held_text_at_once() {
    let mut wire = midstream_wire::Wire::new(usual(), settings());
    let mut out = Vec::new();
    wire.feed(
        [content("mail a@b.org"), finish(0)].concat().as_bytes(),
        &mut out,
    );
    assert_eq!(
        out,
        [content("mail [EMAIL]"), finish(0)].concat().as_bytes()
    );
    assert!(!wire.state().holding && wire.state().started && !wire.state().done);
}

#[test]
fn state_tells_what_is_held() {
    let mut wire = midstream_wire::Wire::new(usual(), settings());
    let mut out = Vec::new();
    wire.feed(
        chunk(&json!({"role": "assistant", "content": ""})).as_bytes(),
        &mut out,
    );
    assert!(!wire.state().started && wire.state().frames == 1 && wire.state().deltas == 0);
    wire.feed(content("a@b").as_bytes(), &mut out);
    let state = wire.state();
    assert!(state.started && state.holding && state.held_bytes == 3 && state.deltas == 1);
}
