//! The fast way over ASCII text in which many attempts of the first open part are under way: base64, and the inside of URLs.
//!
//! Takes exactly the bytes that need no more than a step of each automaton; [`crate::engine`] takes all others, one by one.

use crate::attempt::{MarkList, NEVER};
use crate::company::{Calm, Company};
use crate::engine::Engine;
use crate::lane::Lane;
use crate::ledger::Ledger;
use crate::machine::{DEAD, is_accepting};
use crate::plain::Ascii;
use crate::plan::{Part, Plan};
use crate::track::{Group, Track};
use crate::words::SmallWords;

/// Bytes in a row with one group or none after which [`crate::plain`] is the faster loop.
const LONELY: usize = 3;

/// What the loop over bytes reads.
struct Text<'a> {
    plan: &'a Plan,
    words: SmallWords<'a>,
    /// The first open part.
    part: &'a Part,
    bytes: &'a [u8],
    /// Raw offset and lane position of the first byte.
    raw: u64,
    at: u64,
    /// What may begin besides attempts of the first open part.
    more: u32,
    /// Least raw offset at which a candidate waits.
    pending: u64,
    lane: &'a Lane,
}

/// Where the automata are, and how far.
struct Place {
    taken: usize,
    word: u32,
    left: u8,
    work: usize,
    dropped: u64,
}

impl Text<'_> {
    /// Takes bytes while nothing else begins or ends than attempts of the first open part. `also` takes a byte that all else is ready to
    /// take; false if it cannot.
    // Inlined into functions that do nothing else, so that what changes from byte to byte stays in registers; measured 2026-11-21.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn run(&self, place: &mut Place, track: &mut Track, mut also: impl FnMut(u8, usize) -> bool) {
        let (cells, classes) = (&*self.plan.cells, &*self.plan.classes);
        let (mut taken, mut lonely) = (0, 0);
        let (mut word, mut left) = (place.word, place.left);
        while let Some(&byte) = self.bytes.get(taken) {
            let [of_words, of_part] = classes[usize::from(byte)];
            let cell = cells[usize::from(left)][usize::from(byte)];
            let next_word = self.words.step_class(word, usize::from(of_words));
            if self.words.ends_word(next_word) || cell.flags(self.more) != 0 || !also(byte, taken) {
                break;
            }
            (word, left) = (next_word, cell.behind());
            place.work += track.groups.len();
            let mut states = self.step(track, usize::from(of_part), taken);
            if cell.entry() != DEAD {
                states |= cell.entry();
                self.begin(place, track, cell.entry(), taken);
            }
            taken += 1;
            lonely = if track.groups.len() > 1 {
                0
            } else {
                lonely + 1
            };
            // What has ended may have freed a candidate, whose finding ends others.
            if is_accepting(states) || lonely > LONELY || self.pending < track.first().1 {
                break;
            }
        }
        (place.taken, place.word, place.left) = (taken, word, left);
    }

    #[inline(never)]
    fn run_alone(&self, place: &mut Place, track: &mut Track) {
        self.run(place, track, |_, _| true);
    }

    /// The same as [`Text::run`], with a lead or a thread under way too.
    #[inline(never)]
    fn run_with(&self, place: &mut Place, track: &mut Track, company: &mut Company<'_>) {
        self.run(place, track, |byte, taken| {
            company.step(byte, self.raw + taken as u64 + 1)
        });
    }

    /// Takes the byte at a place into all groups, none of which has come to an end or is restricted; returns the bits of their states.
    #[inline]
    fn step(&self, track: &mut Track, class: usize, taken: usize) -> u16 {
        let table = self.part.machine.table();
        let end = self.raw + taken as u64 + 1;
        let (mut last, mut states, mut kept) = (DEAD, 0, 0);
        for group in &mut track.groups {
            let state = table.step_class(group.state, class);
            let length = end - group.first_raw;
            if state == last || state == DEAD || self.is_long(state, length) {
                break;
            }
            group.state = state;
            states |= state;
            last = state;
            kept += 1;
        }
        if kept < track.groups.len() {
            states |= self.step_from(track, kept, class, end);
        }
        states
    }

    /// Whether an attempt is too long for all that it can still match.
    #[inline]
    fn is_long(&self, state: u16, length: u64) -> bool {
        length > self.part.least_bound && length > self.part.bound(state)
    }

    /// The same from the first group on that ends, joins the one before, or becomes too long.
    #[inline(never)]
    fn step_from(&self, track: &mut Track, from: usize, class: usize, end: u64) -> u16 {
        let table = self.part.machine.table();
        let (mut kept, mut states) = (from, 0);
        for index in from..track.groups.len() {
            let group = &track.groups[index];
            let state = table.step_class(group.state, class);
            if state == DEAD {
                continue;
            }
            states |= state;
            let long = self.is_long(state, end - group.first_raw);
            if !long && track.stays(&mut kept, index, state) {
                continue;
            }
            let mut group = track.groups[index];
            group.state = state;
            while group.count > 0 && self.is_long(state, end - group.first_raw) {
                group.drop_first(1);
                let next = track.lanes(&group).first();
                group.first_raw = next.map_or(NEVER, |&start| self.lane.raw_start(start));
            }
            if group.count > 0 {
                track.settle(&mut kept, &group);
            }
        }
        track.keep_first(kept);
        states
    }

    /// Begins an attempt at the byte at a place, unless the next byte ends it.
    #[inline]
    fn begin(&self, place: &mut Place, track: &mut Track, entry: u16, taken: usize) {
        let next = self.bytes.get(taken + 1);
        if next.is_some_and(|&next| self.part.machine.step(entry, next) == DEAD) {
            return;
        }
        let at = taken as u64;
        if !track.add(entry, (self.at + at, self.raw + at), u64::MAX) {
            place.dropped += 1;
        }
    }
}

