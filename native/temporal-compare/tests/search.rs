//! Pattern search against brute force, batch and streamed.
#![allow(
    clippy::float_cmp,
    reason = "whole numbers: every right answer is exact"
)]

mod common;

use common::{Random, dtw as naive};
use midstream_temporal_compare::{
    CompareError, Cost, PatternBank, PatternMatch, PatternSearch, PatternStream, SearchOptions,
    StreamMatch,
};
use proptest::prelude::*;

/// Every distance, then the nearest stretch that is free, again and again.
fn brute(series: &[f64], pattern: &[f64], options: &SearchOptions) -> Vec<PatternMatch> {
    let window = options.window.unwrap_or(usize::MAX);
    let apart = options.exclusion.unwrap_or(pattern.len().div_ceil(2));
    let mut all: Vec<PatternMatch> = series
        .windows(pattern.len())
        .enumerate()
        .map(|(start, stretch)| PatternMatch {
            start,
            distance: naive(pattern, stretch, 1, window, options.cost),
        })
        .filter(|found| {
            options
                .max_distance
                .is_none_or(|most| found.distance <= most)
        })
        .collect();
    all.sort_by(|a, b| {
        a.distance
            .total_cmp(&b.distance)
            .then(a.start.cmp(&b.start))
    });
    let mut chosen: Vec<PatternMatch> = Vec::new();
    for one in all {
        if chosen.len() < options.k
            && chosen
                .iter()
                .all(|other| other.start.abs_diff(one.start) >= apart)
        {
            chosen.push(one);
        }
    }
    chosen
}

fn kind() -> impl Strategy<Value = Cost> {
    prop::sample::select(vec![Cost::Squared, Cost::Absolute])
}

