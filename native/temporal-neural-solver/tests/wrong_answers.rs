//! Wrong answers that earlier implementations give (facts/temporal.md 0.3): each must stay impossible.

mod common;

use common::{formula, program, words};
use midstream_temporal_neural_solver::{
    Monitor, Recorder, Semantics, Verdict, compile_progression, verify,
};

/// There: states above a limit are dropped from the old end, so that G forgets violations and F successes.
#[test]
fn a_violation_a_million_positions_ago_still_counts() {
    for program in [
        program("G p", Semantics::Stream),
        compile_progression(&formula("G p"), &words(), Semantics::Stream).expect("small"),
    ] {
        let mut monitor = Monitor::new(&program);
        monitor.step(0, 0);
        for i in 0..1_000_000 {
            monitor.step(i, 1);
        }
        assert_eq!(monitor.verdict(), Verdict::False);
    }
}

#[test]
fn an_obligation_of_the_first_position_is_kept_for_a_million_positions() {
    for (text, at_end) in [
        ("p U q", Verdict::False),
        ("F(p & F q)", Verdict::False),
        ("G(p -> F q)", Verdict::False),
    ] {
        let mut monitor = Monitor::new(&program(text, Semantics::Stream));
        for i in 0..1_000_000 {
            monitor.step(i, u64::from(i == 0) | u64::from(text == "p U q"));
        }
        assert_eq!(monitor.finish(), at_end, "{text}");
    }
    // Past operators, too: what happened first is not forgotten.
    let mut monitor = Monitor::new(&program("G(q -> O p)", Semantics::Stream));
    monitor.step(0, 1);
    for i in 0..1_000_000 {
        monitor.step(i, 0);
    }
    assert_eq!(monitor.step(0, 2), Verdict::True);
}

/// There: every counterexample is `[0]`.
#[test]
fn a_counterexample_ends_where_the_rule_is_broken() {
    for broken in [0_usize, 1, 7, 500] {
        let formula = formula("p W q");
        let program = program("p W q", Semantics::Stream);
        let mut recorder = Recorder::new(&program, 8);
        for i in 0..1000 {
            recorder.step(i as u64, u64::from(i != broken));
        }
        let certificate = recorder.certificate(&words()).expect("violated");
        certificate.check(&formula, &words()).expect("valid");
        assert_eq!(certificate.trace.len(), broken + 1);
        assert_eq!(
            certificate.positions(&formula).last(),
            Some(&(broken as u32))
        );
        // One position less proves nothing.
        let mut shorter = certificate.clone();
        shorter.trace.pop();
        assert!(shorter.check(&formula, &words()).is_err());
    }
}

/// There: verification is a yes or no, whatever has not happened yet.
#[test]
fn what_is_open_is_not_called_true_or_false() {
    let (verdict, _) = verify(&program("F p", Semantics::Stream), &[0, 0]);
    assert_eq!(
        (verdict, verdict.three_valued()),
        (Verdict::PresumablyFalse, None)
    );
    let (verdict, read) = verify(&program("F p", Semantics::Stream), &[0, 1, 0, 0]);
    assert_eq!((verdict, read), (Verdict::True, 2));
}

/// There: an atom that a state does not mention is an error or false by accident of a hash map.
#[test]
fn atoms_of_other_rules_do_not_matter() {
    let program = program("G !q", Semantics::Stream);
    let mut monitor = Monitor::new(&program);
    assert_eq!(monitor.step(0, !2), Verdict::PresumablyTrue);
    assert_eq!(monitor.step(0, 2), Verdict::False);
}

/// There: the reasoner's "certificate" verifies if its list of claims is not empty.
#[test]
fn a_certificate_with_beside_the_point_claims_is_refused() {
    let formula = formula("G(p -> q)");
    let mut recorder = Recorder::new(&program("G(p -> q)", Semantics::Stream), 8);
    recorder.step(0, 1);
    let mut certificate = recorder.certificate(&words()).expect("violated");
    certificate
        .claims
        .retain(|claim| claim.node != formula.root());
    assert!(!certificate.claims.is_empty());
    assert!(certificate.check(&formula, &words()).is_err());
}
