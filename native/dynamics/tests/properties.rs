//! Any partition gives the same; places and scores lie within their bounds; the key changes nothing.

mod common;

use midstream_dynamics::{Dynamics, Found, Settings};
use proptest::prelude::*;

/// Low bars, so that short texts reach every rule.
const EAGER: Settings = Settings {
    repeated_share: 0.3,
    repeated_words: 16,
    period_repeats: 3,
    drift_distance: 0.3,
    drift_words: 16,
    stall_ms: 100,
    stall_factor: 2,
};

fn piece() -> impl Strategy<Value = Vec<u8>> {
    let unit = prop_oneof![
        "[a-z ]{1,40}[.!?]\n",
        "([a-z]{1,8} ){5,9}[a-z]+\\. ",
        "[a-zа-яё水是。！ .,\n]{1,60}",
        Just("```\n".to_owned()),
        Just("| a | row of words | here |\n".to_owned()),
        "[0-9 ,;|\n-]{1,12}",
    ];
    let repeated = (unit, 1_usize..30).prop_map(|(unit, times)| unit.repeat(times).into_bytes());
    let words = prop::collection::vec("[a-z]{2,9}( |\\. )", 1..300)
        .prop_map(|words| words.concat().into_bytes());
    let broken = prop::collection::vec(any::<u8>(), 0..12);
    prop_oneof![4 => repeated, 3 => words, 1 => broken]
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(piece(), 1..8).prop_map(|pieces| pieces.concat())
}

fn run(pieces: &[&[u8]], key: u64) -> Vec<Found> {
    let mut dynamics = Dynamics::new(&EAGER, key);
    let mut found = Vec::new();
    for piece in pieces {
        dynamics.push(piece, &mut found);
    }
    dynamics.finish(&mut found);
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_partition_gives_the_same(text in text(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20)) {
        let whole = run(&[&text], 7);
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        prop_assert_eq!(&run(&bytes, 7), &whole);
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
        at.extend([0, text.len()]);
        at.sort_unstable();
        let pieces: Vec<&[u8]> = at.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect();
        prop_assert_eq!(&run(&pieces, 7), &whole);
    }

    #[test]
    fn what_is_found_lies_in_the_text_and_ends_where_it_was_seen(text in text()) {
        let mut dynamics = Dynamics::new(&EAGER, 7);
        let (mut found, mut read) = (Vec::new(), 0);
        for piece in text.chunks(5) {
            found.clear();
            dynamics.push(piece, &mut found);
            for seen in &found {
                prop_assert!(seen.start < seen.end && seen.end > read, "{seen:?} at {read}");
                prop_assert!(seen.end <= read + piece.len() as u64, "{seen:?}");
                prop_assert!((0.0..=1.0).contains(&seen.score), "{seen:?}");
            }
            read += piece.len() as u64;
        }
        let signals = dynamics.signals();
        for share in [signals.novelty, signals.drift, signals.entropy] {
            prop_assert!((0.0..=1.0).contains(&share), "{signals:?}");
        }
    }

    #[test]
    fn what_is_found_in_valid_text_begins_and_ends_at_characters(text in text(), words in 0_usize..300) {
        // Long segments, with words that end where a wide character begins.
        let text = "\u{2014}word".repeat(words) + &String::from_utf8_lossy(&text);
        for seen in run(&[text.as_bytes()], 7) {
            prop_assert!(text.is_char_boundary(seen.start as usize), "{seen:?}");
            prop_assert!(text.is_char_boundary(seen.end as usize), "{seen:?}");
        }
    }

    #[test]
    fn the_key_changes_neither_novelty_nor_rhythm(text in text(), key in any::<u64>()) {
        use midstream_dynamics::Kind;
        // The sketches of drift are of hashes: their error depends on the key.
        let of = |key| run(&[&text], key).into_iter().filter(|found| found.kind != Kind::Drift).collect::<Vec<_>>();
        prop_assert_eq!(of(key), of(7));
    }
}
