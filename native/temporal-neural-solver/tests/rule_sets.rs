//! Satisfiability, implication and conflict of rules, with witnesses.

mod common;

use common::{Kind, any_formula, formula, words};
use midstream_temporal_neural_solver::rule_set::{Finding, check};
use midstream_temporal_neural_solver::{Answer, Formula, Position, Vocabulary, holds, satisfy};
use proptest::prelude::*;

const BUDGET: usize = 20_000;

fn findings(texts: &[&str]) -> Vec<Finding> {
    let mut words = Vocabulary::new();
    let rules: Vec<Formula> = texts
        .iter()
        .map(|t| Formula::parse(t, &mut words).expect(t))
        .collect();
    check(&rules.iter().collect::<Vec<_>>(), &words, BUDGET)
}

#[test]
fn good_rules_give_no_findings() {
    assert_eq!(
        findings(&[
            "G(tool-call -> F[0,30s] tool-result)",
            "!answer U citation",
            "G !(pii & !redacted)",
            "G(toxicity.score > 0.8 -> X blocked)",
        ]),
        []
    );
}

#[test]
fn a_rule_that_can_never_fire_and_one_that_always_fires_are_found() {
    assert!(matches!(
        findings(&["G(a -> a | b)"])[..],
        [Finding::NeverFires { rule: 0, .. }]
    ));
    assert!(matches!(
        findings(&["F(a & !a)"])[..],
        [Finding::AlwaysFires { rule: 0, .. }]
    ));
    assert!(matches!(
        findings(&["G(score > 0.9 -> score > 0.5)"])[..],
        [Finding::NeverFires { rule: 0, .. }]
    ));
    assert!(matches!(
        findings(&["F(score > 0.9 & score < 0.5)"])[..],
        [Finding::AlwaysFires { rule: 0, .. }]
    ));
}

#[test]
fn contradictions_come_with_a_trace_that_keeps_the_first_rule() {
    let found = findings(&["F done", "G !done"]);
    let [
        Finding::Contradiction {
            rules: [0, 1],
            witness,
        },
    ] = &found[..]
    else {
        panic!("{found:?}")
    };
    assert_eq!(witness.len(), 1);
    assert_eq!(witness[0].letter, 1);
}

#[test]
fn rules_that_contradict_once_their_condition_occurs_are_found() {
    let found = findings(&["G(call -> X wait)", "G(call -> X !wait)"]);
    let [
        Finding::ContradictionOnTrigger {
            rules: [0, 1],
            witness,
        },
    ] = &found[..]
    else {
        panic!("{found:?}")
    };
    assert_eq!(witness.iter().map(|p| p.letter & 1).max(), Some(1));
}

#[test]
fn a_rule_that_another_one_makes_superfluous_is_found() {
    let found = findings(&["G !secret", "G(secret -> redacted)"]);
    assert!(
        found
            .iter()
            .any(|f| matches!(f, Finding::Implies { rules: [0, 1], .. })),
        "{found:?}"
    );
}

#[test]
fn too_many_atoms_and_too_small_a_budget_are_admitted() {
    let many: Vec<String> = (0..12).map(|i| format!("a{i}")).collect();
    let text = format!("G({} -> b)", many.join(" & "));
    assert_eq!(findings(&[&text]), [Finding::Undecided { rules: [0, 0] }]);
    assert_eq!(satisfy(&[&formula("F p")], &words(), 0), Answer::Unknown);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_witness_holds_and_a_contradiction_has_no_short_witness(
        a in any_formula(Kind::Mixed), b in any_formula(Kind::Mixed)
    ) {
        match satisfy(&[&a, &b], &words(), BUDGET) {
            Answer::Yes(trace) => {
                prop_assert!(holds(&a, &trace) && holds(&b, &trace));
                // Shortest: no shorter trace over the three atoms will do.
                if trace.len() <= 3 {
                    prop_assert!(!exists(&a, &b, trace.len() - 1));
                }
            }
            Answer::No => prop_assert!(!exists(&a, &b, 3)),
            Answer::Unknown => prop_assert!(false, "small formulas must be decided"),
        }
    }

    #[test]
    fn bounds_of_time_never_make_a_satisfiable_pair_a_contradiction(
        a in any_formula(Kind::Timed), trace in common::any_trace(6)
    ) {
        if holds(&a, &trace) {
            prop_assert_ne!(satisfy(&[&a], &words(), BUDGET), Answer::No);
        }
        if let Answer::Yes(witness) = satisfy(&[&a], &words(), BUDGET) {
            prop_assert!(holds(&a, &witness));
        }
    }
}

/// Whether some trace of up to `longest` positions over three atoms satisfies both.
fn exists(a: &Formula, b: &Formula, longest: usize) -> bool {
    (1..=longest).any(|length| {
        (0..8_usize.pow(length as u32)).any(|mut code| {
            let trace: Vec<Position> = (0..length)
                .map(|_| {
                    let letter = (code % 8) as u64;
                    code /= 8;
                    Position { time_ns: 0, letter }
                })
                .collect();
            holds(a, &trace) && holds(b, &trace)
        })
    })
}
