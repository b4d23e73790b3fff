//! What repeats by nature is no loop until it repeats much more.
#![allow(clippy::format_collect, reason = "short test texts")]

mod common;

use common::loops;
use midstream_repetition::{Kind, Settings};

fn kinds(text: &str) -> Vec<Kind> {
    loops(Settings::default(), text)
        .iter()
        .map(|found| found.kind)
        .collect()
}

#[test]
fn ordinary_structures_are_no_loops() {
    let quiet = [
        ("divider", "-".repeat(750)),
        ("table rule", "|---".repeat(60)),
        ("dotted leader", format!("Chapter one {} 12\n", ".".repeat(120)).repeat(3)),
        ("indentation", format!("{}x\n", " ".repeat(300))),
        ("box border", "╭─".repeat(375)),
        ("empty table cells", "|   |   |   |\n".repeat(12)),
        ("table rows", "| Monday | open | open |\n".repeat(10)),
        ("JSON records", "{\"state\": \"open\", \"level\": 3},\n".repeat(12)),
        ("CSV rows", "north,open,yes,none\n".repeat(12)),
        ("YAML entries", "state: open\n".repeat(12)),
        ("base64 of zeros", "A".repeat(300)),
        ("code in a fence", format!("```\n{}", "total = total + k;\n".repeat(15))),
        ("markup", "<td class=\"cell\"></td>\n".repeat(12)),
        ("counting", (1..200).map(|i| format!("{i}, ")).collect()),
        ("figures", (1..12).map(|i| format!("Figure {i}, ")).collect()),
        ("arithmetic", (1..11).map(|i| format!("7 x {i} = {}\n", 7 * i)).collect()),
        ("list with numbers", (1..16).map(|i| format!("- Task {i} of the plan is done\n")).collect()),
        ("numbered list", (1..16).map(|i| format!("{i}. The item number {i}\n")).collect()),
        ("a chorus", "Row, row, row your boat,\nGently down the stream.\nMerrily, merrily, merrily,\nLife is but a dream.\n\n".repeat(3)),
        ("laughter", "ha ".repeat(14)),
    ];
    for (name, text) in quiet {
        assert_eq!(kinds(&text), [], "{name}");
    }
}

#[test]
fn even_structures_are_loops_in_the_end() {
    let endless = [
        ("dashes", "-".repeat(5_000)),
        ("line feeds", "\n".repeat(5_000)),
        ("spaces", " ".repeat(5_000)),
        ("table rows", "| Monday | open | open |\n".repeat(200)),
        ("closing tags", "</div>\n".repeat(200)),
        (
            "code in a fence",
            format!("```\n{}", "total = total + k;\n".repeat(100)),
        ),
        ("one letter", "a".repeat(500)),
        ("pictographs", "😀".repeat(500)),
        ("digits", "0.".to_owned() + &"3".repeat(3_000)),
    ];
    for (name, text) in endless {
        assert_eq!(kinds(&text).len(), 1, "{name}: {:?}", kinds(&text));
    }
}

#[test]
fn prose_of_every_script_loops_alike() {
    for sentence in [
        "The the ",
        "I am sorry, but I cannot do that. ",
        "Насос сообщает о состоянии и ждёт ответа. ",
        "ポンプは状態を報告し、返事を待っています。",
        "المضخة تنتظر الرد. ",
        "1. First I look.\nThen I write it down.\n",
    ] {
        let found = loops(Settings::default(), &sentence.repeat(20));
        assert_eq!(found.len(), 1, "{sentence}: {found:?}");
        let period = sentence.chars().count();
        assert_eq!(found[0].start, 0, "{sentence}");
        assert_eq!(found[0].period as usize % period, 0, "{sentence}");
        let chars = sentence.repeat(20)[..found[0].end as usize].chars().count();
        assert!(chars <= 48 + 4 * period, "{sentence}: {chars}");
    }
}

#[test]
fn a_sentence_that_returns_ten_times_between_other_words_is_a_loop() {
    let mut random = common::Random(5);
    let mut text = String::new();
    for _ in 0..12 {
        text.push_str("I have to check the state of the pump before I can go on with the task. ");
        let len = 20 + random.below(90);
        (0..len).for_each(|at| text.push(if at % 7 == 6 { ' ' } else { random.alnum() }));
        text.push(' ');
    }
    assert_eq!(kinds(&text), [Kind::Noisy]);
}

#[test]
fn settings_out_of_bounds_are_named() {
    let json = r#"{"minRepeats": 1}"#;
    let settings: Settings = serde_json::from_str(json).expect("known fields");
    let error = settings.validate().expect_err("out of bounds");
    assert_eq!(
        error.to_string(),
        "minRepeats is 1; it must be between 2 and 100"
    );
    assert!(serde_json::from_str::<Settings>(r#"{"minRepeat": 3}"#).is_err());
    assert_eq!(
        serde_json::from_str::<Settings>("{}").ok(),
        Some(Settings::default())
    );
}
