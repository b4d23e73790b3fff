//! What a caller who means harm, or a machine that lies, can do.
mod support;

use midstream_nanosecond_scheduler::{
    Class, Config, ConfigError, Dropped, Due, Full, Handle, MAX_CAPACITY, Overload, Scheduler, Task,
};
use support::Random;

const MS: u64 = 1_000_000;

fn scheduler(config: Config) -> Scheduler {
    Scheduler::new(&config).unwrap()
}

fn class(number: u8) -> Class {
    Class::new(number).unwrap()
}

/// Ticks at one time until nothing is left behind; the tags in order.
fn all_due(scheduler: &mut Scheduler, now: u64) -> Vec<u64> {
    let mut out = [Due::default(); 7];
    let mut tags = Vec::new();
    loop {
        let ticked = scheduler.tick(now, &mut out);
        tags.extend(out[..ticked.count].iter().map(|due| due.tag));
        if !ticked.more {
            return tags;
        }
    }
}

#[test]
fn all_tasks_in_one_far_slot_cost_no_tick_more_than_its_movements() {
    let (count, moves) = (100_000, 500);
    let mut scheduler = scheduler(Config {
        capacity: count,
        moves_per_tick: moves,
        ..Config::default()
    });
    let mut random = Random(7);
    let far = 1 << 40;
    let mut expected: Vec<(u64, u64)> = (0..count as u64)
        .map(|tag| (far + random.below(1 << 20), tag))
        .collect();
    for &(deadline, tag) in &expected {
        scheduler.schedule(Task::at(deadline).tag(tag)).unwrap();
    }
    expected.sort_unstable();
    let mut out = [Due::default(); 64];
    let mut delivered = Vec::new();
    let mut before = 0;
    while !scheduler.is_empty() {
        let ticked = scheduler.tick(2 * far, &mut out);
        let after = scheduler.statistics().moves;
        assert!(after - before <= moves as u64);
        before = after;
        delivered.extend(
            out[..ticked.count]
                .iter()
                .map(|due| (due.deadline, due.tag)),
        );
    }
    assert_eq!(delivered, expected);
    assert!(
        before <= 7 * count as u64,
        "a task moves at most once per level"
    );
}

#[test]
fn a_pile_in_a_low_class_does_not_hold_up_the_classes_above() {
    let mut scheduler = scheduler(Config {
        moves_per_tick: 10,
        ageing: u64::MAX,
        ..Config::default()
    });
    for tag in 0..50_000 {
        scheduler
            .schedule(Task::at(1000 + tag % 200).tag(tag).class(class(5)))
            .unwrap();
    }
    for tag in 0..20 {
        scheduler
            .schedule(Task::at(5000 + tag).tag(1_000_000 + tag).class(class(1)))
            .unwrap();
    }
    let mut out = [Due::default(); 64];
    let ticked = scheduler.tick(10_000, &mut out);
    assert!(ticked.more);
    let high = out[..ticked.count]
        .iter()
        .filter(|due| due.class == class(1))
        .count();
    // They too move by tens: 20 tasks in one slot need two ticks.
    let again = scheduler.tick(10_000, &mut out);
    let high = high
        + out[..again.count]
            .iter()
            .filter(|due| due.class == class(1))
            .count();
    assert_eq!(high, 20);
}

#[test]
fn a_flooded_high_class_delays_a_low_one_by_the_ageing_and_no_more() {
    let ageing = 10 * MS;
    let mut scheduler = scheduler(Config {
        ageing,
        ..Config::default()
    });
    scheduler
        .schedule(Task::at(0).tag(u64::MAX).class(class(3)))
        .unwrap();
    let mut out = [Due::default(); 1];
    // One new task of the highest class per delivery, so that there is always one.
    for number in 0.. {
        let now = number * MS;
        scheduler.schedule(Task::at(now).tag(number)).unwrap();
        let ticked = scheduler.tick(now, &mut out);
        assert_eq!(ticked.count, 1);
        if out[0].tag == u64::MAX {
            assert_eq!(now, 3 * ageing + MS, "class 3 waits three times the ageing");
            return;
        }
    }
}

#[test]
fn the_past_is_due_at_once_and_in_order() {
    let mut scheduler = scheduler(Config::default());
    scheduler.schedule(Task::at(900).tag(9)).unwrap();
    assert_eq!(all_due(&mut scheduler, 1000), [9]);
    for (deadline, tag) in [
        (1000, 1),
        (0, 2),
        (500, 3),
        (999, 4),
        (500, 5),
        (0, 6),
        (1001, 7),
    ] {
        scheduler.schedule(Task::at(deadline).tag(tag)).unwrap();
    }
    assert_eq!(all_due(&mut scheduler, 1000), [2, 6, 3, 5, 4, 1]);
    assert_eq!(scheduler.next_wake(), Some(1001));
}

