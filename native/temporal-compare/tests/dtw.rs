//! DTW against the ground truth, a naive matrix, and itself on other instructions.
#![allow(
    clippy::float_cmp,
    reason = "the inputs are whole numbers, so every right answer is exact"
)]

mod common;

use common::{LENGTHS, Random, cost};
use midstream_temporal_compare::{CompareError, Cost, Dtw, DtwOptions, Isa, SeriesList};
use proptest::prelude::*;

const ALL: [Isa; 3] = [Isa::Portable, Isa::Avx2, Isa::Avx512];

fn engines() -> Vec<Dtw<f64>> {
    ALL.into_iter().filter_map(Dtw::with_isa).collect()
}

fn options(kind: Cost, window: Option<usize>, cutoff: Option<f64>) -> DtwOptions<f64> {
    DtwOptions {
        cost: kind,
        window,
        cutoff,
        ..DtwOptions::default()
    }
}

#[test]
fn known_distances_come_out() {
    let cases: [(&[f64], &[f64], f64, f64); 4] = [
        (&[0.0, 1.0, 2.0], &[3.0, 4.0, 5.0], 26.0, 9.0),
        (
            &[1.0, 3.0, 9.0, 2.0, 1.0],
            &[2.0, 0.0, 0.0, 8.0, 7.0, 2.0],
            17.0,
            9.0,
        ),
        (&[1.0, 2.0, 3.0], &[1.0, 1.0, 2.0, 2.0, 3.0, 3.0], 0.0, 0.0),
        (&[5.0], &[1.0, 2.0, 3.0], 29.0, 9.0),
    ];
    for (a, b, squared, absolute) in cases {
        for mut dtw in engines() {
            assert_eq!(
                dtw.distance(a, b, &options(Cost::Squared, None, None)),
                Ok(Some(squared))
            );
            assert_eq!(
                dtw.distance(a, b, &options(Cost::Absolute, None, None)),
                Ok(Some(absolute))
            );
            let mut path = Vec::new();
            assert_eq!(
                dtw.path(a, b, 1, &options(Cost::Squared, None, None), &mut path),
                Ok(Some(squared))
            );
        }
    }
}

