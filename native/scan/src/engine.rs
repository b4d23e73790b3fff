//! One lane with everything that matches on it.
//!
//! After each character the state is a function of the text so far alone, whatever the pushes were: that is why the findings do not
//! depend on the partition. Knows nothing of how candidates compete ([`crate::ledger`]).

use crate::attempt::{Attempts, MarkList, Marks, NEVER, Start, Supported, Thread};
use crate::company::Calm;
use crate::fold::lower;
use crate::lane::give_back;
use crate::ledger::Ledger;
use crate::machine::DEAD;
use crate::normalise::Char;
use crate::plan::{Cell, Plan};
use crate::rule::BEFORE;
use crate::site::Site;

/// Lane bytes that a context may span. Source: `spec::Context::within`.
const REACH: u64 = 256;

/// One character as it goes through an engine.
#[derive(Clone, Copy)]
pub(crate) struct Step<'a> {
    pub(crate) bytes: &'a [u8],
    /// Raw offsets.
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) barrier: bool,
}

/// State of one lane.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) site: Site,
    pub(crate) attempts: Attempts,
    /// Lane position after the last character taken; the lane may be ahead of it.
    pub(crate) end: u64,
    /// Positions of quotes that no match may contain.
    pub(crate) barriers: Vec<u64>,
}

/// The attempts of a lane at one moment.
#[derive(Debug)]
pub(crate) struct Branch {
    attempts: Attempts,
    marks: Marks,
    last_end: u64,
}

impl Engine {
    /// The normalised lane at the start of a text.
    pub(crate) fn new(plan: &Plan) -> Self {
        Self {
            site: Site::new(),
            attempts: Attempts::new(plan.open.len()),
            end: 0,
            barriers: Vec::new(),
        }
    }

    /// Keeps the attempts as they are now, in `branch` if there is one already.
    pub(crate) fn branch(&self, branch: &mut Option<Box<Branch>>) {
        let branch = branch.get_or_insert_with(|| {
            let attempts = Attempts::new(0);
            Box::new(Branch {
                attempts,
                marks: Marks::new(),
                last_end: 0,
            })
        });
        branch.attempts.copy_from(&self.attempts);
        branch.marks.copy_from(&self.site.marks);
        branch.last_end = self.site.last_end;
    }

    /// The skeleton lane as it leaves this one at a position, where the attempts were those of `branch`.
    pub(crate) fn skeleton(&self, branch: Branch, position: u64) -> Self {
        let mut site = Site::new();
        site.lane = self.site.lane.clone();
        site.lane.forget_from(position);
        site.log
            .extend(self.site.log.iter().filter(|(end, _)| *end <= position));
        site.marks = branch.marks;
        site.last_end = branch.last_end;
        site.folded = true;
        site.work = site.lane.len() as u64;
        let attempts = branch.attempts;
        let barriers = self
            .barriers
            .iter()
            .copied()
            .filter(|&at| at < position)
            .collect();
        Self {
            site,
            attempts,
            end: position,
            barriers,
        }
    }

    /// Whether text from raw offset `raw` on may go through the loops, and with what under way besides attempts of open parts.
    #[inline]
    pub(crate) fn calm(&self, ledger: &Ledger, raw: u64) -> Option<Calm> {
        let attempts = &self.attempts;
        if raw < ledger.furthest() {
            return None;
        }
        if !attempts.busy && attempts.threads.is_empty() {
            return Some(Calm::Alone);
        }
        (attempts.has_few() && ledger.first() == NEVER).then_some(Calm::Company)
    }

    pub(crate) fn char(&mut self, plan: &Plan, ledger: &mut Ledger, c: &Char) {
        self.site.lane.append(c);
        self.site.work += 1;
        let step = Step {
            bytes: c.bytes(),
            start: c.start,
            end: c.end,
            barrier: c.barrier,
        };
        self.advance(plan, ledger, &step, c.alnum);
    }

