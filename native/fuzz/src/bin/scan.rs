//! Any bytes under rules of every kind: any cutting gives the same findings, none before what had been released.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use midstream_fuzz::{cut, pieces};
use midstream_scan::spec::AnalyserSpec;
use midstream_scan::{Event, Plan, Scanner, TextKind};

static PLAN: LazyLock<Plan> = LazyLock::new(|| {
    let specs: Vec<AnalyserSpec> =
        serde_json::from_str(include_str!("../../../scan/tests/oracle/rules.json"))
            .expect("the rules are valid");
    Plan::compile(&specs).expect("the rules compile")
});

fn run<'a>(kind: TextKind, input: impl Iterator<Item = &'a [u8]>) -> (Vec<String>, u64) {
    let mut scanner = Scanner::new(&PLAN, kind);
    let mut events = Vec::new();
    for piece in input {
        let (seen, safe) = (events.len(), scanner.safe());
        scanner.push(&PLAN, piece, &mut events);
        assert!(scanner.safe() >= safe, "the safe offset went back");
        for event in &events[seen..] {
            if let Event::Found(found) = event {
                assert!(found.start >= safe, "a finding begins in what was released");
            }
        }
    }
    scanner.finish(&PLAN, &mut events);
    (
        events.iter().map(|event| format!("{event:?}")).collect(),
        scanner.dropped_attempts(),
    )
}

fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = data.split_first() else {
        return;
    };
    let Some((sizes, input)) = cut(rest) else {
        return;
    };
    let kind = if kind & 1 == 0 {
        TextKind::Plain
    } else {
        TextKind::Json
    };
    let (whole, dropped) = run(kind, std::iter::once(input));
    let (cut, _) = run(kind, pieces(sizes, input));
    // Above the cap of attempts the findings are those that the cap leaves.
    if dropped == 0 {
        assert_eq!(whole, cut);
    }
});
