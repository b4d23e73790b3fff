//! Findings of whole answers, any cutting, bounds.

use midstream_text_detector::{Context, Found, Message, Origin};
use proptest::prelude::*;
use serde_json::{Value, json};

fn run<'a>(
    settings: Value,
    question: &str,
    pieces: impl Iterator<Item = &'a str>,
) -> Vec<(String, Found)> {
    let detector = midstream_quality::compile(settings).expect("settings are fine");
    let context = Context {
        messages: vec![Message {
            origin: Origin::User,
            text: question.to_owned(),
        }],
        wants_json: false,
    };
    let mut reader = detector.begin(&context).open(Origin::Content);
    let mut found = Vec::new();
    for piece in pieces {
        reader.push(piece, &mut found);
    }
    reader.finish(&mut found);
    assert!(reader.memory_bytes() < 16 * 1024);
    found
        .into_iter()
        .map(|one| (detector.rules()[one.rule as usize].id.to_owned(), one))
        .collect()
}

fn rules(question: &str, text: &str) -> Vec<String> {
    let found = run(json!({"threshold": 0}), question, std::iter::once(text));
    found.into_iter().map(|(rule, _)| rule).collect()
}

const GOOD: &str = "Tea is made of the leaves of a shrub. It grows in hills, where rain is plenty. People drink it hot.";

#[test]
fn a_good_answer_has_no_finding() {
    for (question, text) in [
        ("What is tea made of, and where does it grow?", GOOD),
        ("Give me 3 bullet points", "- one\n- two\n- three"),
        ("Return it as JSON", "{\"a\": 1}"),
        ("Show me code", "Here it is:\n```py\nprint(1)\n```"),
        ("Answer in one word", "Tea"),
        ("What?", "| a | b |\n|---|---|\n| 1 | two |"),
        ("How?", "Bad :( very"),
        ("How?", "- Tea (from India)\n- \"Coffee\""),
        ("How?", "He is 5'11\" tall"),
        // Closed in a sentence of its own.
        ("How?", "Drink tea (hot. Or cold)"),
        (
            "Summarise in two sentences",
            "Tea is a plant. People drink it.",
        ),
    ] {
        assert_eq!(rules(question, text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn each_fault_has_its_rule() {
    let french = "Le thé est une boisson qui vient des feuilles, et les gens dans les pays du nord le boivent avec du lait pour le goût.";
    let again = "the same words again and again ".repeat(20);
    for (question, text, rule) in [
        (
            "What is tea?",
            "I'm sorry, but I can't assist with that.",
            "refusal",
        ),
        (
            "In at most 5 words",
            "Tea is a drink of hot leaves.",
            "promise-length",
        ),
        ("Write at least 50 words", "Tea is good.", "promise-length"),
        (
            "Give me 2 bullet points",
            "- one\n- two\n- three",
            "promise-length",
        ),
        (
            "Answer in one sentence.",
            "Tea is a plant. People drink it.",
            "promise-length",
        ),
        (
            "Return it as JSON",
            "Here is the JSON that you wanted.",
            "promise-format",
        ),
        ("Use no markdown", "# Title\nText.", "promise-format"),
        (
            "What is the use of it for you and me, and which is the best?",
            french,
            "language",
        ),
        ("Code", "Here:\n```py\nprint(", "unfinished"),
        ("What?", "Tea is made of leaves, hills,", "unfinished"),
        ("What?", "| a | b |\n|---|---|\n| 1 | tw", "unfinished"),
        ("What?", "- Tea (from India", "unfinished"),
        ("What?", "He said “drink tea", "unfinished"),
        ("What?", &again, "repetitive"),
    ] {
        assert!(
            rules(question, text).contains(&rule.to_owned()),
            "{rule}: {:?}",
            rules(question, text)
        );
    }
}

#[test]
fn the_score_is_told_with_its_parts() {
    let found = run(
        json!({"report": "always"}),
        "What is tea?",
        std::iter::once(GOOD),
    );
    let (rule, one) = &found[0];
    assert_eq!((rule.as_str(), one.score), ("quality", 1.0));
    assert_eq!(one.data["parts"]["finished"], json!(1.0));
    let low = run(
        json!({}),
        "In at most 3 words",
        std::iter::once("Tea is a drink made of leaves and"),
    );
    assert_eq!(low.last().expect("a score").0, "low-quality");
}

#[test]
fn a_broken_bound_is_found_with_the_word_that_breaks_it() {
    let found = run(
        json!({}),
        "In at most 3 words",
        std::iter::once("One two three four five. Six."),
    );
    assert_eq!(
        (found[0].0.as_str(), found[0].1.end),
        ("promise-length", 18)
    );
}

#[test]
fn settings_out_of_bounds_are_named() {
    for (settings, field) in [
        (json!({"threshold": 2}), "threshold"),
        (json!({"repeatedShare": 0}), "repeatedShare"),
        (json!({"x": 1}), "settings"),
    ] {
        assert_eq!(
            midstream_quality::compile(settings)
                .expect_err("out of bounds")
                .field,
            field
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_cutting_gives_the_same_findings(
        parts in prop::collection::vec(prop::sample::select(vec![
            "Tea is good. ", "I cannot help with that. ", "- item\n", "```\n", "и это не то, что ", "the same words again ", "# T\n", "{", "é", ", ", "\n\n",
        ]), 0..40),
        question in prop::sample::select(vec!["In at most 9 words", "As JSON", "Give me 2 bullet points", "Answer in French"]),
        size in 1_usize..9,
    ) {
        let text = parts.concat();
        let settings = json!({"report": "always"});
        let whole = run(settings.clone(), question, std::iter::once(text.as_str()));
        let mut pieces = Vec::new();
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (piece, later) = rest.split_at(rest.ceil_char_boundary(size.min(rest.len())));
            pieces.push(piece);
            rest = later;
        }
        prop_assert_eq!(whole, run(settings, question, pieces.into_iter()));
    }
}
