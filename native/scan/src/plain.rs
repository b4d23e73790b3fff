//! The fast way over ASCII text in which little is under way: prose, and the inside of long tokens.
//!
//! Takes exactly the bytes that need no more than a step of each automaton; [`crate::engine`] takes all others, one by one.

use crate::company::{Calm, Company};
use crate::engine::Engine;
use crate::lane::Lane;
use crate::machine::{ACCEPTS, DEAD, is_accepting};
use crate::plan::{Part, Plan};
use crate::track::{Single, Track};

/// ASCII text of a lane.
#[derive(Clone, Copy)]
pub(crate) struct Ascii<'a> {
    pub(crate) bytes: &'a [u8],
    /// Raw offset of the first byte; where there is slack, the least that it can be.
    pub(crate) raw: u64,
    /// Raw bytes more than bytes, where some are look-alikes that were folded.
    pub(crate) slack: u64,
}

impl Ascii<'_> {
    /// What comes behind the first bytes.
    #[inline]
    pub(crate) fn rest(self, taken: usize) -> Self {
        Self {
            bytes: &self.bytes[taken..],
            raw: self.raw + taken as u64,
            ..self
        }
    }

    /// Greatest raw offset at which the byte at a place can end.
    #[inline]
    fn end(&self, place: usize) -> u64 {
        self.raw + place as u64 + 1 + self.slack
    }
}

/// What the loop over bytes reads.
struct Text<'a> {
    plan: &'a Plan,
    /// The first open part.
    part: &'a Part,
    ascii: Ascii<'a>,
    /// What may begin besides attempts of the first open part, and the bit of states that accept.
    mask: u32,
    /// The lane, which has the bytes, and the first byte's position there.
    lane: &'a Lane,
    at: u64,
}

/// Where the automata are, and how far.
struct Place {
    taken: usize,
    word: u32,
    left: u8,
    /// Of the only group of the first open part.
    state: u16,
    /// Place in the bytes at which it began, less the slack, modulo 2^64: it may have begun before them.
    begun: usize,
}

