//! Nothing is allocated per sample, nor by a classifier that has its memory.
#![allow(missing_docs)]

mod systems;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use midstream_temporal_attractor_studio::{
    Classifier, PermutationStream, RecurrenceStream, RegimeStream, Settings, StreamSettings,
};

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call goes to the system's allocator unchanged; only a counter is kept beside it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's duties are those of the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn allocations(work: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.with(Cell::get);
    work();
    ALLOCATIONS.with(Cell::get) - before
}

#[test]
fn streams_allocate_nothing_per_sample_and_a_classifier_nothing_per_series() {
    let mut regime = RegimeStream::new(StreamSettings::default()).expect("valid");
    let mut entropy = PermutationStream::new(4, 1, 1024).expect("valid");
    let mut plot = RecurrenceStream::new(0.5, 0.1, 4).expect("valid");
    let mut classifier = Classifier::new(5000, Settings::default()).expect("valid");
    for system in systems::tuned() {
        let series = system.series(1, 5000, 0.01);
        let count = allocations(|| {
            for value in &series[..3000] {
                assert!(regime.push(*value).is_ok());
                assert!(entropy.push(*value).is_ok());
                assert!(plot.push(*value).is_ok());
            }
            let _ = plot.measures();
        });
        assert_eq!(count, 0, "streams on {}", system.name);
        for length in [5000, 700, 4321] {
            let count = allocations(|| assert!(classifier.classify(&series[..length]).is_ok()));
            assert_eq!(count, 0, "classifier on {} of {length}", system.name);
        }
    }
}
