//! Match attempts under way on one lane: threads, leads, words that wait for their right neighbour.
//!
//! Plain state that can be copied; what moves it is [`crate::engine`].

use crate::lane::give_back;
use crate::machine::is_accepting;
use crate::plan::Cell;
use crate::track::Track;
use crate::wake::Awake;

/// Most threads at one time. Source: guardrails facts 5.6, 64 was the most seen on adversarial text; attempts over the cap are
/// not begun, and counted.
const MAX_THREADS: usize = 128;
/// Most leads at one time.
const MAX_LEADS: usize = 64;
/// No position: no fold, no bound.
pub(crate) const NEVER: u64 = u64::MAX;
const NO_MARK: u32 = u32::MAX;

/// Where an attempt began, and what its tests need to know of that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    pub(crate) part: u32,
    pub(crate) context: Supported,
    /// Lane position and raw offset of the start.
    pub(crate) lane: u64,
    pub(crate) raw: u64,
    /// Lane position of the keyword that led here, else of the start.
    pub(crate) origin: u64,
    /// Least lane position of an end: a match includes its keyword.
    pub(crate) least: u64,
    /// Lane position of the first folded look-alike since `origin`.
    pub(crate) first_fold: u64,
}

/// One attempt to match the rules of one part from one start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Thread {
    pub(crate) start: Start,
    pub(crate) marks: MarkList,
    pub(crate) state: u16,
    /// Some of the part's rules may not match from this start.
    pub(crate) restricted: bool,
    /// Patterns of the part that may.
    pub(crate) rules: u64,
    /// Raw offset at which one of the rules reaches its `max_bytes`.
    pub(crate) limit: u64,
}

/// Whether a context word stands before a match, for rules that ask.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Supported {
    /// To be looked up when needed; the log reaches back far enough.
    Later,
    Yes,
    No,
}

/// What stands between a keyword and its match, while it goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lead {
    pub(crate) part: u32,
    pub(crate) rule: u32,
    pub(crate) state: u16,
    pub(crate) context: Supported,
    pub(crate) origin: u64,
    pub(crate) first_fold: u64,
}

/// A whole word whose right neighbour has not come yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    pub(crate) rule: u32,
    pub(crate) lane: u64,
    pub(crate) raw: u64,
    pub(crate) end: u64,
}

/// The ends of one rule on one thread so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) rule: u32,
    /// Number of the pattern in its machine.
    pub(crate) local: u32,
    /// The first end and the longest.
    pub(crate) first: u64,
    pub(crate) end: u64,
    /// Those less than 64 bytes behind the first, as bits.
    ends: u64,
    next: u32,
}

impl Mark {
    /// All ends, the longest first; `None` if they lie too far apart to be kept.
    pub(crate) fn ends(&self) -> Option<impl Iterator<Item = u64> + use<>> {
        let (first, mut ends) = (self.first, self.ends);
        let next = move || {
            let at = ends.checked_ilog2()?;
            ends ^= 1 << at;
            Some(first + u64::from(at))
        };
        (self.end - self.first < 64).then(|| std::iter::from_fn(next))
    }
}

/// The marks of one thread, as a list in [`Marks`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct MarkList(u32);

impl MarkList {
    pub(crate) const EMPTY: Self = Self(NO_MARK);
}

/// The marks of all threads; few threads ever have one.
#[derive(Debug)]
pub(crate) struct Marks {
    slots: Vec<Mark>,
    free: u32,
}

