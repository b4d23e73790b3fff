//! A cheap counter, kept in step with a clock that can be trusted.
use core::cell::Cell;

use super::Clock;

/// Something that counts at a constant but unknown rate.
pub trait Counter {
    /// The count; wraps.
    fn read(&self) -> u64;
}

/// Nanoseconds of the first measurement, and of the one after a jump.
const SHORT: u64 = 1_000_000;
/// Each measurement is trusted for so many times its own length: one that is 50 ns or one count off is then 0.5 us or ten
/// counts off in the end.
const TRUST: u64 = 10;
/// Most nanoseconds between two comparisons with the reference.
const COMPARE_EVERY: u64 = 1_000_000_000;
/// A rate that differs by more than 1 in so many from the last is no drift of a quartz.
const DRIFT: u64 = 1000;
/// Fraction bits of the rate.
const FRACTION: u32 = 32;

/// Nanoseconds by a counter, corrected at least every second by the reference clock. For one thread; a second thread makes its own.
///
/// Never goes backwards: where counter or reference do, it stands still until they have caught up. A jump of the counter
/// (a virtual machine moved, a core with another offset) lasts until the next comparison, at most a second of counting, and
/// is counted; a count below the last comparison's is seen at once.
#[derive(Debug)]
pub struct CounterClock<C, R> {
    counter: C,
    reference: R,
    /// Count and time of the last comparison.
    anchor: Cell<(u64, u64)>,
    /// Nanoseconds per count, with `FRACTION` bits.
    rate: Cell<u64>,
    /// Counts after the anchor until which the rate is trusted.
    trusted: Cell<u64>,
    /// Nanoseconds until the next comparison; 0 if its rate is to be taken as it is.
    ahead: Cell<u64>,
    last: Cell<u64>,
    jumps: Cell<u32>,
}

impl<C: Counter, R: Clock> CounterClock<C, R> {
    /// Watches both for a millisecond. Nothing if the counter's rate is not between 10 MHz and 1 THz.
    pub fn new(counter: C, reference: R) -> Option<Self> {
        let (count, time) = pair(&counter, &reference);
        let clock = Self {
            counter,
            reference,
            anchor: Cell::new((count, time)),
            rate: Cell::new(0),
            trusted: Cell::new(0),
            ahead: Cell::new(0),
            last: Cell::new(time),
            jumps: Cell::new(0),
        };
        while clock.reference.now() < time.saturating_add(SHORT) {
            core::hint::spin_loop();
        }
        clock.compare();
        (clock.rate.get() > 0).then_some(clock)
    }

    /// Comparisons that found a rate or an offset no quartz has.
    pub fn jumps(&self) -> u32 {
        self.jumps.get()
    }

    /// Takes the reference's time as the new anchor and the rate since the last one, unless it cannot be.
    #[cold]
    fn compare(&self) -> u64 {
        let (count, time) = pair(&self.counter, &self.reference);
        let (old_count, old_time) = self.anchor.replace((count, time));
        let measured = rate(count.wrapping_sub(old_count), time.saturating_sub(old_time));
        let known = self.rate.get();
        let plausible = |rate: u64| self.ahead.get() == 0 || rate.abs_diff(known) <= known / DRIFT;
        let ahead = match measured {
            Some(rate) if plausible(rate) => {
                self.rate.set(rate);
                self.ahead
                    .set((self.ahead.get().max(SHORT) * TRUST).min(COMPARE_EVERY));
                self.ahead.get()
            }
            _ => {
                self.jumps.set(self.jumps.get().saturating_add(1));
                self.ahead.set(0);
                SHORT
            }
        };
        let counts = (u128::from(ahead) << FRACTION) / u128::from(self.rate.get().max(1));
        self.trusted.set(u64::try_from(counts).unwrap_or(u64::MAX));
        time
    }
}

impl<C: Counter, R: Clock> Clock for CounterClock<C, R> {
    #[inline]
    fn now(&self) -> u64 {
        let (count, time) = self.anchor.get();
        // A count before the anchor's wraps to a number far beyond what is trusted.
        let counts = self.counter.read().wrapping_sub(count);
        let now = if counts <= self.trusted.get() {
            time + ((u128::from(counts) * u128::from(self.rate.get())) >> FRACTION) as u64
        } else {
            self.compare()
        };
        let now = now.max(self.last.get());
        self.last.set(now);
        now
    }
}

/// Nanoseconds per count between 1 THz and 10 MHz, with `FRACTION` bits.
fn rate(counts: u64, nanoseconds: u64) -> Option<u64> {
    const FASTEST: u128 = (1 << FRACTION) / 1000;
    const SLOWEST: u128 = 100 << FRACTION;
    let rate = (u128::from(nanoseconds) << FRACTION).checked_div(u128::from(counts))?;
    (FASTEST..=SLOWEST).contains(&rate).then_some(rate as u64)
}

/// A count and a time of the same moment: the closest of a few readings, since the thread may be interrupted between them.
fn pair(counter: &impl Counter, reference: &impl Clock) -> (u64, u64) {
    let reading = || {
        let before = counter.read();
        let time = reference.now();
        let width = counter.read().wrapping_sub(before);
        (width, before.wrapping_add(width / 2), time)
    };
    let (_, count, time) =
        (0..4).map(|_| reading()).fold(
            reading(),
            |best, next| if next.0 < best.0 { next } else { best },
        );
    (count, time)
}
