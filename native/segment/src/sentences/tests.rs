//! Splitting against tables, and the short way against the long one.

use super::*;
use proptest::prelude::*;

fn split<'a>(pieces: impl Iterator<Item = &'a str>) -> Vec<(Unit, String)> {
    let mut sentences = Sentences::new();
    let mut units = Vec::new();
    for piece in pieces {
        sentences.push(piece, |unit, text| units.push((unit, text.to_owned())));
    }
    sentences.finish(|unit, text| units.push((unit, text.to_owned())));
    units
}

fn texts(text: &str) -> Vec<String> {
    split(std::iter::once(text))
        .into_iter()
        .map(|(_, text)| text)
        .collect()
}

#[test]
fn sentences_end_where_a_reader_ends_them() {
    for (text, expected) in [
        (
            "One. Two! Three? Four",
            vec!["One.", "Two!", "Three?", "Four"],
        ),
        (
            "Dr. Smith met J. R. Jones. They spoke.",
            vec!["Dr. Smith met J. R. Jones.", "They spoke."],
        ),
        (
            "It costs 3.5 dollars, i.e. much. See fig. 2.",
            vec!["It costs 3.5 dollars, i.e. much.", "See fig. 2."],
        ),
        (
            "See example.com. It is good.",
            vec!["See example.com.", "It is good."],
        ),
        (
            "He said \"No.\" Then he left.",
            vec!["He said \"No.\"", "Then he left."],
        ),
        ("Wait... what? Yes.", vec!["Wait... what?", "Yes."]),
        (
            "It ended at 5 p.m. Then we left.",
            vec!["It ended at 5 p.m. Then we left."],
        ),
        ("1. Take two.\n2. Mix.", vec!["1. Take two.", "2. Mix."]),
        (
            "# Title\nText goes\non here.\n\n- item\n- other",
            vec!["# Title", "Text goes\non here.", "- item", "- other"],
        ),
        (
            "Он жил на ул. Ленина, д. 5. Потом уехал.",
            vec!["Он жил на ул. Ленина, д. 5.", "Потом уехал."],
        ),
        ("你好。再见！好", vec!["你好。", "再见！", "好"]),
        ("", vec![]),
        (" \n ", vec![]),
    ] {
        assert_eq!(texts(text), expected, "{text:?}");
    }
}

#[test]
fn a_code_fence_is_one_unit_of_its_own_kind() {
    let text = "Do this. Then:\n```py\nx = 1. \n\nY = 2\n```\nDone.";
    let units = split(std::iter::once(text));
    let kinds: Vec<_> = units
        .iter()
        .map(|(unit, text)| (unit.kind, text.as_str()))
        .collect();
    assert_eq!(
        kinds,
        [
            (Kind::Prose, "Do this."),
            (Kind::Prose, "Then:"),
            (Kind::Code, "```py\nx = 1. \n\nY = 2\n```"),
            (Kind::Prose, "Done."),
        ]
    );
    for odd in ["` ```", "~``", "``~x"] {
        assert_eq!(
            texts(odd),
            [odd],
            "three different or scattered signs are no fence"
        );
    }
    let open = split(std::iter::once("```\nnever closed"));
    assert_eq!(open[0].0.kind, Kind::Code);
}

#[test]
fn a_text_without_end_is_cut_and_memory_stays_bounded() {
    let mut sentences = Sentences::new();
    let mut count = 0;
    for _ in 0..10_000 {
        sentences.push("word ", |_, text| {
            assert!(text.len() <= MAX_UNIT_BYTES);
            count += 1;
        });
        sentences.push("x", |_, _| count += 1);
    }
    assert!(count > 10);
    assert!(sentences.memory_bytes() < 3 * MAX_UNIT_BYTES);
}

/// Character by character, without any short way.
fn slow(text: &str) -> Vec<(Unit, String)> {
    let mut sentences = Sentences::new();
    let mut units = Vec::new();
    for character in text.chars() {
        sentences.take(character, &mut |unit, text: &str| {
            units.push((unit, text.to_owned()));
        });
    }
    sentences.finish(|unit, text| units.push((unit, text.to_owned())));
    units
}

proptest! {
    #[test]
    fn the_short_way_splits_as_the_long_one(
        parts in prop::collection::vec(prop_oneof![
            3 => "[a-zA-Z ,;:'\")]{0,40}",
            2 => "[ -~\n\t]{0,30}",
            1 => prop::sample::select(vec![". ", ".", "! X", "?\" y", "\n", "\n\n", "```\n", "\n```", "~~~", "\u{a0}", "…", "。", "é", "\r\n", "\x7f", "    ", "Dr. ", "A. "])
                .prop_map(str::to_owned),
            1 => any::<String>(),
        ], 0..40),
        repeat in prop::sample::select(vec![1_usize, 1, 1, 30]),
        pieces in prop::collection::vec(1_usize..50, 1..9),
    ) {
        let text = parts.concat().repeat(repeat);
        let expected = slow(&text);
        prop_assert_eq!(&split(std::iter::once(text.as_str())), &expected);
        let mut rest = text.as_str();
        let mut cut = Vec::new();
        for size in pieces.iter().cycle() {
            if rest.is_empty() { break; }
            let (piece, later) = rest.split_at(rest.ceil_char_boundary((*size).min(rest.len())));
            cut.push(piece);
            rest = later;
        }
        prop_assert_eq!(&split(cut.into_iter()), &expected);
    }

    #[test]
    fn any_cutting_gives_the_same_units(
        parts in prop::collection::vec(prop::sample::select(vec![
            "One", " two", ". ", "! ", "?", "\n", "\n\n", "```", "~", "- ", "Dr.", " J.", "3.5", "e.g. ", "\"", ")", "…", "。", "好", "Ж", "ж", " ", "`",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ]), 0..60),
        repeat in 1_usize..6,
    ) {
        let text = parts.concat().repeat(repeat);
        let whole = split(std::iter::once(text.as_str()));
        let cut = split(text.split_inclusive(|_| true));
        prop_assert_eq!(&whole, &cut);
        let mut last = 0;
        for (unit, shown) in &whole {
            prop_assert!(unit.start >= last && unit.end > unit.start);
            prop_assert_eq!(&text[unit.start as usize..unit.end as usize], shown.as_str());
            prop_assert_eq!(shown.trim(), shown.as_str());
            last = unit.end;
        }
        // Nothing but space stands between units.
        let covered: usize = whole.iter().map(|(_, shown)| shown.chars().filter(|c| !c.is_whitespace()).count()).sum();
        prop_assert_eq!(covered, text.chars().filter(|c| !c.is_whitespace()).count());
    }
}
