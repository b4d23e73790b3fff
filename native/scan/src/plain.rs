//! The fast way over ASCII text in which little is under way: prose, and the inside of long tokens.
//!
//! Takes exactly the bytes that need no more than a step of each automaton; [`crate::engine`] takes all others, one by one.

use crate::attempt::{Attempts, NEVER};
use crate::engine::Engine;
use crate::ledger::Ledger;
use crate::machine::{ACCEPTS, DEAD, Machine, is_accepting};
use crate::plan::{Cell, Part, Plan};
use crate::track::Single;
use crate::words::SmallWords;

/// What is under way: one group of the first open part, and one of another.
struct Under<'a> {
    words: SmallWords<'a>,
    part: &'a Part,
    main: Single,
    /// Place of the other part's track.
    track: usize,
    other: Single,
    machine: &'a Machine,
    /// Raw offset that a byte must not pass, lest one of the two reaches the bound of a rule.
    bound: u64,
    other_bound: u64,
}

impl<'a> Under<'a> {
    /// `None` if there is more.
    fn of(plan: &'a Plan, attempts: &Attempts) -> Option<Self> {
        if attempts.busy || !attempts.threads.is_empty() {
            return None;
        }
        let open = plan.open.first().filter(|open| !open.sleeps)?;
        let mut track = 0;
        for (index, other) in attempts.tracks.iter().enumerate().skip(1) {
            if other.is_empty() {
                continue;
            }
            if track != 0 {
                return None;
            }
            track = index;
        }
        let part = &plan.parts[open.part as usize];
        let main = attempts.tracks[0].single()?;
        let mut under = Self {
            words: plan.words.small()?,
            part,
            main,
            track,
            other: Single {
                state: DEAD,
                rules: 0,
                raw: NEVER,
            },
            machine: &part.machine,
            bound: bound(part, &main),
            other_bound: NEVER,
        };
        if track != 0 {
            let part = &plan.parts[plan.open[track].part as usize];
            under.other = attempts.tracks[track].single()?;
            under.machine = &part.machine;
            under.other_bound = bound(part, &under.other);
        }
        let ends = is_accepting(main.state) || is_accepting(under.other.state);
        (main.rules == u64::MAX && !ends).then_some(under)
    }
}

fn bound(part: &Part, group: &Single) -> u64 {
    group.raw.saturating_add(part.least_bound)
}

/// Where the automata are, and how far.
#[derive(Clone, Copy)]
struct Place {
    taken: usize,
    word: u32,
    left: u8,
    state: u16,
    other: u16,
    /// Where in the bytes the attempt of `state` began.
    begun: Option<usize>,
}

impl Under<'_> {
    /// Takes bytes while nothing begins or ends but attempts of the first open part, one after the other: the words of prose.
    #[inline(never)]
    fn run<const OTHER: bool>(
        &self,
        plan: &Plan,
        bytes: &[u8],
        more: u32,
        place: &mut Place,
        raw: u64,
    ) {
        // Everything in locals: the loop must keep what changes in registers.
        let Under { words, part, .. } = *self;
        let (cells, classes) = (&plan.cells, &plan.classes);
        let (machine, first_output) = (part.machine.table(), words.first_output);
        let least_bound = part.least_bound as usize;
        let Place {
            mut taken,
            mut word,
            mut left,
            mut state,
            mut other,
            mut begun,
        } = *place;
        let until = |state: u16, bound: u64| match state {
            DEAD => usize::MAX,
            _ => bound.saturating_sub(raw) as usize,
        };
        let mut limit = until(state, self.bound).min(until(other, self.other_bound));
        for &byte in &bytes[taken..] {
            let class = classes[usize::from(byte)];
            let cell = cells[usize::from(left)][usize::from(byte)];
            let next_word = words.step_class(word, usize::from(class[0]));
            let mut next = machine.step_class(state, usize::from(class[1]));
            let flags = cell.flags(more) | u32::from(next & ACCEPTS);
            if flags != 0 || next_word >= first_output || taken >= limit {
                break;
            }
            if OTHER {
                let next = self.machine.step(other, byte);
                if is_accepting(next) {
                    break;
                }
                let alive = self.machine.alive(next) & self.other.rules != 0;
                other = if alive { next } else { DEAD };
            }
            if cell.entry() != DEAD {
                if next != DEAD || is_accepting(cell.entry()) {
                    break;
                }
                next = cell.entry();
                begun = Some(taken);
                limit = taken + least_bound;
            }
            (state, word, left) = (next, next_word, cell.behind());
            taken += 1;
        }
        *place = Place {
            taken,
            word,
            left,
            state,
            other,
            begun,
        };
    }

    /// Takes one byte of an attempt that is longer than some rule allows, but perhaps not than those that can still match; false
    /// if the byte is not plain.
    fn long(&self, plan: &Plan, byte: u8, asleep: bool, raw: u64, place: &mut Place) -> bool {
        let cell = plan.cells[usize::from(place.left)][usize::from(byte)];
        let word = self.words.step(place.word, byte);
        let state = self.part.machine.step(place.state, byte);
        let first = place.begun.map_or(self.main.raw, |at| raw + at as u64);
        let length = raw + place.taken as u64 + 1 - first;
        if place.other != DEAD
            || place.state == DEAD
            || self.part.finds_at_bound
            || cell.begins(asleep)
            || self.words.ends_word(word)
            || is_accepting(state)
            || (state != DEAD && length > self.part.bound(state))
        {
            return false;
        }
        *place = Place {
            taken: place.taken + 1,
            word,
            left: cell.behind(),
            state,
            ..*place
        };
        true
    }
}

impl Engine {
    /// Takes ASCII bytes from raw offset `raw` on while they are plain; returns how many. The lane has them already.
    #[inline(never)]
    pub(crate) fn plain(&mut self, plan: &Plan, ledger: &Ledger, bytes: &[u8], raw: u64) -> usize {
        let attempts = &mut self.attempts;
        if raw < ledger.furthest() {
            return 0;
        }
        let Some(mut under) = Under::of(plan, attempts) else {
            return 0;
        };
        let asleep = attempts.awake.is_empty();
        let more = Cell::more(asleep);
        let mut place = Place {
            taken: 0,
            word: attempts.words,
            left: attempts.left,
            state: under.main.state,
            other: under.other.state,
            begun: None,
        };
        loop {
            if place.other == DEAD {
                under.run::<false>(plan, bytes, more, &mut place, raw);
            } else {
                under.run::<true>(plan, bytes, more, &mut place, raw);
            }
            if let Some(at) = place.begun {
                under.bound = raw + at as u64 + under.part.least_bound;
            }
            let Some(&byte) = bytes.get(place.taken) else {
                break;
            };
            if !under.long(plan, byte, asleep, raw, &mut place) {
                break;
            }
        }
        if place.taken == 0 {
            return 0;
        }
        (attempts.words, attempts.left) = (place.word, place.left);
        match place.begun {
            Some(at) if place.state != DEAD => {
                let at = at as u64;
                attempts.tracks[0].restart(place.state, self.end + at, raw + at);
            }
            _ => attempts.tracks[0].set_single(place.state),
        }
        if under.track != 0 {
            attempts.tracks[under.track].set_single(place.other);
        }
        self.end += place.taken as u64;
        self.site.last_end = raw + place.taken as u64;
        place.taken
    }
}
