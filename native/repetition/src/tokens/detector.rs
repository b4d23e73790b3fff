//! The detector of one stream of tokens.

use super::content::Content;
use super::follow::{Follower, Misses, Step, Window};
use super::settings::TokenSettings;

/// Tokens of the gram that proposes a period.
const GRAM: u32 = 4;
/// Tokens that a new follower looks back, in case its proposal came late.
const EXTEND: u32 = 32;
/// Tokens beyond the longest period that a shift may need.
const MARGIN: u32 = 2;
/// Periods that are followed at a time.
const FOLLOWERS: usize = 4;
/// Hits in a row after which a reported loop counts as still running.
const ALIVE: u32 = 8;

/// A loop that became certain with the newest token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenLoop {
    /// Tokens from one copy to the next.
    pub period: u32,
    /// Tokens that equal the one a period before, misses left out.
    pub hits: u32,
    /// Index of the first token of the first copy, counted from the start of the stream.
    pub since: u64,
}

/// How much has to repeat: periods after the first copy, and tokens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar {
    /// Of a run without a miss.
    pub(super) repeats: u32,
    pub(super) tokens: u32,
    /// Of a run with misses: more, as text of one form looks like it.
    pub(super) noisy_repeats: u32,
    pub(super) noisy_tokens: u32,
}

impl Bar {
    const fn of(settings: TokenSettings, content: Content) -> Self {
        // Periods and tokens, each as a multiple of the settings. A run of many tokens is a loop in code and data too,
        // however few its copies; what of data repeats with differences is a form.
        let (clean, noisy) = match content {
            Content::Prose => ((1, 1), (1, 1)),
            Content::Code => ((1, 1), (1, 12)),
            Content::Data => ((1, 8), (24, 24)),
        };
        let repeats = settings.min_copies - 1;
        let tokens = settings.min_tokens;
        Self {
            repeats: repeats * clean.0,
            tokens: tokens * clean.1,
            noisy_repeats: (repeats + 2) * noisy.0,
            noisy_tokens: (2 * tokens + tokens / 4) * noisy.1,
        }
    }
}

/// Finds loops in one stream of tokens: ids of a model's vocabulary, or the hashes of [`Pieces`](super::Pieces).
///
/// Equal numbers are equal tokens; a period is proposed by a hash of four tokens but counts only as far as the tokens
/// themselves were compared. O(1) a token, no allocation after [`TokenLoops::new`].
#[derive(Clone, Debug)]
pub struct TokenLoops {
    window: Window,
    followers: [Follower; FOLLOWERS],
    /// Of each follower, in its place.
    misses: [Misses; FOLLOWERS],
    active: usize,
    /// Low 16 bits of the index of each gram's last token, by the gram's hash.
    last: Box<[u16]>,
    shift: u32,
    hash: u32,
    max_period: u32,
    /// For each [`Content`].
    bars: [Bar; 3],
    content: usize,
    /// Index of the token up to which a reported loop is known to have gone on.
    covered: u64,
}

impl TokenLoops {
    /// A detector at the start of a stream. Settings out of bounds count as the nearest bound; see
    /// [`TokenSettings::validate`].
    pub fn new(settings: TokenSettings) -> Self {
        let settings = settings.clamped();
        let reach = settings.max_token_period + MARGIN + GRAM + EXTEND;
        let slots = 2 * (reach as usize).next_power_of_two();
        Self {
            window: Window::new(reach as usize),
            followers: [Follower::default(); FOLLOWERS],
            misses: core::array::from_fn(|_| Misses::new(2 * reach as usize)),
            active: 0,
            last: vec![0; slots].into_boxed_slice(),
            shift: 32 - slots.trailing_zeros(),
            hash: 0,
            max_period: settings.max_token_period,
            bars: [Content::Prose, Content::Code, Content::Data]
                .map(|content| Bar::of(settings, content)),
            content: 0,
            covered: 0,
        }
    }

    /// What kind of text the tokens to come are: code and data have to repeat more before they are a loop. A stream
    /// begins as prose.
    #[inline]
    pub fn set_content(&mut self, content: Content) {
        self.content = content as usize;
    }

    /// Takes the next token; the loop that became certain with it. Each loop is told once.
    #[inline]
    pub fn push(&mut self, token: u32) -> Option<TokenLoop> {
        self.window.push(token);
        let found = if self.active > 0 {
            self.follow(token)
        } else {
            None
        };
        if let Some(period) = self.propose(token) {
            self.admit(period);
        }
        found
    }

