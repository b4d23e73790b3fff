//! A program of operations: the scheduler delivers what two binary heaps deliver, in their order, also what other threads submit.
#![no_main]

#[path = "../../../nanosecond-scheduler/tests/support/mod.rs"]
mod support;

use std::collections::VecDeque;
use std::thread;

use libfuzzer_sys::fuzz_target;
use midstream_fuzz::Reader;
use midstream_nanosecond_scheduler::{
    Class, Config, Dropped, Due, Handle, Overload, Scheduler, Submitter, Task,
};
use support::Oracle;

/// Tags of tasks from other threads; theirs is the only name that the oracle has for them.
const SUBMITTED: u64 = 1 << 32;

struct World {
    scheduler: Scheduler,
    submitter: Option<Submitter>,
    /// In the inbox, oldest first.
    submitted: VecDeque<Task>,
    submissions: u32,
    oracle: Oracle,
    handles: Vec<Handle>,
    config: Config,
    now: u64,
}

impl World {
    fn schedule(&mut self, task: Task) {
        let full = self.oracle.len() == self.config.capacity;
        let answer = self.scheduler.schedule(task);
        let mut dropped = [Dropped::default(); 2];
        match self.scheduler.take_dropped(&mut dropped) {
            0 => assert_eq!(answer.is_err(), full),
            1 => {
                let victim = dropped[0];
                match self.config.overload {
                    Overload::Reject => panic!("nobody gives way under this policy"),
                    Overload::DropLowest => assert!(victim.class > task.class),
                    Overload::DropLatest => assert!(victim.deadline > task.deadline),
                }
                assert_eq!(self.oracle.cancel(victim.handle), Some(victim.tag));
            }
            more => panic!("one task drove out {more}"),
        }
        if let Ok(handle) = answer {
            self.oracle.schedule(handle, task);
            self.handles.push(handle);
        }
    }

    /// Tasks of one submission, from another thread; what does not fit is refused, the last ones first.
    fn submit(&mut self, mut tasks: Vec<Task>) {
        let Some(submitter) = &self.submitter else {
            return;
        };
        for task in &mut tasks {
            task.tag = SUBMITTED + u64::from(self.submissions);
            self.submissions += 1;
        }
        let submitter = submitter.clone();
        let (tasks, count) = thread::spawn(move || {
            let count = submitter.submit_all(&tasks);
            (tasks, count)
        })
        .join()
        .expect("a submission does not panic");
        let room = self.config.inbox - self.submitted.len();
        assert_eq!(count, tasks.len().min(room));
        self.submitted.extend(&tasks[..count]);
    }

    /// What a tick takes in before all else. The oracle gives each a name that no task of the scheduler has.
    fn take_in(&mut self) {
        while self.oracle.len() < self.config.capacity
            && let Some(task) = self.submitted.pop_front()
        {
            let name = Handle::from_parts(u32::MAX, (task.tag - SUBMITTED) as u32);
            self.oracle.schedule(name, task);
        }
    }

    fn tick(&mut self, now: u64, room: usize) {
        self.now = self.now.max(now);
        self.oracle.advance(now);
        if let (Some(wake), Some(earliest)) = (self.scheduler.next_wake(), self.oracle.earliest()) {
            assert!(wake <= earliest, "would sleep over a deadline");
        }
        self.take_in();
        let mut out = vec![Due::default(); room];
        let spent = self.scheduler.statistics().exhausted;
        let ticked = self.scheduler.tick(now, &mut out);
        for &due in &out[..ticked.count] {
            let mut expected = self.oracle.deliver().expect("something is due");
            if due.tag >= SUBMITTED {
                expected.handle = due.handle;
            }
            assert_eq!(due, expected);
        }
        let spent = self.scheduler.statistics().exhausted > spent;
        assert_eq!(ticked.more, spent || self.oracle.any_due());
        assert!(!ticked.more || spent || ticked.count == room);
        assert_eq!(self.scheduler.len(), self.oracle.len());
    }

    fn step(&mut self, input: &mut Reader) {
        let operation = input.byte();
        let some = |input: &mut Reader, handles: &[Handle]| {
            let at = input.below(handles.len());
            handles.get(at).copied().unwrap_or(Handle::NONE)
        };
        match operation % 8 {
            0..=2 => {
                let class = Class::new(operation >> 3 & 7).expect("below eight");
                let tag = self.handles.len() as u64;
                let task = Task::at(self.time(input)).tag(tag).class(class);
                self.schedule(if operation >> 6 == 3 {
                    task.every(input.any().max(1))
                } else {
                    task
                });
            }
            3 => {
                let handle = some(input, &self.handles);
                assert_eq!(self.scheduler.get(handle), self.oracle.get(handle));
                assert_eq!(self.scheduler.cancel(handle), self.oracle.cancel(handle));
            }
            4 => {
                let (handle, deadline) = (some(input, &self.handles), self.time(input));
                assert_eq!(
                    self.scheduler.reschedule(handle, deadline),
                    self.oracle.reschedule(handle, deadline)
                );
            }
            7 if self.submitter.is_some() => {
                let count = operation >> 3 & 15;
                let tasks = (0..count).map(|at| {
                    let class = Class::new(at & 7).expect("below eight");
                    let task = Task::at(self.time(input)).class(class);
                    // The inbox cuts longer periods.
                    let period = if at == 5 { input.any() >> 8 } else { 0 };
                    task.every(period)
                });
                let tasks = tasks.collect();
                self.submit(tasks);
            }
            _ => {
                let now = self.time(input);
                self.tick(now, usize::from(operation >> 3));
            }
        }
    }

    /// A moment: before now, after it, or anywhere.
    fn time(&self, input: &mut Reader) -> u64 {
        let kind = input.byte();
        match kind % 4 {
            0 => self.now.saturating_sub(input.any()),
            1 => input.any(),
            _ => self.now.saturating_add(input.any()),
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let mut input = Reader(data);
    let mut config = Config {
        capacity: input.below(64) + 1,
        moves_per_tick: input.below(40) + 1,
        ageing: input.any(),
        overload: [Overload::Reject, Overload::DropLowest, Overload::DropLatest][input.below(3)],
        ..Config::default()
    };
    // A task that came this way and gave way to another would have no name in common with the oracle's.
    config.inbox = if config.overload == Overload::Reject && config.capacity % 2 == 0 {
        8
    } else {
        0
    };
    let scheduler = Scheduler::new(&config).expect("sizes within their bounds");
    let mut world = World {
        submitter: scheduler.submitter(),
        submitted: VecDeque::new(),
        submissions: 0,
        scheduler,
        oracle: Oracle::new(config.ageing),
        handles: Vec::new(),
        config,
        now: 0,
    };
    while !input.0.is_empty() {
        world.step(&mut input);
    }
    // At the end of time all is due, and no period has another turn.
    let left = |world: &World| {
        let moves = world.scheduler.statistics().moves;
        (world.scheduler.len(), world.submitted.len(), moves)
    };
    while !world.scheduler.is_empty() || !world.submitted.is_empty() {
        let before = left(&world);
        world.tick(u64::MAX, 7);
        let after = left(&world);
        assert_ne!(before, after, "a tick without progress");
    }
});
