//! The oracle: two binary heaps and a map, no slots, no levels.
#![allow(dead_code, reason = "each test file uses a part")]
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use midstream_nanosecond_scheduler::{Due, Handle, Task};

/// `SplitMix64` (Steele, Lea, Flood 2014): a seed gives the same numbers everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub fn one_in(&mut self, number: u64) -> bool {
        self.below(number) == 0
    }
}

struct Live {
    task: Task,
    sequence: u64,
}

/// Lazily cleaned: an entry counts only while its sequence number is the task's.
pub struct Oracle {
    ageing: u64,
    now: u64,
    sequence: u64,
    live: HashMap<Handle, Live>,
    waiting: BinaryHeap<Reverse<(u64, u64, u64)>>,
    ready: BinaryHeap<Reverse<Ready>>,
    by_sequence: HashMap<u64, Handle>,
}

/// Deadline plus handicap, class, deadline, sequence.
type Ready = (u64, u8, u64, u64);

impl Oracle {
    pub fn new(ageing: u64) -> Self {
        Self {
            ageing,
            now: 0,
            sequence: 0,
            live: HashMap::new(),
            waiting: BinaryHeap::new(),
            ready: BinaryHeap::new(),
            by_sequence: HashMap::new(),
        }
    }

    pub fn len(&self) -> usize {
        self.live.len()
    }

    pub fn get(&self, handle: Handle) -> Option<Task> {
        self.live.get(&handle).map(|live| live.task)
    }

    pub fn schedule(&mut self, handle: Handle, task: Task) {
        self.sequence += 1;
        let earlier = self.live.insert(
            handle,
            Live {
                task,
                sequence: self.sequence,
            },
        );
        assert!(
            earlier.is_none(),
            "a handle was given out twice: {handle:?}"
        );
        self.by_sequence.insert(self.sequence, handle);
        self.waiting
            .push(Reverse((task.deadline, self.sequence, 0)));
    }

    pub fn cancel(&mut self, handle: Handle) -> Option<u64> {
        let live = self.live.remove(&handle)?;
        self.by_sequence.remove(&live.sequence);
        Some(live.task.tag)
    }

    pub fn reschedule(&mut self, handle: Handle, deadline: u64) -> bool {
        let Some(task) = self.get(handle) else {
            return false;
        };
        self.cancel(handle);
        self.schedule(handle, Task { deadline, ..task });
        true
    }

    fn ripen(&mut self) {
        while let Some(&Reverse((deadline, sequence, _))) = self.waiting.peek() {
            if deadline > self.now {
                break;
            }
            self.waiting.pop();
            if let Some(handle) = self.by_sequence.get(&sequence) {
                let class = self.live[handle].task.class.number();
                let handicap = self.ageing.saturating_mul(u64::from(class));
                self.ready.push(Reverse((
                    deadline.saturating_add(handicap),
                    class,
                    deadline,
                    sequence,
                )));
            }
        }
        while let Some(&Reverse((.., sequence))) = self.ready.peek() {
            if self.by_sequence.contains_key(&sequence) {
                break;
            }
            self.ready.pop();
        }
    }

    pub fn advance(&mut self, now: u64) {
        self.now = self.now.max(now);
    }

    pub fn any_due(&mut self) -> bool {
        self.ripen();
        !self.ready.is_empty()
    }

    pub fn earliest(&mut self) -> Option<u64> {
        self.live.values().map(|live| live.task.deadline).min()
    }

    pub fn deliver(&mut self) -> Option<Due> {
        self.ripen();
        let Reverse((.., sequence)) = self.ready.pop()?;
        let handle = self.by_sequence[&sequence];
        let task = self.live[&handle].task;
        self.cancel(handle);
        let mut missed = 0;
        if let Some(period) = task.period {
            // The definition: the first deadline + k * period after now, in numbers that cannot overflow.
            let (deadline, period, now) = (
                u128::from(task.deadline),
                u128::from(period.get()),
                u128::from(self.now),
            );
            let steps = (now - deadline) / period + 1;
            missed = u32::try_from(steps - 1).unwrap_or(u32::MAX);
            if let Ok(next) = u64::try_from(deadline + steps * period) {
                self.schedule(
                    handle,
                    Task {
                        deadline: next,
                        ..task
                    },
                );
            }
        }
        Some(Due {
            handle,
            tag: task.tag,
            deadline: task.deadline,
            missed,
            class: task.class,
        })
    }
}
