//! The hold model (Jones, CACM 1986) on four queues: the earliest of a constant number of tasks leaves and comes back later.
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

use hierarchical_hash_wheel_timer::wheels::quad_wheel::{QuadWheelWithOverflow, no_prune};
use midstream_nanosecond_scheduler::{Due, Scheduler, Task};

use crate::loads::{DENSE, Increments, Load, RESIDENT, resident};

pub trait Hold {
    fn new(load: Load) -> Self;
    /// Lets at least so many tasks leave and come back; the sum of their tags.
    fn run(&mut self, items: usize) -> u64;
}

pub struct Ours {
    scheduler: Scheduler,
    increments: Increments,
    load: Load,
    now: u64,
    due: [Due; 128],
}

impl Hold for Ours {
    fn new(load: Load) -> Self {
        let increments = Increments::new(load);
        Self {
            scheduler: resident(load),
            increments,
            load,
            now: 0,
            due: [Due::default(); 128],
        }
    }

    fn run(&mut self, items: usize) -> u64 {
        let (mut done, mut sum) = (0, 0);
        while done < items {
            self.now += self.load.step;
            loop {
                let ticked = self.scheduler.tick(self.now, &mut self.due);
                for due in &self.due[..ticked.count] {
                    sum += due.tag;
                    let _ = self
                        .scheduler
                        .schedule(Task::at(self.now + 1 + self.increments.next()).tag(due.tag));
                }
                done += ticked.count;
                if !ticked.more {
                    break;
                }
            }
        }
        sum
    }
}

pub struct Heap {
    tasks: BinaryHeap<Reverse<(u64, u64)>>,
    increments: Increments,
    load: Load,
    now: u64,
}

impl Hold for Heap {
    fn new(load: Load) -> Self {
        let mut increments = Increments::new(load);
        let tasks = (0..RESIDENT as u64)
            .map(|tag| Reverse((increments.next(), tag)))
            .collect();
        Self {
            tasks,
            increments,
            load,
            now: 0,
        }
    }

    fn run(&mut self, items: usize) -> u64 {
        let (mut done, mut sum) = (0, 0);
        while done < items {
            self.now += self.load.step;
            while let Some(mut first) = self.tasks.peek_mut() {
                let Reverse((deadline, tag)) = *first;
                if deadline > self.now {
                    break;
                }
                // In place: one sift instead of a pop and a push, the best a binary heap can do.
                *first = Reverse((self.now + 1 + self.increments.next(), tag));
                sum += tag;
                done += 1;
            }
        }
        sum
    }
}

pub struct Nexus {
    wheel: nexus_timer::Wheel<u64>,
    increments: Increments,
    load: Load,
    now: Instant,
    due: Vec<u64>,
}

impl Hold for Nexus {
    fn new(load: Load) -> Self {
        let now = Instant::now();
        let builder = nexus_timer::WheelBuilder::new().tick_duration(Duration::from_micros(1));
        let mut wheel = builder
            .unbounded(RESIDENT)
            .build(now)
            .unwrap_or_else(|error| panic!("{error}"));
        let mut increments = Increments::new(load);
        for tag in 0..RESIDENT as u64 {
            wheel.schedule_forget(now + Duration::from_nanos(increments.next()), tag);
        }
        Self {
            wheel,
            increments,
            load,
            now,
            due: Vec::with_capacity(RESIDENT),
        }
    }

    fn run(&mut self, items: usize) -> u64 {
        let (mut done, mut sum) = (0, 0);
        while done < items {
            self.now += Duration::from_nanos(self.load.step);
            self.due.clear();
            self.wheel.poll_and_rebalance(self.now, &mut self.due);
            for &tag in &self.due {
                sum += tag;
                let deadline = self.now + Duration::from_nanos(1 + self.increments.next());
                self.wheel.schedule_forget(deadline, tag);
            }
            done += self.due.len();
        }
        sum
    }
}

pub struct QuadWheel {
    wheel: QuadWheelWithOverflow<u64>,
    increments: Increments,
}

impl QuadWheel {
    /// The crate counts milliseconds; here each stands for one microsecond of the load.
    fn units(nanoseconds: u64) -> Duration {
        Duration::from_millis(1 + nanoseconds / 1000)
    }
}

impl Hold for QuadWheel {
    fn new(load: Load) -> Self {
        let mut wheel = QuadWheelWithOverflow::new(no_prune);
        let mut increments = Increments::new(load);
        for tag in 0..RESIDENT as u64 {
            let _ = wheel.insert_with_delay(tag, Self::units(increments.next()));
        }
        Self { wheel, increments }
    }

    fn run(&mut self, items: usize) -> u64 {
        let (mut done, mut sum) = (0, 0);
        while done < items {
            for tag in self.wheel.tick() {
                sum += tag;
                let _ = self
                    .wheel
                    .insert_with_delay(tag, Self::units(self.increments.next()));
                done += 1;
            }
        }
        sum
    }
}

/// All queues keep all tasks, before anything is timed: over ten turnovers each tag leaves about ten times.
pub fn check() {
    let turnovers = [
        Ours::new(DENSE).run(100_000),
        Heap::new(DENSE).run(100_000),
        Nexus::new(DENSE).run(100_000),
    ];
    let expected = 10 * (0..RESIDENT as u64).sum::<u64>();
    for sum in turnovers
        .into_iter()
        .chain([QuadWheel::new(DENSE).run(100_000)])
    {
        assert!(
            sum.abs_diff(expected) < expected / 20,
            "a queue loses or repeats tasks: {sum} instead of {expected}"
        );
    }
}