impl Marks {
    pub(crate) fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: NO_MARK,
        }
    }

    /// Becomes a copy of another without giving up its memory.
    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.slots.clone_from(&other.slots);
        self.free = other.free;
    }

    /// No list has a mark any more.
    pub(crate) fn clear(&mut self) {
        self.slots.clear();
        give_back(&mut self.slots, 4);
        self.free = NO_MARK;
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.slots.capacity() * size_of::<Mark>()
    }

    /// Notes an end of a rule, longer than those before.
    pub(crate) fn note(&mut self, list: &mut MarkList, rule: u32, local: u32, end: u64) {
        if let Some(at) = self.find(*list, rule) {
            let mark = &mut self.slots[at];
            mark.ends |= 1_u64.checked_shl((end - mark.first) as u32).unwrap_or(0);
            mark.end = end;
            return;
        }
        self.add(
            list,
            Mark {
                rule,
                local,
                first: end,
                end,
                ends: 1,
                next: NO_MARK,
            },
        );
    }

    fn add(&mut self, list: &mut MarkList, mark: Mark) {
        let mark = Mark {
            next: list.0,
            ..mark
        };
        if self.free == NO_MARK {
            list.0 = self.slots.len() as u32;
            self.slots.push(mark);
        } else {
            list.0 = self.free;
            self.free = std::mem::replace(&mut self.slots[list.0 as usize], mark).next;
        }
    }

    /// A second list with the same marks.
    pub(crate) fn copy(&mut self, list: MarkList) -> MarkList {
        let mut copy = MarkList::EMPTY;
        let mut rest = list;
        while let Some(mark) = self.get(&mut rest) {
            self.add(&mut copy, mark);
        }
        copy
    }

    fn find(&self, list: MarkList, rule: u32) -> Option<usize> {
        let mut at = list.0;
        while at != NO_MARK {
            let mark = &self.slots[at as usize];
            if mark.rule == rule {
                return Some(at as usize);
            }
            at = mark.next;
        }
        None
    }

    pub(crate) fn has(&self, list: MarkList, rule: u32) -> bool {
        self.find(list, rule).is_some()
    }

    /// The first mark of a list, which becomes the rest of the list.
    pub(crate) fn get(&self, list: &mut MarkList) -> Option<Mark> {
        let mark = *self.slots.get(list.0 as usize)?;
        list.0 = mark.next;
        Some(mark)
    }

    /// Gives the places of a list back.
    pub(crate) fn free(&mut self, list: &mut MarkList) {
        while list.0 != NO_MARK {
            let slot = &mut self.slots[list.0 as usize];
            let next = std::mem::replace(&mut slot.next, self.free);
            self.free = std::mem::replace(&mut list.0, next);
        }
    }
}

/// Everything under way on one lane.
#[derive(Debug)]
pub(crate) struct Attempts {
    /// Of the parts whose attempts may start anywhere, in the order of the plan.
    pub(crate) tracks: Vec<Track>,
    /// Of all other parts, in the order of their starts.
    pub(crate) threads: Vec<Thread>,
    pub(crate) leads: Vec<Lead>,
    pub(crate) waiting: Vec<Waiting>,
    /// Rules that context words woke.
    pub(crate) awake: Vec<Awake>,
    /// Last lane position at which all of them may start.
    pub(crate) awake_until: u64,
    /// Flags of the cells at which attempts of other parts than the first open one may start.
    pub(crate) more: u32,
    /// Attempts of other open parts than the first may be under way; false is certain.
    pub(crate) beside: bool,
    /// State of the word automaton.
    pub(crate) words: u32,
    /// Left boundaries that the last character violates, as a row of the plan.
    pub(crate) left: u8,
    /// Words may wait, or leads be under way; false is certain.
    pub(crate) busy: bool,
    /// Attempts that were not begun.
    pub(crate) dropped: u64,
}

impl Attempts {
    pub(crate) fn new(tracks: usize) -> Self {
        Self {
            tracks: vec![Track::new(); tracks],
            threads: Vec::new(),
            leads: Vec::new(),
            waiting: Vec::new(),
            awake: Vec::new(),
            awake_until: NEVER,
            more: Cell::OTHERS,
            beside: false,
            words: crate::words::ROOT,
            left: 0,
            busy: false,
            dropped: 0,
        }
    }

