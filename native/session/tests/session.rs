//! Plans, detection and verdicts, without any wire.

use std::sync::Arc;

use midstream_session::{Channel, Detector, Enforcer, Finding, Outcome, Plan, PlanError, Record};
use proptest::prelude::*;
use serde_json::{Value, json};

fn analysers() -> Value {
    json!([
        {"id": "analyser/a/1", "rules": [
            {"id": "mail", "tag": "MAIL", "pattern": "[a-z]+@[a-z]+\\.[a-z]+", "left": "email", "right": "alnum",
             "score": 0.9, "maxBytes": 64},
            {"id": "pem", "tag": "PEM", "keywords": ["-----BEGIN"], "pattern": "-----BEGIN [A-Z]+-----", "left": "any",
             "right": "any", "score": 1, "maxBytes": 64, "span": {"until": "-----END", "maxBytes": 4096}}]},
        {"id": "analyser/b/1", "literals": [{"id": "word", "tag": "WORD", "words": ["org and more"], "wholeWord": false}],
         "channels": ["content"]},
        {"id": "analyser/c/1", "repetition": {}},
    ])
}

fn compile(actions: &Value) -> Result<Arc<Plan>, PlanError> {
    Plan::compile_json(&json!({"analysers": analysers(), "actions": actions}).to_string())
}

fn rewrite(analyser: &str, rule: &str, replacement: &Value) -> Value {
    json!({"policy": "policy/p/1", "analyser": analyser, "rule": rule, "action": "rewrite", "minScore": 0, "minCount": 1,
        "monitor": false, "replacement": replacement})
}

fn tag(analyser: &str, rule: &str, text: &str) -> Value {
    rewrite(analyser, rule, &json!({"kind": "tag", "text": text}))
}

fn block(analyser: &str, rule: &str) -> Value {
    json!({"policy": "policy/b/1", "analyser": analyser, "rule": rule, "action": "block", "minScore": 0, "minCount": 1,
        "monitor": false, "message": "stop"})
}

/// What leaves of one block pushed in pieces, released as early as it may; and the records.
fn enforce(plan: &Arc<Plan>, channel: Channel, pieces: &[&str]) -> (String, Vec<Record>) {
    let mut enforcer = Enforcer::new(Arc::clone(plan));
    let id = enforcer.block(0, 0, channel).unwrap();
    let (mut out, mut records, mut at) = (Vec::new(), Vec::new(), 0);
    for (i, piece) in pieces.iter().enumerate() {
        enforcer.push(id, piece);
        if i + 1 == pieces.len() {
            enforcer.end();
        }
        let decided = enforcer.decided(id);
        assert!(decided >= at, "what was decided stays so");
        enforcer.render(id, at, decided, &mut out);
        enforcer.release(id, decided);
        at = decided;
    }
    enforcer.take_records(&mut records);
    (String::from_utf8(out).unwrap(), records)
}

fn pieces(text: &str, size: usize) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    for (count, (at, _)) in text.char_indices().enumerate() {
        if count > 0 && count % size == 0 {
            found.push(&text[start..at]);
            start = at;
        }
    }
    found.push(&text[start..]);
    found
}

fn places(records: &[Record]) -> Vec<(u32, u32, u32)> {
    records
        .iter()
        .map(|r| (r.finding.rule, r.finding.start, r.finding.end))
        .collect()
}

#[test]
fn rules_are_named_in_their_order_with_the_loops_last() {
    let plan = compile(&json!([])).unwrap();
    let names: Vec<_> = plan.rules().iter().map(|rule| rule.rule.as_str()).collect();
    assert_eq!(
        names,
        [
            "mail",
            "pem",
            "word",
            "loop-exact",
            "loop-noisy",
            "loop-numbered",
            "loop-alternating"
        ]
    );
    assert!(plan.rules()[1].span && plan.rules()[3].late && plan.memory_bytes() > 0);
    assert!(!plan.enforces());
}

