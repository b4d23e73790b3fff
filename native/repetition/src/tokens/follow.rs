//! One period that is being followed, token by token.
//!
//! +1 for a hit, -[`MISS`] for a miss, given up below 0 (the leaky score of facts/temporal.md C4). An inserted or a
//! deleted token shifts the period by one: after a miss the four periods beside it are watched too, and the first that
//! hits [`RELOCK`] times in a row takes over (k-edit periods, arXiv 2509.14898, but in one pass).

use super::detector::Bar;

/// What a miss costs where a hit gains 1.
const MISS: i32 = 4;
/// Misses among the newest 32 tokens that end a run. At 10 % misses (5 % substitutions: each misses twice) they do not
/// happen.
const MAX_RECENT_MISSES: u32 = 20;
/// Hits in a row that show that the period has shifted.
const RELOCK: u8 = 4;
/// Tokens after a miss in which a shifted period is looked for.
const WATCH: u8 = 16;
/// The periods beside the one that is followed.
const SHIFTS: [i32; 4] = [-1, 1, -2, 2];
/// One miss in so many tokens is noise; more is other text.
const NOISE: u32 = 6;
/// One token in so many that differs in three copies in a row makes a template.
const SLOTS: u32 = 24;

/// The newest tokens.
#[derive(Clone, Debug)]
pub(super) struct Window {
    tokens: Box<[u32]>,
    mask: usize,
    len: u64,
}

impl Window {
    pub(super) fn new(reach: usize) -> Self {
        let size = reach.next_power_of_two();
        Self {
            tokens: vec![0; size].into_boxed_slice(),
            mask: size - 1,
            len: 0,
        }
    }

    #[inline]
    pub(super) fn push(&mut self, token: u32) {
        let at = self.len as usize & self.mask;
        self.tokens[at] = token;
        self.len += 1;
    }

    /// Tokens taken so far.
    #[inline]
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// The token `back` before the newest (0 = the newest).
    #[inline]
    pub(super) fn back(&self, back: u32) -> u32 {
        let newest = (self.len as usize).wrapping_sub(1);
        self.tokens[newest.wrapping_sub(back as usize) & self.mask]
    }

    /// How many of the newest tokens can be read.
    pub(super) fn reach(&self) -> u32 {
        self.len.min(self.tokens.len() as u64) as u32
    }

    pub(super) fn memory_bytes(&self) -> usize {
        size_of_val(&*self.tokens)
    }
}

/// The state that a miss may turn out to have spoiled: the period had shifted.
#[derive(Clone, Copy, Debug, Default)]
struct Before {
    score: i32,
    misses: u32,
    history: u32,
    slots: u32,
    /// Tokens since then.
    tokens: u32,
}

/// Which of the newest tokens missed, a bit each: two longest periods of them.
#[derive(Clone, Debug)]
pub(super) struct Misses {
    words: Box<[u64]>,
}

impl Misses {
    pub(super) fn new(reach: usize) -> Self {
        let words = reach.div_ceil(64).next_power_of_two();
        Self {
            words: vec![0; words].into_boxed_slice(),
        }
    }

    /// Before the token of this index: a new word begins empty.
    #[inline]
    fn begin(&mut self, index: u64) {
        if index.is_multiple_of(64) {
            let at = (index / 64) as usize & (self.words.len() - 1);
            self.words[at] = 0;
        }
    }

    /// Forgets the newest `count` tokens up to and with this index.
    pub(super) fn clear(&mut self, index: u64, count: u32) {
        for index in index.saturating_sub(u64::from(count))..=index {
            self.set(index, false);
        }
    }

    fn set(&mut self, index: u64, miss: bool) {
        let word = &mut self.words[(index / 64) as usize & (self.words.len() - 1)];
        let bit = 1 << (index % 64);
        *word = if miss { *word | bit } else { *word & !bit };
    }

    fn at(&self, index: u64) -> bool {
        let word = self.words[(index / 64) as usize & (self.words.len() - 1)];
        word >> (index % 64) & 1 == 1
    }

    pub(super) fn memory_bytes(&self) -> usize {
        size_of_val(&*self.words)
    }
}

/// A period that is being followed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Follower {
    pub(super) period: u32,
    pub(super) score: i32,
    /// Tokens of the run, and those of them that missed.
    pub(super) run: u32,
    pub(super) misses: u32,
    /// Tokens since the last miss.
    pub(super) streak: u32,
    /// The newest 32 tokens, a bit each: 1 = miss.
    history: u32,
    /// Tokens for which shifted periods are still watched, and their hits in a row.
    watch: u8,
    shifted: [u8; SHIFTS.len()],
    before: Before,
    pub(super) reported: bool,
    /// Tokens that missed for the third time in their place of the copy: a substituted token misses twice, what fills
    /// a slot of a template misses again and again.
    slots: u32,
}

