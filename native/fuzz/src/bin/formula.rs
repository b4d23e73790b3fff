//! A rule's text: an error or a formula whose printed form means the same; compiling it stays in its budget.
#![no_main]

use libfuzzer_sys::fuzz_target;
use midstream_temporal_neural_solver::{Formula, Monitor, Semantics, Vocabulary, compile};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut words = Vocabulary::new();
    let Ok(formula) = Formula::parse(text, &mut words) else {
        return;
    };
    let printed = formula.text(&words);
    let again = Formula::parse(&printed, &mut words).expect("what is printed can be read");
    assert_eq!(again.text(&words), printed);
    if formula.nodes().len() > 12 {
        return;
    }
    for semantics in [Semantics::Stream, Semantics::Finite] {
        if let Ok(program) = compile(&formula, &words, semantics) {
            let mut monitor = Monitor::new(&program);
            for step in 0..8_u64 {
                monitor.step(step * 1_000, step.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            }
            monitor.finish();
        }
    }
});
