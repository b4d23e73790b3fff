//! Answers that earlier schedulers gave, and this one must not: each test names the mistake.
use midstream_nanosecond_scheduler::{Class, Config, Due, Handle, Scheduler, Task};

const MS: u64 = 1_000_000;

fn class(number: u8) -> Class {
    Class::new(number).unwrap()
}

fn due(scheduler: &mut Scheduler, now: u64) -> Vec<Due> {
    let mut out = [Due::default(); 64];
    let ticked = scheduler.tick(now, &mut out);
    assert!(!ticked.more);
    out[..ticked.count].to_vec()
}

#[test]
fn the_lowest_priority_does_not_come_first() {
    // A max-heap whose ordering was written for a min-heap.
    let mut scheduler = Scheduler::new(&Config::default()).unwrap();
    for number in [3, 7, 0, 5, 1, 6, 2, 4] {
        scheduler
            .schedule(Task::at(MS).class(class(number)))
            .unwrap();
    }
    let order: Vec<u8> = due(&mut scheduler, MS)
        .iter()
        .map(|due| due.class.number())
        .collect();
    assert_eq!(order, [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn tasks_of_one_tick_do_not_come_in_the_order_of_their_slot() {
    // Wheels that fire "within one tick" hand out a slot as it was filled.
    let mut scheduler = Scheduler::new(&Config::default()).unwrap();
    let deadlines = [7, 3, 5, 1, 9, 2, 8, 4, 6, 0].map(|offset| 50 * MS + offset);
    for deadline in deadlines {
        scheduler.schedule(Task::at(deadline)).unwrap();
    }
    let order: Vec<u64> = due(&mut scheduler, 60 * MS)
        .iter()
        .map(|due| due.deadline)
        .collect();
    assert!(order.is_sorted() && order.len() == 10);
}

#[test]
fn a_deadline_within_the_same_millisecond_does_not_come_early() {
    // Wheels with a coarse tick round the deadline down, or up.
    let mut scheduler = Scheduler::new(&Config::default()).unwrap();
    scheduler.schedule(Task::at(5 * MS + 7)).unwrap();
    assert_eq!(due(&mut scheduler, 5 * MS + 6).len(), 0);
    assert_eq!(scheduler.next_wake(), Some(5 * MS + 7));
    assert_eq!(due(&mut scheduler, 5 * MS + 7).len(), 1);
}

#[test]
fn a_deadline_beyond_the_wheel_does_not_come_at_the_end_of_the_wheel() {
    // Wheels with a horizon clamp to their last slot.
    let mut scheduler = Scheduler::new(&Config::default()).unwrap();
    let century = 100 * 365 * 24 * 3600 * 1000 * MS;
    scheduler.schedule(Task::at(century)).unwrap();
    for year in 0..100 {
        assert_eq!(due(&mut scheduler, year * (century / 100)).len(), 0);
    }
    assert_eq!(due(&mut scheduler, century).len(), 1);
}

#[test]
fn a_low_class_does_not_starve() {
    // Strict priority without ageing.
    let mut scheduler = Scheduler::new(&Config {
        ageing: 10 * MS,
        ..Config::default()
    })
    .unwrap();
    scheduler
        .schedule(Task::at(0).class(Class::LOWEST))
        .unwrap();
    scheduler.schedule(Task::at(80 * MS)).unwrap();
    assert_eq!(due(&mut scheduler, 80 * MS)[0].class, Class::LOWEST);
}

#[test]
fn a_cancelled_task_does_not_keep_its_place() {
    // Lazy deletion: a gateway cancels nearly every time-out, and the dead ones would fill the table until they were due.
    let mut scheduler = Scheduler::new(&Config {
        capacity: 10,
        ..Config::default()
    })
    .unwrap();
    for round in 0..10_000 {
        let handle = scheduler
            .schedule(Task::at(3600 * 1000 * MS + round))
            .unwrap();
        assert_eq!(scheduler.cancel(handle), Some(0));
    }
    assert_eq!((scheduler.len(), scheduler.next_wake()), (0, None));
}

#[test]
fn cancelling_an_old_handle_does_not_end_the_new_task() {
    // Ids that are indices.
    let mut scheduler = Scheduler::new(&Config::default()).unwrap();
    let old = scheduler.schedule(Task::at(1)).unwrap();
    assert_eq!(due(&mut scheduler, 1).len(), 1);
    let new = scheduler.schedule(Task::at(2)).unwrap();
    assert_eq!(scheduler.cancel(old), None);
    assert_eq!(due(&mut scheduler, 2)[0].handle, new);
}

#[test]
fn a_periodic_task_does_not_drift_nor_pile_up() {
    // `now + period` drifts by every delay; one delivery per missed period is a burst after every stall.
    let mut scheduler = Scheduler::new(&Config::default()).unwrap();
    scheduler
        .schedule(Task::at(10 * MS).every(10 * MS))
        .unwrap();
    let late = due(&mut scheduler, 17 * MS);
    assert_eq!((late.len(), scheduler.next_wake()), (1, Some(20 * MS)));
    let after_stall = due(&mut scheduler, 1003 * MS);
    assert_eq!((after_stall.len(), after_stall[0].missed), (1, 98));
    assert_eq!(scheduler.next_wake(), Some(1010 * MS));
}

#[test]
fn time_going_backwards_does_not_make_everything_due() {
    // `now - earlier` in unsigned numbers.
    let mut scheduler = Scheduler::new(&Config::default()).unwrap();
    assert_eq!(due(&mut scheduler, 100 * MS).len(), 0);
    scheduler.schedule(Task::at(200 * MS)).unwrap();
    assert_eq!(due(&mut scheduler, 0).len(), 0);
    assert_eq!(due(&mut scheduler, 199 * MS).len(), 0);
}

#[test]
fn nothing_due_is_lost_when_the_array_is_small() {
    let mut scheduler = Scheduler::new(&Config::default()).unwrap();
    for tag in 0..100 {
        scheduler
            .schedule(Task::at(MS + tag % 13).tag(tag))
            .unwrap();
    }
    let mut seen = 0;
    let mut last = 0;
    let mut out = [Due::default(); 3];
    loop {
        let ticked = scheduler.tick(2 * MS, &mut out);
        for due in &out[..ticked.count] {
            assert!(due.deadline >= last);
            last = due.deadline;
        }
        seen += ticked.count;
        if !ticked.more {
            break;
        }
    }
    assert_eq!(seen, 100);
    let none: &mut [Handle] = &mut [];
    scheduler.schedule(Task::at(0)).unwrap();
    assert!(scheduler.tick(2 * MS, none).more);
}
