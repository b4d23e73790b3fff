//! facts/temporal.md, B4: sizes of the monitors and verdicts per prefix.

mod common;

use common::{letters, program, verdicts};
use midstream_temporal_neural_solver::{Class, Method, Monitor, Semantics, compile_progression};

/// Formula, states of the minimal three-valued monitor, verdicts that are ever reached.
const DWYER: [(&str, usize, &str); 29] = [
    // absence of p: global, before r, after q, between q and r, after q until r
    ("G !p", 2, "F"),
    ("F r -> (!p U r)", 4, "TF"),
    ("G(q -> G !p)", 3, "F"),
    ("G((q & !r & F r) -> (!p U r))", 4, "F"),
    ("G(q & !r -> (!p W r))", 3, "F"),
    // existence
    ("F p", 2, "T"),
    ("!r W (p & !r)", 3, "TF"),
    ("G !q | F(q & F p)", 3, "T"),
    ("G(q & !r -> (!r W (p & !r)))", 3, "F"),
    ("G(q & !r -> (!r U (p & !r)))", 3, "F"),
    // universality
    ("G p", 2, "F"),
    ("F r -> (p U r)", 4, "TF"),
    ("G(q -> G p)", 3, "F"),
    ("G((q & !r & F r) -> (p U r))", 4, "F"),
    ("G(q & !r -> (p W r))", 3, "F"),
    // s precedes p
    ("!p W s", 3, "TF"),
    ("F r -> (!p U (s | r))", 4, "TF"),
    ("G !q | F(q & (!p W s))", 3, "T"),
    ("G((q & !r & F r) -> (!p U (s | r)))", 4, "F"),
    ("G(q & !r -> (!p W (s | r)))", 3, "F"),
    // s responds to p
    ("G(p -> F s)", 1, ""),
    ("F r -> (p -> (!r U (s & !r))) U r", 4, "TF"),
    ("G(q -> G(p -> F s))", 1, ""),
    ("G((q & !r & F r) -> (p -> (!r U (s & !r))) U r)", 4, "F"),
    ("G(q & !r -> ((p -> (!r U (s & !r))) W r))", 4, "F"),
    // others
    ("G F p", 1, ""),
    ("X X p", 5, "TF"),
    ("p U q", 3, "TF"),
    ("G(p -> X(!p U q))", 3, "F"),
];

/// Formula, trace, LTL3 verdict per prefix, finite-trace truth per prefix where B4 gives it.
const VECTORS: [(&str, &str, &str, Option<&str>); 18] = [
    ("G p", "{p}{p}{}{p}", "??FF", Some("TTFF")),
    ("F p", "{}{}{p}{}", "??TT", Some("FFTT")),
    ("p U q", "{p}{p}{q}{}", "??TT", None),
    ("p U q", "{p}{}{q}", "?FF", None),
    ("G(p -> F s)", "{p}{}{s}{p}", "????", Some("FFTF")),
    ("!p W s", "{}{s}{p}", "?TT", None),
    ("!p W s", "{}{p}{s}", "?FF", None),
    ("G(q -> G !p)", "{p}{q}{}{p}", "???F", None),
    ("F r -> (!p U r)", "{}{p}{}{r}", "???F", None),
    ("F r -> (!p U r)", "{}{r}{p}", "?TT", None),
    ("G(q & !r -> (!p W r))", "{q}{}{r}{p}{q}{p}", "?????F", None),
    ("G !q | F(q & F p)", "{}{q}{}{p}", "???T", Some("TFFT")),
    ("X X p", "{}{}{p}", "??T", None),
    ("X X p", "{p}{p}{}", "??F", None),
    ("G F p", "{p}{}{q}{p}", "????", None),
    ("G(p -> X(!p U q))", "{p}{}{q}{p}{p}", "????F", None),
    ("!r W (p & !r)", "{}{r}", "?F", None),
    (
        "G((q & !r & F r) -> (p U r))",
        "{q,p}{p}{}{r}",
        "???F",
        None,
    ),
];

#[test]
fn monitors_have_the_published_sizes_and_verdicts() {
    for (text, states, reached) in DWYER {
        let program = program(text, Semantics::Stream);
        let Method::Table { ltl3_states, .. } = program.report().method else {
            panic!("{text}: no table")
        };
        assert_eq!(ltl3_states, states, "{text}");
        let expected = match reached {
            "F" => Class::Safety,
            "T" => Class::CoSafety,
            "TF" => Class::Both,
            _ => Class::Never,
        };
        assert_eq!(program.report().class, expected, "{text}");
    }
    let program = program("F G p", Semantics::Stream);
    assert!(matches!(
        program.report().method,
        Method::Table { ltl3_states: 1, .. }
    ));
    assert_eq!(program.report().class, Class::Never);
}

#[test]
fn tables_give_the_published_verdicts_for_every_prefix() {
    for (text, trace, open, ended) in VECTORS {
        let mut monitor = Monitor::new(&program(text, Semantics::Stream));
        let found = verdicts(&mut monitor, &letters(trace));
        assert_eq!(found.0, open, "{text} on {trace}");
        if let Some(ended) = ended {
            assert_eq!(found.1, ended, "{text} on {trace}");
        }
    }
}

#[test]
fn progression_gives_the_published_verdicts_too() {
    for (text, trace, open, ended) in VECTORS {
        let program =
            compile_progression(&common::formula(text), &common::words(), Semantics::Stream);
        let found = verdicts(&mut Monitor::new(&program.expect(text)), &letters(trace));
        assert_eq!(found.0, open, "{text} on {trace}");
        if let Some(ended) = ended {
            assert_eq!(found.1, ended, "{text} on {trace}");
        }
    }
}

#[test]
fn an_unbounded_response_is_reported_with_its_bounded_form() {
    let program = program("G(p -> F s)", Semantics::Stream);
    let warning = program
        .report()
        .warning
        .as_ref()
        .expect("no verdict is possible");
    assert_eq!(warning.bounded.as_deref(), Some("G(p -> F[0,30s] s)"));
    assert!(
        warning
            .message
            .contains("can never get a verdict on a stream"),
        "{}",
        warning.message
    );
    assert!(warning.remedy.contains("finish"), "{}", warning.remedy);
}

#[test]
fn a_safety_rule_and_a_bounded_response_come_without_warning() {
    for text in ["G !(p & !q)", "!p U q", "G(p -> F[0,30s] s)", "G(p -> O q)"] {
        assert_eq!(
            program(text, Semantics::Stream).report().warning,
            None,
            "{text}"
        );
    }
}

#[test]
fn contradictions_and_tautologies_are_known_before_the_first_event() {
    for (text, class) in [
        ("F p & G !p", Class::AlwaysFalse),
        ("G p | F !p", Class::AlwaysTrue),
        ("G F p & F G !p", Class::AlwaysFalse),
        ("G(p -> O p)", Class::AlwaysTrue),
        ("G(Y p -> O p)", Class::AlwaysTrue),
    ] {
        assert_eq!(
            program(text, Semantics::Stream).report().class,
            class,
            "{text}"
        );
    }
}
