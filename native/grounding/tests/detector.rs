//! What the detector reports, by rule, and that cuts of the text change nothing.

use midstream_grounding::compile;
use midstream_text_detector::{Context, Found, Message, Origin};
use proptest::prelude::*;
use serde_json::{Value, json};

const TOWER: &str = "The Eiffel Tower was built by Gustave Eiffel in 1889 and opened on 31 March 1889. It is 330 metres tall and \
                     cost 7.8 million francs. \"The tower is also present and I shall show it,\" wrote Eiffel. Some 20 % of visitors \
                     are not from France. More at https://www.toureiffel.paris/en.";

fn context(documents: &[&str], question: &str) -> Context {
    let document = |text: &&str| Message {
        origin: Origin::Document,
        text: (*text).to_owned(),
    };
    let mut messages: Vec<Message> = documents.iter().map(document).collect();
    messages.push(Message {
        origin: Origin::User,
        text: question.to_owned(),
    });
    Context {
        messages,
        wants_json: false,
    }
}

/// Reads pieces under settings; tokens are told after the piece that ends them.
fn read(
    settings: Value,
    context: &Context,
    pieces: &[&str],
    tokens: &[(u64, u64, f32)],
) -> Vec<Found> {
    let detector = compile(settings).expect("settings are valid");
    let mut reader = detector.begin(context).open(Origin::Content);
    let (mut found, mut taken, mut told) = (Vec::new(), 0, 0);
    for piece in pieces {
        reader.push(piece, &mut found);
        taken += piece.len() as u64;
        while told < tokens.len() && tokens[told].1 <= taken {
            reader.token(tokens[told].0, tokens[told].1, -1.0, tokens[told].2);
            told += 1;
        }
        assert!(
            reader.memory_bytes() <= 8 << 10,
            "{} bytes",
            reader.memory_bytes()
        );
    }
    reader.finish(&mut found);
    assert_eq!(reader.hold_from(), u64::MAX);
    found
}

/// Rules and the text they are about, the sentence as a whole left out.
fn spans(answer: &str, context: &Context) -> Vec<(&'static str, String)> {
    let detector = compile(json!({})).expect("settings are valid");
    let found = read(json!({}), context, &[answer], &[]);
    let span = |found: &Found| {
        (
            detector.rules()[found.rule as usize].id,
            answer[found.start as usize..found.end as usize].to_owned(),
        )
    };
    found
        .iter()
        .map(span)
        .filter(|(rule, _)| *rule != "ungrounded-sentence")
        .collect()
}

fn sentence(answer: &str, context: &Context) -> Option<Found> {
    read(json!({}), context, &[answer], &[])
        .into_iter()
        .find(|found| found.rule == 7)
}

#[test]
fn each_rule_names_the_span_that_the_context_does_not_support() {
    let given = context(
        &[TOWER, "Paris is the capital of France."],
        "Tell me about it",
    );
    for (answer, rule, span) in [
        ("It is 324 metres tall.", "unsupported-number", "324 metres"),
        ("It is 330 feet tall.", "unsupported-number", "330 feet"),
        (
            "It cost 7.8 billion francs.",
            "unsupported-number",
            "7.8 billion",
        ),
        ("It was built in 1887.", "unsupported-date", "1887"),
        (
            "It opened on March 30, 1889.",
            "unsupported-date",
            "March 30, 1889",
        ),
        (
            "It was built by Auguste Perret in 1889.",
            "unsupported-entity",
            "Auguste Perret",
        ),
        (
            "Eiffel wrote: \"the tower is my best work\".",
            "unsupported-quote",
            "\"the tower is my best work\"",
        ),
        (
            "See https://www.eiffel.example.org/en for more.",
            "unsupported-link",
            "https://www.eiffel.example.org/en",
        ),
        ("The tower is 330 metres tall [3].", "citation", "3"),
        (
            "The Eiffel Tower was not built by Gustave Eiffel.",
            "negation",
            "Tower was not built",
        ),
    ] {
        assert_eq!(spans(answer, &given), [(rule, span.to_owned())], "{answer}");
        assert!(sentence(answer, &given).is_some(), "{answer}");
    }
}