impl Text<'_> {
    /// Takes bytes while nothing begins or ends but attempts of the first open part, one after the other: the words of prose.
    /// `also` takes a byte that all else is ready to take, so that nothing takes a byte twice; false if it cannot. `slack` is that of the
    /// text, apart because it is mostly known to be none.
    // Inlined into functions that do nothing else, so that what changes from byte to byte stays in registers, and without a branch
    // where a word begins, which nobody can predict; measured 2026-11-21.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn run(&self, place: &mut Place, slack: usize, mut also: impl FnMut(u8, usize) -> bool) {
        let (cells, classes) = (&*self.plan.cells, &*self.plan.classes);
        let Some(words) = self.plan.words.small() else {
            return;
        };
        let machine = self.part.machine.table();
        let (bytes, mask, first_output) = (self.ascii.bytes, self.mask, words.first_output);
        let least_bound = self.part.least_bound as usize;
        let (mut taken, mut begun) = (place.taken, place.begun);
        let (mut word, mut left, mut state) = (place.word, place.left, place.state);
        while let Some(&byte) = bytes.get(taken) {
            let [of_words, of_part] = classes[usize::from(byte)];
            let cell = cells[usize::from(left)][usize::from(byte)];
            let entry = cell.entry();
            let next_word = words.step_class(word, usize::from(of_words));
            let next = machine.step_class(state, usize::from(of_part));
            let long = taken.wrapping_sub(begun) >= least_bound && state != DEAD;
            if cell.flags_with(next, mask) != 0 || (long && self.is_long(next, taken, begun)) {
                break;
            }
            if next_word >= first_output && !self.is_inner(word, taken) {
                break;
            }
            if entry != DEAD && next != DEAD {
                break;
            }
            if !also(byte, taken) {
                break;
            }
            if entry != DEAD {
                begun = taken.wrapping_sub(slack);
            }
            (state, word, left) = (next | entry, next_word, cell.behind());
            taken += 1;
        }
        (place.taken, place.begun) = (taken, begun);
        (place.word, place.left, place.state) = (word, left, state);
    }

    #[inline(never)]
    fn run_alone(&self, place: &mut Place) {
        self.run(place, 0, |_, _| true);
    }

    /// The same as [`Text::run`] over text with slack.
    #[inline(never)]
    fn run_folded(&self, place: &mut Place) {
        self.run(place, self.slack(), |_, _| true);
    }

    fn slack(&self) -> usize {
        self.ascii.slack as usize
    }

    /// Whether a word ends with a byte that means nothing, because it stands inside a longer one.
    #[inline(never)]
    fn is_inner(&self, word: u32, at: usize) -> bool {
        let next = self.plan.words.step(word, self.ascii.bytes[at]);
        let length = u64::from(self.plan.inner(next));
        let before = (self.at + at as u64).checked_sub(length);
        let byte = before.and_then(|before| self.lane.get(before));
        length > 0 && byte.is_some_and(|byte| byte.is_ascii_alphanumeric())
    }

    /// Whether an attempt is too long, with the next byte, for all that it can still match.
    #[inline(never)]
    fn is_long(&self, state: u16, taken: usize, begun: usize) -> bool {
        let length = taken.wrapping_sub(begun) as u64 + 1;
        state != DEAD && (self.part.finds_at_bound || length > self.part.bound(state))
    }

    /// The same as [`Text::run`], with a lead or a thread under way too.
    #[inline(never)]
    fn run_with(&self, place: &mut Place, company: &mut Company<'_>) {
        self.run(place, self.slack(), |byte, taken| {
            company.step(byte, self.ascii.end(taken))
        });
    }

    /// The same as [`Text::run`], with a group of another part under way too, and a lead or a thread; returns what becomes of it.
    #[inline(never)]
    fn run_beside(
        &self,
        place: &mut Place,
        part: &Part,
        other: Single,
        company: &mut Company<'_>,
    ) -> u16 {
        let mut state = other.state;
        self.run(place, self.slack(), |byte, taken| {
            let next = part.machine.step(state, byte);
            let end = self.ascii.end(taken);
            let long = next != DEAD && end > other.raw.saturating_add(part.least_bound);
            if is_accepting(next) || long || !company.step(byte, end) {
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
    /// Takes ASCII bytes while they are plain; returns how many. The lane has them already.
    pub(crate) fn plain(&mut self, plan: &Plan, calm: Calm, ascii: Ascii<'_>) -> usize {
        let raw = ascii.raw;
        let attempts = &mut self.attempts;
        let Some((track, others)) = attempts.tracks.split_first_mut() else {
            return 0;
        };
        let main = track.single().filter(Single::is_plain);
        let Some(main) = main.filter(|_| plan.plain) else {
            return 0;
        };
        let text = Text {
            plan,
            part: &plan.parts[plan.open[0].part as usize],
            ascii,
            mask: attempts.more | u32::from(ACCEPTS),
            lane: &self.site.lane,
            at: self.end,
        };
        // Behind slack it is only known that it began before all that begins here; so much before that it is told apart from them.
        let ahead = if ascii.slack > 0 {
            2 * ascii.slack + 1
        } else {
            0
        };
        let before = main.raw.wrapping_sub(raw + ahead) as usize;
        let mut place = Place {
            taken: 0,
            word: attempts.words,
            left: attempts.left,
            state: main.state,
            begun: before,
        };
        attempts.beside = attempts.beside && !others.iter().all(Track::is_empty);
        if attempts.beside {
            let mut company = Company::of(plan, &attempts.leads, &attempts.threads);
            if !beside(&text, &mut place, others, &mut company) {
                return 0;
            }
            company.keep(&mut attempts.leads, &mut attempts.threads);
        } else if calm == Calm::Alone && ascii.slack == 0 {
            text.run_alone(&mut place);
        } else if calm == Calm::Alone {
            text.run_folded(&mut place);
        } else {
            let mut company = Company::of(plan, &attempts.leads, &attempts.threads);
            text.run_with(&mut place, &mut company);
            company.keep(&mut attempts.leads, &mut attempts.threads);
        }
        if place.taken == 0 {
            return 0;
        }
        (attempts.words, attempts.left) = (place.word, place.left);
        if place.begun != before && place.state != DEAD {
            let at = (place.begun as u64).wrapping_add(ascii.slack);
            let start = match ascii.slack {
                0 => raw + at,
                _ => self.site.lane.raw_start(self.end + at),
            };
            track.restart(place.state, self.end + at, start);
        } else {
            track.set_single(place.state);
        }
        self.end += place.taken as u64;
        self.site.last_end = match ascii.slack {
            0 => raw + place.taken as u64,
            _ => self.site.lane.raw_end(self.end),
        };
        place.taken
    }
}

/// Takes bytes with groups of other parts under way too; false if they are too many.
#[inline(never)]
fn beside(
    text: &Text<'_>,
    place: &mut Place,
    others: &mut [Track],
    company: &mut Company<'_>,
) -> bool {
    let mut under_way = (1..).zip(others).filter(|(_, track)| !track.is_empty());
    let (Some((index, track)), None) = (under_way.next(), under_way.next()) else {
        return false;
    };
    let Some(other) = track.single().filter(|other| !is_accepting(other.state)) else {
        return false;
    };
    let part = &text.plan.parts[text.plan.open[index].part as usize];
    let state = text.run_beside(place, part, other, company);
    track.set_single(state);
    true
}
