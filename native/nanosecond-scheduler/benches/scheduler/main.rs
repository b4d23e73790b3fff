//! What does one operation cost, beside a binary heap and two timer crates, in the same run?
//!
//! `cargo bench -p midstream-nanosecond-scheduler`. Divan prints time per sample and items per second; afterwards come
//! percentiles of single operations and the lateness of a polled timer. `ours` sorts to the nanosecond; the wheels of the
//! peers do not (`nexus`: 1 us ticks here, order within a tick is free; `hash_wheel`: one tick of its own per 1 us here).
mod holds;
mod loads;
mod percentiles;

use std::cell::RefCell;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use holds::{Heap, Hold, Nexus, Ours, QuadWheel};
use loads::{DENSE, Increments, RESIDENT, TIMEOUTS, resident};
use midstream_nanosecond_scheduler::{Config, Handle, Scheduler, Submitter, Task};

fn main() {
    holds::check();
    divan::main();
    percentiles::report();
}

fn hold<H: Hold>(bencher: Bencher, load: loads::Load) {
    const ITEMS: usize = 10_000;
    let mut queue = H::new(load);
    // Ten turnovers, until where tasks lie no longer depends on how they came in.
    queue.run(10 * RESIDENT);
    bencher
        .counter(ItemsCount::new(ITEMS))
        .bench_local(|| queue.run(ITEMS));
}

/// Pop the earliest of 10,000 and put it back up to 2 ms later; about 64 fall due between two ticks.
#[divan::bench(types = [Ours, Heap, Nexus, QuadWheel], sample_size = 1, sample_count = 300)]
fn hold_10k_within_2_ms<H: Hold>(bencher: Bencher) {
    hold::<H>(bencher, DENSE);
}

/// The same up to 60 s later, with a tick every 10 ms: a gateway's time-outs, if all of them came true.
#[divan::bench(types = [Ours, Heap, Nexus], sample_size = 1, sample_count = 300)]
fn hold_10k_within_60_s<H: Hold>(bencher: Bencher) {
    hold::<H>(bencher, TIMEOUTS);
}

/// 100 tasks into a scheduler that holds 10,000. They are taken out again between the samples.
#[divan::bench(sample_size = 1, sample_count = 5000)]
fn schedule_100(bencher: Bencher) {
    let (scheduler, increments) = (
        RefCell::new(resident(DENSE)),
        RefCell::new(Increments::new(DENSE)),
    );
    let handles = RefCell::new([Handle::NONE; 100]);
    bencher
        .counter(ItemsCount::new(100_usize))
        .with_inputs(|| {
            for handle in handles.borrow().iter() {
                scheduler.borrow_mut().cancel(*handle);
            }
            std::array::from_fn::<u64, 100, _>(|_| increments.borrow_mut().next())
        })
        .bench_local_values(|deadlines| {
            let (mut scheduler, mut handles) = (scheduler.borrow_mut(), handles.borrow_mut());
            for (handle, deadline) in handles.iter_mut().zip(deadlines) {
                *handle = scheduler.schedule(Task::at(deadline)).unwrap_or_default();
            }
        });
}

/// 100 times schedule and cancel: what a time-out that does not come true costs.
#[divan::bench(sample_size = 10, sample_count = 1000)]
fn schedule_and_cancel_100(bencher: Bencher) {
    let (mut scheduler, mut increments) = (resident(DENSE), Increments::new(DENSE));
    bencher.counter(ItemsCount::new(100_usize)).bench_local(|| {
        for _ in 0..100 {
            let handle = scheduler
                .schedule(Task::at(increments.next()))
                .unwrap_or_default();
            black_box(scheduler.cancel(handle));
        }
    });
}

/// 100 of 10,000 tasks put off: what an idle time-out costs per chunk.
#[divan::bench(sample_size = 10, sample_count = 1000)]
fn reschedule_100(bencher: Bencher) {
    let (mut scheduler, mut increments) = (resident(DENSE), Increments::new(DENSE));
    let handles: Vec<_> = (0..1000)
        .filter_map(|_| scheduler.schedule(Task::at(increments.next())).ok())
        .collect();
    let mut at = 0;
    bencher.counter(ItemsCount::new(100_usize)).bench_local(|| {
        for _ in 0..100 {
            at = (at + 7) % handles.len();
            black_box(scheduler.reschedule(handles[at], increments.next()));
        }
    });
}

/// 100 ticks with nothing due among 10,000, with an inbox.
#[divan::bench(sample_size = 100, sample_count = 1000)]
fn idle_tick_100(bencher: Bencher) {
    let mut scheduler = resident(TIMEOUTS);
    let mut out = [Handle::NONE; 16];
    let before_all = scheduler.next_wake().map_or(0, |wake| wake - 200);
    bencher.counter(ItemsCount::new(100_usize)).bench_local(|| {
        for now in before_all..before_all + 100 {
            let _ = black_box(scheduler.tick(black_box(now), &mut out));
        }
    });
}

/// What a submission costs its thread while the inbox has room, singly and 32 at a time.
#[divan::bench(args = [1, 32], sample_size = 1, sample_count = 1000)]
fn submit_4096(bencher: Bencher, batch: usize) {
    const ITEMS: usize = 4096;
    let config = Config {
        inbox: ITEMS,
        ..Config::default()
    };
    let scheduler = RefCell::new(Scheduler::new(&config).unwrap_or_else(|error| panic!("{error}")));
    bencher
        .counter(ItemsCount::new(ITEMS))
        .with_inputs(|| {
            let mut scheduler = scheduler.borrow_mut();
            deliver_all(&mut scheduler);
            scheduler.submitter()
        })
        .bench_local_values(|submitter| {
            submitter.map(|submitter| submit(&submitter, ITEMS, batch))
        });
}

/// From the first submission to the last delivery, 32 at a time, on two threads: submitting, taking in, sorting, delivering.
#[divan::bench(sample_size = 1, sample_count = 200)]
fn submit_and_deliver_100k_across_threads(bencher: Bencher) {
    const ITEMS: usize = 100_000;
    let config = Config {
        inbox: 4096,
        ..Config::default()
    };
    let scheduler = RefCell::new(Scheduler::new(&config).unwrap_or_else(|error| panic!("{error}")));
    let submitter = scheduler.borrow().submitter();
    bencher.counter(ItemsCount::new(ITEMS)).bench_local(|| {
        let Some(submitter) = &submitter else { return };
        let mut scheduler = scheduler.borrow_mut();
        let mut out = [Handle::NONE; 256];
        std::thread::scope(|threads| {
            threads.spawn(|| submit(submitter, ITEMS, 32));
            let mut seen = 0;
            while seen < ITEMS {
                let ticked = scheduler.tick(NOON, &mut out);
                seen += ticked.count;
                if ticked.count == 0 {
                    std::hint::spin_loop();
                }
            }
        });
    });
}

/// When everything submitted is due.
const NOON: u64 = 12 * 3600 * 1_000_000_000;

fn deliver_all(scheduler: &mut Scheduler) {
    let mut out = [Handle::NONE; 256];
    while scheduler.tick(NOON, &mut out).more {}
}

fn submit(submitter: &Submitter, items: usize, batch: usize) {
    let mut sent = 0;
    while sent < items {
        let taken = if batch == 1 {
            usize::from(submitter.submit(Task::at(NOON)).is_ok())
        } else {
            let tasks = [Task::at(NOON); 32];
            submitter.submit_all(&tasks[..batch.min(items - sent)])
        };
        if taken == 0 {
            std::thread::yield_now();
        }
        sent += taken;
    }
}