#[test]
fn other_ways_to_write_what_the_context_says_are_supported() {
    let given = context(
        &[TOWER, "Paris is the capital of France."],
        "Was it made for the 1889 fair, by Ada Lovelace?",
    );
    for answer in [
        "The Eiffel Tower is 330 m tall [1].",
        "It cost 7,800,000 francs.",
        "It opened on March 31, 1889.",
        "It was opened on 1889-03-31.",
        "It is about 340 metres tall.",
        "Twenty percent of the visitors are not from France.",
        "G. Eiffel built it in the 1880s.",
        "French visitors like it.",
        "Eiffel wrote “the tower is also present” [2].",
        "See toureiffel.paris/en.",
        "Ada Lovelace is not mentioned.",
    ] {
        assert_eq!(spans(answer, &given), [], "{answer}");
    }
}

#[test]
fn a_faithful_sentence_is_not_reported_and_an_invented_one_is() {
    let given = context(&[TOWER], "How tall is it?");
    assert_eq!(sentence("The tower is 330 metres tall.", &given), None);
    let found = sentence(
        "Its iron was mined by giants who lived under the sea.",
        &given,
    )
    .expect("nothing of it is known");
    assert!(found.score > 0.8, "{}", found.score);
    assert_eq!((found.from, found.end), (53, 53));
    assert_eq!(found.data["regime"], "grounded");
    assert_eq!(found.data["features"]["novelWords"], 1.0);
}

#[test]
fn without_evidence_the_regime_says_so_and_nothing_is_unsupported() {
    let given = context(&[], "How tall is it?");
    let answer = "The Eiffel Tower is 330 metres tall. It was built in 1889.";
    assert_eq!(spans(answer, &given), []);
    let found = read(json!({"minScore": 0}), &given, &[answer], &[]);
    assert_eq!(found.len(), 2);
    assert!(
        found
            .iter()
            .all(|found| found.data["regime"] == "ungrounded" && found.score < 0.5)
    );
}

#[test]
fn an_answer_that_changes_a_number_contradicts_itself() {
    let given = context(&[], "How tall is it?");
    let answer =
        "The Eiffel Tower is 330 metres tall. Many like it. The Eiffel Tower is 324 metres tall.";
    assert_eq!(
        spans(answer, &given),
        [("contradiction", "324 metres".to_owned())]
    );
    for fine in [
        "The tower is 330 metres tall. The mast is 24 metres tall.",
        "The tower is 330 metres tall. The tower is 330 m tall.",
        "The tower is 330 metres tall. The tower is 90 years old.",
    ] {
        assert_eq!(spans(fine, &given), [], "{fine}");
    }
}

#[test]
fn references_that_cannot_exist_are_found_without_any_context() {
    let given = context(&[], "Sources?");
    for (answer, span) in [
        ("See ISBN 978-0-306-40615-8.", "978-0-306-40615-8"),
        ("It happened on February 30, 2021.", "February 30, 2021"),
        (
            "Read https://journal.invalid/paper for more.",
            "https://journal.invalid/paper",
        ),
        ("See doi:10.12/abc.", "10.12/abc"),
    ] {
        assert_eq!(
            spans(answer, &given),
            [("impossible-reference", span.to_owned())],
            "{answer}"
        );
    }
    assert_eq!(
        spans("See ISBN 978-0-306-40615-7 and February 29, 2024.", &given),
        []
    );
}

#[test]
fn doubt_counts_where_a_claim_begins_and_nowhere_else() {
    let given = context(&[], "When?");
    let answer = "It was built in 1889 by them.";
    let year = (15, 20, 2.5);
    for tokens in [vec![(3, 6, 3.0), year], vec![year]] {
        let found = read(json!({}), &given, &[answer], &tokens);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].rule, found[0].start, found[0].end), (10, 16, 20));
        assert_eq!(found[0].data["what"], "date");
    }
    assert_eq!(
        read(json!({}), &given, &[answer], &[(15, 20, 0.4), (3, 6, 9.0)]),
        []
    );
    assert_eq!(read(json!({}), &given, &[answer], &[(15, 20, -1.0)]), []);
}