/// What a token did to a follower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Goes,
    /// The period changed.
    Shifted,
    GivenUp,
}

impl Follower {
    /// A follower of a period whose newest `hits` tokens were compared.
    pub(super) fn new(period: u32, hits: u32) -> Self {
        Self {
            period,
            score: hits.cast_signed(),
            run: hits,
            streak: hits,
            ..Self::default()
        }
    }

    /// Index of the first token of the first copy.
    pub(super) fn since(&self, window: &Window, noisy: bool) -> u64 {
        let run = if noisy { self.run } else { self.streak };
        window.len() - u64::from(run.saturating_add(self.period)).min(window.len())
    }

    #[inline]
    pub(super) fn take(&mut self, window: &Window, misses: &mut Misses, token: u32) -> Step {
        misses.begin(window.len() - 1);
        let hit = window.back(self.period) == token;
        self.run += 1;
        if hit && self.watch == 0 {
            self.score += 1;
            self.streak += 1;
            self.history <<= 1;
            return Step::Goes;
        }
        self.take_in_doubt(window, misses, token, hit)
    }

    /// After a miss.
    #[inline(never)]
    fn take_in_doubt(
        &mut self,
        window: &Window,
        misses: &mut Misses,
        token: u32,
        hit: bool,
    ) -> Step {
        if self.watch == 0 {
            self.before = Before {
                score: self.score,
                misses: self.misses,
                history: self.history,
                slots: self.slots,
                tokens: 0,
            };
            self.shifted = [0; SHIFTS.len()];
        }
        self.before.tokens += 1;
        self.history = (self.history << 1) | u32::from(!hit);
        if hit {
            self.score += 1;
            self.streak += 1;
            self.watch -= 1;
        } else {
            self.score -= MISS;
            self.misses += 1;
            let index = window.len() - 1;
            misses.set(index, true);
            let copy = u64::from(self.period);
            // Both copies before have to lie in the run.
            if self.run > 2 * self.period && misses.at(index - copy) && misses.at(index - 2 * copy)
            {
                self.slots += 1;
            }
            self.streak = 0;
            self.watch = WATCH;
        }
        if self.shift(window, misses, token) {
            return Step::Shifted;
        }
        if u32::from(RELOCK) <= self.streak {
            self.watch = 0;
        }
        if self.score < 0 && self.watch == 0 || self.history.count_ones() > MAX_RECENT_MISSES {
            return Step::GivenUp;
        }
        Step::Goes
    }

    /// Compares the periods beside this one; true if one of them took over.
    fn shift(&mut self, window: &Window, misses: &mut Misses, token: u32) -> bool {
        let mut best = None;
        for (at, shift) in SHIFTS.into_iter().enumerate() {
            let period = self.period.saturating_add_signed(shift);
            let hit = period > 0 && window.back(period) == token;
            self.shifted[at] = if hit { self.shifted[at] + 1 } else { 0 };
            if self.shifted[at] >= RELOCK && u32::from(self.shifted[at]) > self.streak {
                best = best.or(Some((period, self.shifted[at])));
            }
        }
        let Some((period, hits)) = best else {
            return false;
        };
        let hits = u32::from(hits);
        // The misses before the hits are what the insertion cost; those since were the wrong period's.
        let lost = self.before.tokens.saturating_sub(hits).max(1);
        self.period = period;
        self.score = self.before.score - MISS * lost.cast_signed() + hits.cast_signed();
        self.misses = self.before.misses + lost;
        self.slots = self.before.slots;
        misses.clear(window.len() - 1, self.before.tokens - 1);
        self.history =
            !(u32::MAX << lost.min(31)) << hits | self.before.history << (lost + hits).min(31);
        self.streak = hits;
        self.watch = 0;
        true
    }

    /// Whether what has repeated is a loop at this bar: `Some(noisy)`.
    #[inline]
    pub(super) fn evidence(&self, bar: &Bar) -> Option<bool> {
        if self.streak >= (bar.repeats * self.period).max(bar.tokens) {
            return Some(false);
        }
        if self.run < (bar.noisy_repeats * self.period).max(bar.noisy_tokens) {
            return None;
        }
        let template = self.slots.saturating_mul(SLOTS) > self.run.saturating_sub(2 * self.period);
        (self.misses.saturating_mul(NOISE) <= self.run && !template).then_some(true)
    }
}