#[test]
fn faults_say_where_they_are_and_what_to_do() {
    let cases = [
        (
            json!({"analysers": [{"id": "a", "rules": [{"id": "r", "tag": "T", "pattern": "a(", "score": 1, "maxBytes": 9}]}], "actions": []}),
            "a",
            "r",
        ),
        (
            json!({"analysers": [{"id": "a", "rules": [{"id": "r", "tag": "T", "pattrn": "a"}]}], "actions": []}),
            "a",
            "r",
        ),
        (
            json!({"analysers": [{"id": "a", "literals": [{"id": "l", "tag": "T", "words": [5]}]}], "actions": []}),
            "a",
            "l",
        ),
        (
            json!({"analysers": [{"id": "a", "channels": ["nowhere"]}], "actions": []}),
            "a",
            "",
        ),
        (
            json!({"analysers": [{"id": "a", "speed": 1}], "actions": []}),
            "a",
            "",
        ),
        (
            json!({"analysers": [{"id": "a", "repetition": {"minRepeats": 0}}], "actions": []}),
            "a",
            "",
        ),
        (
            json!({"analysers": [{"id": "a", "literals": [{"id": "l", "tag": "T", "words": ["x"]}, {"id": "l", "tag": "T", "words": ["y"]}]}], "actions": []}),
            "a",
            "l",
        ),
        (
            json!({"analysers": [], "actions": [tag("a", "r", "x")]}),
            "a",
            "r",
        ),
        (
            json!({"analysers": [], "actions": [{"policy": "p"}]}),
            "p",
            "",
        ),
        (json!([]), "", ""),
    ];
    for (spec, analyser, rule) in cases {
        let fault = Plan::compile_json(&spec.to_string())
            .err()
            .unwrap_or_else(|| panic!("{spec}"));
        assert_eq!(
            (fault.analyser.as_str(), fault.rule.as_str()),
            (analyser, rule),
            "{fault}"
        );
        assert!(!fault.message.is_empty());
    }
    for replacement in [
        json!({"kind": "hash", "tag": "T", "key": "", "length": 8}),
        json!({"kind": "hash", "tag": "T", "key": "k", "length": 65}),
    ] {
        assert!(compile(&json!([rewrite("analyser/a/1", "mail", &replacement)])).is_err());
    }
    let mut bare = tag("analyser/a/1", "mail", "");
    bare.as_object_mut().unwrap().remove("replacement");
    assert!(compile(&json!([bare])).is_err());
}

#[test]
fn overlapping_edits_of_two_analysers_become_one() {
    let plan = compile(&json!([
        tag("analyser/a/1", "mail", "[M]"),
        tag("analyser/b/1", "word", "[W]")
    ]))
    .unwrap();
    let text = "to a@b.org and more, x org and more";
    for size in 1..12 {
        let (out, records) = enforce(&plan, Channel::Content, &pieces(text, size));
        assert_eq!(out, "to [M], x [W]", "in pieces of {size}");
        assert_eq!(places(&records), [(0, 3, 10), (2, 7, 19), (2, 23, 35)]);
    }
    // The second analyser does not read this channel.
    let (out, _) = enforce(&plan, Channel::Reasoning, &[text]);
    assert_eq!(out, "to [M] and more, x org and more");
}

#[test]
fn a_long_object_is_swallowed_as_it_comes() {
    let text = format!(
        "k: -----BEGIN KEY-----{}-----END KEY-----\nnext",
        (0..500)
            .map(|i| format!("{i}x"))
            .collect::<Vec<_>>()
            .concat()
    );
    let mask = rewrite(
        "analyser/a/1",
        "pem",
        &json!({"kind": "mask", "char": "*", "keepLast": 0}),
    );
    let plan = compile(&json!([mask])).unwrap();
    let mut first = None;
    for size in [1, 7, 100, 2000] {
        let (out, records) = enforce(&plan, Channel::Content, &pieces(&text, size));
        assert!(
            out.starts_with("k: [PEM]") && out.ends_with("next") && out.len() < 20,
            "{out}"
        );
        let objects: Vec<_> = places(&records)
            .into_iter()
            .filter(|place| place.0 == 1)
            .collect();
        assert_eq!(objects, [(1, 3, text.len() as u32 - 5)]);
        assert_eq!(first.get_or_insert(records.clone()), &records);
    }
    let mut enforcer = Enforcer::new(plan);
    let id = enforcer.block(0, 0, Channel::Content).unwrap();
    enforcer.push(id, &text[..800]);
    assert!(
        enforcer.decided(id) > 700,
        "the object's text is not held: {}",
        enforcer.decided(id)
    );
}

