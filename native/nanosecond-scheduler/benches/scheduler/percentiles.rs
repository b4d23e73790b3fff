//! Single operations, timed one by one; and how late a polled timer is on this machine.
use divan::black_box;
use midstream_nanosecond_scheduler::clock::{Clock, SystemClock};
use midstream_nanosecond_scheduler::{Config, Due, Handle, Scheduler, Task};

use crate::loads::{DENSE, Increments, TIMEOUTS, resident};

const ROUNDS: usize = 200_000;

/// Prints nanoseconds; what an empty measurement shows at its median is subtracted.
pub fn report() {
    let clock = SystemClock::new();
    println!(
        "\nclock: {}",
        if clock.uses_counter() {
            "time-stamp counter"
        } else {
            "operating system"
        }
    );
    println!("one by one, ns      p50     p99   p99.9");
    let base = print("empty measurement", 0, || timed(&clock, || ()));
    let (mut scheduler, mut increments) = (resident(DENSE), Increments::new(DENSE));
    let mut handle = Handle::NONE;
    print("schedule", base, || {
        scheduler.cancel(handle);
        let deadline = increments.next();
        timed(&clock, || {
            handle = scheduler.schedule(Task::at(deadline)).unwrap_or_default();
        })
    });
    print("cancel", base, || {
        let handle = scheduler
            .schedule(Task::at(increments.next()))
            .unwrap_or_default();
        timed(&clock, || scheduler.cancel(handle))
    });
    let mut out = [Handle::NONE; 16];
    let mut idle = resident(TIMEOUTS);
    let before_all = idle.next_wake().map_or(0, |wake| wake - 1);
    print("idle tick", base, || {
        timed(&clock, || idle.tick(black_box(before_all), &mut out))
    });
    lateness(&clock);
}

fn timed<T>(clock: &SystemClock, operation: impl FnOnce() -> T) -> u64 {
    let start = clock.now();
    black_box(operation());
    clock.now() - start
}

fn print(name: &str, base: u64, mut operation: impl FnMut() -> u64) -> u64 {
    let mut times: Vec<u64> = (0..ROUNDS).map(|_| operation()).collect();
    times.sort_unstable();
    let at = |permille: usize| times[ROUNDS / 1000 * permille / 10].saturating_sub(base);
    println!("{name:18}{:5}{:8}{:8}", at(5000), at(9900), at(9990));
    times[ROUNDS / 2]
}

/// 2,000 tasks 100 us apart, one thread that does nothing but tick. Says more about the machine than about the scheduler.
fn lateness(clock: &SystemClock) {
    let mut scheduler =
        Scheduler::new(&Config::default()).unwrap_or_else(|error| panic!("{error}"));
    let start = clock.now();
    for number in 1..=2000 {
        let _ = scheduler.schedule(Task::at(start + number * 100_000));
    }
    let mut out = [Due::default(); 16];
    while !scheduler.is_empty() {
        let _ = scheduler.tick(clock.now(), &mut out);
    }
    let lateness = &scheduler.statistics().lateness;
    let [p50, p99, last] = [0.5, 0.99, 1.0].map(|quantile| lateness.quantile(quantile));
    println!(
        "\nlateness of a polled timer, ns, at most: p50 {p50}, p99 {p99}, worst {last} (reported, not judged)"
    );
}
