//! Every final verdict comes with a proof; no proof survives a change.

mod common;

use common::{Kind, any_formula, any_trace, formula, letters, program, words};
use midstream_temporal_neural_solver::{
    Certificate, Code, Formula, Position, Recorder, Semantics, Verdict, compile,
    compile_progression,
};
use proptest::prelude::*;

/// Runs `trace`, ends the stream if `end`, and gives the recorder with its last verdict.
fn record(recorder: &mut Recorder, trace: &[Position], end: bool) -> Verdict {
    let mut verdict = recorder.monitor().verdict();
    for position in trace {
        verdict = recorder.step(position.time_ns, position.letter);
    }
    if end { recorder.finish() } else { verdict }
}

fn prove(text: &str, trace: &str, end: bool) -> (Formula, Certificate) {
    let formula = formula(text);
    let program = program(text, Semantics::Stream);
    let mut recorder = Recorder::new(&program, 64);
    record(&mut recorder, &common::positions(&letters(trace)), end);
    let certificate = recorder
        .certificate(&words())
        .unwrap_or_else(|e| panic!("{text}: {e}"));
    certificate
        .check(&formula, &words())
        .unwrap_or_else(|e| panic!("{text}: {e}"));
    (formula, certificate)
}

#[test]
fn a_violation_names_the_position_that_violates() {
    let (formula, certificate) = prove("!p W s", "{}{q}{p}", false);
    assert!(!certificate.verdict);
    assert_eq!(certificate.trace.len(), 3);
    assert_eq!(certificate.positions(&formula), [0, 1, 2]);
    let (formula, certificate) = prove("G(p -> X q)", "{q}{p}{}", false);
    assert_eq!(
        certificate.positions(&formula),
        [0, 1],
        "the window begins where the rule was last at rest"
    );
    assert_eq!(certificate.skipped, 1);
}

#[test]
fn a_satisfaction_names_its_witness() {
    let (formula, certificate) = prove("F p", "{}{}{p}{}", false);
    assert!(certificate.verdict);
    assert_eq!(certificate.positions(&formula), [2]);
    assert_eq!(certificate.trace.len(), 3);
}

#[test]
fn a_violation_that_only_its_last_event_makes_certain_is_proven() {
    let (formula, certificate) = prove("G((q & !r & F r) -> (p U r))", "{q,p}{p}{}{r}", false);
    assert!(certificate.positions(&formula).contains(&3));
}

#[test]
fn the_end_of_a_stream_is_proven_too() {
    let (_, certificate) = prove("G(p -> F s)", "{p}{}", true);
    assert!(certificate.finished && !certificate.verdict);
    let (_, certificate) = prove("F p & !(F q)", "{p}{}", true);
    assert!(certificate.finished && certificate.verdict);
    // What was forgotten cannot be shown to have been in order.
    let mut recorder = Recorder::new(&program("G(p -> F s)", Semantics::Stream), 8);
    assert_eq!(
        record(&mut recorder, &common::positions(&[0, 0]), true),
        Verdict::True
    );
    assert_eq!(
        recorder.certificate(&words()).expect_err("forgotten").code,
        Code::Trace
    );
}

#[test]
fn a_verdict_that_no_event_explains_has_a_proof_about_the_future() {
    for (text, verdict) in [
        ("F p & G !p", false),
        ("G F p & F G !p", false),
        ("G p | F !p", true),
        ("G(p -> O p)", true),
        ("G(Y p -> O p)", true),
    ] {
        let (_, certificate) = prove(text, "", false);
        assert_eq!(certificate.verdict, verdict, "{text}");
        assert!(
            certificate.tail.is_some() && certificate.trace.is_empty(),
            "{text}"
        );
    }
    let (_, certificate) = prove("p U (q & X(G r & F !r))", "{q}{}", false);
    assert!(certificate.tail.is_none() || !certificate.verdict);
}

