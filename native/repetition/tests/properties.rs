//! Partition invariance, and a slow oracle for exact loops.

mod common;

use common::loops;
use midstream_repetition::{Detector, Kind, Loop, Settings};
use proptest::prelude::*;

/// Pieces that lead into every rule: loops, counters, lines, fences, wide and broken characters.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let unit = prop_oneof![
        "[a-z ]{1,40}",
        "[a-zа-яё .,\n]{1,60}",
        "[0-9 ,;|\n-]{1,12}",
        Just("Step: the same\n".to_owned()),
        Just("```\n".to_owned()),
        Just("- 😀 entry\n\n".to_owned()),
    ];
    let repeated = (unit, 1_usize..16).prop_map(|(unit, times)| unit.repeat(times).into_bytes());
    let counted = (0_u32..2_000, 1_u32..12).prop_map(|(from, times)| {
        let copy = |i| format!("Attempt {i} failed, so I try again.\n");
        (from..from + times)
            .map(copy)
            .collect::<String>()
            .into_bytes()
    });
    let broken = prop::collection::vec(any::<u8>(), 0..12);
    prop_oneof![4 => repeated, 2 => counted, 1 => broken]
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(piece(), 1..8).prop_map(|pieces| pieces.concat())
}

fn detect(pieces: &[&[u8]]) -> Vec<Loop> {
    let mut detector = Detector::new(&Settings::default());
    let mut found = Vec::new();
    for piece in pieces {
        detector.push(piece, &mut found);
    }
    detector.finish(&mut found);
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_partition_gives_the_same_loops(text in text(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20)) {
        let whole = detect(&[&text]);
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        prop_assert_eq!(&detect(&bytes), &whole);
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
        at.extend([0, text.len()]);
        at.sort_unstable();
        let pieces: Vec<&[u8]> = at.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect();
        prop_assert_eq!(&detect(&pieces), &whole);
    }

    #[test]
    fn loops_lie_in_the_text_in_order_and_never_overlap(text in text()) {
        let mut last = 0;
        for found in detect(&[&text]) {
            prop_assert!(found.start >= last && found.start < found.end, "{found:?}");
            prop_assert!(found.end <= text.len() as u64 && found.period > 0, "{found:?}");
            prop_assert!((0.0..=1.0).contains(&found.score), "{found:?}");
            last = found.end;
        }
    }

    #[test]
    fn loops_of_valid_text_begin_and_end_at_characters(text in text()) {
        let text = String::from_utf8_lossy(&text);
        for found in loops(Settings::default(), &text) {
            prop_assert!(text.is_char_boundary(found.start as usize), "{found:?}");
            prop_assert!(text.is_char_boundary(found.end as usize), "{found:?}");
        }
    }
}

/// Words and single spaces only: no prior raises the bar.
fn words(count: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = String> {
    prop::collection::vec("[a-z]{1,8} ", count).prop_map(|words| words.concat())
}

/// First end of text that repeats exactly, long enough for some period: quadratic, from the definition.
fn oracle(text: &[u8], settings: Settings) -> Option<usize> {
    (1..=text.len()).find(|&end| {
        (1..=settings.max_period as usize).any(|period| repeats(text, end, period, settings))
    })
}

fn repeats(text: &[u8], end: usize, period: usize, settings: Settings) -> bool {
    let needed = (settings.min_repeats as usize * period).max(settings.min_chars as usize);
    end >= needed + period && (end - needed..end).all(|at| text[at] == text[at - period])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn exact_loops_are_reported_where_the_slow_oracle_says(
        before in words(0..20), unit in words(1..14), copies in 2_usize..9, after in words(0..6),
        min_repeats in 2_u32..6, min_chars in 16_u32..80,
    ) {
        let settings = Settings { min_repeats, min_chars, max_period: 120 };
        let text = before + &unit.repeat(copies) + &after;
        let expected = oracle(text.as_bytes(), settings);
        let first = loops(settings, &text).first().copied();
        match (expected, first) {
            // Noise before an exact loop may be reported earlier, as noisy.
            (Some(end), Some(found)) => prop_assert!(found.end == end as u64 || found.kind == Kind::Noisy && found.end < end as u64, "{found:?}, expected at {end}"),
            (None, Some(found)) => prop_assert_eq!(found.kind, Kind::Noisy),
            (Some(end), None) => prop_assert!(false, "nothing reported, expected at {end}"),
            (None, None) => {}
        }
    }
}
