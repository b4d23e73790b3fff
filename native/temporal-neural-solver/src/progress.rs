//! Formula progression: the monitor for formulas with clocks, and for those whose table would be too large.
//!
//! The state is what the formula still asks of the rest of the trace, as a disjunction of obligation sets; a bounded
//! operator leaves a pending obligation with the moment at which it was raised. Final verdicts are sound; unlike a
//! table's they may come later than the first moment at which they are certain.

use crate::expand::{Conjunction, Expander, Full, Range, Setting};
use crate::interval::{Interval, Unit};
use crate::limits;
use crate::normal::{Nnf, Normal};
use crate::past::Memory;
use crate::verdict::Verdict;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// A pending obligation: a timed node, and when it was raised.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    node: u16,
    since: u64,
}

/// The pending obligations; bit `i` of a conjunction's `extra` is slot `i`.
#[derive(Debug, Clone)]
struct Slots {
    all: [Slot; limits::SLOTS],
    used: u64,
    /// Time and index of the position that is being read.
    now: (u64, u64),
}

fn window(normal: &Normal, node: u16) -> (Interval, bool) {
    match normal.nodes[usize::from(node)] {
        Nnf::TimedRelease(.., window) => (window, true),
        Nnf::TimedUntil(.., window) => (window, false),
        _ => (
            Interval {
                unit: Unit::Steps,
                from: 0,
                to: 0,
            },
            false,
        ),
    }
}

impl Slots {
    fn clock(&self, interval: Interval) -> u64 {
        if interval.unit == Unit::Steps {
            self.now.1
        } else {
            self.now.0
        }
    }
}

struct Raise<'a> {
    slots: &'a mut Slots,
    normal: &'a Normal,
}

impl Setting for Raise<'_> {
    fn postponed(&self, _obligation: u8) -> u64 {
        0
    }

    fn pending(&mut self, node: u16) -> Option<u64> {
        let since = self.slots.clock(window(self.normal, node).0);
        let mut free = !self.slots.used;
        let mut known = self.slots.used;
        while known != 0 {
            let at = known.trailing_zeros() as usize;
            known &= known - 1;
            if self.slots.all[at].node == node && self.slots.all[at].since == since {
                return Some(1 << at);
            }
        }
        // The lowest free slot.
        free &= free.wrapping_neg();
        if free == 0 {
            return None;
        }
        self.slots.all[free.trailing_zeros() as usize] = Slot { node, since };
        self.slots.used |= free;
        Some(free)
    }
}

/// The progressed formula of one stream. Everything is allocated when it is made.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    state: Vec<Conjunction>,
    slots: Slots,
    scratch: Expander,
    memory: Memory,
    verdict: Verdict,
    /// Letter and past outputs of the last position, if it left the state as it was.
    still: Option<(u64, u64)>,
    /// Until this time, exclusive, and this position the clock changes nothing.
    quiet: (u64, u64),
}

impl Progress {
    pub fn new(normal: &Normal) -> Box<Self> {
        let mut state = Vec::with_capacity(limits::CONJUNCTIONS);
        state.push(Conjunction {
            next: normal.initial(),
            extra: 0,
        });
        let verdict = match normal.nodes[usize::from(normal.root)] {
            Nnf::True => Verdict::True,
            Nnf::False => Verdict::False,
            _ => Verdict::presumably(normal.empty()),
        };
        Box::new(Self {
            state,
            slots: Slots {
                all: [Slot::default(); limits::SLOTS],
                used: 0,
                now: (0, 0),
            },
            scratch: Expander::for_stream(normal),
            memory: normal.past.memory(),
            verdict,
            still: None,
            quiet: (0, 0),
        })
    }

    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// One position: its time, its index, its letter.
    pub fn step(&mut self, normal: &Normal, time: u64, index: u64, letter: u64) -> Verdict {
        if self.verdict.is_final() {
            return self.verdict;
        }
        if !(normal.past).step(&mut self.memory, letter, (time, index)) {
            self.verdict = Verdict::Unknown;
            return self.verdict;
        }
        let key = (letter & normal.literals, self.memory.outputs);
        if self.still == Some(key) && time < self.quiet.0 && index < self.quiet.1 {
            return self.verdict;
        }
        self.slots.now = (time, index);
        if self.progress(normal, key).is_err() {
            self.verdict = Verdict::Unknown;
        }
        self.verdict
    }

