//! The gates of RegimeID-1 at a size for every run; the full run is `cargo bench --bench regimes`.
#![allow(missing_docs)]

mod systems;

use midstream_temporal_attractor_studio::{Classifier, Report, Settings, Verdict};
use systems::{Class, System};

fn right(class: Class, verdict: Verdict) -> bool {
    matches!(
        (class, verdict),
        (Class::FixedPoint, Verdict::FixedPoint)
            | (Class::Periodic, Verdict::Periodic { .. })
            | (Class::Quasiperiodic, Verdict::Quasiperiodic)
            | (Class::Chaotic, Verdict::Chaotic { .. })
            | (Class::Stochastic, Verdict::Stochastic)
    )
}

fn classifier(points: usize) -> Classifier {
    Classifier::new(points, Settings::default()).expect("within bounds")
}

fn share_right(systems: &[System], seed: u64) -> f64 {
    let mut classifier = classifier(5000);
    let (mut good, mut asked) = (0, 0);
    for system in systems {
        for noise in [0.0, 0.01] {
            if system.class == Class::FixedPoint && noise > 0.0 {
                continue;
            }
            let series = system.series(seed, 5000, noise);
            let report = classifier.classify(&series).expect("a valid series");
            good += u32::from(right(system.class, report.verdict));
            asked += 1;
        }
    }
    f64::from(good) / f64::from(asked)
}

#[test]
fn nine_of_ten_tuned_series_of_5000_points_get_the_right_name() {
    let share = share_right(&systems::tuned(), 77);
    assert!(share >= 0.9, "{share}");
}

#[test]
fn nine_of_ten_held_out_series_of_5000_points_get_the_right_name() {
    let systems = systems::held_out::held_out();
    let share = share_right(&systems, 78);
    assert!(share >= 0.9, "{share}");
}

#[test]
fn nine_of_ten_fresh_series_of_5000_points_get_the_right_name() {
    let share = share_right(&systems::fresh::fresh(), 79);
    assert!(share >= 0.9, "{share}");
}

#[test]
fn no_process_without_chaos_is_called_chaotic() {
    let systems = systems::tuned()
        .into_iter()
        .chain(systems::held_out::held_out())
        .chain(systems::fresh::fresh())
        .chain(systems::stress());
    let mut classifier = classifier(2000);
    for system in systems.filter(|system| system.class != Class::Chaotic) {
        for (seed, noise) in [(90, 0.0), (91, 0.01), (92, 0.05)] {
            let series = system.series(seed, 2000, noise);
            let report = classifier.classify(&series).expect("a valid series");
            let chaotic = matches!(report.verdict, Verdict::Chaotic { .. });
            assert!(!chaotic, "{} seed {seed}: {report:?}", system.name);
        }
    }
}

#[test]
fn periods_are_found_to_a_tenth_of_a_percent() {
    let expected = [
        ("logistic 3.2", 2.0),
        ("logistic 3.5", 4.0),
        ("logistic 3.83", 3.0),
        ("sine 17.3", 17.3),
    ];
    let mut classifier = classifier(3000);
    for (name, period) in expected {
        let system = systems::tuned()
            .into_iter()
            .find(|s| s.name == name)
            .expect("in the table");
        for noise in [0.0, 0.01, 0.05] {
            let report = classifier
                .classify(&system.series(5, 3000, noise))
                .expect("valid");
            let Verdict::Periodic { period: found } = report.verdict else {
                panic!("{name} noise {noise}: {report:?}");
            };
            assert!((found - period).abs() < 1e-3 * period, "{name}: {found}");
        }
    }
}

#[test]
fn exponents_of_maps_are_right_to_three_percent_and_of_lorenz_to_twelve() {
    let bounds = [
        ("logistic 4", 0.03),
        ("logistic 3.9", 0.03),
        ("henon", 0.03),
        ("lorenz 28", 0.12),
        ("lorenz 45.92", 0.12),
    ];
    let mut classifier = classifier(5000);
    for (name, bound) in bounds {
        let system = systems::tuned()
            .into_iter()
            .find(|s| s.name == name)
            .expect("in the table");
        let report = classifier
            .classify(&system.series(3, 5000, 0.0))
            .expect("valid");
        let Verdict::Chaotic { lambda, low, high } = report.verdict else {
            panic!("{name}: {report:?}");
        };
        let truth = system.lambda.expect("published") * system.interval;
        assert!(
            (lambda / truth - 1.0).abs() < bound,
            "{name}: {lambda} instead of {truth}"
        );
        assert!(low <= lambda && lambda <= high);
    }
}

fn chaos(report: &Report) -> f64 {
    if matches!(report.verdict, Verdict::Chaotic { .. }) {
        report.confidence()
    } else {
        0.0
    }
}

#[test]
fn time_reversal_of_a_dissipative_map_does_not_raise_confidence() {
    let mut classifier = classifier(3000);
    for name in ["logistic 4", "logistic 3.9", "henon", "ikeda"] {
        let system = systems::tuned()
            .into_iter()
            .chain(systems::held_out::held_out())
            .find(|system| system.name == name)
            .expect("in the table");
        for seed in 0..4 {
            let mut series = system.series(seed, 3000, 0.0);
            let forwards = chaos(&classifier.classify(&series).expect("valid"));
            series.reverse();
            let backwards = chaos(&classifier.classify(&series).expect("valid"));
            assert!(
                backwards <= forwards + 0.01,
                "{name} {seed}: {backwards} > {forwards}"
            );
        }
    }
}

#[test]
fn one_classifier_gives_the_same_answer_whatever_it_saw_before() {
    let mut used = classifier(5000);
    for system in systems::tuned().iter().step_by(3) {
        for length in [300, 1000, 2500] {
            let series = system.series(8, length, 0.01);
            let alone = classifier(length).classify(&series);
            assert_eq!(used.classify(&series), alone, "{} {length}", system.name);
        }
    }
}
