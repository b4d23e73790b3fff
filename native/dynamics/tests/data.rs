//! False alarms on real answers, and the situations of data/loops. Needs the external data sets (`MIDSTREAM_DATA`).

mod common;

use common::{append, data, found};
use midstream_dynamics::{Kind, Settings};
use serde_json::Value;

fn rows(path: &str) -> Vec<Value> {
    let text = data(path).unwrap_or_default();
    let row = |line| serde_json::from_str(line).expect("a JSON line");
    text.lines().map(row).collect()
}

fn kinds(text: &str) -> Vec<Kind> {
    let found = found(&Settings::default(), text.as_bytes());
    found.iter().map(|found| found.kind).collect()
}

/// Answers with an alarm of each rule.
fn alarms(answers: &[String]) -> [usize; 3] {
    let mut alarms = [0; 3];
    for answer in answers {
        let kinds = kinds(answer);
        for (count, kind) in alarms.iter_mut().zip(Kind::ALL) {
            *count += usize::from(kinds.contains(&kind));
        }
    }
    alarms
}

fn answers(path: &str, field: &str) -> Vec<String> {
    let text = |row: &Value| row[field].as_str().unwrap_or_default().to_owned();
    rows(path).iter().map(text).collect()
}

#[test]
fn at_most_one_in_a_thousand_real_answers_is_reported_by_any_rule() {
    for (path, field) in [
        ("grounding/halueval_general.jsonl", "response"),
        ("grounding/begin_test_wow.jsonl", "response"),
        ("grounding/begin_dev_wow.jsonl", "response"),
        ("grounding/begin_dev_cmu.jsonl", "response"),
        ("refusal/xstest_completions.jsonl", "reply"),
    ] {
        let answers = answers(path, field);
        let alarms = alarms(&answers);
        println!("{path}: {} answers, alarms {alarms:?}", answers.len());
        for count in alarms {
            assert!(count * 1_000 <= answers.len(), "{path}: {alarms:?}");
        }
    }
}

#[test]
fn long_texts_made_of_answers_are_seldom_reported() {
    let answers = answers("grounding/halueval_general.jsonl", "response");
    // Ten thousand characters with a change of subject every five hundred: harder than any real answer.
    let joined: Vec<String> = answers.chunks(20).map(|some| some.join("\n\n")).collect();
    let alarms = alarms(&joined);
    println!("{} texts of 20 answers, alarms {alarms:?}", joined.len());
    assert!(
        alarms.iter().all(|count| count * 50 <= joined.len()),
        "{alarms:?}"
    );
}

#[test]
fn texts_of_the_loop_set_that_are_no_loops_are_not_periodic() {
    for row in rows("loops/scenarios.jsonl") {
        let mut text = String::new();
        append(&mut text, row["steps"].as_array().expect("steps"));
        let kinds = kinds(&text);
        if !kinds.is_empty() {
            println!("{} (loop: {}): {kinds:?}", row["name"], row["expect"]);
        }
        assert!(
            row["expect"] == true || !kinds.contains(&Kind::Periodic),
            "{}",
            row["name"]
        );
    }
}