    fn progress(&mut self, normal: &Normal, key: (u64, u64)) -> Result<(), Full> {
        let used = self.slots.used;
        self.scratch.clear();
        let mut setting = Raise {
            slots: &mut self.slots,
            normal,
        };
        self.scratch.expand(normal, key.0, key.1, &mut setting)?;
        let mut all = self.scratch.load(&[])?;
        for at in 0..self.state.len() {
            let own = self.follow(normal, self.state[at])?;
            all = self.scratch.or(all, own)?;
        }
        self.settle(normal, all, key, used)
    }

    fn follow(&mut self, normal: &Normal, from: Conjunction) -> Result<Range, Full> {
        let mut all = self.scratch.follow(normal, from.next)?;
        let mut pending = from.extra;
        while pending != 0 {
            let at = pending.trailing_zeros() as usize;
            pending &= pending - 1;
            let slot = self.slots.all[at];
            let (interval, _) = window(normal, slot.node);
            let distance = self.slots.clock(interval) - slot.since;
            let rest = self.scratch.one(Conjunction {
                next: 0,
                extra: 1 << at,
            })?;
            let node = normal.nodes[usize::from(slot.node)];
            let own = self.scratch.timed(node, interval, distance, rest)?;
            all = self.scratch.and(all, own)?;
        }
        Ok(all)
    }

    /// Takes `all` as the new state.
    fn settle(
        &mut self,
        normal: &Normal,
        all: Range,
        key: (u64, u64),
        used: u64,
    ) -> Result<(), Full> {
        let before = self.state.len();
        let mut same = true;
        let count = (all.1 - all.0) as usize;
        // The pool is reused in place: first what each conjunction really asks, then which of them count.
        for at in all.0..all.1 {
            let item = self.scratch.get((at, at + 1))[0];
            let slim = Conjunction {
                next: item.next,
                extra: self.slim(normal, item.extra),
            };
            self.scratch.set(at, slim);
        }
        let mut kept = 0;
        for at in 0..count {
            let own = self.scratch.get(all)[at];
            let weaker = (0..count).any(|other| {
                let it = self.scratch.get(all)[other];
                other != at
                    && self.asks_less(normal, it, own)
                    && (other < at || !self.asks_less(normal, own, it))
            });
            if weaker {
                continue;
            }
            same &= kept < before && self.state[kept] == own;
            if kept < before {
                self.state[kept] = own;
            } else if kept < limits::CONJUNCTIONS {
                self.state.push(own);
            } else {
                return Err(Full);
            }
            kept += 1;
        }
        self.state.truncate(kept);
        self.slots.used = self.state.iter().fold(0, |used, c| used | c.extra);
        // An obligation raised just now may be one that the next position raises anew.
        let old = bits(self.slots.used).all(|at| {
            let slot = self.slots.all[at];
            slot.since < self.slots.clock(window(normal, slot.node).0)
        });
        self.still = (same && old && kept == before && self.slots.used & !used == 0).then_some(key);
        self.judge(normal);
        Ok(())
    }

    /// Verdict of the state, and how long the clock leaves it alone.
    fn judge(&mut self, normal: &Normal) {
        let done = self.state.iter().any(|c| *c == Conjunction::default());
        self.verdict = if self.state.is_empty() {
            Verdict::False
        } else if done {
            Verdict::True
        } else {
            Verdict::presumably(self.state.iter().any(|c| self.may_end(normal, *c)))
        };
        self.quiet = (u64::MAX, u64::MAX);
        for at in (0..limits::SLOTS).filter(|at| self.slots.used >> at & 1 == 1) {
            let slot = self.slots.all[at];
            let (interval, _) = window(normal, slot.node);
            let now = self.slots.clock(interval);
            let opens = slot.since.saturating_add(interval.from);
            // Within a window, and before it, equal letters do equal things.
            let change = if now < opens {
                opens
            } else {
                slot.since.saturating_add(interval.to).saturating_add(1)
            };
            let own = if interval.unit == Unit::Steps {
                &mut self.quiet.1
            } else {
                &mut self.quiet.0
            };
            *own = (*own).min(change);
        }
    }

