//! Stamps in any order: the sequence hands out what a sorted list hands out, and differences are those of wide numbers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use midstream_fuzz::Reader;
use midstream_temporal_compare::{CompareError, Event, TemporalSequence, check_order, deltas};

/// The definition: a list that is sorted when something is taken.
struct Model {
    waiting: Vec<(u64, u64)>,
    newest: u64,
    handed_out: Option<u64>,
    pushed: u64,
    gaps: u64,
}

impl Model {
    fn pop(&mut self, window: u64, gap: u64) -> Option<Event<u64>> {
        self.waiting.sort_unstable();
        let &(stamp, sequence) = self.waiting.first()?;
        if self.newest - stamp < window {
            return None;
        }
        self.waiting.remove(0);
        let delta = self.handed_out.map_or(0, |before| stamp - before);
        self.gaps += u64::from(delta > gap);
        self.handed_out = Some(stamp);
        Some(Event {
            stamp,
            sequence,
            value: sequence,
            delta,
        })
    }
}

fn differences(stamps: &[u64]) {
    let expected: Vec<i64> = (stamps.windows(2))
        .map(|two| {
            let wide = i128::from(two[1]) - i128::from(two[0]);
            wide.clamp(i64::MIN.into(), i64::MAX.into()) as i64
        })
        .collect();
    let mut found = vec![0; expected.len()];
    deltas(stamps, &mut found).expect("one place fewer");
    assert_eq!(found, expected);
    let check = check_order(stamps);
    assert_eq!(check.least_delta, expected.iter().min().copied());
    assert_eq!(check.greatest_delta, expected.iter().max().copied());
    let disorder = stamps.windows(2).position(|two| two[1] < two[0]);
    assert_eq!(check.first_disorder, disorder.map(|at| at + 1));
}

fuzz_target!(|data: &[u8]| {
    let mut input = Reader(data);
    let (window, gap, capacity) = (input.any(), input.any(), input.below(40) + 1);
    let mut sequence = TemporalSequence::new(window, gap, capacity).expect("a capacity in bounds");
    let mut model = Model {
        waiting: Vec::new(),
        newest: 0,
        handed_out: None,
        pushed: 0,
        gaps: 0,
    };
    let (mut stamps, mut late) = (Vec::new(), 0);
    while !input.0.is_empty() {
        match input.byte() % 8 {
            0 => assert_eq!(sequence.pop(), model.pop(0, gap)),
            1 | 2 => assert_eq!(sequence.pop_ready(), model.pop(window, gap)),
            kind => {
                let distance = input.any();
                let stamp = match kind {
                    3 => distance,
                    4 => model.newest.saturating_sub(distance),
                    _ => model.newest.saturating_add(distance),
                };
                stamps.push(stamp);
                match sequence.push(stamp, model.pushed) {
                    Ok(number) => {
                        assert_eq!(number, model.pushed);
                        assert!(model.handed_out.is_none_or(|before| before <= stamp));
                        assert!(model.waiting.len() < capacity);
                        model.waiting.push((stamp, number));
                        model.newest = model.newest.max(stamp);
                        model.pushed += 1;
                    }
                    Err(CompareError::Late { horizon, .. }) => {
                        assert_eq!(model.handed_out, Some(horizon));
                        assert!(stamp < horizon);
                        late += 1;
                    }
                    Err(CompareError::TooLarge { .. }) => {
                        assert_eq!(model.waiting.len(), capacity);
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        }
    }
    let seen = sequence.statistics();
    assert_eq!(
        (seen.pushed, seen.late, seen.gaps, seen.waiting),
        (model.pushed, late, model.gaps, model.waiting.len())
    );
    differences(&stamps);
});