#[test]
fn every_pair_of_lengths_equals_the_matrix() {
    let mut random = Random(1);
    for n in LENGTHS.into_iter().filter(|&n| n > 0) {
        for m in LENGTHS.into_iter().filter(|&m| m > 0 && n * m <= 200_000) {
            let (a, b) = (random.whole(n), random.whole(m));
            let window = n.abs_diff(m) + random.below(12) as usize;
            for (kind, window) in [
                (Cost::Squared, None),
                (Cost::Absolute, None),
                (Cost::Squared, Some(window)),
            ] {
                let want = common::dtw(&a, &b, 1, window.unwrap_or(usize::MAX), kind);
                for mut dtw in engines() {
                    assert_eq!(
                        dtw.distance(&a, &b, &options(kind, window, None)),
                        Ok(Some(want)),
                        "{n} {m} {kind:?} {window:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn single_precision_is_exact_where_the_sums_are() {
    let mut random = Random(2);
    for n in [1, 7, 33, 100, 161] {
        let (a, b) = (random.whole(n), random.whole(n + 5));
        let want = common::dtw(&a, &b, 1, usize::MAX, Cost::Squared) as f32;
        let narrow = |series: &[f64]| series.iter().map(|&x| x as f32).collect::<Vec<f32>>();
        for mut dtw in ALL.into_iter().filter_map(Dtw::<f32>::with_isa) {
            assert_eq!(
                dtw.distance(&narrow(&a), &narrow(&b), &DtwOptions::default()),
                Ok(Some(want))
            );
        }
    }
}

fn series(max: usize) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((-20i32..20).prop_map(f64::from), 1..max)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_cutoff_only_turns_what_is_above_it_into_none(
        a in series(90), b in series(90), slack in 0usize..60, part in 0.0f64..1.3, absolute in any::<bool>(),
    ) {
        let kind = if absolute { Cost::Absolute } else { Cost::Squared };
        for window in [None, Some(a.len().abs_diff(b.len()) + slack)] {
            let want = common::dtw(&a, &b, 1, window.unwrap_or(usize::MAX), kind);
            for cutoff in [want, (want * part).floor(), 0.0] {
                let expected = (want <= cutoff).then_some(want);
                let options = options(kind, window, Some(cutoff));
                for mut dtw in engines() {
                    prop_assert_eq!(dtw.distance(&a, &b, &options), Ok(expected));
                    prop_assert_eq!(dtw.scalar(&a, &b, 1, &options), Ok(expected));
                }
            }
        }
    }

    #[test]
    fn real_numbers_agree_on_all_instructions(seed in any::<u64>(), n in 1usize..150, m in 1usize..150) {
        let mut random = Random(seed);
        let (a, b) = (random.real(n), random.real(m));
        let want = common::dtw(&a, &b, 1, usize::MAX, Cost::Squared);
        for mut dtw in engines() {
            let got = dtw.distance(&a, &b, &DtwOptions::default()).unwrap().unwrap();
            prop_assert!((got - want).abs() <= 1e-12 * want, "{} {}", got, want);
            let back = dtw.distance(&b, &a, &DtwOptions::default()).unwrap().unwrap();
            prop_assert_eq!(got.to_bits(), back.to_bits(), "symmetry");
            let cut = DtwOptions::with_cutoff(got);
            prop_assert_eq!(dtw.distance(&a, &b, &cut), Ok(Some(got)), "the same kernel with a cutoff");
        }
    }

    #[test]
    fn a_path_steps_from_corner_to_corner_and_costs_the_distance(
        a in series(70), b in series(70), slack in 0usize..70, dims in 1usize..4,
    ) {
        let (n, m) = (a.len(), b.len());
        let widen = |series: &[f64]| series.iter().flat_map(|&x| (0..dims).map(move |d| x + d as f64)).collect::<Vec<_>>();
        let (a, b) = (widen(&a), widen(&b));
        for window in [None, Some(n.abs_diff(m) + slack)] {
            for mut dtw in engines() {
                let mut path = Vec::new();
                let got = dtw.path(&a, &b, dims, &options(Cost::Squared, window, None), &mut path).unwrap().unwrap();
                prop_assert_eq!(got, common::dtw(&a, &b, dims, window.unwrap_or(usize::MAX), Cost::Squared));
                prop_assert_eq!(path[0], (0, 0));
                prop_assert_eq!(path[path.len() - 1], (n as u32 - 1, m as u32 - 1));
                let mut sum = 0.0;
                for (k, &(i, j)) in path.iter().enumerate() {
                    prop_assert!(i.abs_diff(j) as usize <= window.unwrap_or(usize::MAX));
                    if k > 0 {
                        let (before_i, before_j) = path[k - 1];
                        prop_assert!(i - before_i <= 1 && j - before_j <= 1 && (i, j) != (before_i, before_j));
                    }
                    for d in 0..dims {
                        sum += cost(a[i as usize * dims + d], b[j as usize * dims + d], Cost::Squared);
                    }
                }
                prop_assert_eq!(sum, got);
            }
        }
    }

    #[test]
    fn several_dimensions_equal_the_matrix(seed in any::<u64>(), dims in 1usize..6, n in 1usize..60, m in 1usize..60) {
        let mut random = Random(seed);
        let (a, b) = (random.whole(n * dims), random.whole(m * dims));
        for kind in [Cost::Squared, Cost::Absolute] {
            let want = common::dtw(&a, &b, dims, usize::MAX, kind);
            for mut dtw in engines() {
                prop_assert_eq!(dtw.multivariate(&a, &b, dims, &options(kind, None, None)), Ok(Some(want)));
            }
        }
    }

    #[test]
    fn a_batch_equals_the_single_calls(
        query in series(60), others in prop::collection::vec(series(60), 0..20), part in 0.2f64..1.5, window in any::<bool>(),
    ) {
        let values: Vec<f64> = others.concat();
        let lengths: Vec<u32> = others.iter().map(|series| series.len() as u32).collect();
        let list = SeriesList { values: &values, lengths: &lengths };
        for mut dtw in engines() {
            let mut out = vec![0.0; others.len()];
            let typical = others.first().map(|other| common::dtw(&query, other, 1, usize::MAX, Cost::Squared));
            for cutoff in [None, typical.map(|distance| (distance * part).floor())] {
                let options = options(Cost::Squared, window.then_some(64), cutoff);
                dtw.batch(&query, list, &options, &mut out).unwrap();
                for (other, &got) in others.iter().zip(&out) {
                    let want = dtw.distance(&query, other, &options).unwrap().unwrap_or(f64::INFINITY);
                    prop_assert_eq!(got, want);
                }
            }
        }
    }
}

#[test]
fn input_without_an_answer_is_refused_by_name() {
    let mut dtw = Dtw::new();
    let plain = DtwOptions::default();
    let a = [1.0, 2.0, 3.0];
    assert_eq!(
        dtw.distance(&[], &a, &plain),
        Err(CompareError::Empty { argument: "a" })
    );
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for at in [0, 15, 16, 40] {
            let mut b = vec![0.0; 41];
            b[at] = bad;
            assert_eq!(
                dtw.distance(&a, &b, &plain),
                Err(CompareError::NotFinite {
                    argument: "b",
                    index: at
                })
            );
        }
    }
    assert_eq!(
        dtw.distance(&a, &[1.0], &DtwOptions::with_window(1)),
        Err(CompareError::WindowTooNarrow {
            window: 1,
            needed: 2
        })
    );
    let tight = DtwOptions {
        max_cells: 8,
        ..plain
    };
    assert_eq!(
        dtw.distance(&a, &a, &tight),
        Err(CompareError::TooLarge {
            needed: 9,
            allowed: 8
        })
    );
    let tight = DtwOptions {
        max_path_cells: 8,
        ..plain
    };
    assert_eq!(
        dtw.path(&a, &a, 1, &tight, &mut Vec::new()),
        Err(CompareError::TooLarge {
            needed: 9,
            allowed: 8
        })
    );
    assert_eq!(
        dtw.multivariate(&a, &a, 2, &plain),
        Err(CompareError::Ragged {
            argument: "a",
            len: 3,
            dims: 2
        })
    );
    assert_eq!(
        dtw.multivariate(&a, &a, 0, &plain),
        Err(CompareError::Ragged {
            argument: "a",
            len: 3,
            dims: 0
        })
    );
    for cutoff in [-1.0, f64::NAN] {
        let error = dtw
            .distance(&a, &a, &DtwOptions::with_cutoff(cutoff))
            .unwrap_err();
        assert!(error.to_string().contains("`cutoff`"), "{error}");
    }
    let list = SeriesList {
        values: &a,
        lengths: &[1, 1],
    };
    assert!(matches!(
        dtw.batch(&a, list, &plain, &mut [0.0; 2]),
        Err(CompareError::Ragged { .. })
    ));
    let list = SeriesList {
        values: &a,
        lengths: &[3, 0],
    };
    assert!(matches!(
        dtw.batch(&a, list, &plain, &mut [0.0; 2]),
        Err(CompareError::Empty { .. })
    ));
}

#[test]
fn a_distance_that_no_float_holds_is_an_overflow_and_not_infinity() {
    for n in [1, 5, 100] {
        let (a, b) = (vec![1e200; n], vec![-1e200; n]);
        for mut dtw in engines() {
            assert_eq!(
                dtw.distance(&a, &b, &DtwOptions::default()),
                Err(CompareError::Overflow)
            );
            assert_eq!(
                dtw.distance(&a, &b, &DtwOptions::with_cutoff(1.0)),
                Ok(None)
            );
            let list = SeriesList {
                values: &b,
                lengths: &[n as u32],
            };
            assert_eq!(
                dtw.batch(&a, list, &DtwOptions::default(), &mut [0.0]),
                Err(CompareError::Overflow)
            );
        }
    }
}

#[test]
fn a_used_workspace_gives_what_a_new_one_gives() {
    let mut random = Random(3);
    let mut used = Dtw::new();
    let mut path = Vec::new();
    for _ in 0..400 {
        let (n, m) = (1 + random.below(90) as usize, 1 + random.below(90) as usize);
        let (a, b) = (random.whole(n), random.whole(m));
        let window = (random.below(2) == 0).then(|| n.abs_diff(m) + random.below(30) as usize);
        let options = options(Cost::Squared, window, None);
        let want = Dtw::new().distance(&a, &b, &options);
        assert_eq!(used.distance(&a, &b, &options), want);
        assert_eq!(used.path(&a, &b, 1, &options, &mut path), want);
    }
}
