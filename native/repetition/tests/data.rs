//! False alarms on real answers, and the situations of data/loops. Needs the external data sets (`MIDSTREAM_DATA`).

mod common;

use common::{data, loops, scenario_text};
use midstream_repetition::Settings;
use serde_json::Value;

fn rows(path: &str) -> Option<Vec<Value>> {
    let text = data(path)?;
    Some(
        text.lines()
            .map(|line| serde_json::from_str(line).expect("a JSON line"))
            .collect(),
    )
}

#[test]
fn at_most_one_in_a_thousand_real_answers_is_called_a_loop() {
    let Some(rows) = rows("grounding/halueval_general.jsonl") else {
        return;
    };
    let mut alarms = Vec::new();
    for row in &rows {
        let found = loops(
            Settings::default(),
            row["response"].as_str().unwrap_or_default(),
        );
        if !found.is_empty() {
            println!("{} {found:?}", row["id"]);
            alarms.push(row["id"].clone());
        }
    }
    println!("{} of {} answers", alarms.len(), rows.len());
    assert!(alarms.len() * 1000 <= rows.len(), "{alarms:?}");
}

#[test]
fn the_situations_of_the_loop_set_are_judged_as_it_says() {
    let Some(rows) = rows("loops/scenarios.jsonl") else {
        return;
    };
    // The set speaks of ten equal passages: nine that follow the first.
    let settings = Settings {
        min_repeats: 9,
        ..Settings::default()
    };
    let mut wrong = Vec::new();
    for row in &rows {
        let Some(text) = scenario_text(row) else {
            continue;
        };
        let found = loops(settings, &text);
        if Some(!found.is_empty()) != row["expect"].as_bool() {
            wrong.push(format!("{} {found:?}", row["name"]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
