//! The fast way over ASCII text in which little is under way: prose, and the inside of long tokens.
//!
//! Takes exactly the bytes that need no more than a step of each automaton; [`crate::engine`] takes all others, one by one.

use crate::engine::Engine;
use crate::ledger::Ledger;
use crate::machine::{ACCEPTS, DEAD, is_accepting};
use crate::plan::{Cell, Part, Plan};
use crate::track::{Single, Track};
use crate::words::SmallWords;

/// What the loop over bytes reads.
struct Text<'a> {
    plan: &'a Plan,
    words: SmallWords<'a>,
    /// The first open part.
    part: &'a Part,
    bytes: &'a [u8],
    /// Raw offset of the first byte.
    raw: u64,
    /// What may begin besides attempts of the first open part.
    more: u32,
}

/// Where the automata are, and how far.
struct Place {
    taken: usize,
    word: u32,
    left: u8,
    /// Of the only group of the first open part.
    state: u16,
    /// Raw offset at which it began, and the place in the bytes if it is one of them.
    first: u64,
    begun: Option<usize>,
}

impl Text<'_> {
    /// Takes bytes while nothing begins or ends but attempts of the first open part, one after the other: the words of prose.
    /// `also` takes a byte that all else is ready to take, so that nothing takes a byte twice; false if it cannot.
    // Inlined so that what changes from byte to byte stays in registers; measured 2026-11-21.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn run(&self, place: &mut Place, mut also: impl FnMut(u8, usize) -> bool) {
        let Self { words, part, .. } = self;
        let (cells, classes) = (&self.plan.cells, &self.plan.classes);
        let (machine, first_output) = (part.machine.table(), words.first_output);
        let least_bound = part.least_bound as usize;
        let (mut taken, mut begun) = (place.taken, place.begun);
        let (mut word, mut left, mut state) = (place.word, place.left, place.state);
        let mut limit = match state {
            DEAD => usize::MAX,
            _ => (place.first + part.least_bound).saturating_sub(self.raw) as usize,
        };
        for &byte in &self.bytes[taken..] {
            let class = classes[usize::from(byte)];
            let cell = cells[usize::from(left)][usize::from(byte)];
            let next_word = words.step_class(word, usize::from(class[0]));
            let mut next = machine.step_class(state, usize::from(class[1]));
            let flags = cell.flags(self.more) | u32::from(next & ACCEPTS);
            if flags != 0 || next_word >= first_output || taken >= limit {
                break;
            }
            if cell.entry() != DEAD {
                if next != DEAD || is_accepting(cell.entry()) {
                    break;
                }
                next = cell.entry();
            }
            if !also(byte, taken) {
                break;
            }
            if cell.entry() != DEAD {
                begun = Some(taken);
                limit = taken + least_bound;
            }
            (state, word, left) = (next, next_word, cell.behind());
            taken += 1;
        }
        if let Some(at) = begun {
            place.first = self.raw + at as u64;
        }
        (place.taken, place.begun) = (taken, begun);
        (place.word, place.left, place.state) = (word, left, state);
    }

    /// Takes one byte of an attempt that is longer than some rule allows, but perhaps not than those that can still match; false
    /// if the byte is not plain.
    #[inline(never)]
    fn long(&self, place: &mut Place) -> bool {
        let Some(&byte) = self.bytes.get(place.taken) else {
            return false;
        };
        let cell = self.plan.cells[usize::from(place.left)][usize::from(byte)];
        let word = self.words.step(place.word, byte);
        let state = self.part.machine.step(place.state, byte);
        let end = self.raw + place.taken as u64 + 1;
        if place.state == DEAD
            || self.part.finds_at_bound
            || cell.entry() != DEAD
            || cell.flags(self.more) != 0
            || self.words.ends_word(word)
            || is_accepting(state)
            || (state != DEAD && end - place.first > self.part.bound(state))
        {
            return false;
        }
        (place.word, place.left, place.state) = (word, cell.behind(), state);
        place.taken += 1;
        true
    }

    /// The same as [`Text::run`], with a group of another part under way too; returns what becomes of it.
    #[inline(never)]
    fn run_beside(&self, place: &mut Place, part: &Part, other: Single) -> u16 {
        let mut state = other.state;
        self.run(place, |byte, taken| {
            let next = part.machine.step(state, byte);
            let end = self.raw + taken as u64 + 1;
            let long = next != DEAD && end > other.raw.saturating_add(part.least_bound);
            if is_accepting(next) || long {
                return false;
            }
            let alive = part.machine.alive(next) & other.rules != 0;
            state = if alive { next } else { DEAD };
            true
        });
        state
    }
}

impl Engine {
    /// Takes ASCII bytes from raw offset `raw` on while they are plain; returns how many. The lane has them already.
    pub(crate) fn plain(&mut self, plan: &Plan, ledger: &Ledger, bytes: &[u8], raw: u64) -> usize {
        let attempts = &mut self.attempts;
        let idle = !attempts.busy && attempts.threads.is_empty() && raw >= ledger.furthest();
        let Some((track, others)) = attempts.tracks.split_first_mut().filter(|_| idle) else {
            return 0;
        };
        let main = track.single().filter(Single::is_plain);
        let (Some(main), Some(words)) = (main, plan.words.small().filter(|_| plan.plain)) else {
            return 0;
        };
        let text = Text {
            plan,
            words,
            part: &plan.parts[plan.open[0].part as usize],
            bytes,
            raw,
            more: Cell::more(attempts.awake.is_empty()),
        };
        let mut place = Place {
            taken: 0,
            word: attempts.words,
            left: attempts.left,
            state: main.state,
            first: main.raw,
            begun: None,
        };
        if others.iter().all(Track::is_empty) {
            loop {
                text.run(&mut place, |_, _| true);
                if place.taken == bytes.len() || !text.long(&mut place) {
                    break;
                }
            }
        } else if !beside(&text, &mut place, others) {
            return 0;
        }
        if place.taken == 0 {
            return 0;
        }
        (attempts.words, attempts.left) = (place.word, place.left);
        match place.begun {
            Some(at) if place.state != DEAD => {
                track.restart(place.state, self.end + at as u64, place.first);
            }
            _ => track.set_single(place.state),
        }
        self.end += place.taken as u64;
        self.site.last_end = raw + place.taken as u64;
        place.taken
    }
}

/// Takes bytes with groups of other parts under way too; false if they are too many.
#[inline(never)]
fn beside(text: &Text<'_>, place: &mut Place, others: &mut [Track]) -> bool {
    let mut under_way = (1..).zip(others).filter(|(_, track)| !track.is_empty());
    let (Some((index, track)), None) = (under_way.next(), under_way.next()) else {
        return false;
    };
    let Some(other) = track.single().filter(|other| !is_accepting(other.state)) else {
        return false;
    };
    let part = &text.plan.parts[text.plan.open[index].part as usize];
    let state = text.run_beside(place, part, other);
    track.set_single(state);
    true
}
