//! Progression, table and definition agree; verdicts are final; both dualities hold.

mod common;

use common::{Kind, any_formula, any_trace, truth, words};
use midstream_temporal_neural_solver::{
    Builder, Formula, Method, Monitor, Node, Position, Semantics, Verdict, Vocabulary, compile,
    compile_progression, holds,
};
use proptest::prelude::*;

fn cases() -> ProptestConfig {
    ProptestConfig {
        cases: 600,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Runs a monitor over the trace; checks that final verdicts stay, and gives the verdict after each position.
fn run(monitor: &mut Monitor, trace: &[Position]) -> Vec<Verdict> {
    let mut out: Vec<Verdict> = Vec::new();
    for position in trace {
        let verdict = monitor.step(position.time_ns, position.letter);
        if let Some(before) = out.last().filter(|v| v.is_final()) {
            assert_eq!(*before, verdict, "a final verdict changed");
        }
        out.push(verdict);
    }
    out
}

/// All three ways on every prefix, and on random continuations of decided ones.
fn agree(formula: &Formula, trace: &[Position], more: &[Position]) {
    let words = words();
    for semantics in [Semantics::Finite, Semantics::Stream] {
        let table = compile(formula, &words, semantics).expect("small formula");
        let progression = compile_progression(formula, &words, semantics).expect("small formula");
        let by_table = run(&mut Monitor::new(&table), trace);
        let by_steps = run(&mut Monitor::new(&progression), trace);
        for at in 0..trace.len() {
            let prefix = &trace[..=at];
            let expected = Some(truth(formula, formula.root(), prefix, 0));
            assert_eq!(
                Some(holds(formula, prefix)),
                expected,
                "definition, {}",
                formula.text(&words)
            );
            if by_steps[at] != Verdict::Unknown {
                assert_eq!(
                    by_steps[at].at_end().three_valued(),
                    expected,
                    "steps {}",
                    formula.text(&words)
                );
                if by_steps[at].is_final() && by_table[at] != Verdict::Unknown {
                    assert_eq!(by_steps[at], by_table[at], "table {}", formula.text(&words));
                }
            }
            if semantics == Semantics::Finite && by_table[at] != Verdict::Unknown {
                assert_eq!(
                    by_table[at].at_end().three_valued(),
                    expected,
                    "{}",
                    formula.text(&words)
                );
                if by_table[at].is_final() {
                    let mut longer = prefix.to_vec();
                    let start = prefix[at].time_ns;
                    longer.extend(more.iter().map(|p| Position {
                        time_ns: start + p.time_ns,
                        ..*p
                    }));
                    assert_eq!(
                        Some(holds(formula, &longer)),
                        expected,
                        "not final: {}",
                        formula.text(&words)
                    );
                }
            }
            if !by_table[at].is_final() {
                assert_eq!(
                    by_table[at].at_end().three_valued(),
                    expected,
                    "{}",
                    formula.text(&words)
                );
            }
        }
    }
}

/// Truth of a future formula without bounds on `stem` followed by `cycle` for ever: least and greatest
/// fixpoints over the positions, of which the last one is followed by the cycle's first.
fn on_lasso(formula: &Formula, stem: &[u64], cycle: &[u64]) -> bool {
    let letters: Vec<u64> = stem.iter().chain(cycle).copied().collect();
    let n = letters.len();
    let next = |i: usize| if i + 1 == n { stem.len() } else { i + 1 };
    let mut rows: Vec<Vec<bool>> = Vec::new();
    for node in formula.nodes() {
        let at = |id: u16, i: usize| rows[usize::from(id)][i];
        // From `start`, `step` is applied until nothing changes.
        let fixpoint = |start: bool, step: &dyn Fn(usize, bool) -> bool| {
            let mut row = vec![start; n];
            for _ in 0..=n {
                row = (0..n).map(|i| step(i, row[next(i)])).collect();
            }
            row
        };
        let row = match *node {
            Node::True => vec![true; n],
            Node::Atom(bit) => letters.iter().map(|l| l >> bit & 1 == 1).collect(),
            Node::Not(a) => (0..n).map(|i| !at(a, i)).collect(),
            Node::And(a, b) => (0..n).map(|i| at(a, i) && at(b, i)).collect(),
            Node::Or(a, b) => (0..n).map(|i| at(a, i) || at(b, i)).collect(),
            Node::Implies(a, b) => (0..n).map(|i| !at(a, i) || at(b, i)).collect(),
            Node::Iff(a, b) => (0..n).map(|i| at(a, i) == at(b, i)).collect(),
            Node::Next(a) | Node::WeakNext(a) => (0..n).map(|i| at(a, next(i))).collect(),
            Node::Finally(_, a) => fixpoint(false, &|i, rest| at(a, i) || rest),
            Node::Globally(_, a) => fixpoint(true, &|i, rest| at(a, i) && rest),
            Node::Until(_, a, b) => fixpoint(false, &|i, rest| at(b, i) || (at(a, i) && rest)),
            Node::WeakUntil(a, b) => fixpoint(true, &|i, rest| at(b, i) || (at(a, i) && rest)),
            Node::Release(_, a, b) => fixpoint(true, &|i, rest| at(b, i) && (at(a, i) || rest)),
            _ => vec![false; n],
        };
        rows.push(row);
    }
    rows.last().expect("root")[0]
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_final_verdict_on_a_stream_is_true_of_its_infinite_continuations(
        formula in any_formula(Kind::Future),
        stem in prop::collection::vec(0_u64..8, 1..7),
        cycles in prop::collection::vec(prop::collection::vec(0_u64..8, 1..4), 1..6),
    ) {
        let program = compile(&formula, &words(), Semantics::Stream).expect("small formula");
        let mut monitor = Monitor::new(&program);
        for (at, letter) in stem.iter().enumerate() {
            if let Some(verdict) = monitor.step(0, *letter).three_valued() {
                for cycle in &cycles {
                    let truth = on_lasso(&formula, &stem[..=at], cycle);
                    prop_assert_eq!(verdict, truth, "{}", formula.text(&words()));
                }
            }
        }
    }

    #[test]
    fn an_open_table_verdict_has_continuations_both_ways(
        formula in any_formula(Kind::Future), stem in prop::collection::vec(0_u64..8, 1..4),
    ) {
        let program = compile(&formula, &words(), Semantics::Stream).expect("small formula");
        let mut monitor = Monitor::new(&program);
        for letter in &stem {
            monitor.step(0, *letter);
        }
        let table = matches!(program.report().method, Method::Table { .. });
        if !table || monitor.verdict().is_final() || formula.temporal_operators() > 3 {
            return Ok(());
        }
        // Few temporal operators: up to two more letters and a cycle of up to two decide either way.
        let mut found = [false; 2];
        for more in 0..64_u64 {
            for cycle in 0..64_u64 {
                let mut longer = stem.clone();
                longer.extend([more & 7, more >> 3]);
                found[usize::from(on_lasso(&formula, &longer, &[cycle & 7, cycle >> 3]))] = true;
            }
        }
        prop_assert_eq!(found, [true; 2], "{}", formula.text(&words()));
    }

    #[test]
    fn table_progression_and_definition_agree_on_future_formulas(
        formula in any_formula(Kind::Future), trace in any_trace(8), more in any_trace(5)
    ) {
        agree(&formula, &trace, &more);
    }

    #[test]
    fn they_agree_on_past_formulas(
        formula in any_formula(Kind::Past), trace in any_trace(8), more in any_trace(5)
    ) {
        agree(&formula, &trace, &more);
    }

    #[test]
    fn they_agree_on_past_inside_future(
        formula in any_formula(Kind::Mixed), trace in any_trace(8), more in any_trace(5)
    ) {
        agree(&formula, &trace, &more);
    }

    #[test]
    fn they_agree_on_bounded_operators(
        formula in any_formula(Kind::Timed), trace in any_trace(8), more in any_trace(5)
    ) {
        agree(&formula, &trace, &more);
    }

    #[test]
    fn a_past_invariant_is_its_recursive_definition_at_every_position(
        formula in any_formula(Kind::Past), trace in any_trace(10)
    ) {
        // `G past` fails at the first position where the past formula does.
        let invariant = wrapped(&formula, |id| Node::Globally(None, id));
        let program = compile(&invariant, &words(), Semantics::Stream).expect("small formula");
        let verdicts = run(&mut Monitor::new(&program), &trace);
        let first = (0..trace.len()).find(|i| !truth(&formula, formula.root(), &trace, *i));
        for (at, verdict) in verdicts.iter().enumerate() {
            if first.is_some_and(|first| first <= at) {
                prop_assert_eq!(*verdict, Verdict::False);
            } else {
                prop_assert!(verdict.at_end() != Verdict::False || verdict.is_final());
            }
        }
    }

    #[test]
    fn globally_is_not_finally_not(formula in any_formula(Kind::Future), trace in any_trace(8)) {
        let always = wrapped(&formula, |id| Node::Globally(None, id));
        let never = wrapped(&formula.negated().expect("small"), |id| Node::Finally(None, id));
        let words = words();
        let a = compile(&always, &words, Semantics::Stream).expect("small");
        let b = compile(&never, &words, Semantics::Stream).expect("small");
        let (mut a, mut b) = (Monitor::new(&a), Monitor::new(&b));
        for position in &trace {
            let (x, y) = (a.step(position.time_ns, position.letter), b.step(position.time_ns, position.letter));
            prop_assert_eq!(x.three_valued(), y.three_valued().map(|v| !v));
            prop_assert_ne!(x.at_end(), y.at_end());
        }
    }

    #[test]
    fn printing_and_reading_give_the_same_formula(formula in any_formula(Kind::Timed)) {
        let mut words = words();
        let text = formula.text(&words);
        let read = Formula::parse(&text, &mut words).expect(&text);
        prop_assert_eq!(read.text(&words), text);
        // Node numbers may differ; meaning may not.
        prop_assert_eq!(read.nodes().len(), formula.nodes().len());
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "[ GFXNUWRYOHSpqr!&|<>=()\\[\\],.0-9a-zµ\"-]{0,60}") {
        let mut words = Vocabulary::new();
        match Formula::parse(&text, &mut words) {
            Ok(formula) => {
                let printed = formula.text(&words);
                let again = Formula::parse(&printed, &mut words).expect("what is printed can be read");
                prop_assert_eq!(again.text(&words), printed);
            }
            Err(error) => {
                prop_assert!(error.at.is_none_or(|at| at <= text.len()), "{error}");
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }
}

fn wrapped(formula: &Formula, make: fn(u16) -> Node) -> Formula {
    let mut builder = Builder::new();
    let root = builder.graft(formula).expect("small");
    let root = builder.push(make(root)).expect("small");
    builder.finish(root).expect("root")
}
