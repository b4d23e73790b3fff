//! What must hold for any input: no panic, no number that is not finite, no change of unit or place.
#![allow(missing_docs)]

mod systems;

use midstream_temporal_attractor_studio::{
    Classifier, Embedding, Error, ExponentSettings, MAX_POINTS, PermutationStream,
    RecurrenceSettings, RecurrenceStream, RegimeStream, Settings, StreamSettings, Verdict,
    classify, correlation_dimension, delay, determinism, dimension, exponent, false_neighbours,
    mutual_information, permutation_entropy, recurrence, zero_one,
};
use proptest::prelude::*;

/// Series that are hard on purpose: ties, jumps of 600 orders of magnitude, long constant runs.
fn hard_series() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        Just(0.0),
        Just(-0.0),
        Just(1e308),
        Just(-1e308),
        Just(5e-324),
        Just(f64::NAN),
        Just(f64::INFINITY),
        -3.0..3.0_f64,
        (0..4_i32).prop_map(f64::from),
    ];
    let mixed = prop::collection::vec(value, 0..400);
    let coarse = prop::collection::vec((0..3_i32).prop_map(f64::from), 0..1500);
    let runs = prop::collection::vec((1..200_usize, -1.0..1.0_f64), 0..12).prop_map(|runs| {
        runs.into_iter()
            .flat_map(|(count, value)| std::iter::repeat_n(value, count))
            .collect()
    });
    let waves = (1.0..300.0_f64, 0.0..1e9_f64, 64..1500_usize).prop_map(|(period, base, n)| {
        (0..n)
            .map(|t| base + (t as f64 * std::f64::consts::TAU / period).sin())
            .collect()
    });
    prop_oneof![mixed, coarse, runs, waves]
}