    // Inlined into the loop over ASCII text, where most of it is known to be constant; measured 2026-11-21.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    pub(crate) fn advance(
        &mut self,
        plan: &Plan,
        ledger: &mut Ledger,
        step: &Step<'_>,
        alnum: bool,
    ) {
        let at = self.end;
        if self.attempts.has_tracks() {
            self.step_tracks(plan, ledger, step, at);
        }
        if !self.attempts.threads.is_empty() {
            self.step_threads(plan, ledger, step, at);
        }
        let row = usize::from(self.attempts.left);
        let cell = plan.cells[row][usize::from(step.bytes[0])];
        if !step.barrier {
            if cell.entry() != DEAD {
                self.begin(plan, ledger, step, (0, cell.entry(), u64::MAX));
            }
            if cell.begins_others() {
                self.begin_others(plan, ledger, step);
            }
        }
        if self.attempts.busy {
            self.settle_waiting(plan, ledger, alnum);
        }
        if cell.flags(self.attempts.more & !Cell::OTHERS) != 0 && !step.barrier {
            self.begin_awake(plan, ledger, step);
        }
        if self.attempts.busy {
            self.step_leads(plan, ledger, step);
            self.attempts.busy = !self.attempts.leads.is_empty();
        }
        self.attempts.words = read_words(plan, self.attempts.words, step.bytes);
        for &byte in step.bytes {
            let row = usize::from(self.attempts.left);
            self.attempts.left = plan.cells[row][usize::from(byte)].behind();
        }
        self.site.last_end = step.end;
        self.end = at + step.bytes.len() as u64;
        if step.barrier {
            self.barriers.push(at);
        }
        if plan.words.ends_word(self.attempts.words) {
            self.words_end(plan, ledger);
        }
    }

    /// Begins an attempt of an open part at the character that is taken now.
    // Inlined where most of it is known; measured 2026-11-21.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    pub(crate) fn begin(
        &mut self,
        plan: &Plan,
        ledger: &Ledger,
        step: &Step<'_>,
        (index, entry, awake): (usize, u16, u64),
    ) {
        let id = plan.open[index].part;
        let machine = &plan.parts[id as usize].machine;
        let state = match step.bytes {
            [_] => entry,
            [_, rest @ ..] => machine.run(entry, rest),
            [] => return,
        };
        let mut rules = awake;
        if step.start < ledger.furthest() {
            rules &= ledger.uncovered(plan, id, step.start);
        }
        if state == DEAD || (rules != u64::MAX && machine.alive(state) & rules == 0) {
            return;
        }
        self.attempts.beside |= index > 0;
        let track = &mut self.attempts.tracks[index];
        if !track.add(state, (self.end, step.start), rules) {
            self.attempts.dropped += 1;
        }
    }

    #[cold]
    fn begin_others(&mut self, plan: &Plan, ledger: &Ledger, step: &Step<'_>) {
        let row = usize::from(self.attempts.left);
        for (index, open) in plan.open.iter().enumerate().skip(1) {
            let entry = open.entries[row][usize::from(step.bytes[0])];
            if entry != DEAD && !open.sleeps {
                self.begin(plan, ledger, step, (index, entry, u64::MAX));
            }
        }
    }

    /// Begins an attempt at the character that is taken now, for a part that has slept.
    #[inline]
    pub(crate) fn spawn(&mut self, plan: &Plan, ledger: &Ledger, part: u32, step: &Step<'_>) {
        let description = &plan.parts[part as usize];
        let state = description
            .machine
            .run(description.machine.start, step.bytes);
        if state == DEAD {
            return;
        }
        let mut rules = description.all();
        if step.start < ledger.furthest() {
            rules &= ledger.uncovered(plan, part, step.start);
        }
        let restricted = rules != description.all();
        if restricted && description.machine.alive(state) & rules == 0 {
            return;
        }
        self.attempts.add_thread(Thread {
            start: Start {
                part,
                context: Supported::Later,
                lane: self.end,
                raw: step.start,
                origin: self.end,
                least: self.end,
                first_fold: NEVER,
            },
            marks: MarkList::EMPTY,
            state,
            restricted,
            rules,
            limit: step.start + description.least_bound,
        });
    }

    /// Raw offset before which nothing on this lane can begin a match any more.
    #[inline]
    pub(crate) fn frontier(&self, plan: &Plan, ledger: &Ledger) -> u64 {
        let end = self.end;
        let (first, raw) = self.attempts.first();
        let held = plan.words.held(self.attempts.words);
        if held == 0 || end - held >= first {
            return raw;
        }
        self.frontier_of_words(plan, ledger, (first, raw))
    }

    /// The same where a word may have begun before the first attempt, which started at this lane position and raw offset.
    fn frontier_of_words(&self, plan: &Plan, ledger: &Ledger, (first, raw): (u64, u64)) -> u64 {
        let end = self.end;
        for (length, words) in plan.words.begun(self.attempts.words) {
            let start = end - length;
            if start >= first {
                break;
            }
            let before = self.before(start);
            let mut uses = words.iter().flat_map(|&word| &plan.uses[word as usize]);
            if uses.any(|purpose| self.may_begin(plan, ledger, purpose, &before)) {
                return self.site.lane.raw_start(start);
            }
        }
        raw
    }

    /// Ends the attempts that overlap what findings cover; what they noted for other analysers is tested.
    pub(crate) fn kill_covered(&mut self, plan: &Plan, ledger: &mut Ledger) {
        self.kill_covered_tracks(plan, ledger);
        let Self { site, attempts, .. } = self;
        attempts.threads.retain_mut(|thread| {
            let start = thread.start;
            if start.raw >= ledger.furthest() {
                return true;
            }
            thread.rules &= ledger.uncovered(plan, start.part, start.raw);
            thread.restricted = true;
            let alive =
                plan.parts[start.part as usize].machine.alive(thread.state) & thread.rules != 0;
            if !alive {
                site.close(plan, ledger, thread);
            }
            alive
        });
        attempts.waiting.retain(|waiting| {
            waiting.raw >= ledger.covered(plan.rules[waiting.rule as usize].analyser)
        });
    }

    /// The text ends here.
    pub(crate) fn finish(&mut self, plan: &Plan, ledger: &mut Ledger) {
        self.settle_waiting(plan, ledger, false);
        self.end_tracks(plan, ledger);
        self.end_threads(plan, ledger);
        self.attempts.leads.clear();
        self.attempts.words = crate::words::ROOT;
    }

    /// Forgets what nothing from raw offset `frontier` on can need.
    pub(crate) fn trim(&mut self, plan: &Plan, frontier: u64) {
        let margin = plan.words.longest() + BEFORE + 4;
        let lane = &mut self.site.lane;
        lane.forget_before(lane.position_of(frontier).saturating_sub(margin));
        let base = lane.base();
        self.attempts.give_back();
        if self.attempts.has_no_marks() {
            self.site.marks.clear();
        }
        give_back(&mut self.site.log, 4);
        self.site.log.retain(|(end, _)| end + REACH >= base);
        self.barriers.retain(|&barrier| barrier >= base);
        // The last one tells how far back the lane differs from the normalised one.
        let last = self.site.folds.last().copied();
        self.site
            .folds
            .retain(|&fold| fold >= base || Some(fold) == last);
    }

    /// Characters of the window, with their raw offsets.
    pub(crate) fn chars(&self, from: u64, to: u64) -> impl Iterator<Item = Char> + '_ {
        let text = std::str::from_utf8(self.site.lane.slice(from, to)).unwrap_or_default();
        text.char_indices().map(move |(at, c)| {
            let at = from + at as u64;
            let end = self.site.lane.raw_end(at + c.len_utf8() as u64);
            let barrier = c == '"' && self.barriers.binary_search(&at).is_ok();
            Char {
                barrier,
                ..Char::new(c, self.site.lane.raw_start(at), end)
            }
        })
    }

    /// Whether an attempt holds a folded look-alike, or the last one is still within reach of a context.
    pub(crate) fn remembers_folds(&self, plan: &Plan) -> bool {
        let last = self.site.folds.last().copied().unwrap_or(0);
        let reach = REACH + BEFORE + plan.words.longest();
        self.end <= last + reach || self.attempts.holds_fold(last)
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let barriers = self.barriers.capacity() * size_of::<u64>();
        self.site.memory_bytes() + self.attempts.memory_bytes() + barriers
    }
}

impl Branch {
    pub(crate) fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.attempts.memory_bytes() + self.marks.memory_bytes()
    }
}

/// Takes a character into the word automaton, in lower case.
#[inline]
fn read_words(plan: &Plan, state: u32, bytes: &[u8]) -> u32 {
    match bytes {
        [byte] => plan.words.step(state, *byte),
        _ => read_wide(plan, state, bytes),
    }
}

/// The same for a character of more than one byte.
#[inline(never)]
fn read_wide(plan: &Plan, state: u32, bytes: &[u8]) -> u32 {
    if let [first, second] = bytes {
        let wide = &plan.wide[usize::from(first & 0x1F) << 6 | usize::from(second & 0x3F)];
        let step = |state, &class: &u8| plan.words.step_class(state, class);
        return wide.words().iter().fold(state, step);
    }
    let mut lowered = [0; 4];
    let folded = lower_case(bytes, &mut lowered).iter();
    folded.fold(state, |state, &byte| plan.words.step(state, byte))
}

/// A character in lower case; of the same length.
fn lower_case<'a>(bytes: &[u8], buffer: &'a mut [u8; 4]) -> &'a [u8] {
    let c = std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| text.chars().next());
    lower(c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .encode_utf8(buffer)
        .as_bytes()
}
