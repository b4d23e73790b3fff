//! Findings over sentences: any cutting gives the same; debounce, thresholds, disguises, bounds.

use midstream_text_detector::{Context, Found, Origin};
use midstream_toxicity::{Category, compile};
use proptest::prelude::*;
use serde_json::{Value, json};

fn found<'a>(settings: Value, pieces: impl Iterator<Item = &'a str>) -> Vec<Found> {
    let detector = compile(settings).expect("settings are fine");
    let mut reader = detector.begin(&Context::default()).open(Origin::Content);
    let mut found = Vec::new();
    for piece in pieces {
        reader.push(piece, &mut found);
    }
    reader.finish(&mut found);
    assert!(reader.memory_bytes() < 64 * 1024);
    found
}

fn rules(settings: Value, text: &str) -> Vec<&'static str> {
    found(settings, std::iter::once(text))
        .iter()
        .map(|found| Category::ALL[found.rule as usize].id())
        .collect()
}

const RUDE: &str = "You are a stupid worthless idiot, you pathetic moron.";
const THREAT: &str = "I will kill you tomorrow.";

#[test]
fn two_sentences_in_a_row_are_needed_and_one_is_enough_where_the_settings_say_so() {
    let strict = json!({"atOnce": 2, "thresholds": {"insult": 0.5}});
    assert!(rules(strict.clone(), RUDE).is_empty());
    assert!(
        rules(
            strict.clone(),
            &format!("{RUDE} The sky is blue today. {RUDE}")
        )
        .is_empty()
    );
    assert_eq!(
        rules(strict.clone(), &format!("{RUDE} {RUDE} {RUDE}")),
        ["insult"]
    );
    assert_eq!(
        rules(json!({"debounce": 1, "thresholds": {"insult": 0.5}}), RUDE),
        ["insult"]
    );
}

#[test]
fn categories_are_told_apart_and_disguise_does_not_help() {
    let once = || json!({"debounce": 1});
    for (text, rule) in [
        (THREAT, "threat"),
        ("I w1ll k\u{200b}ill y0u tomorrow.", "threat"),
        ("Sometimes I want to die.", "self-harm"),
        ("His severed head lay in a pool of blood.", "violence"),
    ] {
        assert!(rules(once(), text).contains(&rule), "{text}");
    }
}

#[test]
fn plain_text_and_code_are_no_findings() {
    let text = "Here is how to kill a process on Linux. Use `kill -9`. It will stop at once.\n```\nfuck = 1\n```\nThe master branch is protected. \
        Shoot me an e-mail. The execution was halted. Beat the eggs with sugar. This drug kills bacteria.";
    assert!(rules(json!({"debounce": 1}), text).is_empty());
}

#[test]
fn settings_out_of_bounds_are_named() {
    for (settings, field) in [
        (json!({"debounce": 0}), "debounce"),
        (json!({"thresholds": {"hate": 1.5}}), "thresholds"),
        (json!({"decay": -1}), "decay"),
        (json!({"unknown": 1}), "settings"),
    ] {
        assert_eq!(compile(settings).expect_err("out of bounds").field, field);
    }
}

#[test]
fn a_finding_tells_features_and_never_the_text() {
    let found = found(json!({"debounce": 1}), std::iter::once(THREAT));
    let data = serde_json::to_string(&found[0].data).expect("JSON");
    assert!(
        data.contains("\"categories\"") && !data.contains("kill"),
        "{data}"
    );
    assert_eq!(
        (found[0].start, found[0].end, found[0].from),
        (0, THREAT.len() as u64, THREAT.len() as u64)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_cutting_gives_the_same_findings(
        parts in prop::collection::vec(prop::sample::select(vec![RUDE, THREAT, " ", "Fine. ", "\n\n", "I want to die. ", "é", "```\n", "damn "]), 0..12),
        size in 1_usize..9,
    ) {
        let text = parts.concat();
        let settings = json!({"thresholds": {"insult": 0.5}});
        let whole = found(settings.clone(), std::iter::once(text.as_str()));
        let mut pieces = Vec::new();
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (piece, later) = rest.split_at(rest.ceil_char_boundary(size.min(rest.len())));
            pieces.push(piece);
            rest = later;
        }
        prop_assert_eq!(whole, found(settings, pieces.into_iter()));
    }
}