#[test]
fn contradictory_comparisons_are_proven_by_the_values_that_a_signal_can_have() {
    let mut words = words();
    let formula = Formula::parse("F(score > 0.8 & score < 0.5)", &mut words).expect("formula");
    let program = compile(&formula, &words, Semantics::Stream).expect("small");
    let recorder = Recorder::new(&program, 4);
    assert_eq!(recorder.monitor().verdict(), Verdict::False);
    let certificate = recorder.certificate(&words).expect("proof");
    certificate.check(&formula, &words).expect("valid");
}

#[test]
fn a_deadline_that_passes_without_an_event_is_proven() {
    let formula = formula("G(p -> F[0,30s] s)");
    let program = program("G(p -> F[0,30s] s)", Semantics::Stream);
    let mut recorder = Recorder::new(&program, 16);
    let second = 1_000_000_000;
    let epoch = 1_800_000_000 * second;
    recorder.step(epoch, 0);
    assert_eq!(recorder.step(epoch + second, 1), Verdict::PresumablyFalse);
    assert_eq!(recorder.monitor().deadline(), Some(epoch + 31 * second + 1));
    assert_eq!(
        recorder.advance(epoch + 31 * second),
        Verdict::PresumablyFalse
    );
    assert_eq!(recorder.advance(epoch + 31 * second + 1), Verdict::False);
    let certificate = recorder.certificate(&words()).expect("proof");
    certificate.check(&formula, &words()).expect("valid");
    assert_eq!(certificate.until_ns, 30 * second + 1);
    // The same claims a nanosecond earlier prove nothing.
    let early = Certificate {
        until_ns: 30 * second,
        ..certificate
    };
    assert_eq!(
        early.check(&formula, &words()).expect_err("too early").code,
        Code::Certificate
    );
}

#[test]
fn certificates_survive_json_and_nonsense_does_not() {
    let (formula, certificate) = prove("G(q & !r -> (!p W r))", "{q}{}{r}{p}{q}{p}", false);
    let again = Certificate::from_json(&certificate.to_json()).expect("own text");
    assert_eq!(again, certificate);
    again.check(&formula, &words()).expect("valid");
    for text in ["", "{}", "[1]", "{\"formula\":3}", "nonsense"] {
        assert_eq!(
            Certificate::from_json(text).expect_err(text).code,
            Code::Certificate
        );
    }
}

#[test]
fn a_recorder_without_room_says_so() {
    let program = program("p U q", Semantics::Stream);
    let mut recorder = Recorder::new(&program, 2);
    for letter in [1, 5, 1, 5, 2] {
        recorder.step(0, letter & 3);
    }
    // r is no atom of the formula: the five positions are two runs.
    assert!(recorder.certificate(&words()).is_ok());
    let mut recorder = Recorder::new(&common::program("F(p & F(q & F r))", Semantics::Stream), 2);
    for letter in [1, 2, 1, 2, 1, 4] {
        recorder.step(0, letter);
    }
    assert_eq!(
        recorder.certificate(&words()).expect_err("no room").code,
        Code::Trace
    );
}

#[test]
fn the_checker_has_fewer_than_150_lines() {
    assert!(include_str!("../src/checker.rs").lines().count() < 150);
}

#[test]
fn an_open_verdict_has_no_certificate() {
    let recorder = Recorder::new(&program("F p", Semantics::Stream), 2);
    assert_eq!(
        recorder.certificate(&words()).expect_err("open").code,
        Code::Trace
    );
}

/// Whether the formula has a part like `F false`, which only constant folding decides.
fn has_constants(formula: &Formula) -> bool {
    use midstream_temporal_neural_solver::Node;
    formula
        .nodes()
        .iter()
        .any(|node| matches!(node, Node::True | Node::False))
}

