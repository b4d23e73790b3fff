//! Input made to hurt: every limit is reached with an error or an honest "unknown", never with a crash or a wait.

mod common;

use common::words;
use midstream_temporal_neural_solver::{
    Atom, Builder, Class, Code, Comparison, Formula, Interval, Method, Monitor, Node, Semantics,
    Verdict, Vocabulary, compile,
};

fn refused(text: &str) -> midstream_temporal_neural_solver::Error {
    Formula::parse(text, &mut Vocabulary::new()).expect_err(text)
}

#[test]
fn errors_name_the_place_and_the_remedy() {
    for (text, code, at) in [
        ("", Code::Syntax, 0),
        ("p &", Code::Syntax, 3),
        ("p q", Code::Syntax, 2),
        ("(p", Code::Syntax, 0),
        ("p)", Code::Syntax, 1),
        ("p U", Code::Syntax, 3),
        ("U p", Code::Syntax, 0),
        ("p # q", Code::Syntax, 2),
        ("\"p", Code::Syntax, 0),
        ("F[0,30x] p", Code::Interval, 4),
        ("F[5,1] p", Code::Interval, 1),
        ("F[1s,5] p", Code::Interval, 7),
        ("F[1 p", Code::Interval, 4),
        ("F[0,99999999999999999999] p", Code::Interval, 4),
        ("F[0,9007199254740993] p", Code::Interval, 1),
        ("X[0,1] p", Code::Interval, 1),
        ("p W[0,1s] q", Code::Interval, 3),
        ("score > ", Code::Number, 8),
        ("score > 1e999", Code::Number, 8),
        ("G(O F p)", Code::PastOverFuture, 2),
    ] {
        let error = refused(text);
        assert_eq!((error.code, error.at), (code, Some(at)), "{text}: {error}");
        assert!(!error.remedy.is_empty(), "{text}: {error}");
    }
}

#[test]
fn a_refused_formula_leaves_the_vocabulary_alone() {
    let mut words = Vocabulary::new();
    assert!(Formula::parse("alpha & beta &", &mut words).is_err());
    assert!(words.atoms().is_empty());
}

#[test]
fn names_durations_and_comparisons_are_read_as_written() {
    let mut words = Vocabulary::new();
    for (text, printed) in [
        (
            "G(tool-call->F[0,30s]tool-result)",
            "G(tool-call -> F[0,30s] tool-result)",
        ),
        ("!(answer) U citation", "!answer U citation"),
        ("G(!(pii & !redacted))", "G !(pii & !redacted)"),
        ("toxicity.score>0.8", "toxicity.score > 0.8"),
        ("x>-1.5e-3 <-> y!=2", "x > -0.0015 <-> y != 2"),
        ("O[0,90000ms] a S b", "O[0,90s] a S b"),
        ("G[250ms,1m] a", "G[250ms,1m] a"),
        ("O[0,5] a", "O[0,5] a"),
        (
            "\"G\" & \"two words\" & \"a->b\"",
            "\"G\" & \"two words\" & \"a->b\"",
        ),
        ("a -> b -> c", "a -> b -> c"),
        ("(a -> b) -> c", "(a -> b) -> c"),
        ("a U b U c", "a U b U c"),
        ("(a U b) U c", "(a U b) U c"),
        ("a & b | c && d || ~e", "a & b | c & d | !e"),
        ("GFXN", "GFXN"),
        ("true U false", "true U false"),
    ] {
        let formula = Formula::parse(text, &mut words).expect(text);
        assert_eq!(formula.text(&words), printed);
    }
}

#[test]
fn depth_length_and_size_are_limited() {
    let deep = format!("{}p{}", "(".repeat(100_000), ")".repeat(100_000));
    assert_eq!(refused(&deep).code, Code::TooLarge);
    assert_eq!(
        refused(&format!("{}p", "(".repeat(600))).code,
        Code::TooLarge
    );
    assert_eq!(
        refused(&format!("{}p", "!".repeat(400))).code,
        Code::TooLarge
    );
    assert_eq!(
        refused(&format!("{}p", "X ".repeat(300))).code,
        Code::TooLarge
    );
    assert_eq!(refused(&vec!["p"; 5000].join("|")).code, Code::TooLarge);
    assert!(Formula::parse(&format!("{}p", "X ".repeat(200)), &mut words()).is_ok());
    // Shared nodes: 40 doublings would print as 10^12 words.
    let mut builder = Builder::new();
    let mut id = builder.push(Node::Atom(0)).expect("atom");
    let refused = (0..40).find_map(|_| {
        let new = builder.push(Node::And(id, id));
        new.map(|new| id = new).err()
    });
    assert_eq!(refused.expect("must end").code, Code::TooLarge);
}

