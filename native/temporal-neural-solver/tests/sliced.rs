//! 64 streams in words are 64 monitors.

mod common;

use common::{Kind, any_formula, words};
use midstream_temporal_neural_solver::{Monitor, Semantics, Sliced, Verdict, compile};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_sliced_bank_says_what_64_monitors_say(
        formula in any_formula(Kind::Mixed),
        steps in prop::collection::vec((any::<[u64; 3]>(), any::<u64>()), 1..12),
        restarted in any::<u64>(),
    ) {
        let program = compile(&formula, &words(), Semantics::Stream).expect("small formula");
        let Ok(mut bank) = Sliced::new(&program) else { return Ok(()) };
        let mut monitors: Vec<Monitor> = (0..64).map(|_| Monitor::new(&program)).collect();
        for (at, (atoms, active)) in steps.iter().enumerate() {
            if at == 5 {
                bank.restart(restarted);
                monitors.iter_mut().enumerate().filter(|(s, _)| restarted >> s & 1 == 1).for_each(|(_, m)| m.reset());
            }
            bank.step(atoms, *active);
            for (stream, monitor) in monitors.iter_mut().enumerate() {
                if active >> stream & 1 == 1 {
                    let letter = (0..3).fold(0, |letter, i| letter | (atoms[i] >> stream & 1) << i);
                    monitor.step(0, letter);
                }
                prop_assert_eq!(bank.verdict(stream as u32), monitor.verdict());
                let all = bank.streams(monitor.verdict());
                prop_assert!(all >> stream & 1 == 1);
            }
        }
        prop_assert_eq!(bank.streams(Verdict::Unknown), 0);
    }
}
