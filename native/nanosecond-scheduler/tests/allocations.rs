//! Memory is taken when a scheduler is made, and never afterwards.
mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use midstream_nanosecond_scheduler::{
    Class, Config, Dropped, Due, Handle, Overload, Scheduler, Task,
};
use support::Random;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's duty.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's duty.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations() -> u64 {
    ALLOCATIONS.with(Cell::get)
}

fn churn(scheduler: &mut Scheduler, random: &mut Random, handles: &mut [Handle]) {
    let submitter = scheduler.submitter().unwrap();
    let mut out = [Due::default(); 32];
    let mut dropped = [Dropped::default(); 4];
    for round in 0..200_000 {
        let at = random.below(handles.len() as u64) as usize;
        let deadline = scheduler
            .now()
            .saturating_sub(random.below(20_000))
            .saturating_add(random.next() >> (40 + random.below(16)));
        let class = Class::new(random.below(8) as u8).unwrap();
        let task = Task::at(deadline)
            .class(class)
            .tag(round)
            .every(random.below(8).saturating_sub(6) * 1000);
        match random.below(5) {
            0 | 1 => handles[at] = scheduler.schedule(task).unwrap_or_default(),
            2 => drop(scheduler.cancel(handles[at])),
            3 => drop(scheduler.reschedule(handles[at], deadline)),
            _ => drop(submitter.submit(task)),
        }
        if round % 4 == 0 {
            let _ = scheduler.tick(scheduler.now() + random.below(5000), &mut out);
            scheduler.take_dropped(&mut dropped);
        }
    }
}

#[test]
fn nothing_is_allocated_after_the_start() {
    for overload in [Overload::Reject, Overload::DropLowest, Overload::DropLatest] {
        let config = Config {
            capacity: 500,
            inbox: 64,
            dropped: 8,
            overload,
            moves_per_tick: 20,
            ..Config::default()
        };
        let mut scheduler = Scheduler::new(&config).unwrap();
        let (mut random, mut handles) = (Random(5), vec![Handle::NONE; 1000]);
        let before = allocations();
        assert!(before > 0, "the counter counts");
        churn(&mut scheduler, &mut random, &mut handles);
        assert_eq!(allocations(), before);
        let statistics = scheduler.statistics();
        assert!(statistics.scheduled_late > 0, "tasks into the past");
        assert!(statistics.coalesced > 0, "periods folded");
        assert!(statistics.moves > 0, "slots spread");
        assert!(statistics.rejected + statistics.dropped.iter().sum::<u64>() > 0);
    }
}