#[test]
fn the_sixty_fifth_atom_and_odd_atoms_are_refused() {
    let many: Vec<String> = (0..65).map(|i| format!("a{i}")).collect();
    assert_eq!(refused(&many.join("&")).code, Code::TooManyAtoms);
    let mut words = Vocabulary::new();
    assert!(words.intern(Atom::Proposition(String::new())).is_err());
    assert!(words.intern(Atom::Proposition("x".repeat(200))).is_err());
    assert!(words.intern(Atom::Proposition("a\"b".into())).is_err());
    let nan = Atom::Signal {
        name: "x".into(),
        comparison: Comparison::Less,
        bound: f64::NAN,
    };
    assert_eq!(words.intern(nan).expect_err("nan").code, Code::Number);
    assert!(words.observe(0, "x", f64::INFINITY).is_err());
    assert_eq!(
        words.letter(&["nobody"]).expect_err("unknown").code,
        Code::BadReference
    );
    let mut builder = Builder::new();
    assert!(builder.push(Node::Atom(64)).is_err());
    assert!(builder.push(Node::Not(3)).is_err());
    assert!(Builder::new().finish(0).is_err());
    assert!(Interval::steps(3, 2).is_err() && Interval::nanoseconds(0, u64::MAX).is_err());
}

/// Formulas whose automaton has 2^n states.
#[test]
fn exponential_automata_become_progressions_within_their_limits() {
    // "p exactly n positions before the end", for every n up to 14: 2^14 states.
    let nested: Vec<String> = (0..14)
        .map(|i| format!("G(p -> {} q)", "X ".repeat(i)))
        .collect();
    let mut words = words();
    for text in [
        nested.join(" & "),
        "F(p & X X X X X X X X X X X X X X q)".to_string(),
        (0..12)
            .map(|i| format!("F(a{i} & F b{i})"))
            .collect::<Vec<_>>()
            .join(" & "),
    ] {
        let formula = Formula::parse(&text, &mut words).expect(&text);
        let program = compile(&formula, &words, Semantics::Stream).expect("within 63 obligations");
        let mut monitor = Monitor::new(&program);
        let mut state = 1_u64;
        for i in 0..2000 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            monitor.step(i, state >> 20);
        }
        assert!(monitor.bytes() < 16 * 1024);
    }
    let wide: Vec<String> = (0..80).map(|i| format!("X F[0,1] a{}", i % 30)).collect();
    let formula = Formula::parse(&wide.join(" | "), &mut Vocabulary::new()).expect("short enough");
    assert!(
        compile(&formula, &words, Semantics::Stream).is_ok(),
        "equal parts are shared"
    );
    let wide: Vec<String> = (0..70)
        .map(|i| format!("{}p", "X ".repeat(i + 1)))
        .collect();
    let formula = Formula::parse(&wide.join(" | "), &mut Vocabulary::new()).expect("short enough");
    let error = compile(&formula, &words, Semantics::Stream).expect_err("70 obligations");
    assert_eq!(error.code, Code::TooLarge);
}

#[test]
fn a_monitor_that_runs_out_of_room_says_unknown_and_stays_so() {
    // Every position raises an obligation that opens only after a minute: no two can be merged.
    let mut words = words();
    let formula = Formula::parse("G F[1m,2m] p", &mut words).expect("formula");
    let mut monitor = Monitor::new(&compile(&formula, &words, Semantics::Stream).expect("small"));
    let verdicts: Vec<Verdict> = (0..100).map(|i| monitor.step(i, 0)).collect();
    assert_eq!(verdicts[62], Verdict::PresumablyFalse);
    assert_eq!(verdicts[99], Verdict::Unknown);
    assert_eq!(monitor.finish(), Verdict::Unknown);
    assert_eq!(monitor.deadline(), None);
    // The past has its own queue.
    let formula = Formula::parse("G(q -> O[1m,2m] p)", &mut words).expect("formula");
    let mut monitor = Monitor::new(&compile(&formula, &words, Semantics::Stream).expect("small"));
    assert!((0..100).any(|i| monitor.step(i, 1) == Verdict::Unknown));
}

#[test]
fn time_that_runs_backwards_counts_as_standing_still() {
    let mut words = words();
    let formula = Formula::parse("G(p -> F[0,10ns] q)", &mut words).expect("formula");
    let mut monitor = Monitor::new(&compile(&formula, &words, Semantics::Stream).expect("small"));
    monitor.step(1000, 1);
    assert_eq!(monitor.step(5, 0), Verdict::PresumablyFalse);
    assert_eq!(monitor.advance(0), Verdict::PresumablyFalse);
    assert_eq!(monitor.step(1010, 2), Verdict::PresumablyTrue);
    assert_eq!(monitor.step(u64::MAX, 1), Verdict::PresumablyFalse);
    assert_eq!(monitor.step(u64::MAX, 0), Verdict::PresumablyFalse);
    assert_eq!(monitor.deadline(), Some(u64::MAX));
}

#[test]
fn eight_atoms_make_a_table_and_nine_a_progression() {
    let mut words = Vocabulary::new();
    for (atoms, table) in [(8, true), (9, false)] {
        let names: Vec<String> = (0..atoms).map(|i| format!("a{i}")).collect();
        let formula =
            Formula::parse(&format!("G !({})", names.join("|")), &mut words).expect("formula");
        let program = compile(&formula, &words, Semantics::Stream).expect("small");
        assert_eq!(
            matches!(program.report().method, Method::Table { .. }),
            table
        );
        assert_eq!(program.report().class, Class::Safety);
        let mut monitor = Monitor::new(&program);
        assert_eq!(monitor.step(0, 0), Verdict::PresumablyTrue);
        assert_eq!(monitor.step(0, 1 << (atoms - 1)), Verdict::False);
    }
}
