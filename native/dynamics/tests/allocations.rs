//! A stream allocates when it begins and never again, and stays within its memory bound.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use midstream_dynamics::{Dynamics, Settings};

struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
    static BYTES: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call is passed on to the system's allocator as it came; counting touches no memory of the heap.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        BYTES.set(BYTES.get() + layout.size());
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
    let mut dynamics = Dynamics::new(&Settings::default(), 7);
    let mut found = Vec::with_capacity(1_000);
    let numbered = (0..3_000).map(|i| format!("Attempt {i} failed, so I try it again.\n"));
    let texts = [
        "A sentence of a few words that comes back. ".repeat(300),
        numbered.collect::<Vec<_>>().concat(),
        "```\n| a | b |\n- entry 😀\n\n".repeat(200),
        "\u{FFFD}строка水。\n".repeat(500),
    ];
    let before = COUNT.get();
    for (i, text) in texts.iter().enumerate() {
        for (j, piece) in text.as_bytes().chunks(3).enumerate() {
            dynamics.arrive((i * 100_000 + j) as u64 * 1_000_000, &mut found);
            dynamics.push(piece, &mut found);
        }
    }
    dynamics.finish(&mut found);
    assert_eq!(COUNT.get() - before, 0);
    assert!(!found.is_empty());
}

#[test]
fn a_stream_takes_at_most_32_kib() {
    let before = BYTES.get();
    let dynamics = Dynamics::new(&Settings::default(), 7);
    let taken = BYTES.get() - before + size_of::<Dynamics>();
    println!("{taken} bytes");
    assert!(taken <= 32 << 10, "{taken}");
    assert!(dynamics.memory_bytes() >= taken, "{taken}");
}
