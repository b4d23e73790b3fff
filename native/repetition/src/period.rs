//! Periods: text that equals the text one period before, or nearly.
//!
//! The last place of each 8-gram proposes a period; the proposal counts only after the codes themselves were compared.
//! A tracker then follows the period code by code: +1 for a hit, -4 for a miss, and below 0 it is given up. Numbers hit
//! numbers whatever their values, so that a counter does not hide a loop.

use crate::content::{self, Bar, Evidence, LineKind};
use crate::lane::Code;
use crate::ring::Ring;
use crate::{Kind, Settings};

/// Codes of the gram that proposes a period.
const GRAM: u32 = 8;
/// Codes that a new tracker looks back beyond the gram, in case its proposal came late (its table slot was taken).
const EXTEND: u32 = 64;
/// Trackers at a time: a period, its multiples and a candidate or two.
const TRACKERS: usize = 4;
/// The leak: what a miss costs where a hit gains 1.
const MISS: i32 = 4;
/// Misses among the last 32 codes that end a run. At 10 % misses (5 % substitutions: each misses twice) 21 of 32 do not
/// happen; after an insertion they come within a line.
const MAX_RECENT_MISSES: u32 = 20;
/// Codes of a verified repeat that count as a repeated chunk.
pub(crate) const CHUNK: u32 = 50;
/// Hits in a row after which a reported loop counts as still running, again and again.
const ALIVE_EVERY: u32 = 8;

/// A period that is being followed.
#[derive(Clone, Copy, Debug, Default)]
struct Tracker {
    period: u32,
    score: i32,
    /// Codes since the run began, and how they compared.
    run: u32,
    misses: u32,
    changes: u32,
    /// Newest codes, a bit each: 1 = miss.
    history: u32,
    /// Codes since the last miss, and in them: characters beyond one a code, and numbers that changed.
    streak: u32,
    extra: u32,
    streak_changes: u32,
    /// First byte of the copy before the run, and before the streak.
    run_start: u64,
    streak_start: u64,
    bar: Option<Bar>,
    /// Run length before which the bar is not judged again.
    recheck: u32,
    reported: bool,
}

/// A run that meets the settings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fired {
    pub(crate) kind: Kind,
    pub(crate) start: u64,
    /// In codes.
    pub(crate) period: u32,
    pub(crate) score: f32,
}

/// What a code brought about; rare, so that the common answer is one comparison.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Events {
    /// A run became a loop.
    pub(crate) fired: Option<Fired>,
    /// A run that was reported goes on.
    pub(crate) alive: bool,
    /// The newest [`CHUNK`] codes equal those this many codes before.
    pub(crate) chunk: Option<u32>,
}

/// All periods that are being followed.
#[derive(Clone, Debug)]
pub(crate) struct Periods {
    trackers: [Tracker; TRACKERS],
    active: usize,
    /// Low 16 bits of the index of each gram's last code, by the gram's hash.
    last: Box<[u16]>,
    shift: u32,
    hash: u64,
    limits: Limits,
    events: Events,
}

/// The settings in the units of the lane.
#[derive(Clone, Copy, Debug)]
struct Limits {
    repeats: u32,
    chars: u32,
    max_period: u32,
}

/// Codes that the ring has to hold for a longest period.
pub(crate) const fn reach(max_period: u32) -> usize {
    (max_period + GRAM + EXTEND + 1) as usize
}

impl Periods {
    pub(crate) fn new(settings: &Settings) -> Self {
        let slots = 2 * reach(settings.max_period).next_power_of_two();
        Self {
            trackers: [Tracker::default(); TRACKERS],
            active: 0,
            last: vec![0; slots].into_boxed_slice(),
            shift: 64 - slots.trailing_zeros(),
            hash: 0,
            limits: Limits {
                repeats: settings.min_repeats,
                chars: settings.min_chars,
                max_period: settings.max_period,
            },
            events: Events::default(),
        }
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        size_of_val(&*self.last)
    }

