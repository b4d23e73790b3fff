//! The cache gives what the algorithms give, and only that.

mod common;

use common::Random;
use midstream_temporal_compare::{
    CachedCompare, CompareError, Cost, Dtw, DtwOptions, Edit, Weights,
};
use proptest::prelude::*;

#[test]
fn other_sequences_of_the_same_lengths_have_answers_of_their_own() {
    let mut cache = CachedCompare::new(1 << 20);
    assert_eq!(cache.levenshtein(b"abcd", b"abcd"), Ok(0));
    assert_eq!(cache.levenshtein(b"abcd", b"wxyz"), Ok(4));
    assert_eq!(cache.levenshtein(b"abcd", b"abcd"), Ok(0));
    let statistics = cache.statistics();
    assert_eq!(
        (statistics.hits, statistics.misses, statistics.entries),
        (1, 2, 2)
    );
}

#[test]
fn another_method_kind_or_parameter_is_another_key() {
    let mut cache = CachedCompare::new(1 << 20);
    for _ in 0..2 {
        assert_eq!(cache.levenshtein(b"ca", b"abc"), Ok(3));
        assert_eq!(cache.osa(b"ca", b"ac"), Ok(1));
        assert_eq!(cache.levenshtein(b"ca", b"ac"), Ok(2));
        assert_eq!(cache.damerau(b"ca", b"abc"), Ok(2));
        assert_eq!(cache.lcs_length(b"ca", b"abc"), Ok(1));
        let weights = Weights {
            insert: 1,
            delete: 5,
            substitute: 1,
        };
        assert_eq!(cache.weighted(b"abc", b"a", weights), Ok(10));
        assert_eq!(cache.weighted(b"a", b"abc", weights), Ok(2));
        // The same bits, but two symbols and eight.
        assert_eq!(
            cache.levenshtein(&[0x0101_0101u32, 0x0101_0101], &[]),
            Ok(2)
        );
        assert_eq!(cache.levenshtein(&[1u8; 8], &[]), Ok(8));
        assert_eq!(cache.levenshtein(&['a'], &['b']), Ok(1));
        assert_eq!(cache.levenshtein(&[97u32], &[98]), Ok(1));
        let (a, b) = ([0.0, 3.0, 1.0], [1.0, 0.0, 2.0]);
        let mut of = |window, cutoff, cost| {
            cache.dtw(
                &a,
                &b,
                &DtwOptions {
                    window,
                    cutoff,
                    cost,
                    ..DtwOptions::default()
                },
            )
        };
        assert_eq!(of(None, None, Cost::Squared), Ok(Some(3.0)));
        assert_eq!(of(Some(0), None, Cost::Squared), Ok(Some(11.0)));
        assert_eq!(of(Some(0), None, Cost::Absolute), Ok(Some(5.0)));
        assert_eq!(of(Some(0), Some(10.0), Cost::Squared), Ok(None));
    }
    assert_eq!(cache.statistics().hits, cache.statistics().misses);
}

#[test]
fn where_one_sequence_ends_and_the_next_begins_belongs_to_the_key() {
    let mut cache = CachedCompare::new(1 << 20);
    assert_eq!(cache.levenshtein(b"abcdefgh", b"abcdefgh12345678"), Ok(8));
    assert_eq!(cache.levenshtein(b"abcdefghabcdefgh", b"12345678"), Ok(16));
    assert_eq!(cache.lcs_length(&[1u32, 0], &[1]), Ok(1));
    assert_eq!(cache.lcs_length(&[1u32], &[0, 1]), Ok(1));
    assert_eq!(cache.levenshtein(&[0u32], &[]), Ok(1));
    assert_eq!(cache.levenshtein(&[0u32, 0], &[]), Ok(2));
    assert_eq!(cache.statistics().hits, 0);
}

#[test]
fn both_zeros_are_one_number() {
    let mut cache = CachedCompare::new(1 << 20);
    let options = DtwOptions::default();
    assert_eq!(
        cache.dtw(&[0.0, 1.0], &[2.0], &options),
        cache.dtw(&[-0.0, 1.0], &[2.0], &options)
    );
    assert_eq!(cache.statistics().hits, 1);
}

#[test]
fn errors_are_not_kept_and_too_large_answers_are_counted() {
    let mut cache = CachedCompare::new(200);
    let options = DtwOptions::default();
    for _ in 0..2 {
        assert_eq!(
            cache.dtw(&[f64::NAN], &[1.0], &options),
            Err(CompareError::NotFinite {
                argument: "a",
                index: 0
            })
        );
        assert_eq!(cache.levenshtein(&[1u32; 100], &[2u32; 100]), Ok(100));
    }
    let statistics = cache.statistics();
    assert_eq!(
        (
            statistics.hits,
            statistics.misses,
            statistics.oversized,
            statistics.entries
        ),
        (0, 4, 2, 0)
    );
    cache.clear();
    assert_eq!(cache.statistics(), CachedCompare::new(200).statistics());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Against a list that is searched from its newest end.
    #[test]
    fn the_least_recently_used_answer_goes_first_and_the_bound_holds(seed in any::<u64>(), room in 1usize..40) {
        let mut random = Random(seed);
        let mut edit = Edit::new();
        let probe = |cache: &mut CachedCompare, key: u32| cache.levenshtein(&[key, 1, 2], &[key + 1]);
        let mut one = CachedCompare::new(1 << 20);
        probe(&mut one, 7).unwrap();
        let max_bytes = one.statistics().bytes * room;
        let mut cache = CachedCompare::new(max_bytes);
        let mut model: Vec<u32> = Vec::new();
        for _ in 0..400 {
            let key = random.below(60) as u32 * 100;
            let before = cache.statistics();
            prop_assert_eq!(probe(&mut cache, key), edit.levenshtein(&[key, 1, 2], &[key + 1]));
            let after = cache.statistics();
            let known = model.iter().position(|&other| other == key);
            prop_assert_eq!(after.hits - before.hits, u64::from(known.is_some()));
            if let Some(at) = known {
                model.remove(at);
            } else if model.len() == room {
                model.remove(0);
                prop_assert_eq!(after.evictions, before.evictions + 1);
            }
            model.push(key);
            prop_assert_eq!(after.entries, model.len());
            prop_assert!(after.bytes <= max_bytes);
        }
    }

    #[test]
    fn every_answer_is_the_algorithms_own(seed in any::<u64>()) {
        let mut random = Random(seed);
        let mut cache = CachedCompare::new(20_000);
        let (mut edit, mut dtw) = (Edit::new(), Dtw::<f64>::new());
        for _ in 0..150 {
            // Few and short ones, so that many come again.
            let (n, m) = (random.below(3) as usize, random.below(3) as usize);
            let (a, b) = (random.tokens(n, 3), random.tokens(m, 3));
            prop_assert_eq!(cache.levenshtein(&a, &b), edit.levenshtein(&a, &b));
            prop_assert_eq!(cache.lcs_length(&a, &b), edit.lcs_length(&a, &b));
            let of = |tokens: &[u32]| tokens.iter().map(|&t| f64::from(t) - 1.0).collect::<Vec<_>>();
            let options = DtwOptions { cutoff: (random.below(2) == 0).then_some(1.0), ..DtwOptions::default() };
            prop_assert_eq!(cache.dtw(&of(&a), &of(&b), &options), dtw.distance(&of(&a), &of(&b), &options));
        }
        prop_assert!(cache.statistics().hits > 0);
    }
}