#[test]
fn a_hundred_thousand_tasks_in_the_past_stay_in_order_and_can_be_cancelled() {
    let mut scheduler = scheduler(Config {
        capacity: 100_000,
        ..Config::default()
    });
    scheduler.schedule(Task::at(1 << 40)).unwrap();
    assert_eq!(all_due(&mut scheduler, 1 << 41), [0]);
    let mut random = Random(3);
    let mut expected = Vec::new();
    for tag in 0..100_000 {
        let deadline = random.below(1 << 30);
        let handle = scheduler.schedule(Task::at(deadline).tag(tag)).unwrap();
        if random.one_in(3) {
            assert_eq!(scheduler.cancel(handle), Some(tag));
        } else {
            expected.push((deadline, tag));
        }
    }
    expected.sort_unstable();
    let tags: Vec<u64> = expected.into_iter().map(|(_, tag)| tag).collect();
    assert_eq!(all_due(&mut scheduler, 1 << 41), tags);
}

#[test]
fn the_end_of_time_comes_only_at_the_end_of_time() {
    let mut scheduler = scheduler(Config::default());
    for number in 0..8 {
        scheduler
            .schedule(
                Task::at(u64::MAX)
                    .tag(u64::from(number))
                    .class(class(7 - number)),
            )
            .unwrap();
    }
    scheduler
        .schedule(Task::at(u64::MAX - 1).tag(99).every(1000))
        .unwrap();
    assert_eq!(all_due(&mut scheduler, u64::MAX - 2), [0; 0]);
    assert_eq!(
        all_due(&mut scheduler, u64::MAX - 1),
        [99],
        "its next time does not exist"
    );
    assert_eq!(all_due(&mut scheduler, u64::MAX), [7, 6, 5, 4, 3, 2, 1, 0]);
    assert!(scheduler.is_empty());
}

#[test]
fn a_handle_is_dead_after_its_task_however_often_the_place_is_used_again() {
    let mut scheduler = scheduler(Config {
        capacity: 1,
        ..Config::default()
    });
    let first = scheduler.schedule(Task::at(10)).unwrap();
    assert_eq!(all_due(&mut scheduler, 10), [0]);
    for round in 0..1000 {
        let second = scheduler.schedule(Task::at(20).tag(round)).unwrap();
        assert_eq!((second.index(), second == first), (first.index(), false));
        assert_eq!(scheduler.cancel(first), None);
        assert!(!scheduler.reschedule(first, 0));
        assert_eq!(scheduler.get(first), None);
        assert_eq!(scheduler.cancel(second), Some(round));
        assert_eq!(scheduler.cancel(second), None);
    }
}

#[test]
fn made_up_handles_are_refused() {
    let mut scheduler = scheduler(Config {
        capacity: 4,
        ..Config::default()
    });
    scheduler.schedule(Task::at(10)).unwrap();
    for (index, generation) in [
        (0, 0),
        (0, 2),
        (1, 1),
        (3, 1),
        (4, 1),
        (u32::MAX, 1),
        (u32::MAX, u32::MAX),
        (1 << 31, 1),
    ] {
        let handle = Handle::from_parts(index, generation);
        assert_eq!(
            (scheduler.cancel(handle), scheduler.reschedule(handle, 5)),
            (None, false)
        );
    }
    assert_eq!(scheduler.cancel(Handle::NONE), None);
    assert_eq!(scheduler.len(), 1);
}

#[test]
fn a_handle_survives_the_way_through_a_number() {
    let mut random = Random(11);
    for _ in 0..100_000 {
        let handle = Handle::from_parts(
            random.below(MAX_CAPACITY as u64) as u32,
            random.next() as u32,
        );
        assert_eq!(Handle::from_f64(handle.to_f64()), Some(handle));
    }
    for number in [
        -1.0,
        0.5,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        9_007_199_254_740_992.0,
        1e300,
    ] {
        assert_eq!(Handle::from_f64(number), None);
    }
    assert_eq!(Handle::from_f64(-0.0), Some(Handle::NONE));
}

#[test]
fn a_clock_that_goes_back_changes_nothing_but_a_count() {
    let mut scheduler = scheduler(Config::default());
    scheduler.schedule(Task::at(100).tag(1)).unwrap();
    assert_eq!(all_due(&mut scheduler, 200), [1]);
    scheduler.schedule(Task::at(150).tag(2)).unwrap();
    scheduler.schedule(Task::at(250).tag(3)).unwrap();
    assert_eq!(all_due(&mut scheduler, 0), [2], "it is still 200");
    assert_eq!(
        (scheduler.now(), scheduler.statistics().clock_regressions),
        (200, 1)
    );
    assert_eq!(
        scheduler.statistics().lateness.quantile(1.0),
        127,
        "50 and 100 ns late, not 2^64"
    );
}

#[test]
fn missed_periods_are_one_delivery_and_the_rate_stays_fixed() {
    let mut scheduler = scheduler(Config::default());
    let handle = scheduler.schedule(Task::at(100).tag(5).every(10)).unwrap();
    let mut out = [Due::default(); 4];
    for (now, expected) in [
        (99, None),
        (100, Some((100, 0))),
        (100, None),
        (145, Some((110, 3))),
        (150, Some((150, 0))),
    ] {
        let ticked = scheduler.tick(now, &mut out);
        let seen = (ticked.count == 1).then(|| (out[0].deadline, out[0].missed));
        assert_eq!(seen, expected, "at {now}");
    }
    assert_eq!(scheduler.statistics().coalesced, 3);
    assert_eq!(scheduler.cancel(handle), Some(5));
    assert_eq!(scheduler.len(), 0);
}