#[test]
fn code_and_texts_that_are_no_answers_are_left_alone() {
    let given = context(&[TOWER], "Code?");
    assert_eq!(
        read(
            json!({}),
            &given,
            &["```js\nconst Height = 99999;\n```\n"],
            &[]
        ),
        []
    );
    let detector = compile(json!({})).expect("settings are valid");
    let mut found = Vec::new();
    for origin in [Origin::Reasoning, Origin::Refusal, Origin::ToolInput] {
        let mut reader = detector.begin(&given).open(origin);
        reader.push("It is 999 metres tall.", &mut found);
        reader.finish(&mut found);
    }
    assert_eq!(found, []);
}

#[test]
fn context_over_the_limit_is_said() {
    let given = context(&[TOWER], "How tall is it?");
    let settings = json!({"minScore": 0, "maxContextBytes": 100});
    let found = read(settings, &given, &["It is tall."], &[]);
    assert_eq!(
        found[0].data["contextBytesSkipped"],
        TOWER.len() + "How tall is it?".len() - 100
    );
}

#[test]
fn a_long_message_of_the_user_is_evidence_and_a_short_one_is_not() {
    let given = context(
        &[],
        &format!("{TOWER} {TOWER} {TOWER} {TOWER} How tall is it?"),
    );
    let found = read(json!({}), &given, &["It is 324 metres tall."], &[]);
    assert_eq!(found[0].data["regime"], "grounded");
    let found = read(
        json!({"userEvidenceBytes": 0, "minScore": 0}),
        &given,
        &["It is 324 metres tall."],
        &[],
    );
    assert_eq!(found[0].data["regime"], "ungrounded");
}

#[test]
fn settings_that_cannot_work_are_refused_by_name() {
    for (settings, field) in [
        (json!({"minScore": 2}), "minScore"),
        (json!({"onsetEntropy": -1}), "onsetEntropy"),
        (json!({"evidence": ["content"]}), "evidence"),
        (json!({"maxContextBytes": 1 << 30}), "maxContextBytes"),
    ] {
        assert_eq!(compile(settings).expect_err("refused").field, field);
    }
    assert!(
        compile(json!({"minScor": 1}))
            .expect_err("refused")
            .message
            .contains("minScor")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_cut_of_any_text_gives_the_same_findings(
        words in prop::collection::vec(prop::sample::select(vec![
            "The tower", "Eiffel", "is", "not", "330", "metres", "tall.", "1,234", "\"also present", "here\".", "[7]", "[1]",
            "https://a.org/x?", "May 5,", "1990", "Жук", "twenty-five", "%", "$", "ISBN 1234567890", "February 30", "\n\n", "Then J. Doe",
            "’s", "…", "3.", "e.g.", "```", "n't",
        ]), 0..60),
        cuts in prop::collection::vec(1..9_usize, 1..40),
        is_grounded in any::<bool>(),
    ) {
        let text = words.join(" ");
        let documents: &[&str] = if is_grounded { &[TOWER] } else { &[] };
        let given = context(documents, "How tall is Eiffel?");
        let settings = json!({"minScore": 0});
        let tokens: Vec<(u64, u64, f32)> = (0..text.len() as u64 / 3).map(|at| (at * 3, at * 3 + 3, (at % 5) as f32)).collect();
        let whole = read(settings.clone(), &given, &[&text], &tokens);
        let mut pieces = Vec::new();
        let (mut at, mut turn) = (0, 0);
        while at < text.len() {
            let mut end = (at + cuts[turn % cuts.len()]).min(text.len());
            while !text.is_char_boundary(end) {
                end += 1;
            }
            pieces.push(&text[at..end]);
            (at, turn) = (end, turn + 1);
        }
        let sorted = |mut found: Vec<Found>| {
            found.sort_by_key(|found| (found.start, found.end, found.rule));
            found
        };
        prop_assert_eq!(sorted(read(settings, &given, &pieces, &tokens)), sorted(whole));
    }

    #[test]
    fn no_text_and_no_context_break_it(text in any::<String>(), document in any::<String>()) {
        let given = context(&[&document], &text);
        let found = read(json!({"minScore": 0}), &given, &[&text], &[]);
        for found in found {
            prop_assert!(found.start <= found.end && found.end <= text.len() as u64 && (0.0..=1.0).contains(&found.score));
            prop_assert!(text.is_char_boundary(found.start as usize) && text.is_char_boundary(found.end as usize));
        }
    }
}
