//! Tasks from other threads.
use std::collections::HashMap;
use std::thread;

use midstream_nanosecond_scheduler::{
    Class, Config, Dropped, Due, Full, Handle, Overload, Scheduler, Task,
};

fn scheduler(config: Config) -> Scheduler {
    Scheduler::new(&config).unwrap()
}

#[test]
fn without_an_inbox_there_is_no_way_in() {
    assert!(scheduler(Config::default()).submitter().is_none());
}

#[test]
fn a_submitted_task_arrives_whole_at_the_next_tick() {
    let mut scheduler = scheduler(Config {
        inbox: 4,
        ..Config::default()
    });
    let submitter = scheduler.submitter().unwrap();
    let task = Task::at(u64::MAX - 1)
        .tag(u64::MAX)
        .class(Class::LOWEST)
        .every((1 << 56) - 1);
    submitter.submit(task).unwrap();
    submitter.submit(Task::at(7).tag(1)).unwrap();
    assert_eq!(scheduler.len(), 0);
    let mut out = [Due::default(); 4];
    assert_eq!(scheduler.tick(7, &mut out).count, 1);
    assert_eq!((out[0].tag, scheduler.len()), (1, 1));
    assert_eq!(scheduler.tick(u64::MAX - 1, &mut out).count, 1);
    assert_eq!(
        (out[0].tag, out[0].class, out[0].deadline),
        (u64::MAX, Class::LOWEST, u64::MAX - 1)
    );
}

#[test]
fn a_full_inbox_refuses_and_counts() {
    let mut scheduler = scheduler(Config {
        inbox: 3,
        ..Config::default()
    });
    let submitter = scheduler.submitter().unwrap();
    // Three are rounded up to four.
    assert_eq!(submitter.submit_all(&[Task::at(1); 6]), 4);
    assert_eq!(submitter.submit(Task::at(1)), Err(Full));
    assert_eq!(submitter.refused(), 3);
    let mut out = [Handle::NONE; 8];
    assert_eq!(scheduler.tick(1, &mut out).count, 4);
    assert_eq!(submitter.submit_all(&[]), 0);
    assert_eq!(submitter.submit(Task::at(1)), Ok(()));
}

#[test]
fn a_full_scheduler_leaves_tasks_in_the_inbox() {
    let mut scheduler = scheduler(Config {
        capacity: 2,
        inbox: 4,
        ..Config::default()
    });
    let submitter = scheduler.submitter().unwrap();
    assert_eq!(
        submitter.submit_all(&[1, 2, 3, 4, 5].map(|tag| Task::at(10 * tag).tag(tag))),
        4
    );
    let mut out = [Due::default(); 8];
    let mut tags = Vec::new();
    for now in [0, 10, 20, 30, 40] {
        let ticked = scheduler.tick(now, &mut out);
        tags.extend(out[..ticked.count].iter().map(|due| due.tag));
    }
    assert_eq!(
        (tags, scheduler.statistics().rejected),
        (vec![1, 2, 3, 4], 0)
    );
}

#[test]
fn a_task_turned_away_at_the_door_is_reported() {
    let mut scheduler = scheduler(Config {
        capacity: 1,
        inbox: 4,
        overload: Overload::DropLatest,
        ..Config::default()
    });
    scheduler.schedule(Task::at(5)).unwrap();
    scheduler
        .submitter()
        .unwrap()
        .submit(Task::at(9).tag(3))
        .unwrap();
    let _ = scheduler.tick(0, &mut [Handle::NONE; 1]);
    let mut dropped = [Dropped::default(); 2];
    assert_eq!(scheduler.take_dropped(&mut dropped), 1);
    assert_eq!((dropped[0].tag, dropped[0].handle), (3, Handle::NONE));
}

#[test]
fn nothing_is_lost_repeated_or_torn_between_threads() {
    const EACH: u64 = 50_000;
    const THREADS: u64 = 4;
    let mut scheduler = scheduler(Config {
        capacity: 1 << 18,
        inbox: 256,
        ..Config::default()
    });
    let submitter = scheduler.submitter().unwrap();
    let mut next: HashMap<u64, u64> = HashMap::new();
    thread::scope(|scope| {
        for number in 0..THREADS {
            let submitter = submitter.clone();
            scope.spawn(move || {
                let mut sent = 0;
                while sent < EACH {
                    // The deadline is the tag, so a torn task would show; batches of changing size.
                    let batch: [Task; 8] = std::array::from_fn(|at| {
                        let tag = number * EACH + sent + at as u64;
                        Task::at(tag)
                            .tag(tag)
                            .class(Class::new((tag % 8) as u8).unwrap())
                    });
                    let size = (1 + sent % 8).min(EACH - sent) as usize;
                    let taken = submitter.submit_all(&batch[..size]);
                    sent += taken as u64;
                    if taken == 0 {
                        thread::yield_now();
                    }
                }
            });
        }
        let mut out = [Due::default(); 64];
        let mut seen = 0;
        while seen < THREADS * EACH {
            let ticked = scheduler.tick(u64::MAX, &mut out);
            for due in &out[..ticked.count] {
                assert_eq!(
                    (due.deadline, u64::from(due.class.number())),
                    (due.tag, due.tag % 8)
                );
                assert_eq!(
                    next.insert(due.tag, 1),
                    None,
                    "delivered twice: {}",
                    due.tag
                );
            }
            seen += ticked.count as u64;
            if ticked.count == 0 {
                thread::yield_now();
            }
        }
    });
    assert_eq!((next.len() as u64, scheduler.len()), (THREADS * EACH, 0));
}