#[test]
fn a_periodic_task_from_the_past_wakes_its_class_again() {
    let mut scheduler = scheduler(Config::default());
    // Nine in one slot, so that it is spread and the wheel has a past.
    for tag in 0..9 {
        scheduler
            .schedule(Task::at(1_000_000 + tag).class(class(1)))
            .unwrap();
    }
    all_due(&mut scheduler, 2_000_000);
    scheduler
        .schedule(Task::at(5).every(1_999_999).class(class(1)))
        .unwrap();
    scheduler.schedule(Task::at(9_000_000)).unwrap();
    assert_eq!(all_due(&mut scheduler, 2_000_000).len(), 1);
    assert_eq!(scheduler.next_wake(), Some(5 + 1_999_999));
}

#[test]
fn no_room_refuses_the_newcomer_by_default() {
    let mut scheduler = scheduler(Config {
        capacity: 2,
        ..Config::default()
    });
    scheduler.schedule(Task::at(1).class(class(7))).unwrap();
    scheduler.schedule(Task::at(2).class(class(7))).unwrap();
    assert_eq!(scheduler.schedule(Task::at(0)), Err(Full));
    assert_eq!(
        (
            scheduler.statistics().rejected,
            scheduler.statistics().scheduled
        ),
        (1, 2)
    );
}

#[test]
fn drop_lowest_takes_the_latest_of_the_lowest_class_below() {
    let config = Config {
        capacity: 4,
        overload: Overload::DropLowest,
        ..Config::default()
    };
    let mut scheduler = scheduler(config);
    for (deadline, number, tag) in [(50, 3, 1), (90, 6, 2), (70, 6, 3), (10, 2, 4)] {
        scheduler
            .schedule(Task::at(deadline).class(class(number)).tag(tag))
            .unwrap();
    }
    scheduler
        .schedule(Task::at(60).class(class(4)).tag(5))
        .unwrap();
    scheduler
        .schedule(Task::at(60).class(class(5)).tag(6))
        .unwrap();
    assert_eq!(
        scheduler.schedule(Task::at(0).class(class(5)).tag(7)),
        Err(Full),
        "none is below class 5"
    );
    let mut dropped = [Dropped::default(); 8];
    assert_eq!(scheduler.take_dropped(&mut dropped), 2);
    assert_eq!((dropped[0].tag, dropped[1].tag), (2, 3));
    assert_eq!(scheduler.statistics().dropped, [0, 0, 0, 0, 0, 0, 2, 0]);
    assert_eq!(scheduler.take_dropped(&mut dropped), 0);
}

#[test]
fn drop_latest_takes_the_latest_of_all_unless_it_is_the_newcomer() {
    let config = Config {
        capacity: 3,
        dropped: 1,
        overload: Overload::DropLatest,
        ..Config::default()
    };
    let mut scheduler = scheduler(config);
    for (deadline, number, tag) in [(MS, 0, 1), (900 * MS, 1, 2), (5 * MS, 7, 3)] {
        scheduler
            .schedule(Task::at(deadline).class(class(number)).tag(tag))
            .unwrap();
    }
    assert_eq!(
        scheduler.schedule(Task::at(900 * MS)),
        Err(Full),
        "not earlier than the latest"
    );
    scheduler
        .schedule(Task::at(2 * MS).class(class(7)).tag(4))
        .unwrap();
    scheduler
        .schedule(Task::at(3 * MS).class(class(7)).tag(5))
        .unwrap();
    let mut dropped = [Dropped::default(); 8];
    assert_eq!(
        (scheduler.take_dropped(&mut dropped), dropped[0].tag),
        (1, 2)
    );
    assert_eq!(
        scheduler.statistics().unreported,
        1,
        "the second was forgotten, and that is known"
    );
    assert_eq!(all_due(&mut scheduler, 10 * MS), [1, 4, 5]);
}

#[test]
fn sizes_out_of_bounds_are_refused_by_name() {
    let refused = |config| Scheduler::new(&config).map(|_| ()).unwrap_err();
    let base = Config::default();
    assert_eq!(
        refused(Config {
            capacity: 0,
            ..base
        }),
        ConfigError::Capacity(0)
    );
    assert_eq!(
        refused(Config {
            capacity: MAX_CAPACITY + 1,
            ..base
        }),
        ConfigError::Capacity(MAX_CAPACITY + 1)
    );
    assert_eq!(
        refused(Config {
            inbox: usize::MAX,
            ..base
        }),
        ConfigError::Inbox(usize::MAX)
    );
    assert_eq!(
        refused(Config {
            dropped: usize::MAX,
            ..base
        }),
        ConfigError::Dropped(usize::MAX)
    );
    assert_eq!(
        refused(Config {
            moves_per_tick: 0,
            ..base
        }),
        ConfigError::MovesPerTick
    );
}