#[test]
fn a_block_on_a_long_object_cuts_at_its_start() {
    let plan = compile(&json!([block("analyser/a/1", "pem")])).unwrap();
    let text = "k: -----BEGIN KEY-----AAAA-----END KEY-----\nnext";
    for size in [1, 9, 100] {
        let (out, records) = enforce(&plan, Channel::Content, &pieces(text, size));
        assert_eq!(out, "k: ");
        assert_eq!(places(&records), [(1, 3, 3)]);
    }
}

#[test]
fn loops_act_where_they_are_seen() {
    let line = "the same words again and again, ";
    let text = format!("start. {}", line.repeat(30));
    let plan = compile(&json!([tag("analyser/c/1", "loop-exact", "x")])).unwrap();
    let (out, records) = enforce(&plan, Channel::Content, &pieces(&text, 5));
    assert_eq!(out, text);
    if let Some(record) = records.first() {
        assert_eq!(record.verdicts[0].outcome, Outcome::TooLate);
        assert_eq!(record.finding.from, record.finding.end);
        let plan = compile(&json!([block("analyser/c/1", "loop-exact")])).unwrap();
        for size in [1, 5, 10_000] {
            let (cut, _) = enforce(&plan, Channel::Content, &pieces(&text, size));
            assert_eq!(cut, &text[..record.finding.end as usize]);
        }
    }
}

#[test]
fn a_cut_decides_the_other_blocks_of_the_choice_only() {
    let plan = compile(&json!([block("analyser/a/1", "mail")])).unwrap();
    let mut enforcer = Enforcer::new(plan);
    let thought = enforcer.block(0, 1, Channel::Reasoning).unwrap();
    let other = enforcer.block(1, 0, Channel::Content).unwrap();
    let text = enforcer.block(0, 0, Channel::Content).unwrap();
    enforcer.push(thought, "x a@b.o");
    enforcer.push(other, "x a@b.o");
    assert!(enforcer.decided(thought) < 7);
    enforcer.push(text, "a@b.org ");
    assert!(enforcer.is_cut(0) && !enforcer.is_cut(1));
    assert_eq!(enforcer.decided(thought), 7);
    assert!(enforcer.decided(other) < 7);
    assert!(
        !enforcer.push(text, "more"),
        "text of an ended choice is not taken"
    );
    assert_eq!(enforcer.cut(text).map(|cut| cut.at), Some(0));
}

#[test]
fn an_answer_has_a_limit_of_blocks() {
    let mut enforcer = Enforcer::new(compile(&json!([])).unwrap());
    for block in 0..1024 {
        assert!(enforcer.block(0, block, Channel::ToolInput).is_ok());
    }
    assert!(enforcer.block(0, 1024, Channel::ToolInput).is_err());
    assert!(enforcer.block(0, 5, Channel::ToolInput).is_ok());
}

#[test]
fn the_detector_reports_complete_findings_and_holds_open_ones() {
    let plan = compile(&json!([])).unwrap();
    let mut detector = Detector::new(plan);
    let mut findings = Vec::new();
    assert_eq!(
        detector.push(
            0,
            0,
            Channel::Content,
            b"k: -----BEGIN KEY-----AAAAAAAAAAAAAA"
        ),
        3
    );
    assert_eq!(detector.push(1, 0, Channel::Content, b"a@b.com "), 8);
    detector.push(0, 0, Channel::Content, b"-----END KEY-----\na@b.org ");
    detector.end(0, 0);
    detector.take_findings(&mut findings);
    let short = |f: &Finding| (f.choice, f.rule, f.start);
    let found: Vec<_> = findings.iter().map(short).collect();
    assert_eq!(found[..2], [(1, 0, 0), (0, 1, 3)]);
    assert_eq!(found.len(), 3);
    assert_eq!(detector.end(7, 7), 0);
}

