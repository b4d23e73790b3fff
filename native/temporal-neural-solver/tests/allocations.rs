//! Nothing that runs per position allocates.

mod common;

use common::{program, words};
use midstream_temporal_neural_solver::predict::{Ewma, Forecast, HoltWinters, Ngram};
use midstream_temporal_neural_solver::stn::{Constraint, Stn};
use midstream_temporal_neural_solver::{
    Method, Monitor, Recorder, Semantics, Sliced, compile_progression,
};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: everything is passed on to the system's allocator; the counter is of the thread's own.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // At a thread's end the counter may be gone; nothing is counted then.
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `alloc` above, that is from the system's allocator.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(work: impl FnOnce()) -> usize {
    let before = COUNT.with(Cell::get);
    work();
    COUNT.with(Cell::get) - before
}

fn letters() -> impl Iterator<Item = u64> {
    let mut state = 7_u64;
    (0..5000).map(move |_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state >> 60
    })
}

#[test]
fn the_counter_counts() {
    assert!(allocations(|| drop(std::hint::black_box(Box::new(1)))) > 0);
}

#[test]
fn no_monitor_allocates_per_position() {
    for text in [
        "G(p -> X(!p U q))",
        "G(p -> F s)",
        "G(q -> (p S r) & O s & H !p | Y q)",
        "G(p -> F[0,30ns] s)",
        "G(p -> F[3ns,9ns] s | G[0,4] q)",
        "F(p & F[0,3ns] q & O[2ns,7ns] r)",
    ] {
        let plain = program(text, Semantics::Stream);
        let progressed = compile_progression(&common::formula(text), &words(), Semantics::Stream)
            .expect("small");
        for program in [plain, progressed] {
            let mut monitor = Monitor::new(&program);
            let mut recorder = Recorder::new(&program, 100);
            let count = allocations(|| {
                for (i, letter) in letters().enumerate() {
                    monitor.step(i as u64, letter);
                    recorder.step(i as u64, letter);
                    monitor.advance(i as u64);
                    std::hint::black_box((monitor.deadline(), monitor.finish()));
                }
            });
            assert_eq!(count, 0, "{text} {:?}", program.report().method);
        }
    }
}

#[test]
fn monitors_stay_small() {
    let table = program("G(p -> X(!p U q))", Semantics::Stream);
    assert!(matches!(table.report().method, Method::Table { .. }));
    assert!(Monitor::new(&table).bytes() <= 64);
    let timed = Monitor::new(&program("G(p -> F[0,30s] s)", Semantics::Stream));
    assert!(timed.bytes() <= 8 * 1024, "{}", timed.bytes());
}

#[test]
fn banks_predictors_and_networks_do_not_allocate_either() {
    let rule = program("G(p -> X(!p U q))", Semantics::Stream);
    let mut bank = Sliced::new(&rule).expect("table");
    let mut ngram = Ngram::new(1);
    let mut ewma = Ewma::new(0.3).expect("factor");
    let mut winters = HoltWinters::new([0.3, 0.1, 0.1], 12).expect("factors");
    let mut forecast = Forecast::new(&rule).expect("two atoms");
    let mut monitor = Monitor::new(&rule);
    let mut network = Stn::new(20).expect("small");
    let count = allocations(|| {
        for (i, letter) in (0_u32..).zip(letters()) {
            bank.step(&[letter, !letter], !0);
            ngram.observe(letter as u32);
            std::hint::black_box(ngram.predict());
            ewma.observe(letter as f64).expect("finite");
            winters.observe(letter as f64).expect("finite");
            monitor.step(0, letter);
            forecast.observe(letter);
            if i % 100 == 0 {
                std::hint::black_box(forecast.violation(&monitor, 5).expect("own rule"));
            }
            let (from, to) = ((i % 19) as u16, (i % 19 + 1) as u16);
            network
                .add(Constraint {
                    from,
                    to,
                    bound: 5000 - i64::from(i),
                })
                .expect("in range");
        }
    });
    assert_eq!(count, 0);
}