    /// Takes the code that the ring's newest entry holds; true if it brought about what [`Periods::take_events`] tells.
    #[expect(clippy::inline_always, reason = "measured: 18 ns a byte become 11")]
    #[inline(always)]
    pub(crate) fn step(
        &mut self,
        ring: &Ring,
        code: Code,
        place: impl Fn() -> (LineKind, bool),
    ) -> bool {
        let mut eventful = self.active > 0 && self.follow(ring, code, place);
        if let Some(period) = self.propose(ring, code) {
            eventful |= self.admit(ring, period);
        }
        eventful
    }

    /// What the last step brought about.
    pub(crate) fn take_events(&mut self) -> Events {
        core::mem::take(&mut self.events)
    }

    #[inline(never)]
    fn follow(&mut self, ring: &Ring, code: Code, place: impl Fn() -> (LineKind, bool)) -> bool {
        let mut eventful = false;
        let mut at = 0;
        while at < self.active {
            let tracker = &mut self.trackers[at];
            if !tracker.take(ring, code) {
                self.active -= 1;
                self.trackers[at] = self.trackers[self.active];
                continue;
            }
            if tracker.reported {
                if tracker.streak > 0 && tracker.streak.is_multiple_of(ALIVE_EVERY) {
                    self.events.alive = true;
                    eventful = true;
                }
            } else if tracker.is_due(self.limits) {
                self.events.fired = tracker.judge(ring, self.limits, place());
                eventful |= self.events.fired.is_some();
            }
            if tracker.streak == CHUNK {
                self.events.chunk = Some(tracker.period);
                eventful = true;
            }
            at += 1;
        }
        eventful
    }

    /// Period that the newest gram suggests: the way back to its last place. Not verified.
    #[expect(clippy::inline_always, reason = "measured: 18 ns a byte become 11")]
    #[inline(always)]
    fn propose(&mut self, ring: &Ring, code: Code) -> Option<u32> {
        let mixed = u64::from(code.masked()).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        // Eight shifts of eight bits: a code leaves the hash when it leaves the gram.
        self.hash = (self.hash << 8).wrapping_add(mixed);
        let slot = (self.hash >> self.shift) as usize;
        let newest = (ring.len() - 1) as u16;
        let period = u32::from(newest.wrapping_sub(self.last[slot]));
        self.last[slot] = newest;
        // A third of the slots hold another gram's place: the newest code alone tells nearly all of them.
        let older = ring.back(period);
        let sensible =
            (period.wrapping_sub(1) < self.limits.max_period) & (older.masked() == code.masked());
        let known = || {
            self.trackers[..self.active]
                .iter()
                .any(|t| t.period == period)
        };
        (sensible && !known()).then_some(period)
    }

    /// Verifies a proposed period and follows it, in the place of a weaker one if need be.
    #[cold]
    fn admit(&mut self, ring: &Ring, period: u32) -> bool {
        if ring.len() < u64::from(period + GRAM) {
            return false;
        }
        let room = (ring.reach() - period).min(GRAM + EXTEND);
        let mut tracker = Tracker {
            period,
            ..Tracker::default()
        };
        for back in 0..room {
            let (newer, older) = (ring.back(back), ring.back(back + period));
            if newer != older && !newer.both_numbers(older) {
                break;
            }
            tracker.hit(newer, older);
        }
        if tracker.run < GRAM {
            return false;
        }
        tracker.run_start = ring.start_of(period + tracker.run - 1);
        tracker.streak_start = tracker.run_start;
        let at = if self.active < TRACKERS {
            self.active += 1;
            self.active - 1
        } else {
            let weakest = (0..TRACKERS).min_by_key(|&at| self.trackers[at].score);
            match weakest {
                Some(at) if self.trackers[at].score < tracker.score => at,
                _ => return false,
            }
        };
        self.trackers[at] = tracker;
        if tracker.streak >= CHUNK {
            self.events.chunk = Some(period);
        }
        tracker.streak >= CHUNK
    }
}