proptest! {
    #[test]
    fn pieces_change_neither_text_nor_records(
        words in prop::collection::vec(prop::sample::select(vec!["a@b.org", " ", "org and more", "x", "-----BEGIN K-----", "-----END",
            "\n", "é", ".org", "@", "\"", "\\u0040b.org", "more"]), 0..30),
        sizes in prop::collection::vec(1..9usize, 1..4),
        tool in any::<bool>(),
        blocked in any::<bool>(),
    ) {
        let text = words.concat();
        let name = rewrite("analyser/a/1", "mail", &json!({"kind": "pseudonym", "tag": "M"}));
        let mut actions = vec![name, tag("analyser/b/1", "word", "[W]"), tag("analyser/a/1", "pem", "[P]")];
        if blocked {
            actions[2] = block("analyser/a/1", "pem");
        }
        let plan = compile(&json!(actions)).unwrap();
        let channel = if tool { Channel::ToolInput } else { Channel::Content };
        let whole = enforce(&plan, channel, &[&text]);
        for size in sizes {
            prop_assert_eq!(&enforce(&plan, channel, &pieces(&text, size)), &whole);
        }
        let mut one = Detector::new(Arc::clone(&plan));
        let mut many = Detector::new(plan);
        one.push(0, 0, channel, text.as_bytes());
        for byte in text.as_bytes() {
            many.push(0, 0, channel, &[*byte]);
        }
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for (detector, out) in [(&mut one, &mut a), (&mut many, &mut b)] {
            detector.end(0, 0);
            detector.take_findings(out);
        }
        prop_assert_eq!(a, b);
    }
}

/// Rules of an analyser of dynamics that were seen in pieces which came at these times, with their places; on both paths the same.
fn dynamics(pieces: &[(u64, &str)]) -> Vec<(String, u32, u32)> {
    let spec = json!({"analysers": [{"id": "analyser/d/1", "dynamics": {}}], "actions": []});
    let plan = Plan::compile_json(&spec.to_string()).unwrap();
    let mut detector = Detector::new(Arc::clone(&plan));
    for (now_ms, piece) in pieces {
        detector.set_time(now_ms * 1_000_000);
        detector.push(0, 0, Channel::Content, piece.as_bytes());
    }
    detector.end(0, 0);
    let mut found = Vec::new();
    detector.take_findings(&mut found);
    let mut enforcer = Enforcer::new(Arc::clone(&plan));
    let block = enforcer.block(0, 0, Channel::Content).unwrap();
    for (now_ms, piece) in pieces {
        enforcer.set_time(now_ms * 1_000_000);
        enforcer.arrive();
        // One read may bring several deltas: they came at once.
        let (first, rest) = piece.split_at(piece.len().min(1));
        enforcer.push(block, first);
        enforcer.push(block, rest);
    }
    enforcer.end();
    let mut records = Vec::new();
    enforcer.take_records(&mut records);
    let recorded: Vec<Finding> = records.iter().map(|record| record.finding).collect();
    assert_eq!(recorded, found);
    let rule = |f: &Finding| plan.rules()[f.rule as usize].rule.clone();
    found.iter().map(|f| (rule(f), f.start, f.end)).collect()
}

#[test]
fn text_that_repeats_in_pieces_is_seen_at_the_end_of_a_sentence() {
    let sentences = [
        "The operator opened the valve and waited for the pressure to fall. ",
        "Nobody in the control room noticed that the second pump had stopped. ",
        "A message on the screen said that the level was within its limits. ",
    ];
    let text: String = (0..60_usize)
        .map(|i| sentences[(i * i + i / 7) % 3])
        .collect();
    let found = dynamics(&[(0, &text)]);
    let (rule, start, end) = &found[0];
    assert_eq!(rule, "low-novelty");
    assert!(
        start < end && text[..*end as usize].ends_with(". "),
        "{found:?}"
    );
}

#[test]
fn a_long_silence_is_a_finding_where_the_text_goes_on_and_never_at_its_end() {
    let mut pieces: Vec<(u64, &str)> = (0..20).map(|i| (i * 30, "word ")).collect();
    assert_eq!(dynamics(&pieces), []);
    pieces.push((30_000, ""));
    assert_eq!(dynamics(&pieces), []);
    pieces.push((40_000, "again."));
    assert_eq!(dynamics(&pieces), [("stall".to_owned(), 100, 100)]);
}

#[test]
fn settings_of_the_dynamics_are_checked() {
    for settings in [
        json!({"driftDistance": 0.7}),
        json!({"stallMs": 1}),
        json!({"speed": 1}),
    ] {
        let spec = json!({"analysers": [{"id": "a", "dynamics": settings}], "actions": []});
        let error = Plan::compile_json(&spec.to_string())
            .map(|_| ())
            .unwrap_err();
        assert_eq!(error.analyser, "a");
    }
}
