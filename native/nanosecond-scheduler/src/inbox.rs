//! Tasks from other threads: a bounded ring of atomics, many producers, one consumer, no lock and no `unsafe`.
//!
//! A producer claims places by one compare-and-swap on `tail`, writes its tasks, and stamps each place with the number of its
//! use; the consumer takes places in order while they bear the stamp it expects, and publishes `head` once per visit. The
//! fields are atomics only so that the compiler need not be promised anything; on x86-64 and aarch64 they are plain moves.
//!
//! A producer that is suspended between claim and stamp delays the tasks behind its own; the owner never waits for it.
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::num::NonZeroU64;
use core::sync::atomic::{AtomicU64, Ordering};

use crate::config::Full;
use crate::task::{Class, Task};

/// The class lives in the top byte of the period: 2^56 ns are 2.2 years.
const PERIOD_BITS: u32 = 56;
const LONGEST_PERIOD: u64 = (1 << PERIOD_BITS) - 1;

/// One place, 32 bytes.
#[repr(align(32))]
struct Place {
    /// One more than the number of the use whose task is here, 0 before the first.
    stamp: AtomicU64,
    deadline: AtomicU64,
    tag: AtomicU64,
    rest: AtomicU64,
}

/// On lines of its own: what one side writes must not cost the other its cache. 128 because lines are fetched in pairs.
#[repr(align(128))]
struct Apart(AtomicU64);

struct Ring {
    tail: Apart,
    head: Apart,
    refused: Apart,
    places: Box<[Place]>,
}

impl Ring {
    fn place(&self, number: u64) -> &Place {
        &self.places[number as usize & (self.places.len() - 1)]
    }
}

/// A way into a scheduler from any thread.
#[derive(Clone)]
pub struct Submitter {
    ring: Arc<Ring>,
}

impl Submitter {
    /// Leaves a task for the owner's next tick.
    ///
    /// The task has no handle before that tick, so whoever wants to cancel it asks the owner. Periods above 2^56 - 1 ns (2.2
    /// years) are cut to that.
    ///
    /// # Errors
    /// [`Full`] if the inbox has no place; counted in [`Submitter::refused`].
    #[inline]
    pub fn submit(&self, task: Task) -> Result<(), Full> {
        if self.submit_all(&[task]) == 1 {
            Ok(())
        } else {
            Err(Full)
        }
    }

    /// Leaves tasks, in order and next to each other, as far as there are places; how many that were. The rest is counted
    /// in [`Submitter::refused`]. One claim for all: the cheap way for more than one.
    pub fn submit_all(&self, tasks: &[Task]) -> usize {
        let (first, count) = self.claim(tasks.len() as u64);
        for (task, number) in tasks.iter().zip(first..first + count) {
            let place = self.ring.place(number);
            let period = task.period.map_or(0, NonZeroU64::get).min(LONGEST_PERIOD);
            place.deadline.store(task.deadline, Ordering::Relaxed);
            place.tag.store(task.tag, Ordering::Relaxed);
            place.rest.store(
                u64::from(task.class.number()) << PERIOD_BITS | period,
                Ordering::Relaxed,
            );
            place.stamp.store(number + 1, Ordering::Release);
        }
        let refused = tasks.len() as u64 - count;
        if refused > 0 {
            self.ring.refused.0.fetch_add(refused, Ordering::Relaxed);
        }
        count as usize
    }

    /// The first of up to `wanted` places in a row that are this caller's now, and their number.
    #[inline]
    fn claim(&self, wanted: u64) -> (u64, u64) {
        let tail = &self.ring.tail.0;
        let mut first = tail.load(Ordering::Relaxed);
        loop {
            // Acquire: what the consumer read from these places, it has read.
            let head = self.ring.head.0.load(Ordering::Acquire);
            // `first` may be older than `head`; then the exchange fails and brings the newer one.
            let used = first.saturating_sub(head);
            let count = wanted.min((self.ring.places.len() as u64).saturating_sub(used));
            if count == 0 {
                return (first, 0);
            }
            match tail.compare_exchange_weak(
                first,
                first + count,
                Ordering::Relaxed,
                Ordering::Relaxed,
            ) {
                Ok(_) => return (first, count),
                Err(newer) => first = newer,
            }
        }
    }

    /// Tasks that found no place, since the scheduler was made, from all submitters.
    pub fn refused(&self) -> u64 {
        self.ring.refused.0.load(Ordering::Relaxed)
    }
}

/// The owner's side.
pub(crate) struct Inbox {
    ring: Arc<Ring>,
    head: u64,
    published: u64,
}

impl Inbox {
    pub fn new(capacity: usize) -> Self {
        let places: Vec<Place> = (0..capacity.next_power_of_two())
            .map(|_| Place {
                stamp: AtomicU64::new(0),
                deadline: AtomicU64::new(0),
                tag: AtomicU64::new(0),
                rest: AtomicU64::new(0),
            })
            .collect();
        let apart = || Apart(AtomicU64::new(0));
        let ring = Ring {
            tail: apart(),
            head: apart(),
            refused: apart(),
            places: places.into_boxed_slice(),
        };
        Self {
            ring: Arc::new(ring),
            head: 0,
            published: 0,
        }
    }

    pub fn submitter(&self) -> Submitter {
        Submitter {
            ring: Arc::clone(&self.ring),
        }
    }

    pub fn capacity(&self) -> usize {
        self.ring.places.len()
    }

    #[inline]
    pub fn has_some(&self) -> bool {
        self.ring.place(self.head).stamp.load(Ordering::Relaxed) == self.head + 1
    }

    #[inline]
    pub fn take(&mut self) -> Option<Task> {
        let place = self.ring.place(self.head);
        if place.stamp.load(Ordering::Acquire) != self.head + 1 {
            return None;
        }
        self.head += 1;
        let rest = place.rest.load(Ordering::Relaxed);
        Some(Task {
            deadline: place.deadline.load(Ordering::Relaxed),
            tag: place.tag.load(Ordering::Relaxed),
            class: Class::of_bits((rest >> PERIOD_BITS) as u8),
            period: NonZeroU64::new(rest & LONGEST_PERIOD),
        })
    }

    /// Gives the places taken so far back to the producers.
    #[inline]
    pub fn publish(&mut self) {
        if self.published != self.head {
            self.published = self.head;
            self.ring.head.0.store(self.head, Ordering::Release);
        }
    }
}