    /// Bytes of the stream's state, heap included; constant over the stream's life.
    pub fn memory_bytes(&self) -> usize {
        size_of::<Self>()
            + self.window.memory_bytes()
            + size_of_val(&*self.last)
            + self.misses.iter().map(Misses::memory_bytes).sum::<usize>()
    }

    #[inline(never)]
    fn follow(&mut self, token: u32) -> Option<TokenLoop> {
        let mut found = None;
        let mut at = 0;
        while at < self.active {
            let follower = &mut self.followers[at];
            match follower.take(&self.window, &mut self.misses[at], token) {
                Step::Goes => {}
                Step::Shifted => {
                    if self.merge(at) {
                        continue;
                    }
                }
                Step::GivenUp => {
                    self.drop_follower(at);
                    continue;
                }
            }
            let follower = &mut self.followers[at];
            if follower.reported {
                if follower.streak >= ALIVE {
                    self.covered = self.window.len();
                }
            } else if let Some(noisy) = follower.evidence(&self.bars[self.content]) {
                follower.reported = true;
                let since = follower.since(&self.window, noisy);
                let slack = u64::from(follower.period / 2).min(8);
                // The loop that was reported already, seen at another period or picked up again after noise, is known.
                if since + slack >= self.covered {
                    found = Some(TokenLoop {
                        period: follower.period,
                        hits: if noisy {
                            follower.run - follower.misses
                        } else {
                            follower.streak
                        },
                        since,
                    });
                }
                self.covered = self.window.len();
            }
            at += 1;
        }
        found
    }

    fn drop_follower(&mut self, at: usize) {
        self.active -= 1;
        self.followers[at] = self.followers[self.active];
        self.misses.swap(at, self.active);
    }

    /// After the period of a follower changed: if another follows the same one, the weaker goes. True if the follower
    /// at this place is another one now, or none.
    #[cold]
    fn merge(&mut self, at: usize) -> bool {
        let this = self.followers[at];
        if this.period > self.max_period + MARGIN {
            self.drop_follower(at);
            return true;
        }
        let same = |&other: &usize| other != at && self.followers[other].period == this.period;
        let Some(other) = (0..self.active).find(same) else {
            return false;
        };
        let reported = this.reported || self.followers[other].reported;
        let weaker = if self.followers[other].score < this.score {
            self.followers[at].reported = reported;
            other
        } else {
            self.followers[other].reported = reported;
            at
        };
        self.drop_follower(weaker);
        weaker == at
    }

    /// Period that the newest gram suggests: the way back to its last place. Not verified.
    #[inline]
    fn propose(&mut self, token: u32) -> Option<u32> {
        // Four shifts of eight bits: a token leaves the hash when it leaves the gram. 32-bit multiplication only:
        // 64-bit ones are slow in some WebAssembly engines (facts/temporal.md D).
        let mixed = (token ^ (token >> 15)).wrapping_mul(0x9E37_79B1);
        self.hash = (self.hash << 8).wrapping_add(mixed ^ (mixed >> 13));
        let slot = (self.hash.wrapping_mul(0x85EB_CA6B) >> self.shift) as usize;
        let newest = (self.window.len() - 1) as u16;
        let period = u32::from(newest.wrapping_sub(self.last[slot]));
        self.last[slot] = newest;
        let sensible =
            (period.wrapping_sub(1) < self.max_period) & (self.window.back(period) == token);
        let known = || {
            self.followers[..self.active]
                .iter()
                .any(|follower| follower.period == period)
        };
        (sensible && !known()).then_some(period)
    }

    /// Verifies a proposed period and follows it, in the place of a weaker one if need be.
    #[inline(never)]
    fn admit(&mut self, period: u32) {
        let room = (self.window.reach().saturating_sub(period)).min(GRAM + EXTEND);
        let differs = |&back: &u32| self.window.back(back) != self.window.back(back + period);
        let hits = (0..room).find(differs).unwrap_or(room);
        if hits < GRAM {
            return;
        }
        let at = if self.active < FOLLOWERS {
            self.active += 1;
            self.active - 1
        } else {
            let weakest = (0..FOLLOWERS).min_by_key(|&at| self.followers[at].score);
            match weakest {
                Some(at) if self.followers[at].score < hits.cast_signed() => at,
                _ => return,
            }
        };
        self.followers[at] = Follower::new(period, hits);
        self.misses[at].clear(self.window.len() - 1, hits + 64);
    }
}
