//! How streams end, what is counted, and what is refused.

mod support;

use midstream_wire::{End, Framing, Settings, Wire};
use serde_json::{Value, json};
use support::*;

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
    assert!(out.bytes.is_empty() && out.state.done);
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

    let mut wire = Wire::new(usual(), framed.clone());
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
    let mut wire = Wire::new(usual(), settings());
    let mut out = Vec::new();
    wire.feed(
        [content("mail a@b.org"), finish(0)].concat().as_bytes(),
        &mut out,
    );
    assert_eq!(
        out,
        [content("mail [EMAIL]"), finish(0)].concat().as_bytes()
    );
    assert!(wire.state().held_bytes == 0 && wire.state().started && !wire.state().done);
}

#[test]
fn state_tells_what_is_held() {
    let mut wire = Wire::new(usual(), settings());
    let mut out = Vec::new();
    wire.feed(
        chunk(&json!({"role": "assistant", "content": ""})).as_bytes(),
        &mut out,
    );
    assert!(!wire.state().started && wire.state().frames == 1 && wire.state().deltas == 0);
    wire.feed(content("a@b").as_bytes(), &mut out);
    let state = wire.state();
    assert!(state.started && state.held_bytes == 3 && state.deltas == 1);
}

#[test]
fn json_that_only_clients_would_read_whole_never_passes() {
    let passing = Settings {
        pass_unknown: true,
        ..settings()
    };
    let twice =
        |inner: &str| format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{inner}}}]}}\n\n");
    let deep = format!(
        "{{\"content\":\"x@y.org\",\"more\":{}{}}}",
        "[".repeat(200),
        "]".repeat(200)
    );
    let cases = [
        twice(r#"{"content":"a@b.org ","content":"c@d.org "}"#),
        twice(r#"{"content":"a@b.org ","cont\u0065nt":"c@d.org "}"#),
        twice(&deep),
        r#"data: {"choices":5,"choices":[{"index":0,"delta":{"content":"c@d.org "}}]}"#.to_owned()
            + "\n\n",
    ];
    for stream in cases {
        let out = pass_with(&mask(), &passing, &(stream + &finish(0) + DONE));
        assert_eq!(
            read(&out).error.as_deref(),
            Some("PROVIDER_BAD_RESPONSE"),
            "{out}"
        );
        assert!(!out.contains(".org"), "{out}");
    }
}

#[test]
fn what_no_client_reads_passes_where_it_may() {
    let passing = Settings {
        pass_unknown: true,
        ..settings()
    };
    for odd in ["nonsense", "{\"choices\":5}", "{\"choices\":[1]}", "7"] {
        let stream = format!("data: {odd}\n\n{}{DONE}", finish(0));
        assert_eq!(pass_with(&mask(), &passing, &stream), stream);
    }
}
