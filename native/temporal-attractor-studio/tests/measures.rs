//! Embedding, dimensions, entropy, recurrence and the 0-1 test against known values.
#![allow(missing_docs)]

mod systems;

use midstream_temporal_attractor_studio::{
    Embedding, RecurrenceSettings, classify, correlation_dimension, delay, determinism, dimension,
    false_neighbours, mutual_information, permutation_entropy, recurrence, zero_one,
};
use systems::System;

fn named(name: &str) -> System {
    systems::tuned()
        .into_iter()
        .find(|system| system.name == name)
        .expect("in the table")
}

#[test]
fn maps_and_noise_get_delay_one_and_flows_up_to_a_quarter_of_their_rhythm() {
    for name in ["logistic 4", "henon", "white", "ar(1) .5", "logistic 3.83"] {
        assert_eq!(
            delay(&named(name).series(1, 3000, 0.0), 50),
            Ok(1),
            "{name}"
        );
    }
    let rossler = delay(&named("rossler 5.7").series(1, 5000, 0.0), 100).expect("valid");
    assert!((4..=9).contains(&rossler), "{rossler}"); // 29 samples per turn
    let mackey = delay(&named("mackey-glass 17").series(1, 5000, 0.0), 100).expect("valid");
    assert!((8..=14).contains(&mackey), "{mackey}"); // 50 samples per swing
}

#[test]
fn information_of_a_series_about_itself_falls_by_lambda_per_step_of_a_map() {
    let series = named("logistic 4").series(2, 20_000, 0.0);
    let information = mutual_information(&series, 3).expect("valid");
    // ln 2 is lost per step; the bins lose some as well.
    assert!(
        (information[0] - information[1] - 2_f64.ln()).abs() < 0.12,
        "{information:?}"
    );
}

#[test]
fn two_dimensions_hold_henon_and_three_hold_lorenz() {
    assert_eq!(
        dimension(&named("henon").series(1, 4000, 0.0), 1, 10, 6),
        Ok(2)
    );
    let lorenz = dimension(&named("lorenz 28").series(1, 5000, 0.0), 4, 40, 6).expect("valid");
    assert!((2..=3).contains(&lorenz), "{lorenz}");
    let shares = false_neighbours(&named("white").series(1, 3000, 0.0), 1, 10, 6).expect("valid");
    assert!(shares.iter().all(|share| *share > 0.15), "{shares:?}");
}

#[test]
fn correlation_dimensions_agree_with_the_published_ones() {
    // (name, delay, dimension, theiler, published, allowed)
    let table = [
        ("henon", 1, 2, 10, 1.22, 0.1),
        ("logistic 4", 1, 2, 10, 1.0, 0.1),
        ("lorenz 28", 4, 4, 40, 2.05, 0.2),
        ("torus product", 4, 5, 20, 2.0, 0.25),
        ("uniform", 1, 2, 10, 2.0, 0.15),
    ];
    for (name, delay, dimension, theiler, published, allowed) in table {
        let series = named(name).series(1, 8000, 0.0);
        let found = correlation_dimension(&series, Embedding { delay, dimension }, theiler)
            .expect("a valid series");
        let off = (found.dimension - published).abs();
        assert!(off < allowed, "{name}: {found:?}");
    }
}

#[test]
fn a_closed_curve_has_dimension_one_and_a_finite_set_none() {
    let embedding = Embedding {
        delay: 4,
        dimension: 3,
    };
    let make =
        |period: f64| systems::noises::lines(&[(period, 1.0)], &mut systems::Random::new(1), 8000);
    let curve = correlation_dimension(&make(17.3 / 1.618_033_988_75), embedding, 20);
    // The phases of a sampled period are nearly a lattice, which bends the small distances.
    assert!(
        (curve.expect("valid").dimension - 1.0).abs() < 0.3,
        "{curve:?}"
    );
    // 17.3 samples to a period are 173 different points.
    let points = correlation_dimension(&make(17.3), embedding, 20).expect("valid");
    assert!(points.dimension < 0.1, "{points:?}");
}

