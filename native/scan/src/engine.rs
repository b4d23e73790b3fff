//! One lane with everything that matches on it.
//!
//! After each character the state is a function of the text so far alone, whatever the pushes were: that is why the findings do not
//! depend on the partition. Knows nothing of how candidates compete ([`crate::ledger`]).

use crate::attempt::{Attempts, MarkList, Marks, NEVER, Supported, Thread};
use crate::fold::lower;
use crate::ledger::Ledger;
use crate::machine::DEAD;
use crate::normalise::Char;
use crate::plan::Plan;
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

impl<'a> Step<'a> {
    /// Bytes that stand for themselves.
    #[inline]
    fn of(bytes: &'a [u8], raw: u64) -> Self {
        Self {
            bytes,
            start: raw,
            end: raw + bytes.len() as u64,
            barrier: false,
        }
    }
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
    /// Positions of look-alikes that were folded.
    pub(crate) folds: Vec<u64>,
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
        let gates = plan
            .gates
            .iter()
            .enumerate()
            .filter(|(_, gate)| gate.within == NEVER);
        Self {
            site: Site::new(),
            attempts: Attempts::new(gates.map(|(id, _)| (id as u32, NEVER)).collect()),
            end: 0,
            barriers: Vec::new(),
            folds: Vec::new(),
        }
    }

    /// Keeps the attempts as they are now, in `branch` if there is one already.
    pub(crate) fn branch(&self, branch: &mut Option<Box<Branch>>) {
        let branch = branch.get_or_insert_with(|| {
            let attempts = Attempts::new(Vec::new());
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
    pub(crate) fn skeleton(&self, branch: &Branch, position: u64) -> Self {
        let mut site = Site::new();
        site.lane = self.site.lane.clone();
        site.lane.forget_from(position);
        site.log
            .extend(self.site.log.iter().filter(|(end, _)| *end <= position));
        site.marks.copy_from(&branch.marks);
        site.last_end = branch.last_end;
        site.folded = true;
        site.work = site.lane.len() as u64;
        let mut attempts = Attempts::new(Vec::new());
        attempts.copy_from(&branch.attempts);
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
            folds: Vec::new(),
        }
    }

    /// Takes ASCII bytes until one of them leaves a candidate to decide; returns how many.
    pub(crate) fn ascii(
        &mut self,
        plan: &Plan,
        ledger: &mut Ledger,
        bytes: &[u8],
        raw: u64,
    ) -> usize {
        self.site.lane.append_ascii(bytes, raw);
        for (index, &byte) in bytes.iter().enumerate() {
            let raw = raw + index as u64;
            self.advance(
                plan,
                ledger,
                &Step::of(&[byte], raw),
                byte.is_ascii_alphanumeric(),
            );
            if ledger.first() != NEVER {
                self.site.lane.take_back(bytes.len() - index - 1);
                self.site.work += index as u64 + 1;
                return index + 1;
            }
        }
        self.site.work += bytes.len() as u64;
        bytes.len()
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

    /// A character that is the Latin twin of one of another script.
    pub(crate) fn twin(&mut self, plan: &Plan, ledger: &mut Ledger, c: &Char) {
        let at = self.end;
        self.folds.push(at);
        self.char(plan, ledger, c);
        self.attempts.note_fold(at);
    }

    // Inlined into the loop over ASCII text, where most of it is known to be constant; measured 2026-11-21.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn advance(&mut self, plan: &Plan, ledger: &mut Ledger, step: &Step<'_>, alnum: bool) {
        let at = self.end;
        if !self.attempts.threads.is_empty() {
            self.step_threads(plan, ledger, step, at);
        }
        let row = usize::from(self.attempts.left);
        let open = plan.begins[row][usize::from(step.bytes[0])];
        if open != 0 && !step.barrier {
            self.spawn_open(plan, ledger, open, step);
        }
        if self.attempts.others {
            self.step_others(plan, ledger, step, alnum);
        }
        self.attempts.words = read_words(plan, self.attempts.words, step.bytes);
        for &byte in step.bytes {
            self.attempts.left = plan.next_left[usize::from(self.attempts.left)][usize::from(byte)];
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

    fn spawn_open(&mut self, plan: &Plan, ledger: &Ledger, mut open: u64, step: &Step<'_>) {
        while open != 0 {
            let part = plan.open[open.trailing_zeros() as usize];
            open &= open - 1;
            self.spawn(plan, ledger, part, step);
        }
    }

    /// What most characters have nothing of: waiting words, parts that a context word woke, leads.
    #[inline(never)]
    fn step_others(&mut self, plan: &Plan, ledger: &mut Ledger, step: &Step<'_>, alnum: bool) {
        self.settle_waiting(plan, ledger, alnum);
        if !step.barrier {
            self.spawn_awake(plan, ledger, step);
        }
        self.step_leads(plan, ledger, step);
        self.attempts.others = !self.attempts.awake.is_empty() || !self.attempts.leads.is_empty();
    }

    /// Begins an attempt at the character that is taken now, for the rules that may match from there.
    #[inline]
    pub(crate) fn spawn(&mut self, plan: &Plan, ledger: &Ledger, part: u32, step: &Step<'_>) {
        let description = &plan.parts[part as usize];
        let state = description
            .machine
            .run(description.machine.start, step.bytes);
        if state == DEAD {
            return;
        }
        let mut rules = description.allowed(plan.lefts[usize::from(self.attempts.left)]);
        if step.start < ledger.furthest() {
            rules &= ledger.uncovered(plan, part, step.start);
        }
        let restricted = rules != description.all();
        if restricted && description.machine.alive(state) & rules == 0 {
            return;
        }
        self.attempts.add_thread(Thread {
            part,
            marks: MarkList::EMPTY,
            state,
            context: Supported::Later,
            restricted,
            rules,
            lane: self.end,
            raw: step.start,
            origin: self.end,
            least: self.end,
            limit: step.start + description.least_bound,
            first_fold: NEVER,
        });
    }

    fn spawn_awake(&mut self, plan: &Plan, ledger: &Ledger, step: &Step<'_>) {
        let blocked = plan.lefts[usize::from(self.attempts.left)];
        let mut index = 0;
        while let Some(&(gate, until)) = self.attempts.awake.get(index) {
            if until < self.end {
                self.attempts.awake.swap_remove(index);
                continue;
            }
            let gate = plan.gates[gate as usize];
            if gate.left & blocked == 0 {
                self.spawn(plan, ledger, gate.part, step);
            }
            index += 1;
        }
        self.site.work += index as u64;
    }

    /// Raw offset before which nothing on this lane can begin a match any more.
    pub(crate) fn frontier(&self, plan: &Plan, ledger: &Ledger) -> u64 {
        let end = self.end;
        let first = self.attempts.first();
        for (length, words) in plan.words.begun(self.attempts.words) {
            let start = end - length;
            let raw = self.site.lane.raw_start(start);
            if raw >= first {
                break;
            }
            let before = self.before(start);
            let mut uses = words.iter().flat_map(|&word| &plan.uses[word as usize]);
            if uses.any(|purpose| self.may_begin(plan, ledger, purpose, &before)) {
                return raw;
            }
        }
        first
    }

    /// Ends the attempts that overlap what findings cover; what they noted for other analysers is tested.
    pub(crate) fn kill_covered(&mut self, plan: &Plan, ledger: &mut Ledger) {
        let Self { site, attempts, .. } = self;
        attempts.threads.retain_mut(|thread| {
            if thread.raw >= ledger.furthest() {
                return true;
            }
            thread.rules &= ledger.uncovered(plan, thread.part, thread.raw);
            thread.restricted = true;
            let alive =
                plan.parts[thread.part as usize].machine.alive(thread.state) & thread.rules != 0;
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
        self.site.log.retain(|(end, _)| end + REACH >= base);
        self.barriers.retain(|&barrier| barrier >= base);
        // The last one tells how far back the lane differs from the normalised one.
        let last = self.folds.last().copied();
        self.folds
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
        let last = self.folds.last().copied().unwrap_or(0);
        let reach = REACH + BEFORE + plan.words.longest();
        self.end <= last + reach || self.attempts.holds_fold()
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let positions = self.barriers.capacity() + self.folds.capacity();
        self.site.memory_bytes() + self.attempts.memory_bytes() + positions * size_of::<u64>()
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
    if let [byte] = bytes {
        return plan.words.step(state, *byte);
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
