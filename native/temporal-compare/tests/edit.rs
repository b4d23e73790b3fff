//! Edit distances and common subsequences against the ground truth, naive matrices and rapidfuzz.

mod common;

use common::{LENGTHS, Random, edit as naive, lcs as naive_lcs};
use midstream_temporal_compare::{Anchor, CompareError, Edit, EditStream, Measure, Weights};
use proptest::prelude::*;
use rapidfuzz::distance::{damerau_levenshtein, lcs_seq, levenshtein, osa};

/// Pairs, their Levenshtein distance and the length of their longest common subsequence.
fn known() -> Vec<(String, String, usize, usize)> {
    let fixed = [
        ("kitten", "sitting", 3, 4),
        ("saturday", "sunday", 3, 5),
        ("intention", "execution", 5, 5),
        ("flaw", "lawn", 2, 3),
        ("gumbo", "gambol", 2, 4),
        ("rosettacode", "raisethysword", 8, 6),
        ("", "abc", 3, 0),
        ("", "", 0, 0),
    ];
    let long = [
        ("ab".repeat(50), "ba".repeat(50), 2, 99),
        ("a".repeat(64), "a".repeat(65), 1, 64),
        ("a".repeat(128), "b".repeat(128), 128, 0),
    ];
    fixed
        .into_iter()
        .map(|(a, b, edits, common)| (a.to_owned(), b.to_owned(), edits, common))
        .chain(long)
        .collect()
}

#[test]
fn known_distances_and_lengths_come_out_over_every_kind_of_symbol() {
    let mut edit = Edit::new();
    for (a, b, edits, common) in known() {
        let tokens = |text: &str| {
            text.bytes()
                .map(|byte| u32::from(byte) + 100_000)
                .collect::<Vec<_>>()
        };
        let points = |text: &str| text.chars().collect::<Vec<_>>();
        assert_eq!(
            edit.levenshtein(a.as_bytes(), b.as_bytes()),
            Ok(edits),
            "{a} {b}"
        );
        assert_eq!(
            edit.levenshtein(&points(&a), &points(&b)),
            Ok(edits),
            "{a} {b}"
        );
        assert_eq!(
            edit.levenshtein(&tokens(&a), &tokens(&b)),
            Ok(edits),
            "{a} {b}"
        );
        assert_eq!(edit.levenshtein_text(&a, &b), Ok(edits), "{a} {b}");
        assert_eq!(
            edit.lcs_length(a.as_bytes(), b.as_bytes()),
            Ok(common),
            "{a} {b}"
        );
        assert_eq!(
            edit.lcs_length(&points(&b), &points(&a)),
            Ok(common),
            "{a} {b}"
        );
        assert_eq!(
            edit.lcs_length(&tokens(&a), &tokens(&b)),
            Ok(common),
            "{a} {b}"
        );
    }
}

#[test]
fn known_lengths_of_common_subsequences_come_out() {
    let mut edit = Edit::new();
    for (a, b, common) in [
        ("ABCBDAB", "BDCABA", 4),
        ("AGGTAB", "GXTXAYB", 4),
        ("XMJYAUZ", "MZJAWXU", 4),
        ("nematode_knowledge", "empty_bottle", 7),
        ("thisisatest", "testing123testing", 7),
        ("1234", "1224533324", 4),
    ] {
        assert_eq!(
            edit.lcs_length(a.as_bytes(), b.as_bytes()),
            Ok(common),
            "{a} {b}"
        );
    }
}

#[test]
fn the_unit_is_the_code_point_and_nothing_is_normalised() {
    let mut edit = Edit::new();
    assert_eq!(edit.levenshtein_text("caf\u{e9}", "cafe\u{301}"), Ok(2));
    // Both emoji begin with the same half of a surrogate pair, and with the same three bytes.
    assert_eq!(edit.levenshtein_text("\u{1f600}", "\u{1f601}"), Ok(1));
}

#[test]
fn every_pair_of_lengths_equals_the_matrices() {
    let mut edit = Edit::new();
    let mut random = Random(1);
    for n in LENGTHS {
        for m in LENGTHS {
            // Small ones have an index of their own, large ones are hashed.
            for (vocabulary, factor) in [(2, 1), (5, 1), (5, 800_000_000), (3000, 1)] {
                let mut tokens = |len| {
                    let all = random.tokens(len, vocabulary).into_iter();
                    all.map(|token| token * factor).collect::<Vec<_>>()
                };
                let (a, b) = (tokens(n), tokens(m));
                let at = (n, m, vocabulary);
                let edits = naive(&a, &b, 1, 1, 1, false) as usize;
                let common = naive_lcs(&a, &b);
                assert_eq!(edit.levenshtein(&a, &b), Ok(edits), "{at:?}");
                assert_eq!(edit.lcs_length(&a, &b), Ok(common), "{at:?}");
                assert_eq!(
                    edit.osa(&a, &b),
                    Ok(naive(&a, &b, 1, 1, 1, true) as usize),
                    "{at:?}"
                );
                assert_eq!(
                    edit.weighted(&a, &b, weights(1, 1, 2)),
                    Ok((n + m - 2 * common) as u64),
                    "{at:?}"
                );
            }
        }
    }
}