impl Engine {
    /// Takes ASCII bytes while they need no more than steps, if only attempts of the first open part are
    /// under way; returns how many. The lane has them already.
    pub(crate) fn dense(
        &mut self,
        plan: &Plan,
        (ledger, calm): (&Ledger, Calm),
        Ascii { bytes, raw, slack }: Ascii<'_>,
    ) -> usize {
        let attempts = &mut self.attempts;
        let Some((track, others)) = attempts.tracks.split_first_mut() else {
            return 0;
        };
        let part = &plan.parts[plan.open[0].part as usize];
        let steady = |group: &Group| {
            group.marks == MarkList::EMPTY && !group.restricted && !is_accepting(group.state)
        };
        if slack > 0
            || !plan.plain
            || part.finds_at_bound
            || (attempts.beside && !others.iter().all(Track::is_empty))
            || !track.groups.iter().all(steady)
        {
            return 0;
        }
        let Some(words) = plan.words.small() else {
            return 0;
        };
        let text = Text {
            plan,
            words,
            part,
            bytes,
            raw,
            at: self.end,
            more: attempts.more,
            pending: ledger.first(),
            lane: &self.site.lane,
        };
        let mut place = Place {
            taken: 0,
            word: attempts.words,
            left: attempts.left,
            work: 0,
            dropped: 0,
        };
        if calm == Calm::Alone {
            text.run_alone(&mut place, track);
        } else {
            let mut company = Company::of(plan, &attempts.leads, &attempts.threads);
            text.run_with(&mut place, track, &mut company);
            company.keep(&mut attempts.leads, &mut attempts.threads);
        }
        if place.taken > 0 {
            (attempts.words, attempts.left) = (place.word, place.left);
            attempts.dropped += place.dropped;
            self.end += place.taken as u64;
            self.site.last_end = raw + place.taken as u64;
            self.site.work += place.work as u64;
        }
        place.taken
    }
}
