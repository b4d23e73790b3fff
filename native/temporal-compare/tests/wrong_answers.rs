//! Answers that earlier implementations of temporal comparison give, and that are wrong. Each test fails if ours gave them.
#![allow(
    clippy::float_cmp,
    reason = "whole numbers: every right answer is exact"
)]

use midstream_temporal_compare::{
    CachedCompare, CompareError, Cost, Dtw, DtwOptions, Edit, PatternSearch, SearchOptions,
    TemporalSequence,
};

/// "DTW" that counts unequal elements says 3 for both.
#[test]
fn a_dtw_distance_is_numeric_and_no_count_of_mismatches() {
    let mut dtw = Dtw::<f64>::new();
    let mut to = |b: &[f64]| dtw.distance(&[0.0, 1.0, 2.0], b, &DtwOptions::default());
    assert_eq!(to(&[3.0, 4.0, 5.0]), Ok(Some(26.0)));
    assert_eq!(to(&[0.5, 1.5, 2.5]), Ok(Some(0.75)));
}

/// A distance of real series scales with them: twice the series, four times the squared distance.
#[test]
fn a_distance_scales_with_its_series() {
    let (a, b) = ([1.0, 3.0, 9.0, 2.0, 1.0], [2.0, 0.0, 0.0, 8.0, 7.0, 2.0]);
    let twice = |x: &[f64]| x.iter().map(|x| 2.0 * x).collect::<Vec<_>>();
    let mut dtw = Dtw::<f64>::new();
    assert_eq!(dtw.distance(&a, &b, &DtwOptions::default()), Ok(Some(17.0)));
    assert_eq!(
        dtw.distance(&twice(&a), &twice(&b), &DtwOptions::default()),
        Ok(Some(68.0))
    );
}

/// With a key of (length, length, algorithm) the second answer is the first one's.
#[test]
fn a_cache_tells_pairs_of_equal_lengths_apart() {
    let mut cache = CachedCompare::new(1 << 16);
    let options = DtwOptions::default();
    assert_eq!(
        cache.dtw(&[0.0, 1.0, 2.0], &[3.0, 4.0, 5.0], &options),
        Ok(Some(26.0))
    );
    assert_eq!(
        cache.dtw(&[0.0, 1.0, 2.0], &[0.0, 1.0, 2.0], &options),
        Ok(Some(0.0))
    );
    assert_eq!(cache.statistics().hits, 0);
}

/// The same lengths and contents, but another parameter.
#[test]
fn a_cache_tells_parameters_apart() {
    let mut cache = CachedCompare::new(1 << 16);
    let (a, b) = ([0.0, 0.0, 5.0], [0.0, 5.0, 5.0]);
    let narrow = DtwOptions::with_window(0);
    assert_eq!(cache.dtw(&a, &b, &DtwOptions::default()), Ok(Some(0.0)));
    assert_eq!(cache.dtw(&a, &b, &narrow), Ok(Some(25.0)));
    let absolute = DtwOptions {
        cost: Cost::Absolute,
        ..narrow
    };
    assert_eq!(cache.dtw(&a, &b, &absolute), Ok(Some(5.0)));
}

/// Search by equality finds nothing here: no stretch repeats the pattern to the bit.
#[test]
fn a_pattern_is_found_where_it_is_near_and_not_only_where_it_is_equal() {
    let series = [9.0, 9.0, 1.1, 2.1, 2.9, 9.0, 9.0, 1.0, 2.0, 3.5];
    let options = SearchOptions {
        k: 2,
        max_distance: Some(0.5),
        ..SearchOptions::default()
    };
    let mut found = Vec::new();
    PatternSearch::new()
        .find(&series, &[1.0, 2.0, 3.0], &options, &mut found)
        .unwrap();
    assert_eq!(
        found.iter().map(|one| one.start).collect::<Vec<_>>(),
        [2, 7]
    );
}

/// NaN through `min` vanishes or stays by the order of the operands; either way a number comes out.
#[test]
fn no_distance_is_made_of_what_is_no_number() {
    let mut dtw = Dtw::<f64>::new();
    for bad in [f64::NAN, f64::INFINITY] {
        for at in 0..40 {
            let mut a = [1.0; 40];
            a[at] = bad;
            let expected = CompareError::NotFinite {
                argument: "a",
                index: at,
            };
            assert_eq!(
                dtw.distance(&a, &[1.0; 40], &DtwOptions::default()),
                Err(expected)
            );
        }
    }
}

/// An empty side is no distance of 0.
#[test]
fn an_empty_series_has_no_distance() {
    let mut dtw = Dtw::<f64>::new();
    let found = dtw.distance(&[], &[1.0], &DtwOptions::default());
    assert_eq!(found, Err(CompareError::Empty { argument: "a" }));
}

/// The triangle inequality fails, so nothing may be pruned by it: 0 + 0 < 1.
#[test]
fn dtw_is_no_metric() {
    let mut dtw = Dtw::<f64>::new();
    let mut of = |a: &[f64], b: &[f64]| {
        let options = DtwOptions {
            cost: Cost::Absolute,
            ..DtwOptions::default()
        };
        dtw.distance(a, b, &options).unwrap().unwrap()
    };
    let (a, b, c) = ([0.0], [1.0, 2.0], [2.0, 3.0, 3.0]);
    assert!(of(&a, &c) > of(&a, &b) + of(&b, &c));
}

/// Comparing UTF-16 units or bytes, these differ by 2 and 1, or 2 and 3.
#[test]
fn the_distance_of_texts_counts_code_points() {
    let mut edit = Edit::new();
    assert_eq!(edit.levenshtein_text("a\u{1f600}b", "a\u{1f680}b"), Ok(1));
    assert_eq!(edit.levenshtein_text("\u{1f600}", ""), Ok(1));
}

/// Bit-parallel code that folds tokens to 256 symbols finds these equal.
#[test]
fn tokens_that_agree_in_their_low_bits_differ() {
    let mut edit = Edit::new();
    let a: Vec<u32> = (0..100).collect();
    for shift in [8, 12, 16, 24, 31] {
        let b: Vec<u32> = a.iter().map(|token| token | 1 << shift).collect();
        assert_eq!(edit.levenshtein(&a, &b), Ok(100), "{shift}");
        assert_eq!(edit.lcs_length(&a, &b), Ok(0), "{shift}");
    }
}

/// Sorting by stamp alone may swap events of one stamp.
#[test]
fn events_of_one_stamp_keep_their_order() {
    let mut sequence = TemporalSequence::new(0, u64::MAX, 100).unwrap();
    for value in 0..50 {
        sequence.push(7, value).unwrap();
    }
    let out: Vec<i32> = core::iter::from_fn(|| sequence.pop().map(|event| event.value)).collect();
    assert!(out.is_sorted() && out.len() == 50);
}