fn finite(verdict: Verdict) -> bool {
    match verdict {
        Verdict::Periodic { period } => period.is_finite() && period >= 2.0,
        Verdict::Chaotic { lambda, low, high } => {
            lambda.is_finite() && low <= lambda && lambda <= high
        }
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn no_input_makes_the_classifier_panic(series in hard_series()) {
        match classify(&series) {
            Ok(report) => {
                prop_assert!(series.iter().all(|value| value.is_finite()));
                prop_assert!(finite(report.verdict), "{report:?}");
            }
            Err(Error::NotFinite { index }) => {
                prop_assert!(!series[index].is_finite());
                prop_assert!(series[..index].iter().all(|value| value.is_finite()));
            }
            Err(Error::Empty) => prop_assert!(series.is_empty()),
            Err(Error::TooShort { length, minimum }) => {
                prop_assert_eq!(length, series.len());
                prop_assert!(length < minimum);
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }

    #[test]
    fn no_input_and_no_setting_makes_a_measure_panic(
        series in hard_series(),
        delay_of in 0..40_usize,
        dimension_of in 0..10_usize,
        theiler in 0..2000_usize,
        radius in prop_oneof![Just(f64::NAN), -1.0..2.0_f64],
    ) {
        let embedding = Embedding { delay: delay_of, dimension: dimension_of };
        let _ = delay(&series, theiler);
        let _ = mutual_information(&series, delay_of);
        let _ = dimension(&series, delay_of, theiler, dimension_of);
        let _ = false_neighbours(&series, delay_of, theiler, dimension_of);
        let _ = determinism(&series, embedding, theiler, delay_of);
        let _ = correlation_dimension(&series, embedding, theiler);
        let _ = permutation_entropy(&series, dimension_of, delay_of);
        let _ = zero_one(&series, delay_of);
        let (diagonal, vertical) = (dimension_of, 2);
        let plot = RecurrenceSettings { embedding, radius, theiler, diagonal, vertical };
        if let Ok(found) = recurrence(&series, plot) {
            for share in [found.rate, found.determinism, found.laminarity] {
                prop_assert!((0.0..=1.0).contains(&share), "{found:?}");
            }
        }
        for (start, length) in [(None, None), (Some(0), Some(theiler)), (Some(theiler), None)] {
            let settings = ExponentSettings { embedding, theiler: theiler / 4, start, length };
            if let Ok(found) = exponent(&series, settings) {
                prop_assert!(found.lambda.is_finite(), "{found:?}");
            }
        }
    }

    #[test]
    fn streams_take_any_sample(series in hard_series()) {
        let mut regime = RegimeStream::new(StreamSettings::default()).expect("valid");
        let mut entropy = PermutationStream::new(3, 2, 100).expect("valid");
        let mut plot = RecurrenceStream::new(0.0, 0.1, 3).expect("valid");
        for value in &series {
            prop_assert_eq!(regime.push(*value).is_ok(), value.is_finite());
            prop_assert_eq!(plot.push(*value).is_ok(), value.is_finite());
            if let Ok(Some(entropy)) = entropy.push(*value) {
                prop_assert!((0.0..=1.0).contains(&entropy));
            }
        }
        let found = plot.measures();
        for share in [found.rate, found.determinism, found.laminarity] {
            prop_assert!((0.0..=1.0).contains(&share), "{found:?}");
        }
    }
}

/// An early start leaves the span of the embedding as what a point needs.
#[test]
fn a_series_shorter_than_its_points_is_too_short() {
    let embedding = Embedding {
        delay: 39,
        dimension: 8,
    };
    let series: Vec<f64> = (0..200).map(|at| f64::from(at * at % 31)).collect();
    for start in [None, Some(0), Some(1), Some(150)] {
        let settings = ExponentSettings {
            embedding,
            theiler: 0,
            start,
            length: Some(2),
        };
        let refused = exponent(&series, settings);
        assert!(
            matches!(refused, Err(Error::TooShort { length: 200, .. })),
            "{refused:?}"
        );
    }
}

/// Verdicts must agree in kind; numbers to rounding.
fn same(a: Verdict, b: Verdict) -> bool {
    match (a, b) {
        (Verdict::Periodic { period: a }, Verdict::Periodic { period: b }) => {
            (a - b).abs() < 1e-3 * a
        }
        (Verdict::Chaotic { lambda: a, .. }, Verdict::Chaotic { lambda: b, .. }) => {
            (a - b).abs() < 0.02 * a
        }
        (Verdict::Inconclusive { .. }, Verdict::Inconclusive { .. }) => true,
        (a, b) => a == b,
    }
}

#[test]
fn another_unit_and_another_zero_leave_every_verdict_as_it_is() {
    let mut classifier = Classifier::new(2000, Settings::default()).expect("valid");
    let systems = systems::tuned()
        .into_iter()
        .chain(systems::held_out::held_out());
    for system in systems {
        let series = system.series(21, 2000, 0.01);
        let plain = classifier.classify(&series).expect("valid").verdict;
        for (scale, shift) in [(1024.0, 0.0), (-1.0, 0.0), (0.125, -4.0), (3.7, 1.0e3)] {
            let moved: Vec<f64> = series.iter().map(|x| scale * x + shift).collect();
            let other = classifier.classify(&moved).expect("valid").verdict;
            assert!(
                same(plain, other),
                "{} * {scale} + {shift}: {plain:?} {other:?}",
                system.name
            );
        }
    }
}

#[test]
fn bounds_are_kept_and_named() {
    let long = vec![0.5; MAX_POINTS + 1];
    let too_long = Error::TooLong {
        length: MAX_POINTS + 1,
        maximum: MAX_POINTS,
    };
    assert_eq!(classify(&long), Err(too_long));
    assert_eq!(classify(&[]), Err(Error::Empty));
    assert_eq!(
        classify(&[1.0, 2.0]),
        Err(Error::TooShort {
            length: 2,
            minimum: 64
        })
    );
    let settings = Settings {
        most_dimension: 9,
        ..Settings::default()
    };
    let refused = Classifier::new(10, settings).map(|_| ());
    let expected = Error::Setting {
        name: "most_dimension",
        value: 9.0,
        least: 1.0,
        most: 8.0,
    };
    assert_eq!(refused, Err(expected));
    assert_eq!(
        expected.to_string(),
        "most_dimension is 9; it must lie between 1 and 8"
    );
    let settings = StreamSettings {
        window: 100,
        ..StreamSettings::default()
    };
    assert!(RegimeStream::new(settings).is_err());
    assert!(RecurrenceStream::new(f64::NAN, 1.0, 2).is_err());
    assert!(PermutationStream::new(6, 1, 10).is_err());
}

#[test]
fn the_worst_series_for_a_neighbour_search_stay_cheap() {
    // Long constant runs, two clusters, one huge outlier: 20,000 points each. A quadratic search
    // would take minutes in this profile; the test's own limit is the runner's.
    let length = 20_000;
    let runs: Vec<f64> = (0..length).map(|t| f64::from(t / 5000)).collect();
    let clusters: Vec<f64> = (0..length)
        .map(|t| f64::from(t % 2) * 1e6 + f64::from((t * 7919) % 1009) * 1e-3)
        .collect();
    let outlier: Vec<f64> = (0..length)
        .map(|t| {
            if t == 777 {
                1e9
            } else {
                f64::from((t * 7919) % 1013)
            }
        })
        .collect();
    for series in [runs, clusters, outlier] {
        assert!(classify(&series).is_ok());
    }
}