    /// Becomes a copy of another without giving up its memory.
    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.tracks.clone_from(&other.tracks);
        self.threads.clone_from(&other.threads);
        self.leads.clone_from(&other.leads);
        self.waiting.clone_from(&other.waiting);
        self.awake.clone_from(&other.awake);
        self.awake_until = other.awake_until;
        (self.more, self.beside) = (other.more, other.beside);
        self.words = other.words;
        self.left = other.left;
        self.busy = true;
        self.dropped = 0;
    }

    pub(crate) fn add_thread(&mut self, thread: Thread) {
        if self.threads.len() >= MAX_THREADS {
            self.dropped += 1;
            return;
        }
        match self.threads.last() {
            Some(last) if last.start.lane > thread.start.lane => {
                let at = self
                    .threads
                    .partition_point(|other| other.start.lane <= thread.start.lane);
                self.threads.insert(at, thread);
            }
            _ => self.threads.push(thread),
        }
    }

    pub(crate) fn add_lead(&mut self, lead: Lead) {
        if self.leads.len() >= MAX_LEADS {
            self.dropped += 1;
            return;
        }
        self.leads.push(lead);
        self.busy = true;
    }

    /// Whether attempts of open parts may be under way; false is certain.
    #[inline]
    pub(crate) fn has_tracks(&self) -> bool {
        self.beside || self.tracks.first().is_some_and(|track| !track.is_empty())
    }

    /// Whether no more than a lead and a thread are under way besides tracks, and they need no more than steps.
    #[inline]
    pub(crate) fn has_few(&self) -> bool {
        let steady = |thread: &Thread| !thread.restricted && !is_accepting(thread.state);
        self.waiting.is_empty()
            && self.leads.len() <= 1
            && self.threads.len() <= 1
            && self.threads.iter().all(steady)
    }

    /// Whether the part already has a thread from this start: two keywords may lead to one match.
    pub(crate) fn has_thread(&self, part: u32, lane: u64) -> bool {
        let near = self
            .threads
            .iter()
            .rev()
            .take_while(|thread| thread.start.lane >= lane);
        near.into_iter()
            .any(|thread| thread.start.part == part && thread.start.lane == lane)
    }

    pub(crate) fn note_fold(&mut self, at: u64) {
        for thread in &mut self.threads {
            thread.start.first_fold = thread.start.first_fold.min(at);
        }
        for lead in &mut self.leads {
            lead.first_fold = lead.first_fold.min(at);
        }
    }

    /// Whether something under way has a folded look-alike, the last of which stands at `last`.
    pub(crate) fn holds_fold(&self, last: u64) -> bool {
        !self.waiting.is_empty()
            || self.tracks.iter().any(|track| track.first().0 <= last)
            || self
                .threads
                .iter()
                .any(|thread| thread.start.first_fold != NEVER)
            || self.leads.iter().any(|lead| lead.first_fold != NEVER)
    }

    /// Least lane position and raw offset at which something under way started; `NEVER` for nothing.
    #[inline]
    pub(crate) fn first(&self) -> (u64, u64) {
        if self.waiting.is_empty() {
            return self.first_attempt();
        }
        let waiting = self
            .waiting
            .iter()
            .map(|waiting| (waiting.lane, waiting.raw));
        waiting.fold(self.first_attempt(), Ord::min)
    }

    /// The same of attempts only.
    #[inline]
    pub(crate) fn first_attempt(&self) -> (u64, u64) {
        match self.tracks.as_slice() {
            [track, ..] if !self.beside && self.threads.is_empty() => track.first(),
            _ => self.first_of_many(),
        }
    }

    fn first_of_many(&self) -> (u64, u64) {
        let thread = self.threads.first();
        let thread = thread.map_or((NEVER, NEVER), |thread| {
            (thread.start.lane, thread.start.raw)
        });
        self.tracks.iter().map(Track::first).fold(thread, Ord::min)
    }

    /// Whether nothing under way has come to an end yet.
    pub(crate) fn has_no_marks(&self) -> bool {
        let unmarked = |list: MarkList| list == MarkList::EMPTY;
        self.threads.iter().all(|thread| unmarked(thread.marks))
            && self
                .tracks
                .iter()
                .all(|track| track.groups.iter().all(|group| unmarked(group.marks)))
    }

    /// Gives memory back that a crowd of attempts has left.
    pub(crate) fn give_back(&mut self) {
        self.tracks.iter_mut().for_each(Track::give_back);
        give_back(&mut self.threads, 4);
        give_back(&mut self.leads, 4);
        give_back(&mut self.waiting, 4);
        give_back(&mut self.awake, 4);
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let tracks = self.tracks.iter().map(Track::memory_bytes);
        tracks.sum::<usize>()
            + self.threads.capacity() * size_of::<Thread>()
            + self.leads.capacity() * size_of::<Lead>()
            + self.waiting.capacity() * size_of::<Waiting>()
            + self.awake.capacity() * size_of::<Awake>()
    }
}

#[cfg(test)]
mod tests {
    use super::{MarkList, Marks};

    #[test]
    fn marks_keep_the_ends_of_each_rule_and_their_places_are_used_again() {
        let mut marks = Marks::new();
        let (mut one, mut two) = (MarkList::EMPTY, MarkList::EMPTY);
        marks.note(&mut one, 7, 0, 10);
        marks.note(&mut two, 7, 0, 11);
        marks.note(&mut one, 8, 1, 12);
        marks.note(&mut one, 7, 0, 13);
        assert!(marks.has(one, 8) && !marks.has(two, 8));
        let copy = marks.copy(one);
        for list in [one, copy] {
            let mut found = Vec::new();
            let mut rest = list;
            while let Some(mark) = marks.get(&mut rest) {
                found.push((mark.rule, mark.ends().map(Vec::from_iter)));
            }
            found.sort();
            assert_eq!(found, [(7, Some(vec![13, 10])), (8, Some(vec![12]))]);
        }
        marks.free(&mut one);
        assert_eq!(one, MarkList::EMPTY);
        let places = marks.slots.len();
        marks.note(&mut one, 9, 0, 14);
        marks.note(&mut one, 9, 0, 14 + 64);
        assert_eq!(marks.slots.len(), places);
        assert!(
            marks
                .get(&mut one)
                .is_some_and(|mark| mark.ends().is_none())
        );
        assert_eq!(marks.get(&mut two).map(|mark| mark.end), Some(11));
    }
}