fn weights(insert: u32, delete: u32, substitute: u32) -> Weights {
    Weights {
        insert,
        delete,
        substitute,
    }
}

/// Pairs that share much: an edited copy, so that the answers are small and the paths long.
fn pair(max: usize) -> impl Strategy<Value = (Vec<u32>, Vec<u32>)> {
    (
        any::<u64>(),
        0..max,
        prop::sample::select(vec![2u64, 4, 30, 300, 100_000, 1 << 32]),
        0..40u64,
    )
        .prop_map(|(seed, len, vocabulary, edits)| {
            let mut random = Random(seed);
            let a = random.tokens(len, vocabulary);
            let mut b = a.clone();
            for _ in 0..edits {
                let at = random.below(b.len() as u64 + 1) as usize;
                match random.below(3) {
                    0 => b.insert(at, random.below(vocabulary) as u32),
                    1 if at < b.len() => drop(b.remove(at)),
                    _ if at + 1 < b.len() => b.swap(at, at + 1),
                    _ => {}
                }
            }
            (a, b)
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_distances_equal_rapidfuzz((a, b) in pair(400), insert in 0u32..4, delete in 0u32..4, substitute in 0u32..6) {
        let mut edit = Edit::new();
        let of = |x: &[u32]| x.to_vec();
        prop_assert_eq!(edit.levenshtein(&a, &b), Ok(levenshtein::distance(of(&a), of(&b))));
        prop_assert_eq!(edit.osa(&a, &b), Ok(osa::distance(of(&a), of(&b))));
        prop_assert_eq!(edit.damerau(&a, &b), Ok(damerau_levenshtein::distance(of(&a), of(&b))));
        prop_assert_eq!(edit.lcs_length(&a, &b), Ok(lcs_seq::similarity(of(&a), of(&b))));
        let table = levenshtein::WeightTable {
            insertion_cost: insert as usize,
            deletion_cost: delete as usize,
            substitution_cost: substitute as usize,
        };
        let peer = levenshtein::distance_with_args(of(&a), of(&b), &levenshtein::Args::default().weights(&table));
        prop_assert_eq!(edit.weighted(&a, &b, weights(insert, delete, substitute)), Ok(peer as u64));
    }

    #[test]
    fn a_subsequence_is_common_and_as_long_as_its_length((a, b) in pair(2500)) {
        let mut edit = Edit::new();
        let mut pairs = Vec::new();
        let length = edit.lcs(&a, &b, &mut pairs);
        prop_assert_eq!(length, edit.lcs_length(&a, &b));
        prop_assert_eq!(length, Ok(pairs.len()));
        prop_assert!(pairs.iter().all(|&(i, j)| a[i as usize] == b[j as usize]));
        prop_assert!(pairs.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 < two[1].1));
    }

    #[test]
    fn distances_are_symmetric_and_keep_the_triangle((a, b) in pair(200), (c, _) in pair(200)) {
        let mut edit = Edit::new();
        for distance in [Edit::levenshtein::<u32>, Edit::damerau::<u32>] {
            let ab = distance(&mut edit, &a, &b).unwrap();
            prop_assert_eq!(distance(&mut edit, &b, &a), Ok(ab));
            let (bc, ac) = (distance(&mut edit, &b, &c).unwrap(), distance(&mut edit, &a, &c).unwrap());
            prop_assert!(ac <= ab + bc);
            prop_assert_eq!(distance(&mut edit, &a, &a), Ok(0));
        }
        prop_assert_eq!(edit.osa(&a, &b), edit.osa(&b, &a));
        let (there, back) = (weights(3, 1, 2), weights(1, 3, 2));
        prop_assert_eq!(edit.weighted(&a, &b, there), edit.weighted(&b, &a, back));
    }

    #[test]
    fn a_likeness_lies_between_0_and_1_and_is_1_for_equals((a, b) in pair(100)) {
        let mut edit = Edit::new();
        for measure in [Measure::Levenshtein, Measure::Osa, Measure::CommonSubsequence] {
            let likeness = edit.similarity(&a, &b, measure).unwrap();
            prop_assert!((0.0..=1.0).contains(&likeness));
            prop_assert_eq!(likeness >= 1.0, a == b);
            prop_assert_eq!(edit.similarity(&a, &a, measure), Ok(1.0));
        }
    }

    #[test]
    fn a_stream_equals_the_whole_at_every_symbol((a, b) in pair(200), window in 1usize..150) {
        let pattern = if a.is_empty() { vec![7] } else { a };
        let pattern = &pattern[..pattern.len().min(window)];
        let mut anchored = EditStream::new(pattern, Anchor::Start).unwrap();
        let mut free = EditStream::new(pattern, Anchor::Anywhere).unwrap();
        // One column of the textbook: the row above the pattern stays 0, so that a match may begin anywhere.
        let mut column: Vec<u64> = (0..=pattern.len() as u64).collect();
        let mut edit = Edit::new();
        for (at, &symbol) in b.iter().enumerate() {
            let mut corner = column[0];
            for i in 1..column.len() {
                let change = u64::from(pattern[i - 1] != symbol);
                let cell = (corner + change).min(column[i] + 1).min(column[i - 1] + 1);
                corner = std::mem::replace(&mut column[i], cell);
            }
            prop_assert_eq!(free.push(symbol), column[pattern.len()]);
            prop_assert_eq!(anchored.push(symbol), edit.levenshtein(pattern, &b[..=at]).unwrap() as u64);
        }
        free.reset();
        prop_assert_eq!((free.distance(), free.symbols()), (pattern.len() as u64, 0));
    }
}

#[test]
fn patterns_of_many_strips_equal_rapidfuzz_and_keep_a_small_table() {
    let mut edit = Edit::new();
    let mut random = Random(5);
    for (n, m) in [(1024, 1100), (1025, 2049), (5000, 5100)] {
        for vocabulary in [3, 1 << 30] {
            let a = random.tokens(n, vocabulary);
            let mut b = random.tokens(m - n / 2, vocabulary);
            b.splice(10..10, a[..n / 2].iter().copied());
            b.swap(11, 12);
            b.swap(700, 701);
            assert_eq!(
                edit.levenshtein(&a, &b),
                Ok(levenshtein::distance(a.clone(), b.clone()))
            );
            assert_eq!(edit.osa(&a, &b), Ok(osa::distance(a.clone(), b.clone())));
            assert_eq!(
                edit.lcs_length(&a, &b),
                Ok(lcs_seq::similarity(a.clone(), b.clone()))
            );
        }
    }
    assert!(edit.bytes() < 400_000, "{}", edit.bytes());
}

#[test]
fn a_swap_counts_once_even_where_words_and_strips_meet() {
    let mut edit = Edit::new();
    for at in [0, 62, 63, 64, 127, 1022, 1023, 1024] {
        let mut a: Vec<u32> = (0..1100).collect();
        let b = a.clone();
        a.swap(at, at + 1);
        // Kept apart from the ends, which are trimmed.
        let a = [&[9999], &a[..], &[9998]].concat();
        let b = [&[9997], &b[..], &[9996]].concat();
        assert_eq!(edit.osa(&a, &b), Ok(3), "{at}");
        assert_eq!(edit.levenshtein(&a, &b), Ok(4), "{at}");
    }
    // The classic pair on which the alignment is no metric, and Damerau's distance is one.
    assert_eq!(edit.osa(b"ca", b"abc"), Ok(3));
    assert_eq!(edit.damerau(b"ca", b"abc"), Ok(2));
}

#[test]
fn symbols_that_share_a_slot_are_told_apart() {
    let mut edit = Edit::new();
    let mut random = Random(9);
    // More different symbols than the short table has slots go through it in a row: every slot is shared at some time.
    for round in 0..3000u32 {
        let a: Vec<u32> = (0..128)
            .map(|i| (round * 128 + i).wrapping_mul(2_654_435_761))
            .collect();
        let mut b = a.clone();
        let at = random.below(128) as usize;
        b[at] = b[at].wrapping_add(1);
        b[0] = !a[0];
        b[127] = !a[127];
        let expected = 2 + usize::from(at != 0 && at != 127);
        assert_eq!(edit.levenshtein(&a, &b), Ok(expected), "{round}");
        assert_eq!(edit.lcs_length(&a, &b), Ok(128 - expected), "{round}");
    }
}

#[test]
fn too_much_work_is_refused_before_it_begins() {
    let mut edit = Edit::with_bounds(1000, 1000);
    let a = vec![1u32; 2000];
    let b = vec![2u32; 2000];
    let refused =
        |found: Result<usize, CompareError>| matches!(found, Err(CompareError::TooLarge { .. }));
    assert!(refused(edit.levenshtein(&a, &b)));
    assert!(refused(edit.osa(&a, &b)));
    assert!(refused(edit.damerau(&a, &b)));
    assert!(refused(edit.lcs_length(&a, &b)));
    assert!(refused(edit.lcs(&a[..100], &b[..100], &mut Vec::new())));
    assert!(edit.weighted(&a, &b, weights(1, 2, 2)).is_err());
    assert_eq!(
        edit.damerau(&a[..20], &b[..20]),
        Err(CompareError::TooLarge {
            needed: 21 * 21 * 4,
            allowed: 1000
        })
    );
}

#[test]
fn a_stream_refuses_a_pattern_of_no_or_too_many_symbols_and_does_not_grow() {
    assert_eq!(
        EditStream::<u32>::new(&[], Anchor::Start).unwrap_err(),
        CompareError::Empty {
            argument: "pattern"
        }
    );
    assert_eq!(
        EditStream::new(&vec![0u8; 4097], Anchor::Start).unwrap_err(),
        CompareError::TooLarge {
            needed: 4097,
            allowed: 4096
        }
    );
    let distinct: Vec<u32> = (0..4096).collect();
    let mut stream = EditStream::new(&distinct, Anchor::Anywhere).unwrap();
    let before = stream.bytes();
    assert!(before < 2_300_000, "{before}");
    for symbol in 0..10_000u32 {
        stream.push(symbol % 5000);
    }
    assert_eq!(stream.bytes(), before);
}
