//! Answers that earlier implementations gave. Each test states the wrong rule beside the right one.
#![allow(missing_docs)]

mod systems;

use midstream_temporal_attractor_studio::{
    Embedding, Error, ExponentSettings, Verdict, classify, exponent,
};
use systems::{Random, System};

fn named(name: &str) -> System {
    let all = systems::tuned()
        .into_iter()
        .chain(systems::held_out::held_out());
    all.into_iter()
        .find(|system| system.name == name)
        .expect("a system of the table")
}

fn verdict(series: &[f64]) -> Verdict {
    classify(series).expect("a valid series").verdict
}

fn lambda(series: &[f64], start: Option<usize>) -> f64 {
    let embedding = Embedding {
        delay: 1,
        dimension: 3,
    };
    let settings = ExponentSettings {
        embedding,
        theiler: 10,
        start,
        length: Some(6),
    };
    exponent(series, settings).expect("a valid series").lambda
}

/// "Lyapunov exponent = mean of ln |x[i+1] - x[i]|" rises by ln 10 when the unit changes.
#[test]
fn the_exponent_is_not_a_mean_of_logarithms_of_steps() {
    let series = named("logistic 3.9").series(1, 2000, 0.0);
    let scaled: Vec<f64> = series.iter().map(|x| 10.0 * x).collect();
    let wrong = |series: &[f64]| {
        let steps = series
            .windows(2)
            .map(|w| (w[1] - w[0]).abs().max(1e-300).ln());
        steps.sum::<f64>() / (series.len() - 1) as f64
    };
    assert!((wrong(&scaled) - wrong(&series) - 10_f64.ln()).abs() < 1e-9);
    assert!((lambda(&scaled, None) - lambda(&series, None)).abs() < 1e-3);
    assert!((lambda(&series, None) - 0.4958).abs() < 0.05);
}

/// "Chaos if that mean exceeds 0.1": white noise in a large unit was chaos, in a small one order.
#[test]
fn white_noise_is_stochastic_in_every_unit() {
    let series = named("white").series(2, 2000, 0.0);
    for unit in [1e-6, 1.0, 1e6] {
        let scaled: Vec<f64> = series.iter().map(|x| unit * x).collect();
        assert_eq!(verdict(&scaled), Verdict::Stochastic, "unit {unit}");
    }
}

/// The textbook fit from step 0 gives white noise an exponent of 0.4 nats per sample.
#[test]
fn a_fit_from_step_zero_finds_chaos_in_noise_and_ours_does_not() {
    let series = named("white").series(3, 2000, 0.0);
    assert!(
        lambda(&series, Some(0)) > 0.15,
        "{}",
        lambda(&series, Some(0))
    );
    assert!(
        lambda(&series, None).abs() < 0.02,
        "{}",
        lambda(&series, None)
    );
    let noisy = named("logistic 3.5").series(3, 2000, 0.01);
    assert!(lambda(&noisy, Some(0)) > 0.2, "{}", lambda(&noisy, Some(0)));
    assert!(
        lambda(&noisy, None).abs() < 0.02,
        "{}",
        lambda(&noisy, None)
    );
}

/// "Periodic if |x[i] - x[i+p]| < 0.1": every series in a small enough unit was periodic.
#[test]
fn small_numbers_are_not_periodic_and_large_ones_not_aperiodic() {
    let noise: Vec<f64> = named("uniform")
        .series(4, 2000, 0.0)
        .iter()
        .map(|x| x * 1e-3)
        .collect();
    assert_eq!(verdict(&noise), Verdict::Stochastic);
    let cycle: Vec<f64> = named("logistic 3.5")
        .series(4, 2000, 0.0)
        .iter()
        .map(|x| x * 1e6)
        .collect();
    assert_eq!(verdict(&cycle), Verdict::Periodic { period: 4.0 });
}

/// "Confidence = N / 100": more points of noise must not turn into more certainty of chaos.
#[test]
fn more_noise_does_not_become_chaos() {
    for length in [500, 1000, 4000] {
        let series = named("ar(1) .9").series(5, length, 0.0);
        assert_eq!(verdict(&series), Verdict::Stochastic, "{length} points");
    }
}

/// A constant series had an exponent of minus infinity.
#[test]
fn a_constant_series_is_a_fixed_point_and_has_no_exponent() {
    for value in [0.0, -0.0, 7.5, 1e300, 5e-324] {
        let series = vec![value; 1000];
        assert_eq!(verdict(&series), Verdict::FixedPoint);
        let embedding = Embedding {
            delay: 1,
            dimension: 2,
        };
        let settings = ExponentSettings {
            embedding,
            theiler: 10,
            start: None,
            length: None,
        };
        assert_eq!(exponent(&series, settings), Err(Error::Constant));
    }
}

/// A random walk, integrated once more, passes every fixed window of the exponent.
#[test]
fn smooth_red_noise_is_never_chaotic() {
    for name in ["random walk", "integrated walk", "ar(2)", "ar(1) .99"] {
        for seed in 0..5 {
            let answer = verdict(&named(name).series(seed, 2000, 0.0));
            assert!(
                !matches!(answer, Verdict::Chaotic { .. }),
                "{name} {seed}: {answer:?}"
            );
        }
    }
}

/// A quantised series (latencies in whole milliseconds) has neighbours at distance zero.
#[test]
fn a_coarsely_quantised_series_gets_no_exponent_of_minus_infinity() {
    let series: Vec<f64> = named("logistic 4")
        .series(6, 3000, 0.0)
        .iter()
        .map(|x| (x * 20.0).round())
        .collect();
    let answer = classify(&series).expect("a valid series");
    assert!(answer.exponent.is_none_or(|found| found.lambda.is_finite()));
    let embedding = Embedding {
        delay: 1,
        dimension: 2,
    };
    let settings = ExponentSettings {
        embedding,
        theiler: 10,
        start: None,
        length: None,
    };
    assert_eq!(exponent(&series, settings), Err(Error::Quantised));
}

/// The permutation of a chaotic series keeps its values and loses its rule.
#[test]
fn a_permuted_chaotic_series_is_stochastic() {
    for (seed, name) in ["logistic 4", "henon", "lorenz 28", "ikeda"]
        .into_iter()
        .enumerate()
    {
        let mut series = named(name).series(seed as u64, 2000, 0.0);
        systems::shuffle(&mut series, &mut Random::new(seed as u64));
        assert_eq!(verdict(&series), Verdict::Stochastic, "{name}");
    }
}

/// Runs of equal values have neighbours that are apart, but that coincide later at some step: the
/// mean of no logarithms was not a number.
#[test]
fn pairs_that_coincide_later_give_an_error_and_not_a_nan() {
    for runs in 2..40_usize {
        let series: Vec<f64> = (0..runs * 30)
            .map(|t| ((t / 30 * 7919) % 97) as f64 + if t % 30 == 0 { 0.3 } else { 0.0 })
            .collect();
        for delay in [1, 5, 20] {
            let embedding = Embedding {
                delay,
                dimension: 4,
            };
            let settings = ExponentSettings {
                embedding,
                theiler: 3,
                start: None,
                length: None,
            };
            if let Ok(found) = exponent(&series, settings) {
                assert!(
                    found.lambda.is_finite() && found.low.is_finite(),
                    "{found:?}"
                );
            }
        }
    }
}