    fn may_end(&self, normal: &Normal, conjunction: Conjunction) -> bool {
        let mut pending = conjunction.extra;
        let mut ok = conjunction.next & normal.strong == 0;
        while pending != 0 && ok {
            ok = window(
                normal,
                self.slots.all[pending.trailing_zeros() as usize].node,
            )
            .1;
            pending &= pending - 1;
        }
        ok
    }

    /// Whether pending obligation `a` implies `b`: same operator, both windows open, and `a` the earlier deadline
    /// (until) or the longer duty (release).
    fn implies(&self, normal: &Normal, a: usize, b: usize) -> bool {
        let (x, y) = (self.slots.all[a], self.slots.all[b]);
        if a == b || x.node != y.node {
            return a == b;
        }
        let (interval, release) = window(normal, x.node);
        let now = self.slots.clock(interval);
        let open = |slot: Slot| now.saturating_sub(slot.since) >= interval.from;
        open(x)
            && open(y)
            && if release {
                x.since >= y.since
            } else {
                x.since <= y.since
            }
    }

    /// `extra` without what another of its obligations implies.
    fn slim(&self, normal: &Normal, extra: u64) -> u64 {
        let mut out = extra;
        for a in bits(extra) {
            for b in bits(out) {
                if a != b && out >> a & 1 == 1 && self.implies(normal, a, b) {
                    out &= !(1 << b);
                }
            }
        }
        out
    }

    /// Whether everything that `weak` asks is implied by `strong`.
    fn asks_less(&self, normal: &Normal, weak: Conjunction, strong: Conjunction) -> bool {
        weak.next & !strong.next == 0
            && bits(weak.extra).all(|b| bits(strong.extra).any(|a| self.implies(normal, a, b)))
    }

    /// The clock moves without a position: windows that have closed by `time` are decided.
    pub fn advance(&mut self, normal: &Normal, time: u64) -> Verdict {
        if self.verdict.is_final() || time < self.quiet.0 {
            return self.verdict;
        }
        let mut kept = 0;
        for at in 0..self.state.len() {
            let mut own = self.state[at];
            let mut alive = true;
            for slot in bits(own.extra) {
                let (interval, release) = window(normal, self.slots.all[slot].node);
                let closed = interval.unit == Unit::Nanoseconds
                    && time > self.slots.all[slot].since.saturating_add(interval.to);
                if closed {
                    alive &= release;
                    own.extra &= !(1 << slot);
                }
            }
            if alive {
                self.state[kept] = own;
                kept += 1;
            }
        }
        self.state.truncate(kept);
        self.slots.used = self.state.iter().fold(0, |used, c| used | c.extra);
        self.slots.now.0 = time;
        self.still = None;
        self.judge(normal);
        self.verdict
    }

    /// Whether only what every position was asked is left.
    pub fn is_at_start(&self, normal: &Normal) -> bool {
        let home = Conjunction {
            next: normal.invariant(),
            extra: 0,
        };
        home.next != 0 && self.state.len() == 1 && self.state[0] == home
    }

    /// First time at which [`Progress::advance`] may decide something.
    pub fn deadline(&self, normal: &Normal) -> Option<u64> {
        if self.verdict.is_final() {
            return None;
        }
        bits(self.slots.used)
            .filter_map(|at| {
                let slot = self.slots.all[at];
                let (interval, _) = window(normal, slot.node);
                (interval.unit == Unit::Nanoseconds)
                    .then(|| slot.since.saturating_add(interval.to).saturating_add(1))
            })
            .min()
    }

    /// Bytes that one stream uses.
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.state.capacity() * size_of::<Conjunction>()
            + self.scratch.bytes()
            + self.memory.bytes()
    }
}

fn bits(mut mask: u64) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let at = mask.trailing_zeros() as usize;
        (mask != 0).then(|| {
            mask &= mask - 1;
            at
        })
    })
}
