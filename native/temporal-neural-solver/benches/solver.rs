//! What a step, a compilation, a proof and a constraint cost. Results are checked before timing.
//! `cargo bench -p midstream-temporal-neural-solver --bench solver`

use divan::{Bencher, black_box, counter::ItemsCount};
use midstream_temporal_neural_solver::predict::{Forecast, Ngram};
use midstream_temporal_neural_solver::rule_set;
use midstream_temporal_neural_solver::stn::{Constraint, Stn};
use midstream_temporal_neural_solver::{
    Atom, Certificate, Ending, Formula, Method, Monitor, Position, Program, Semantics, Sliced,
    Verdict, Vocabulary, compile, compile_progression, verify,
};
use std::sync::Arc;

fn main() {
    divan::main();
}

/// Steps per timed round.
const STEPS: usize = 1000;
const SIMPLE: &str = "G(p -> X(!p U q))";
/// Past operators on 16 nodes.
const PAST: &str = "G((p S q) & O r | H(p -> Y s) & (Y q S r) | (s S (r & O p)))";
/// 16 nodes, eight of them temporal.
const COMPLEX: &str = "G((p -> X(!p U q)) & (q & !r -> (!p W r))) & (!s W r)";

fn vocabulary() -> Vocabulary {
    let mut words = Vocabulary::new();
    for name in ["p", "q", "r", "s"] {
        words
            .intern(Atom::Proposition(name.into()))
            .expect("four atoms");
    }
    words
}

fn parsed(text: &str) -> Formula {
    Formula::parse(text, &mut vocabulary()).expect(text)
}

fn program(text: &str) -> Arc<Program> {
    compile(&parsed(text), &vocabulary(), Semantics::Stream).expect(text)
}

/// Letters on which the formula stays open: a monitor that is done would have nothing to do.
fn open_letters(program: &Arc<Program>) -> Vec<u64> {
    let mut monitor = Monitor::new(program);
    let mut state = 1_u64;
    let mut out = Vec::new();
    while out.len() < STEPS {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let letter = state >> 60;
        let mut next = monitor.clone();
        if !next.step(out.len() as u64, letter).is_final() {
            monitor = next;
            out.push(letter);
        }
    }
    out
}

fn steps(bencher: Bencher, program: &Arc<Program>) {
    let letters = open_letters(program);
    bencher
        .counter(ItemsCount::new(STEPS))
        .with_inputs(|| Monitor::new(program))
        .bench_local_refs(|monitor| {
            for (at, letter) in letters.iter().enumerate() {
                black_box(monitor.step(at as u64, *letter));
            }
        });
}

#[divan::bench]
fn step_table(bencher: Bencher) {
    let program = program(SIMPLE);
    assert!(matches!(program.report().method, Method::Table { .. }));
    steps(bencher, &program);
}

#[divan::bench]
fn step_past_16_nodes_as_table(bencher: Bencher) {
    let program = program(PAST);
    assert!(matches!(program.report().method, Method::Table { .. }));
    steps(bencher, &program);
}

#[divan::bench]
fn step_past_16_nodes_as_bits(bencher: Bencher) {
    let formula = parsed(PAST);
    assert!(
        (16..=24).contains(&formula.nodes().len()),
        "{}",
        formula.nodes().len()
    );
    steps(
        bencher,
        &compile_progression(&formula, &vocabulary(), Semantics::Stream).expect(PAST),
    );
}

#[divan::bench]
fn step_timed_response(bencher: Bencher) {
    steps(bencher, &program("G(p -> F[0,30s] q)"));
}

/// As on a token stream: nearly all positions show the formula nothing new.
#[divan::bench]
fn step_timed_response_between_events(bencher: Bencher) {
    let program = program("G(p -> F[0,30s] q)");
    let mut monitor = Monitor::new(&program);
    monitor.step(0, 1);
    let mut at = 0;
    bencher.counter(ItemsCount::new(STEPS)).bench_local(|| {
        for _ in 0..STEPS {
            at += 1;
            black_box(monitor.step(at, 0));
        }
    });
}

#[divan::bench]
fn step_sliced_64_streams(bencher: Bencher) {
    let mut bank = Sliced::new(&program(SIMPLE)).expect("table");
    let mut state = 1_u64;
    let words: Vec<[u64; 2]> = (0..STEPS)
        .map(|_| {
            let mut word = || {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                state ^ state >> 29
            };
            // Few p, many q: the streams stay open.
            [word() & word() & word(), word() | word()]
        })
        .collect();
    bencher
        .counter(ItemsCount::new(64 * STEPS))
        .bench_local(|| {
            for word in &words {
                bank.step(black_box(word), !0);
            }
            bank.restart(bank.streams(Verdict::False));
        });
}