impl Tracker {
    #[inline]
    fn hit(&mut self, newer: Code, older: Code) {
        self.score += 1;
        self.run += 1;
        self.streak += 1;
        self.history <<= 1;
        if newer != older {
            self.changes += 1;
            self.streak_changes += 1;
        }
        self.extra += newer.chars() - 1;
    }

    /// Compares the newest code; false if the period is given up.
    #[inline]
    fn take(&mut self, ring: &Ring, code: Code) -> bool {
        let older = ring.back(self.period);
        if older == code || older.both_numbers(code) {
            self.hit(code, older);
            return true;
        }
        self.miss(ring)
    }

    fn miss(&mut self, ring: &Ring) -> bool {
        self.score -= MISS;
        self.run += 1;
        self.misses += 1;
        self.history = (self.history << 1) | 1;
        self.streak = 0;
        self.extra = 0;
        self.streak_changes = 0;
        // The copy before the next streak begins one code after the one that was missed.
        self.streak_start = ring.start_of(self.period - 1);
        self.score >= 0 && self.history.count_ones() <= MAX_RECENT_MISSES
    }

    /// Whether enough repeats for text at the lowest bar, cheaply.
    #[inline]
    fn is_due(&self, limits: Limits) -> bool {
        self.run >= self.recheck
            && self
                .evidence(limits, self.bar.unwrap_or(Bar::PROSE))
                .is_some()
    }

    /// Whether the streak (`Some(false)`) or the run with its misses (`Some(true)`) meets the limits.
    #[inline]
    fn evidence(&self, limits: Limits, bar: Bar) -> Option<bool> {
        let codes = limits.repeats * bar.repeats * self.period;
        let chars = limits.chars * bar.chars;
        if self.streak >= codes && self.streak + self.extra >= chars {
            return Some(false);
        }
        // Noise needs a quarter more codes and `minChars` more characters, of which at most a sixth misses.
        let noisy = self.misses > 0
            && self.run >= codes + codes / 4
            && self.run + self.extra >= chars + limits.chars
            && self.misses * 6 <= self.run;
        noisy.then_some(true)
    }

    /// Looks at what repeats; the loop, if it meets the bar for such text.
    #[cold]
    fn judge(&mut self, ring: &Ring, limits: Limits, place: (LineKind, bool)) -> Option<Fired> {
        let noisy = self.evidence(limits, Bar::PROSE)?;
        let changes = if noisy {
            self.changes
        } else {
            self.streak_changes
        };
        let run = if noisy { self.run } else { self.streak };
        // A counter changes in most copies; a number that differs once is noise.
        let numbered = changes.saturating_mul(self.period) >= run / 2 && changes > 0;
        let seen = Evidence {
            period: self.period,
            run,
            numbered,
            noisy: noisy || (changes > 0 && !numbered),
        };
        let bar = content::bar(ring, place.0, place.1, seen);
        self.bar = Some(bar);
        self.recheck = self.run + self.period.max(64);
        self.evidence(limits, bar)?;
        self.reported = true;
        Some(self.fired(ring, seen))
    }

    fn fired(&self, ring: &Ring, seen: Evidence) -> Fired {
        let lines = content::lines_in_period(ring, self.period);
        let kind = if seen.numbered {
            Kind::Numbered
        } else if seen.noisy {
            Kind::Noisy
        } else if (2..=5).contains(&lines) {
            Kind::Alternating
        } else {
            Kind::Exact
        };
        let hits = 1.0 - self.misses as f32 / self.run as f32;
        Fired {
            kind,
            start: if seen.noisy {
                self.run_start
            } else {
                self.streak_start
            },
            period: self.period,
            score: match kind {
                Kind::Exact | Kind::Alternating => 0.95,
                Kind::Numbered => 0.9,
                Kind::Noisy => 0.9 * hits,
            },
        }
    }
}