#[test]
fn permutation_entropy_falls_where_the_table_says() {
    let entropy = |name: &str, delay: usize| {
        permutation_entropy(&named(name).series(1, 5000, 0.0), 4, delay).expect("valid")
    };
    assert!((entropy("white", 1) - 0.998).abs() < 0.004);
    assert!((entropy("logistic 3.5", 1) - 0.44).abs() < 0.02);
    assert!((0.6..0.8).contains(&entropy("logistic 4", 1)));
    assert!((0.6..0.8).contains(&entropy("henon", 1)));
}

#[test]
fn the_zero_one_test_votes_as_published() {
    let vote = |name: &str, every: usize| {
        zero_one(&named(name).series(1, 1000 * every, 0.0), every).expect("valid")
    };
    assert!(vote("sine 17.3", 3) < 0.1);
    assert!(vote("torus", 3) < 0.2);
    assert!(vote("logistic 4", 1) > 0.95);
    assert!(vote("henon", 1) > 0.95);
    assert!(
        vote("white", 1) > 0.95,
        "it calls noise chaos: that is why it never decides alone"
    );
    assert!(vote("lorenz 28", 4) > 0.9);
}

#[test]
fn surrogates_forecast_as_well_as_noise_and_far_worse_than_a_rule() {
    let embedding = Embedding {
        delay: 1,
        dimension: 3,
    };
    let ratio = |name: &str| {
        let series = named(name).series(1, 2048, 0.0);
        determinism(&series, embedding, 10, 1).expect("valid").ratio
    };
    for name in ["logistic 4", "henon"] {
        assert!(ratio(name) < 0.05, "{name} {}", ratio(name));
    }
    for name in ["white", "ar(1) .9", "ar(2)", "garch"] {
        assert!(ratio(name) > 0.85, "{name} {}", ratio(name));
    }
}

#[test]
fn recurrence_of_a_sine_runs_in_lines_and_that_of_noise_does_not() {
    let settings = |dimension: usize, delay: usize| RecurrenceSettings {
        embedding: Embedding { delay, dimension },
        radius: 0.2,
        theiler: 5,
        diagonal: 4,
        vertical: 2,
    };
    let sine = recurrence(&named("sine 17.3").series(1, 1000, 0.0), settings(2, 4)).expect("valid");
    assert!(sine.determinism > 0.8 && sine.longest > 800, "{sine:?}");
    let noise = recurrence(&named("white").series(1, 1000, 0.0), settings(2, 1)).expect("valid");
    assert!(noise.determinism < 0.05, "{noise:?}");
    let telegraph = systems::noises::telegraph(&mut systems::Random::new(1), 1000);
    let standing = recurrence(&telegraph, settings(1, 1)).expect("valid");
    assert!(
        standing.laminarity > 0.6 && standing.trapping > 2.0,
        "{standing:?}"
    );
}

#[test]
fn recurrence_of_a_period_four_is_counted_exactly() {
    let series: Vec<f64> = (0..41).map(|t| f64::from(t % 4)).collect();
    let found = recurrence(
        &series,
        RecurrenceSettings {
            embedding: Embedding {
                delay: 1,
                dimension: 1,
            },
            radius: 0.1,
            theiler: 1,
            diagonal: 2,
            vertical: 2,
        },
    )
    .expect("valid");
    // Lags 4, 8, ..., 40 recur throughout: 37 + 33 + ... + 1 of 40 * 41 / 2 pairs.
    assert!((found.rate - 190.0 / 820.0).abs() < 1e-12, "{found:?}");
    assert_eq!(found.longest, 37);
    assert!((found.determinism - 189.0 / 190.0).abs() < 1e-12);
    assert!(found.laminarity.abs() < 1e-12 && found.trapping.abs() < 1e-12);
}

#[test]
fn a_damped_swing_that_has_come_to_rest_is_a_fixed_point() {
    let series: Vec<f64> = (0..2000)
        .map(f64::from)
        .map(|t| (-t / 20.0).exp() * (t / 3.0).sin())
        .collect();
    let report = classify(&series).expect("valid");
    assert_eq!(
        report.verdict,
        midstream_temporal_attractor_studio::Verdict::FixedPoint
    );
}
