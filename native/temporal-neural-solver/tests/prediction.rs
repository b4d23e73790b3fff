//! The shipped predictors beat persistence where they are meant to, and the forecast is the chain's exact answer.

mod common;

use common::{letters, program, words};
use midstream_temporal_neural_solver::predict::{Ewma, Forecast, HoltWinters, Ngram};
use midstream_temporal_neural_solver::{Code, Formula, Monitor, Semantics, Verdict, compile};
use proptest::prelude::*;

/// Uniform in [0, 1), the same on every machine.
fn random(state: &mut u64) -> f64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    (*state >> 11) as f64 / (1_u64 << 53) as f64
}

#[test]
fn the_n_gram_learns_a_period_that_persistence_cannot() {
    let mut ngram = Ngram::new(3);
    let (mut right, mut same) = (0, 0);
    let pattern = [1, 1, 2, 1, 1, 3, 4];
    for i in 0..1000 {
        let symbol = pattern[i % 7];
        if i >= 500 {
            right += u32::from(ngram.predict().symbol == symbol);
            same += u32::from(pattern[(i + 6) % 7] == symbol);
        }
        ngram.observe(symbol);
    }
    assert_eq!(right, 500);
    assert!(same < 250);
    assert!(ngram.predict().confidence < 1.0 && ngram.predict().order > 0);
}

#[test]
fn an_untrained_n_gram_is_persistence() {
    let mut ngram = Ngram::new(3);
    ngram.observe(9);
    assert_eq!((ngram.predict().symbol, ngram.predict().order), (9, 0));
}

#[test]
fn smoothing_beats_persistence_on_noise_and_on_seasons() {
    let mut state = 1;
    let mut ewma = Ewma::new(0.1).expect("factor");
    let mut winters = HoltWinters::new([0.2, 0.05, 0.2], 24).expect("factors");
    let (mut level, mut season) = ([0.0; 2], [0.0; 2]);
    let (mut last_level, mut last_season) = (0.0, 0.0);
    for i in 0..2000 {
        let noise = random(&mut state) - 0.5;
        let wave = (f64::from(i % 24) / 24.0 * std::f64::consts::TAU).sin() * 3.0 + noise;
        if i > 200 {
            level[0] += (ewma.predict().expect("seen") - (5.0 + noise)).abs();
            level[1] += f64::abs(last_level - (5.0 + noise));
            season[0] += (winters.predict().expect("seen") - wave).abs();
            season[1] += f64::abs(last_season - wave);
        }
        ewma.observe(5.0 + noise).expect("finite");
        winters.observe(wave).expect("finite");
        (last_level, last_season) = (5.0 + noise, wave);
    }
    assert!(level[0] < 0.85 * level[1], "{level:?}");
    assert!(season[0] < 0.6 * season[1], "{season:?}");
}

#[test]
fn wrong_factors_and_samples_are_errors_and_change_nothing() {
    for factor in [0.0, 1.5, -1.0, f64::NAN] {
        assert_eq!(Ewma::new(factor).expect_err("factor").code, Code::Number);
    }
    assert_eq!(
        HoltWinters::new([0.1; 3], 0).expect_err("period").code,
        Code::TooLarge
    );
    let mut ewma = Ewma::new(0.5).expect("factor");
    ewma.observe(2.0).expect("finite");
    for value in [f64::NAN, f64::INFINITY, 1e200] {
        assert!(ewma.observe(value).is_err());
    }
    assert_eq!(ewma.predict(), Some(2.0));
}

#[test]
fn the_forecast_of_a_coin_is_what_arithmetic_says() {
    let rule = program("G !p", Semantics::Stream);
    let mut forecast = Forecast::new(&rule).expect("one atom");
    let monitor = Monitor::new(&rule);
    // Nothing learnt: p with probability 1/2 at every position.
    for steps in 0..10_u8 {
        let expected = 1.0 - 0.5_f64.powi(i32::from(steps));
        let found = forecast
            .violation(&monitor, usize::from(steps))
            .expect("own rule");
        assert!((found - expected).abs() < 1e-12, "{steps}");
    }
    let mut broken = Monitor::new(&rule);
    broken.step(0, 1);
    assert_eq!(forecast.violation(&broken, 0), Ok(1.0));
}

/// A chain in which p follows q with 0.9, and q comes with 0.2 otherwise.
#[test]
fn the_forecast_is_calibrated_on_a_markov_chain() {
    let rule = program("G(q -> X !p)", Semantics::Stream);
    let mut forecast = Forecast::new(&rule).expect("two atoms");
    let mut state = 5;
    let mut letter = 0;
    let mut next = |letter: u64| -> u64 {
        if letter & 2 != 0 {
            u64::from(random(&mut state) < 0.9)
        } else {
            u64::from(random(&mut state) < 0.2) * 2
        }
    };
    for _ in 0..20_000 {
        letter = next(letter);
        forecast.observe(letter);
    }
    let (mut expected, mut happened) = (0.0, 0.0);
    for _ in 0..4000 {
        letter = next(letter);
        forecast.observe(letter);
        let mut monitor = Monitor::new(&rule);
        monitor.step(0, letter);
        expected += forecast.violation(&monitor, 3).expect("own rule");
        let mut ahead = letter;
        for _ in 0..3 {
            ahead = next(ahead);
            monitor.step(0, ahead);
        }
        happened += f64::from(u8::from(monitor.verdict() == Verdict::False));
    }
    assert!(
        (expected - happened).abs() / 4000.0 < 0.02,
        "{expected} against {happened}"
    );
}

#[test]
fn a_forecast_refuses_other_rules_and_clocks() {
    let rule = program("G !p", Semantics::Stream);
    let mut forecast = Forecast::new(&rule).expect("table");
    let other = Monitor::new(&program("G !q", Semantics::Stream));
    assert_eq!(
        forecast.violation(&other, 1).expect_err("other").code,
        Code::BadReference
    );
    let mut words = words();
    let timed = Formula::parse("F[0,1s] p", &mut words).expect("formula");
    let timed = compile(&timed, &words, Semantics::Stream).expect("small");
    assert_eq!(
        Forecast::new(&timed).expect_err("clock").code,
        Code::TooLarge
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_forecast_is_a_probability_that_grows_with_the_horizon(seen in prop::collection::vec(0_u64..8, 0..200)) {
        let rule = program("p W q", Semantics::Stream);
        let mut forecast = Forecast::new(&rule).expect("two atoms");
        let mut monitor = Monitor::new(&rule);
        for letter in letters("{p}{p}") {
            monitor.step(0, letter);
        }
        for letter in &seen {
            forecast.observe(*letter);
        }
        let mut last = 0.0;
        for steps in 0..12 {
            let chance = forecast.violation(&monitor, steps).expect("own rule");
            prop_assert!((0.0..=1.0).contains(&chance) && chance + 1e-12 >= last);
            last = chance;
        }
    }

    #[test]
    fn the_n_gram_takes_any_symbols(symbols in prop::collection::vec(any::<u32>(), 0..2000), seed in any::<u64>()) {
        let mut ngram = Ngram::new(seed);
        for symbol in symbols {
            let guess = ngram.predict();
            prop_assert!(guess.order <= 4 && (0.0..=1.0).contains(&guess.confidence));
            ngram.observe(symbol);
        }
    }
}
