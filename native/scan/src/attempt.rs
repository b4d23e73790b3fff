//! Match attempts under way on one lane: threads, leads, words that wait for their right neighbour.
//!
//! Plain state that can be copied; what moves it is [`crate::engine`].

/// Most threads at one time. Source: guardrails facts 5.6, 64 was the most seen on adversarial text; attempts over the cap are
/// not begun, and counted.
const MAX_THREADS: usize = 128;
/// Most leads at one time.
const MAX_LEADS: usize = 64;
/// No position: no fold, no bound.
pub(crate) const NEVER: u64 = u64::MAX;
const NO_MARK: u32 = u32::MAX;

/// One attempt to match the rules of one part from one start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Thread {
    pub(crate) part: u32,
    pub(crate) marks: MarkList,
    pub(crate) state: u16,
    pub(crate) context: Supported,
    /// Some of the part's rules may not match from this start.
    pub(crate) restricted: bool,
    /// Patterns of the part that may.
    pub(crate) rules: u64,
    /// Lane position and raw offset of the start.
    pub(crate) lane: u64,
    pub(crate) raw: u64,
    /// Lane position of the keyword that led here, else of the start.
    pub(crate) origin: u64,
    /// Least lane position of an end: a match includes its keyword.
    pub(crate) least: u64,
    /// Raw offset at which one of the rules reaches its `max_bytes`.
    pub(crate) limit: u64,
    /// Lane position of the first folded look-alike since `origin`.
    pub(crate) first_fold: u64,
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

/// The longest end of one rule on one thread so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) rule: u32,
    /// Number of the rule in its machine.
    pub(crate) local: u32,
    pub(crate) end: u64,
    /// There were shorter ends too.
    pub(crate) many: bool,
    next: u32,
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

    pub(crate) fn memory_bytes(&self) -> usize {
        self.slots.capacity() * size_of::<Mark>()
    }

    /// Notes an end of a rule, longer than those before.
    pub(crate) fn note(&mut self, list: &mut MarkList, rule: u32, local: u32, end: u64) {
        if let Some(at) = self.find(*list, rule) {
            let mark = &mut self.slots[at];
            (mark.end, mark.many) = (end, true);
            return;
        }
        let mark = Mark {
            rule,
            local,
            end,
            many: false,
            next: list.0,
        };
        if self.free == NO_MARK {
            list.0 = self.slots.len() as u32;
            self.slots.push(mark);
        } else {
            list.0 = self.free;
            self.free = std::mem::replace(&mut self.slots[list.0 as usize], mark).next;
        }
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

    /// Removes one mark of a list.
    pub(crate) fn pop(&mut self, list: &mut MarkList) -> Option<Mark> {
        let mark = *self.slots.get(list.0 as usize)?;
        self.slots[list.0 as usize].next = self.free;
        self.free = list.0;
        list.0 = mark.next;
        Some(mark)
    }
}

/// Everything under way on one lane.
#[derive(Debug)]
pub(crate) struct Attempts {
    /// In the order of their starts.
    pub(crate) threads: Vec<Thread>,
    pub(crate) leads: Vec<Lead>,
    pub(crate) waiting: Vec<Waiting>,
    /// Gates that context words opened, with the last start that they allow.
    pub(crate) awake: Vec<(u32, u64)>,
    /// State of the word automaton.
    pub(crate) words: u32,
    /// Left boundaries that the last character violates, as a row of the plan.
    pub(crate) left: u8,
    /// Something other than threads may be under way; false is certain.
    pub(crate) others: bool,
    /// Attempts that were not begun.
    pub(crate) dropped: u64,
}

impl Attempts {
    pub(crate) fn new(awake: Vec<(u32, u64)>) -> Self {
        Self {
            threads: Vec::new(),
            leads: Vec::new(),
            waiting: Vec::new(),
            awake,
            words: crate::words::ROOT,
            left: 0,
            others: true,
            dropped: 0,
        }
    }

    /// Becomes a copy of another without giving up its memory.
    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.threads.clone_from(&other.threads);
        self.leads.clone_from(&other.leads);
        self.waiting.clone_from(&other.waiting);
        self.awake.clone_from(&other.awake);
        self.words = other.words;
        self.left = other.left;
        self.others = true;
        self.dropped = 0;
    }

    pub(crate) fn add_thread(&mut self, thread: Thread) {
        if self.threads.len() >= MAX_THREADS {
            self.dropped += 1;
            return;
        }
        match self.threads.last() {
            Some(last) if last.lane > thread.lane => {
                let at = self
                    .threads
                    .partition_point(|other| other.lane <= thread.lane);
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
        self.others = true;
    }

    /// Whether the part already has a thread from this start: two keywords may lead to one match.
    pub(crate) fn has_thread(&self, part: u32, lane: u64) -> bool {
        let near = self
            .threads
            .iter()
            .rev()
            .take_while(|thread| thread.lane >= lane);
        near.into_iter()
            .any(|thread| thread.part == part && thread.lane == lane)
    }

    pub(crate) fn note_fold(&mut self, at: u64) {
        for thread in &mut self.threads {
            thread.first_fold = thread.first_fold.min(at);
        }
        for lead in &mut self.leads {
            lead.first_fold = lead.first_fold.min(at);
        }
    }

    pub(crate) fn holds_fold(&self) -> bool {
        !self.waiting.is_empty()
            || self.threads.iter().any(|thread| thread.first_fold != NEVER)
            || self.leads.iter().any(|lead| lead.first_fold != NEVER)
    }

    /// Least raw start of what is under way; `NEVER` for nothing.
    pub(crate) fn first(&self) -> u64 {
        let waiting = self.waiting.iter().map(|waiting| waiting.raw).min();
        self.first_thread().min(waiting.unwrap_or(NEVER))
    }

    pub(crate) fn first_thread(&self) -> u64 {
        self.threads.first().map_or(NEVER, |thread| thread.raw)
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.threads.capacity() * size_of::<Thread>()
            + self.leads.capacity() * size_of::<Lead>()
            + self.waiting.capacity() * size_of::<Waiting>()
            + self.awake.capacity() * size_of::<(u32, u64)>()
    }
}

#[cfg(test)]
mod tests {
    use super::{MarkList, Marks};

    #[test]
    fn a_mark_keeps_the_longest_end_of_each_rule_and_its_place_is_used_again() {
        let mut marks = Marks::new();
        let (mut one, mut two) = (MarkList::EMPTY, MarkList::EMPTY);
        marks.note(&mut one, 7, 0, 10);
        marks.note(&mut two, 7, 0, 11);
        marks.note(&mut one, 8, 1, 12);
        marks.note(&mut one, 7, 0, 13);
        assert!(marks.has(one, 8) && !marks.has(two, 8));
        let mut popped = Vec::new();
        while let Some(mark) = marks.pop(&mut one) {
            popped.push((mark.rule, mark.end, mark.many));
        }
        assert_eq!(popped, [(8, 12, false), (7, 13, true)]);
        marks.note(&mut one, 9, 0, 14);
        assert_eq!(marks.slots.len(), 3);
        assert_eq!(marks.pop(&mut two).map(|mark| mark.end), Some(11));
    }
}