/// Few different values, so that many stretches are equally near; or a walk, so that few are.
fn series(random: &mut Random, len: usize, walk: bool) -> Vec<f64> {
    let mut at = 0.0;
    let step = |random: &mut Random| random.below(5) as f64 - 2.0;
    (0..len)
        .map(|_| {
            at = if walk {
                at + step(random)
            } else {
                step(random)
            };
            at
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_nearest_stretches_equal_brute_force(
        seed in any::<u64>(), len in 1usize..160, m in 1usize..30, walk in any::<bool>(), cost in kind(), k in 1usize..6,
        exclusion in prop::option::of(0usize..40), window in prop::option::of(0usize..12), most in prop::option::of(0.0..60f64),
    ) {
        let mut random = Random(seed);
        let (long, pattern) = (series(&mut random, len, walk), series(&mut random, m, walk));
        let options = SearchOptions { k, max_distance: most, exclusion, cost, window, ..SearchOptions::default() };
        let mut found = Vec::new();
        let work = PatternSearch::new().find(&long, &pattern, &options, &mut found).unwrap();
        prop_assert_eq!(&found, &brute(&long, &pattern, &options));
        prop_assert!(work.bounded <= work.stretches);
    }

    #[test]
    fn a_bank_of_patterns_finds_what_single_streams_find(
        seed in any::<u64>(), len in 1usize..200, count in 1usize..20, longest in 1usize..40, walk in any::<bool>(),
        cost in kind(), most in 0.0..40f64,
    ) {
        let mut random = Random(seed);
        let long = series(&mut random, len, walk);
        let patterns: Vec<(Vec<f64>, f64)> = (0..count)
            .map(|_| {
                let m = 1 + random.below(longest as u64) as usize;
                let most = if random.below(5) == 0 { f64::INFINITY } else { most };
                (series(&mut random, m, walk), most)
            })
            .collect();
        let views: Vec<(&[f64], f64)> = patterns.iter().map(|(pattern, most)| (&pattern[..], *most)).collect();
        let mut bank = PatternBank::new(&views, cost).unwrap();
        let mut single: Vec<PatternStream> =
            views.iter().map(|(pattern, most)| PatternStream::new(pattern, *most, cost).unwrap()).collect();
        let bytes = bank.bytes();
        for round in 0..2 {
            for &value in &long {
                let mut found = Vec::new();
                bank.push(value, |number, one| found.push((number, one))).unwrap();
                found.sort_by_key(|(number, _)| *number);
                let expected: Vec<(usize, StreamMatch)> = (single.iter_mut().enumerate())
                    .filter_map(|(number, stream)| Some((number, stream.push(value).unwrap()?)))
                    .collect();
                prop_assert_eq!(found, expected, "round {}", round);
                for (number, stream) in single.iter().enumerate() {
                    prop_assert_eq!(bank.best(number), stream.best());
                }
            }
            prop_assert!(bank.push(f64::NAN, |_, _| ()).is_err());
            let mut found = Vec::new();
            bank.finish(|number, one| found.push((number, one)));
            found.sort_by_key(|(number, _)| *number);
            let expected: Vec<(usize, StreamMatch)> = (single.iter_mut().enumerate())
                .filter_map(|(number, stream)| Some((number, stream.finish()?)))
                .collect();
            prop_assert_eq!(found, expected);
        }
        prop_assert_eq!(bank.bytes(), bytes);
    }

    #[test]
    fn a_stream_of_matches_equals_brute_force(
        seed in any::<u64>(), len in 1usize..70, m in 1usize..9, cost in kind(), most in 0.0..1.5f64,
    ) {
        // Real numbers, so that no two stretches are equally near.
        let mut random = Random(seed);
        let (long, pattern) = (random.real(len), random.real(m));
        let mut stream = PatternStream::new(&pattern, most, cost).unwrap();
        let mut found: Vec<StreamMatch> = Vec::new();
        for &value in &long {
            found.extend(stream.push(value).unwrap());
        }
        found.extend(stream.finish());
        let distance = |from: u64, to: u64| naive(&pattern, &long[from as usize..to as usize], 1, usize::MAX, cost);
        let nearest = |to: u64| {
            let all = (0..to).rev().map(|from| (distance(from, to), from));
            all.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap()
        };
        let len = len as u64;
        let mut free_from = 0;
        for one in &found {
            prop_assert!(one.start >= free_from && one.distance <= most);
            let own = distance(one.start, one.end);
            prop_assert!(one.distance >= own - 1e-9 && (one.distance <= own + 1e-9 || free_from > 0));
            // Of the nearest stretches for each end, none that overlaps it, and no earlier match, is nearer.
            for to in one.start + 1..=len {
                let (least, from) = nearest(to);
                if (free_from..one.end).contains(&from) {
                    prop_assert!(least >= one.distance - 1e-9, "{}..{} is nearer than {:?}", from, to, one);
                }
            }
            free_from = one.end;
        }
        // The nearest stretch of an end, where it is near enough, gives way to a match or a nearer one only.
        let all: Vec<_> = (1..=len).map(|to| (nearest(to), to)).collect();
        for &((least, from), to) in &all {
            let match_over = found.iter().any(|one| from < one.end && one.start < to);
            let nearer_over = || all.iter().any(|&((other, start), end)| other < least && from < end && start < to);
            prop_assert!(least > most - 1e-9 || match_over || nearer_over(), "{}..{} is lost", from, to);
        }
    }

    #[test]
    fn the_best_of_a_stream_is_the_best_of_all_stretches(seed in any::<u64>(), len in 1usize..50, m in 1usize..9, cost in kind()) {
        let mut random = Random(seed);
        let (long, pattern) = (random.real(len), random.real(m));
        let mut stream = PatternStream::new(&pattern, f64::INFINITY, cost).unwrap();
        let mut least = f64::INFINITY;
        for (at, &value) in long.iter().enumerate() {
            prop_assert_eq!(stream.push(value).unwrap(), None);
            for from in 0..=at {
                least = least.min(naive(&pattern, &long[from..=at], 1, usize::MAX, cost));
            }
            let best = stream.best().unwrap();
            let stretch = &long[best.start as usize..best.end as usize];
            let own = naive(&pattern, stretch, 1, usize::MAX, cost);
            prop_assert!((best.distance - least).abs() < 1e-9 && (own - least).abs() < 1e-9);
        }
    }
}

#[test]
fn a_better_match_that_pushes_out_two_worse_ones_does_not_lose_the_third() {
    // Nearest first by hand: 5 (distance 0) excludes 1 and 9; 20 is the second, though both were nearer.
    let pattern = [0.0];
    let mut series = vec![100.0; 30];
    (series[1], series[5], series[9], series[20]) = (1.0, 0.0, 2.0, 3.0);
    let options = SearchOptions {
        k: 2,
        exclusion: Some(5),
        ..SearchOptions::default()
    };
    let mut found = Vec::new();
    PatternSearch::new()
        .find(&series, &pattern, &options, &mut found)
        .unwrap();
    let starts: Vec<_> = found.iter().map(|one| (one.start, one.distance)).collect();
    assert_eq!(starts, [(5, 0.0), (20, 9.0)]);
}

#[test]
fn the_bounds_spare_nearly_all_distances() {
    let mut random = Random(3);
    let mut series = Vec::new();
    let mut at = 0.0;
    for _ in 0..20_000 {
        at += random.real(1)[0];
        series.push(at);
    }
    let pattern = series[7_000..7_128].to_vec();
    let options = SearchOptions {
        k: 3,
        window: Some(6),
        ..SearchOptions::default()
    };
    let mut found = Vec::new();
    let mut search = PatternSearch::new();
    let work = search
        .find(&series, &pattern, &options, &mut found)
        .unwrap();
    assert_eq!(
        found[0],
        PatternMatch {
            start: 7_000,
            distance: 0.0
        }
    );
    assert!(work.distances * 20 < work.stretches, "{work:?}");
    let held = search.bytes();
    search
        .find(&series, &pattern, &options, &mut found)
        .unwrap();
    assert_eq!(search.bytes(), held);
}

#[test]
fn a_search_without_an_answer_is_refused_by_name() {
    let mut search = PatternSearch::new();
    let mut find = |series: &[f64], pattern: &[f64], options: SearchOptions| {
        search.find(series, pattern, &options, &mut Vec::new())
    };
    let plain = SearchOptions::default();
    assert_eq!(
        find(&[], &[1.0], plain),
        Err(CompareError::Empty { argument: "series" })
    );
    assert_eq!(
        find(&[1.0], &[], plain),
        Err(CompareError::Empty {
            argument: "pattern"
        })
    );
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(
            find(&[0.0, bad], &[1.0], plain),
            Err(CompareError::NotFinite {
                argument: "series",
                index: 1
            })
        );
        assert_eq!(
            find(&[0.0], &[bad], plain),
            Err(CompareError::NotFinite {
                argument: "pattern",
                index: 0
            })
        );
    }
    assert!(matches!(
        find(&[0.0], &[0.0], SearchOptions { k: 0, ..plain }),
        Err(CompareError::BadOption { option: "k", .. })
    ));
    for most in [-1.0, f64::NAN] {
        assert!(matches!(
            find(
                &[0.0],
                &[0.0],
                SearchOptions {
                    max_distance: Some(most),
                    ..plain
                }
            ),
            Err(CompareError::BadOption {
                option: "max_distance",
                ..
            })
        ));
    }
    assert_eq!(
        find(&[1e200, 0.0], &[-1e200], plain),
        Err(CompareError::Overflow)
    );
    assert!(matches!(
        find(&vec![0.0; (1 << 22) + 1], &[0.0], plain),
        Err(CompareError::TooLarge {
            allowed: 4_194_304,
            ..
        })
    ));
    assert!(matches!(
        find(
            &[0.0; 500],
            &[0.0; 100],
            SearchOptions {
                max_cells: 1000,
                ..plain
            }
        ),
        Err(CompareError::TooLarge { allowed: 1000, .. })
    ));
    // A pattern longer than the series is nowhere in it.
    assert_eq!(
        find(&[1.0], &[1.0, 2.0], plain).map(|work| work.stretches),
        Ok(0)
    );
}

#[test]
fn a_stream_refuses_what_is_no_number_and_goes_on() {
    assert_eq!(
        PatternStream::new(&[], 1.0, Cost::Squared).unwrap_err(),
        CompareError::Empty {
            argument: "pattern"
        }
    );
    assert!(matches!(
        PatternStream::new(&[1.0], f64::NAN, Cost::Squared),
        Err(CompareError::BadOption {
            option: "max_distance",
            ..
        })
    ));
    assert!(matches!(
        PatternStream::new(&vec![0.0; 65_537], 1.0, Cost::Squared),
        Err(CompareError::TooLarge {
            allowed: 65_536,
            ..
        })
    ));
    let mut stream = PatternStream::new(&[1.0, 2.0], 0.0, Cost::Squared).unwrap();
    let held = stream.bytes();
    assert_eq!(stream.push(1.0), Ok(None));
    assert_eq!(
        stream.push(f64::NAN),
        Err(CompareError::NotFinite {
            argument: "value",
            index: 1
        })
    );
    assert_eq!(stream.push(2.0), Ok(None));
    let expected = StreamMatch {
        start: 0,
        end: 2,
        distance: 0.0,
    };
    assert_eq!(stream.push(9.0), Ok(Some(expected)));
    // What no float holds is above every threshold.
    assert_eq!(stream.push(1e300), Ok(None));
    assert_eq!(
        (stream.finish(), stream.samples(), stream.bytes()),
        (None, 0, held)
    );
}