#[divan::bench(args = ["G(p -> X(!p U q))", "G((q & !r & F r) -> (p -> (!r U (s & !r))) U r)", COMPLEX, "G(p -> F[0,30s] q)"])]
fn compile_formula(bencher: Bencher, text: &str) {
    let (formula, words) = (parsed(text), vocabulary());
    assert!(formula.temporal_operators() <= 8);
    bencher.bench_local(|| compile(black_box(&formula), &words, Semantics::Stream));
}

#[divan::bench]
fn parse_formula(bencher: Bencher) {
    bencher.bench_local(|| parsed(black_box("G(tool-call -> F[0,30s] tool-result)")));
}

#[divan::bench(args = [SIMPLE, COMPLEX])]
fn verify_1000(bencher: Bencher, text: &str) {
    let program = program(text);
    let letters = open_letters(&program);
    assert_eq!(verify(&program, &letters).1, STEPS);
    bencher.bench_local(|| verify(&program, black_box(&letters)));
}

/// A thousand positions, the last of which violates.
fn violated() -> (Formula, Vec<Position>, Ending) {
    let trace: Vec<Position> = (0..STEPS as u64)
        .map(|i| Position {
            time_ns: i,
            letter: if i + 1 == STEPS as u64 { 1 } else { 3 },
        })
        .collect();
    let ending = Ending {
        semantics: Semantics::Stream,
        finished: false,
        now_ns: STEPS as u64,
        skipped: 0,
    };
    (parsed("G(p -> q)"), trace, ending)
}

#[divan::bench]
fn certificate_make_1000(bencher: Bencher) {
    let (formula, trace, ending) = violated();
    let words = vocabulary();
    bencher.bench_local(|| Certificate::make(black_box(&formula), &words, &trace, ending));
}

#[divan::bench]
fn certificate_check_1000(bencher: Bencher) {
    let (formula, trace, ending) = violated();
    let words = vocabulary();
    let certificate = Certificate::make(&formula, &words, &trace, ending).expect("violated");
    assert_eq!(certificate.check(&formula, &words), Ok(()));
    bencher.bench_local(|| black_box(&certificate).check(&formula, &words));
}

fn chain() -> Vec<Constraint> {
    let both = |i: u16| {
        [
            Constraint {
                from: i,
                to: i + 1,
                bound: 7,
            },
            Constraint {
                from: i + 1,
                to: i,
                bound: -5,
            },
        ]
    };
    (0..19).flat_map(both).collect()
}

#[divan::bench]
fn stn_20_solve(bencher: Bencher) {
    let constraints = chain();
    bencher.bench_local(|| Stn::solve(20, black_box(&constraints)));
}

#[divan::bench]
fn stn_20_add(bencher: Bencher) {
    let network = Stn::solve(20, &chain())
        .expect("in range")
        .expect("consistent");
    let edge = Constraint {
        from: 3,
        to: 15,
        bound: 70,
    };
    bencher
        .with_inputs(|| network.clone())
        .bench_local_refs(|network| network.add(black_box(edge)));
}

#[divan::bench]
fn ngram_predict(bencher: Bencher) {
    let mut ngram = Ngram::new(1);
    (0..5000).for_each(|i| ngram.observe(i % 7));
    assert_eq!(ngram.predict().symbol, 5000 % 7);
    bencher.counter(ItemsCount::new(STEPS)).bench_local(|| {
        for _ in 0..STEPS {
            black_box(black_box(&ngram).predict());
        }
    });
}

#[divan::bench]
fn ngram_observe(bencher: Bencher) {
    let mut ngram = Ngram::new(1);
    let mut at = 0;
    bencher.counter(ItemsCount::new(STEPS)).bench_local(|| {
        for _ in 0..STEPS {
            at += 1;
            ngram.observe(black_box(at % 7));
        }
    });
}

#[divan::bench]
fn forecast_5_steps(bencher: Bencher) {
    let program = program(SIMPLE);
    let mut forecast = Forecast::new(&program).expect("two atoms");
    for letter in open_letters(&program) {
        forecast.observe(letter);
    }
    let monitor = Monitor::new(&program);
    bencher.bench_local(|| forecast.violation(black_box(&monitor), 5));
}

#[divan::bench]
fn check_three_rules(bencher: Bencher) {
    let mut words = Vocabulary::new();
    let rules = [
        "G(tool-call -> F[0,30s] tool-result)",
        "!answer U citation",
        "G !(pii & !redacted)",
    ]
    .map(|text| Formula::parse(text, &mut words).expect(text));
    let rules: Vec<&Formula> = rules.iter().collect();
    assert_eq!(rule_set::check(&rules, &words, 10_000), []);
    bencher.bench_local(|| rule_set::check(black_box(&rules), &words, 10_000));
}