fn proven(formula: &Formula, trace: &[Position], end: bool) -> Result<(), TestCaseError> {
    let words = words();
    for semantics in [Semantics::Stream, Semantics::Finite] {
        for program in [
            compile(formula, &words, semantics).expect("small"),
            compile_progression(formula, &words, semantics).expect("small"),
        ] {
            let mut recorder = Recorder::new(&program, 64);
            let verdict = record(&mut recorder, trace, end);
            let Some(value) = verdict.three_valued() else {
                continue;
            };
            match recorder.certificate(&words) {
                Ok(certificate) => {
                    prop_assert_eq!(certificate.verdict, value);
                    let checked = certificate.check(formula, &words);
                    prop_assert!(checked.is_ok(), "{}: {:?}", formula.text(&words), checked);
                    tampered(formula, &certificate)?;
                }
                // Too many alternatives for a proof about the future, or a clock in it.
                Err(error) => {
                    let kept = error.message.contains("beginning");
                    let hard =
                        formula.is_bounded() || has_constants(formula) || formula.nodes().len() > 8;
                    prop_assert!(kept || hard, "{}: {error}", formula.text(&words));
                }
            }
        }
    }
    Ok(())
}

/// Changes that turn a proof into nonsense must be noticed.
fn tampered(formula: &Formula, certificate: &Certificate) -> Result<(), TestCaseError> {
    let words = words();
    let flipped = Certificate {
        verdict: !certificate.verdict,
        ..certificate.clone()
    };
    prop_assert!(flipped.check(formula, &words).is_err());
    if certificate.tail.is_none() {
        // The others may stand twice for one thing; without the first nothing is said.
        let mut less = certificate.clone();
        less.claims.remove(0);
        prop_assert!(less.check(formula, &words).is_err());
    }
    for at in 0..certificate.claims.len() {
        let mut wrong = certificate.clone();
        // The opposite claim about the same place must not follow as well.
        wrong.claims[at].value = !wrong.claims[at].value;
        prop_assert!(wrong.check(formula, &words).is_err());
        let mut outside = certificate.clone();
        outside.claims[at].to = u32::MAX;
        prop_assert!(outside.check(formula, &words).is_err());
    }
    if let Some(tail) = &certificate.tail {
        for at in 0..tail.states.len() {
            let mut less = certificate.clone();
            less.tail.as_mut().expect("tail").states.remove(at);
            prop_assert!(less.check(formula, &words).is_err());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn final_verdicts_on_future_formulas_are_proven(
        formula in any_formula(Kind::Future), trace in any_trace(8), end in any::<bool>()
    ) {
        proven(&formula, &trace, end)?;
    }

    #[test]
    fn final_verdicts_with_past_are_proven(
        formula in any_formula(Kind::Mixed), trace in any_trace(8), end in any::<bool>()
    ) {
        proven(&formula, &trace, end)?;
    }

    #[test]
    fn final_verdicts_with_bounds_are_proven(
        formula in any_formula(Kind::Timed), trace in any_trace(8), end in any::<bool>()
    ) {
        proven(&formula, &trace, end)?;
    }

    #[test]
    fn made_up_certificates_neither_pass_nor_panic(
        formula in any_formula(Kind::Timed),
        trace in any_trace(6),
        claims in prop::collection::vec((0_u16..9, 0_u32..6, 0_u32..6, any::<bool>()), 0..12),
        more in any::<[bool; 3]>(),
    ) {
        use midstream_temporal_neural_solver::{Claim, Step, holds};
        let [verdict, finished, _] = more;
        let certificate = Certificate {
            formula: formula.text(&words()),
            atoms: words().names(),
            verdict,
            semantics: Semantics::Finite,
            finished,
            skipped: 0,
            until_ns: trace.last().expect("not empty").time_ns,
            trace: trace.iter().map(|p| Step { time_ns: p.time_ns, letter: p.letter }).collect(),
            claims: claims.iter().map(|c| Claim { node: c.0, from: c.1, to: c.2, value: c.3 }).collect(),
            tail: None,
        };
        if certificate.check(&formula, &words()).is_ok() {
            prop_assert_eq!(holds(&formula, &trace), verdict, "{}", formula.text(&words()));
        }
    }
}
