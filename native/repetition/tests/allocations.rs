//! A stream allocates when it begins and never again, and stays within its memory bound.
#![allow(clippy::format_collect, reason = "short test texts")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use midstream_repetition::{Detector, Settings};

struct Counting;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call is passed on to the system's allocator as it came; counting touches no memory of the heap.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`; `block` came from `System`.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn pushing_text_allocates_nothing() {
    let mut detector = Detector::new(&Settings::default());
    let mut found = Vec::with_capacity(1_000);
    let texts = [
        "A sentence that comes back. ".repeat(100),
        (0..500)
            .map(|i| format!("Attempt {i} failed, so I try again.\n"))
            .collect(),
        "```\n| a | b |\n- entry 😀\n\n".repeat(200),
        "0123456789 ".repeat(500),
        "\u{FFFD}строка\n".repeat(500),
    ];
    let before = COUNT.get();
    for text in &texts {
        for piece in text.as_bytes().chunks(3) {
            detector.push(piece, &mut found);
        }
    }
    detector.finish(&mut found);
    assert_eq!(COUNT.get() - before, 0);
    assert!(!found.is_empty());
}

#[test]
fn a_stream_stays_below_8_kib_by_default_and_below_64_kib_at_most() {
    let of = |max_period| {
        let settings = Settings {
            max_period,
            ..Settings::default()
        };
        Detector::new(&settings).memory_bytes()
    };
    assert!(of(400) <= 8 << 10, "{}", of(400));
    assert!(of(2_000) <= 64 << 10, "{}", of(2_000));
    assert_eq!(of(u32::MAX), of(2_000));
}
