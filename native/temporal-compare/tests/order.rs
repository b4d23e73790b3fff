//! Order of events against sorting.

mod common;

use common::Random;
use midstream_temporal_compare::{
    CompareError, OrderCheck, OrderStatistics, TemporalSequence, check_order, deltas,
};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn events_no_later_than_the_window_come_out_sorted_and_stable(
        seed in any::<u64>(), len in 0u64..200, window in 0u64..50, apart in 1u64..20,
    ) {
        let mut random = Random(seed);
        let mut sequence = TemporalSequence::new(window, 30, 1000).unwrap();
        let (mut newest, mut out, mut sent) = (1000, Vec::new(), Vec::new());
        for number in 0..len {
            newest += random.below(apart);
            // Up to `window` late, and often equally old.
            let stamp = newest - random.below(window + 1) / 3 * 3;
            prop_assert_eq!(sequence.push(stamp, number), Ok(number));
            sent.push((stamp, number));
            while let Some(event) = sequence.pop_ready() {
                out.push(event);
            }
        }
        while let Some(event) = sequence.pop() {
            out.push(event);
        }
        // A stable sort of what was pushed.
        sent.sort_by_key(|&(stamp, _)| stamp);
        let found: Vec<_> = out.iter().map(|event| (event.stamp, event.value)).collect();
        prop_assert_eq!(&found, &sent);
        prop_assert!(out.iter().all(|event| event.sequence == event.value));
        let gaps: Vec<u64> = sent.windows(2).map(|two| two[1].0 - two[0].0).collect();
        prop_assert!(out.iter().skip(1).map(|event| event.delta).eq(gaps.iter().copied()));
        let statistics = sequence.statistics();
        prop_assert_eq!(statistics.gaps, gaps.iter().filter(|&&gap| gap > 30).count() as u64);
        prop_assert_eq!((statistics.pushed, statistics.late, statistics.waiting), (len, 0, 0));
    }

    #[test]
    fn a_check_says_what_the_neighbours_say(stamps in prop::collection::vec(prop_oneof![0u64..20, any::<u64>()], 0..60)) {
        let check = check_order(&stamps);
        let wide: Vec<i128> = stamps.windows(2).map(|two| i128::from(two[1]) - i128::from(two[0])).collect();
        let clamp = |x: &i128| (*x).clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
        prop_assert_eq!(check.first_disorder, wide.iter().position(|&x| x < 0).map(|at| at + 1));
        prop_assert_eq!(check.least_delta, wide.iter().map(clamp).min());
        prop_assert_eq!(check.greatest_delta, wide.iter().map(clamp).max());
        let mut out = vec![0; wide.len()];
        prop_assert_eq!(deltas(&stamps, &mut out), Ok(()));
        prop_assert!(out.iter().copied().eq(wide.iter().map(clamp)));
    }
}

#[test]
fn an_event_before_what_was_handed_out_is_refused_by_stamp_and_counted() {
    let mut sequence = TemporalSequence::new(10, u64::MAX, 8).unwrap();
    for stamp in [100, 95, 110] {
        sequence.push(stamp, ()).unwrap();
    }
    assert_eq!(sequence.pop_ready().map(|event| event.stamp), Some(95));
    assert_eq!(sequence.pop_ready().map(|event| event.stamp), Some(100));
    assert_eq!(sequence.pop_ready(), None);
    assert_eq!(
        sequence.push(99, ()),
        Err(CompareError::Late {
            stamp: 99,
            horizon: 100
        })
    );
    assert_eq!(sequence.push(100, ()), Ok(3));
    let expected = OrderStatistics {
        pushed: 4,
        repaired: 2,
        late: 1,
        gaps: 0,
        waiting: 2,
    };
    assert_eq!(sequence.statistics(), expected);
}

#[test]
fn a_full_sequence_refuses_and_loses_nothing() {
    assert!(matches!(
        TemporalSequence::<()>::new(0, 0, 0),
        Err(CompareError::BadOption { .. })
    ));
    assert!(matches!(
        TemporalSequence::<()>::new(0, 0, (1 << 20) + 1),
        Err(CompareError::BadOption { .. })
    ));
    let mut sequence = TemporalSequence::new(1000, 0, 2).unwrap();
    sequence.push(5, 'a').unwrap();
    sequence.push(4, 'b').unwrap();
    assert_eq!(
        sequence.push(6, 'c'),
        Err(CompareError::TooLarge {
            needed: 3,
            allowed: 2
        })
    );
    assert_eq!(sequence.pop().map(|event| event.value), Some('b'));
    assert_eq!(sequence.push(6, 'c'), Ok(2));
    assert_eq!(
        sequence.pop().map(|event| (event.value, event.delta)),
        Some(('a', 1))
    );
}

#[test]
fn stamps_at_the_ends_of_the_range_have_the_nearest_delta_that_fits() {
    let check = check_order(&[0, u64::MAX, 0]);
    let expected = OrderCheck {
        first_disorder: Some(2),
        least_delta: Some(i64::MIN),
        greatest_delta: Some(i64::MAX),
    };
    assert_eq!(check, expected);
    assert_eq!(
        deltas(&[1, 2], &mut []),
        Err(CompareError::BadOption {
            option: "out",
            must: "one shorter than the stamps"
        })
    );
    assert_eq!(check_order(&[7]).least_delta, None);
}
