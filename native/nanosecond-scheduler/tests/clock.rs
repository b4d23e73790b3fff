//! Clocks: the real ones as far as a test may look at them, and the corrected counter against machines that lie.
use std::cell::Cell;

use midstream_nanosecond_scheduler::clock::{
    Clock, Counter, CounterClock, ManualClock, SystemClock,
};

/// A machine with a true time, a counter with its own rate and offset, and a reference clock. Reading takes 10 ns.
#[derive(Default)]
struct Machine {
    time: Cell<u64>,
    per_microsecond: Cell<u64>,
    offset: Cell<u64>,
    reference_back: Cell<u64>,
}

impl Machine {
    fn new(per_microsecond: u64) -> Self {
        let machine = Self::default();
        machine.per_microsecond.set(per_microsecond);
        machine
    }

    fn pass(&self, nanoseconds: u64) -> u64 {
        self.time.set(self.time.get() + nanoseconds);
        self.time.get()
    }
}

impl Counter for &Machine {
    fn read(&self) -> u64 {
        let count = u128::from(self.pass(10)) * u128::from(self.per_microsecond.get()) / 1000;
        self.offset.get().wrapping_add(count as u64)
    }
}

impl Clock for &Machine {
    fn now(&self) -> u64 {
        self.pass(10).saturating_sub(self.reference_back.get())
    }
}

fn off_by<C: Counter, R: Clock>(clock: &CounterClock<C, R>, machine: &Machine) -> u64 {
    clock.now().abs_diff(machine.time.get())
}

const SECOND: u64 = 1_000_000_000;

#[test]
fn a_steady_counter_stays_within_a_microsecond_or_ten_counts_of_the_truth() {
    for rate in [12, 24, 1000, 2450, 5000, 900_000] {
        let machine = Machine::new(rate);
        let clock = CounterClock::new(&machine, &machine).unwrap();
        for _ in 0..10_000 {
            machine.pass(37_000_001);
            // Ten counts of a slow counter are long.
            assert!(
                off_by(&clock, &machine) < 1000 + 12_000 / rate,
                "{rate} counts per microsecond"
            );
        }
        assert_eq!(clock.jumps(), 0);
    }
}

#[test]
fn drift_of_the_counter_is_followed() {
    let machine = Machine::new(100_000);
    let clock = CounterClock::new(&machine, &machine).unwrap();
    let mut last = 0;
    for round in 0..5000 {
        // 20 ppm, as a quartz that warms up; the offset keeps the counter continuous.
        if round == 1000 {
            let before = (&machine).read();
            machine.per_microsecond.set(100_002);
            machine.offset.set(before.wrapping_sub((&machine).read()));
        }
        machine.pass(SECOND / 100);
        let now = clock.now();
        assert!(now >= last && now.abs_diff(machine.time.get()) < 25_000);
        last = now;
    }
    assert_eq!(clock.jumps(), 0);
}

#[test]
fn a_jump_of_the_counter_is_found_and_never_goes_back_in_time() {
    for jump in [
        1_u64 << 40,
        (1_u64 << 40).wrapping_neg(),
        1 << 33,
        (1_u64 << 62).wrapping_neg(),
    ] {
        let machine = Machine::new(2450);
        let clock = CounterClock::new(&machine, &machine).unwrap();
        let mut last = 0;
        for round in 0..3000 {
            if round == 500 {
                machine.offset.set(jump);
            }
            machine.pass(SECOND / 100);
            let now = clock.now();
            assert!(now >= last, "backwards");
            last = now;
        }
        assert!(
            off_by(&clock, &machine) < 1000,
            "it comes back to the truth"
        );
        assert!(clock.jumps() > 0);
    }
}

#[test]
fn another_rate_after_a_move_is_learnt() {
    let machine = Machine::new(2450);
    let clock = CounterClock::new(&machine, &machine).unwrap();
    machine.pass(2 * SECOND);
    clock.now();
    machine.per_microsecond.set(3100);
    for _ in 0..500 {
        machine.pass(SECOND / 100);
        clock.now();
    }
    assert!(off_by(&clock, &machine) < 1000);
}

#[test]
fn a_reference_that_goes_back_makes_the_clock_stand_still() {
    let machine = Machine::new(2450);
    let clock = CounterClock::new(&machine, &machine).unwrap();
    machine.pass(5 * SECOND);
    let before = clock.now();
    machine.reference_back.set(3 * SECOND);
    machine.pass(2 * SECOND);
    let after = clock.now();
    assert!(after >= before && after < before + 2 * SECOND);
}

#[test]
fn a_counter_that_creeps_or_races_is_no_clock() {
    let machine = Machine::new(1);
    assert!(CounterClock::new(&machine, &machine).is_none());
    let machine = Machine::new(2_000_000);
    assert!(CounterClock::new(&machine, &machine).is_none());
}

#[test]
fn the_systems_clock_does_not_go_back() {
    for clock in [SystemClock::new(), SystemClock::os()] {
        let mut last = clock.now();
        for _ in 0..100_000 {
            let now = clock.now();
            assert!(now >= last);
            last = now;
        }
        assert!(last < 3600 * SECOND, "the zero is the clock's making");
    }
}

#[test]
fn the_manual_clock_stops_at_the_end_of_time() {
    let clock = ManualClock::new(u64::MAX - 1);
    clock.advance(5);
    assert_eq!(clock.now(), u64::MAX);
    clock.set(3);
    assert_eq!(clock.now(), 3);
}
