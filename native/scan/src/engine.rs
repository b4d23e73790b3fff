//! One lane with everything that matches on it: candidate threads, leads, words.
//!
//! After each character the state is a function of the text so far alone, whatever the pushes were: that is why the findings do not
//! depend on the partition. Knows nothing of how candidates compete ([`crate::ledger`]).

use crate::boundary;
use crate::lane::Lane;
use crate::ledger::{Candidate, Ledger};
use crate::machine::DEAD;
use crate::normalise::Char;
use crate::plan::{Plan, Use};
use crate::rule::{BEFORE, Passed, Rule};
use crate::words::ROOT;

/// Most attempts at one time. Source: facts of the design, 64 was the most seen on adversarial text; attempts over the cap are
/// not begun, and counted.
const MAX_THREADS: usize = 128;
/// Most leads at one time.
const MAX_LEADS: usize = 64;
/// Lane bytes that a context may span. Source: `spec::Context::within`.
const REACH: u64 = 256;
/// No fold, no mark.
const NEVER: u64 = u64::MAX;
const NO_MARK: u32 = u32::MAX;

/// One attempt to match the rules of one part from one start.
#[derive(Clone, Copy, Debug)]
struct Thread {
    part: u32,
    /// First of its marks, or `NO_MARK`.
    mark: u32,
    state: u16,
    context: Supported,
    /// Lane position and raw offset of the start.
    lane: u64,
    raw: u64,
    /// Lane position of the keyword that led here, else of the start.
    origin: u64,
    /// Least lane position of an end: a match includes its keyword.
    least: u64,
    /// Raw offset at which one of the rules reaches its `max_bytes`.
    limit: u64,
    /// Lane position of the first folded look-alike since `origin`.
    first_fold: u64,
}

/// Whether a context word stands before a match, for rules that ask.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Supported {
    /// To be looked up when needed; the log reaches back far enough.
    Later,
    Yes,
    No,
}

/// The longest end of one rule on one thread so far.
#[derive(Clone, Copy, Debug)]
struct Mark {
    rule: u32,
    /// Number of the rule in its machine.
    local: u32,
    end: u64,
    /// There were shorter ends too.
    many: bool,
    next: u32,
}

/// What stands between a keyword and its match, while it goes on.
#[derive(Clone, Copy, Debug)]
struct Lead {
    part: u32,
    rule: u32,
    state: u16,
    context: Supported,
    origin: u64,
    first_fold: u64,
}

/// A whole word whose right neighbour has not come yet.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    rule: u32,
    lane: u64,
    raw: u64,
    end: u64,
}

/// State of one lane.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    pub(crate) lane: Lane,
    threads: Vec<Thread>,
    marks: Vec<Mark>,
    free_mark: u32,
    leads: Vec<Lead>,
    waiting: Vec<Waiting>,
    words: u32,
    /// Left boundaries that the last character violates.
    blocked: u8,
    /// Raw end of the last character.
    last_end: u64,
    /// Where context words ended, with their group.
    log: Vec<(u64, u16)>,
    /// Gates that context words opened, with the last start that they allow.
    awake: Vec<(u32, u64)>,
    /// Positions of quotes that no match may contain.
    barriers: Vec<u64>,
    /// Positions of look-alikes that were folded; `None` in the normalised lane, where nothing is.
    folds: Option<Vec<u64>>,
    /// Steps of any kind, for the proof that time is linear.
    pub(crate) work: u64,
    pub(crate) dropped: u64,
}

impl Engine {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self::starting_at(plan, 0, None)
    }

    fn starting_at(plan: &Plan, base: u64, folds: Option<Vec<u64>>) -> Self {
        let always = plan
            .gates
            .iter()
            .enumerate()
            .filter(|(_, gate)| gate.within == NEVER);
        Self {
            lane: Lane::starting_at(base),
            threads: Vec::new(),
            marks: Vec::new(),
            free_mark: NO_MARK,
            leads: Vec::new(),
            waiting: Vec::new(),
            words: ROOT,
            blocked: 0,
            last_end: 0,
            log: Vec::new(),
            awake: always.map(|(gate, _)| (gate as u32, NEVER)).collect(),
            barriers: Vec::new(),
            folds,
            work: 0,
            dropped: 0,
        }
    }

    #[inline]
    pub(crate) fn ascii(&mut self, plan: &Plan, ledger: &mut Ledger, byte: u8, raw: u64) {
        self.lane.append_ascii(byte, raw);
        let end = raw + 1;
        let c = Char {
            bytes: [byte, 0, 0, 0],
            len: 1,
            start: raw,
            end,
            alnum: false,
            barrier: false,
        };
        self.advance(plan, ledger, &c, &[byte], false);
    }

    /// `folded`: the character is the Latin twin of one of another script.
    pub(crate) fn char(&mut self, plan: &Plan, ledger: &mut Ledger, c: &Char, folded: bool) {
        self.lane.append(c);
        self.advance(plan, ledger, c, c.bytes(), folded);
    }

    /// `c.alnum` may be wrong for ASCII.
    #[inline(always)]
    fn advance(&mut self, plan: &Plan, ledger: &mut Ledger, c: &Char, bytes: &[u8], folded: bool) {
        let at = self.lane.end() - bytes.len() as u64;
        let first = bytes[0];
        if !self.waiting.is_empty() {
            let alnum = if first < 0x80 {
                first.is_ascii_alphanumeric()
            } else {
                c.alnum
            };
            self.settle_waiting(plan, ledger, alnum);
        }
        self.work += 1 + self.threads.len() as u64;
        if !self.threads.is_empty() {
            self.step_threads(plan, ledger, c, bytes, at);
        }
        if !c.barrier {
            let mut open = plan.begins[usize::from(first)]
                & plan.allowed[usize::from(self.blocked & boundary::ALL)];
            while open != 0 {
                let part = plan.open[open.trailing_zeros() as usize];
                open &= open - 1;
                self.spawn(plan, ledger, part, c, bytes, at);
            }
            if !self.awake.is_empty() {
                self.spawn_awake(plan, ledger, c, bytes, at);
            }
        }
        if !self.leads.is_empty() {
            self.step_leads(plan, ledger, c, bytes, at);
        }
        if folded {
            self.note_fold(at);
        }
        for &byte in bytes {
            self.words = plan.words.step(self.words, byte);
            self.blocked = boundary::left(self.blocked, byte);
        }
        if c.barrier {
            self.barriers.push(at);
        }
        self.last_end = c.end;
        if plan.words.ends_word(self.words) {
            self.words_end(plan, ledger);
        }
    }

    fn step_threads(&mut self, plan: &Plan, ledger: &mut Ledger, c: &Char, bytes: &[u8], at: u64) {
        let mut threads = std::mem::take(&mut self.threads);
        let mut kept = 0;
        for index in 0..threads.len() {
            let thread = &mut threads[index];
            let machine = &plan.parts[thread.part as usize].machine;
            if machine.is_accepting(thread.state)
                && self.accept(plan, ledger, thread, at, boundary::right(bytes[0]))
            {
                continue;
            }
            thread.state = machine.run(thread.state, bytes);
            let alive = thread.state != DEAD
                && !c.barrier
                && (c.end <= thread.limit || self.within_bounds(plan, ledger, thread, c.end, at));
            if !alive {
                if thread.mark != NO_MARK {
                    let thread = *thread;
                    self.close(plan, ledger, &thread);
                }
                continue;
            }
            if kept != index {
                threads[kept] = threads[index];
            }
            kept += 1;
        }
        threads.truncate(kept);
        self.threads = threads;
    }

    /// Notes the ends that the thread's state accepts; true if the thread has done its work.
    fn accept(
        &mut self,
        plan: &Plan,
        ledger: &mut Ledger,
        thread: &mut Thread,
        at: u64,
        blocked: u8,
    ) -> bool {
        let part = &plan.parts[thread.part as usize];
        let length = self.last_end - thread.raw;
        for local in ones(part.machine.accepted(thread.state)) {
            let id = part.rules[local as usize];
            let rule = &plan.rules[id as usize];
            if blocked & rule.right != 0 || length > rule.max_bytes || at < thread.least {
                continue;
            }
            if rule.span.is_some() {
                let context = self.supported(rule, thread);
                self.work += at - thread.lane;
                if let Some(passed) = rule.judge(&self.lane, thread.lane, at, context) {
                    self.report(plan, ledger, id, thread, passed);
                    return true;
                }
                continue;
            }
            self.mark(thread, id, local, at);
        }
        false
    }

    fn mark(&mut self, thread: &mut Thread, rule: u32, local: u32, end: u64) {
        let mut known = thread.mark;
        while known != NO_MARK {
            let mark = &mut self.marks[known as usize];
            if mark.rule == rule {
                mark.end = end;
                mark.many = true;
                return;
            }
            known = mark.next;
        }
        let mark = Mark {
            rule,
            local,
            end,
            many: false,
            next: thread.mark,
        };
        if self.free_mark == NO_MARK {
            thread.mark = self.marks.len() as u32;
            self.marks.push(mark);
        } else {
            thread.mark = self.free_mark;
            let free = &mut self.marks[thread.mark as usize];
            self.free_mark = std::mem::replace(free, mark).next;
        }
    }

    fn is_marked(&self, thread: &Thread, rule: u32) -> bool {
        let mut at = thread.mark;
        while at != NO_MARK {
            let mark = &self.marks[at as usize];
            if mark.rule == rule {
                return true;
            }
            at = mark.next;
        }
        false
    }

    /// Takes the marks of a thread away; they come out of `visit`.
    fn free_marks(&mut self, thread: &Thread, mut visit: impl FnMut(&mut Self, Mark)) {
        let mut at = thread.mark;
        while at != NO_MARK {
            let mark = self.marks[at as usize];
            self.marks[at as usize].next = self.free_mark;
            self.free_mark = at;
            at = mark.next;
            visit(self, mark);
        }
    }

    /// The thread is over: its ends are tested.
    fn close(&mut self, plan: &Plan, ledger: &mut Ledger, thread: &Thread) {
        self.free_marks(thread, |engine, mark| {
            let rule = &plan.rules[mark.rule as usize];
            let context = engine.supported(rule, thread);
            engine.work += mark.end - thread.lane;
            let mut passed = rule.judge(&engine.lane, thread.lane, mark.end, context);
            if passed.is_none() && mark.many && rule.ends == crate::spec::Ends::LongestValid {
                let ends = engine.shorter_ends(plan, thread, rule, &mark);
                engine.work += (mark.end - thread.lane) * (1 + ends.len().min(64) as u64);
                passed = rule.judge_ends(&engine.lane, thread.lane, &ends, context);
            }
            if let Some(passed) = passed {
                engine.report(plan, ledger, mark.rule, thread, passed);
            }
        });
    }

    /// Ends of one rule before its longest, found by going over the match again.
    fn shorter_ends(&self, plan: &Plan, thread: &Thread, rule: &Rule, longest: &Mark) -> Vec<u64> {
        let machine = &plan.parts[thread.part as usize].machine;
        let mut ends = Vec::new();
        let mut state = machine.start;
        for (position, &byte) in (thread.lane..).zip(self.lane.slice(thread.lane, longest.end)) {
            let between_characters = byte & 0xC0 != 0x80;
            if machine.accepted(state) & (1 << longest.local) != 0
                && between_characters
                && position >= thread.least
                && boundary::right(byte) & rule.right == 0
                && self.lane.raw_end(position) - thread.raw <= rule.max_bytes
            {
                ends.push(position);
            }
            state = machine.step(state, byte);
        }
        ends
    }

    /// Whether a thread that has become longer than one of its rules allows may go on for another.
    fn within_bounds(
        &mut self,
        plan: &Plan,
        ledger: &mut Ledger,
        thread: &mut Thread,
        end: u64,
        at: u64,
    ) -> bool {
        let part = &plan.parts[thread.part as usize];
        let length = end - thread.raw;
        let mut within = false;
        for local in ones(part.machine.alive(thread.state)) {
            let id = part.rules[local as usize];
            let rule = &plan.rules[id as usize];
            if rule.max_bytes >= length {
                within = true;
                continue;
            }
            let reached_now = thread.raw + rule.max_bytes >= thread.limit;
            if reached_now && rule.find_at_bound && at > thread.lane && !self.is_marked(thread, id)
            {
                let context = self.supported(rule, thread);
                let allowed = context || !rule.context.is_some_and(|support| support.required);
                let score = rule.boosted(rule.score, context);
                if allowed && score >= rule.min_score {
                    self.report(plan, ledger, id, thread, Passed { end: at, score });
                }
            }
        }
        let bound = part.bounds.iter().find(|&&bound| bound >= length);
        thread.limit = bound.map_or(NEVER, |bound| thread.raw + bound);
        within
    }

    fn report(&self, plan: &Plan, ledger: &mut Ledger, rule: u32, thread: &Thread, passed: Passed) {
        if self.folds.is_some() && thread.first_fold >= passed.end {
            return;
        }
        ledger.add(Candidate {
            rule,
            analyser: plan.rules[rule as usize].analyser,
            start: thread.raw,
            end: self.lane.raw_end(passed.end),
            score: passed.score,
        });
    }

    #[inline]
    fn spawn(&mut self, plan: &Plan, ledger: &Ledger, part: u32, c: &Char, bytes: &[u8], at: u64) {
        let description = &plan.parts[part as usize];
        if c.start < ledger.covered(description.analyser) {
            return;
        }
        let state = description.machine.run(description.machine.start, bytes);
        if state == DEAD {
            return;
        }
        self.add_thread(Thread {
            part,
            mark: NO_MARK,
            state,
            context: Supported::Later,
            lane: at,
            raw: c.start,
            origin: at,
            least: at,
            limit: c.start + description.bounds[0],
            first_fold: NEVER,
        });
    }

    fn spawn_awake(&mut self, plan: &Plan, ledger: &Ledger, c: &Char, bytes: &[u8], at: u64) {
        let mut index = 0;
        while let Some(&(gate, until)) = self.awake.get(index) {
            if until < at {
                self.awake.swap_remove(index);
                continue;
            }
            let gate = plan.gates[gate as usize];
            if gate.left & self.blocked == 0 {
                self.spawn(plan, ledger, gate.part, c, bytes, at);
            }
            index += 1;
        }
        self.work += index as u64;
    }

    /// Threads are kept in the order of their starts.
    fn add_thread(&mut self, thread: Thread) {
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

    /// Whether the part already has a thread from this start: two keywords may lead to one match.
    fn has_thread(&self, part: u32, lane: u64) -> bool {
        self.threads
            .iter()
            .rev()
            .take_while(|thread| thread.lane >= lane)
            .any(|thread| thread.part == part && thread.lane == lane)
    }

    fn step_leads(&mut self, plan: &Plan, ledger: &Ledger, c: &Char, bytes: &[u8], at: u64) {
        let mut leads = std::mem::take(&mut self.leads);
        self.work += leads.len() as u64;
        leads.retain_mut(|lead| {
            let machine = &plan.parts[lead.part as usize].machine;
            let state = machine.run(lead.state, bytes);
            if state == DEAD && machine.is_accepting(lead.state) && !c.barrier {
                self.begin_behind(plan, ledger, lead, c, bytes, at);
            }
            lead.state = state;
            state != DEAD
        });
        self.leads = leads;
    }

    /// The lead is complete, so a match can only begin here.
    fn begin_behind(
        &mut self,
        plan: &Plan,
        ledger: &Ledger,
        lead: &Lead,
        c: &Char,
        bytes: &[u8],
        at: u64,
    ) {
        let rule = &plan.rules[lead.rule as usize];
        let Some(part) = rule.part else { return };
        if self.blocked & rule.left != 0 || self.has_thread(part, at) {
            return;
        }
        let before = self.threads.len();
        self.spawn(plan, ledger, part, c, bytes, at);
        if let Some(thread) = self.threads.get_mut(before) {
            thread.origin = lead.origin;
            thread.context = lead.context;
            thread.first_fold = lead.first_fold;
        }
    }

    fn note_fold(&mut self, at: u64) {
        self.folds.get_or_insert_default().push(at);
        for thread in &mut self.threads {
            thread.first_fold = thread.first_fold.min(at);
        }
        for lead in &mut self.leads {
            lead.first_fold = lead.first_fold.min(at);
        }
    }

    fn settle_waiting(&mut self, plan: &Plan, ledger: &mut Ledger, next_is_alnum: bool) {
        for waiting in std::mem::take(&mut self.waiting) {
            if !next_is_alnum {
                self.report_word(plan, ledger, &waiting);
            }
        }
    }

    fn report_word(&self, plan: &Plan, ledger: &mut Ledger, word: &Waiting) {
        let rule = &plan.rules[word.rule as usize];
        let folded = self.folds.as_ref().is_none_or(|folds| {
            folds
                .iter()
                .any(|&fold| (word.lane..word.end).contains(&fold))
        });
        if folded && rule.score >= rule.min_score {
            ledger.add(Candidate {
                rule: word.rule,
                analyser: rule.analyser,
                start: word.raw,
                end: self.lane.raw_end(word.end),
                score: rule.score,
            });
        }
    }

    fn words_end(&mut self, plan: &Plan, ledger: &mut Ledger) {
        let end = self.lane.end();
        for &word in plan.words.ended(self.words) {
            let start = end - plan.words.length(word);
            for purpose in &plan.uses[word as usize] {
                self.work += 1;
                match purpose {
                    Use::Literal { rule, whole, exact } => {
                        if self.may_begin(plan, ledger, purpose, start)
                            && exact
                                .as_ref()
                                .is_none_or(|exact| self.lane.slice(start, end) == exact)
                        {
                            let raw = self.lane.raw_start(start);
                            let found = Waiting {
                                rule: *rule,
                                lane: start,
                                raw,
                                end,
                            };
                            if *whole {
                                self.waiting.push(found);
                            } else {
                                self.report_word(plan, ledger, &found);
                            }
                        }
                    }
                    Use::Keyword { rule } => self.keyword_ends(plan, ledger, *rule, purpose, start),
                    Use::Context { group } => self.context_ends(plan, *group, start),
                }
            }
        }
    }

    fn keyword_ends(&mut self, plan: &Plan, ledger: &Ledger, id: u32, purpose: &Use, start: u64) {
        let rule = &plan.rules[id as usize];
        let end = self.lane.end();
        let mut context = Supported::Later;
        if let Some(support) = rule.context {
            let supported = self.is_supported(support.group, support.within, start);
            if support.required && !supported {
                return;
            }
            context = if supported {
                Supported::Yes
            } else {
                Supported::No
            };
        }
        let folds = self.folds.as_deref().unwrap_or_default();
        let first_fold = folds
            .iter()
            .copied()
            .find(|&fold| fold >= start)
            .unwrap_or(NEVER);
        if let Some(part) = rule.lead {
            if self.leads.len() >= MAX_LEADS {
                self.dropped += 1;
                return;
            }
            let state = plan.parts[part as usize].machine.start;
            self.leads.push(Lead {
                part,
                rule: id,
                state,
                context,
                origin: start,
                first_fold,
            });
            return;
        }
        let Some(part) = rule.part else { return };
        if !self.may_begin(plan, ledger, purpose, start) || self.has_thread(part, start) {
            return;
        }
        let description = &plan.parts[part as usize];
        let raw = self.lane.raw_start(start);
        let state = description
            .machine
            .run(description.machine.start, self.lane.slice(start, end));
        if state == DEAD || self.last_end - raw > rule.max_bytes {
            return;
        }
        let limit = raw + rule.max_bytes;
        self.add_thread(Thread {
            part,
            mark: NO_MARK,
            state,
            context,
            lane: start,
            raw,
            origin: start,
            least: end,
            limit,
            first_fold,
        });
    }

    fn context_ends(&mut self, plan: &Plan, group: u16, start: u64) {
        if self.is_letter_before(start) {
            return;
        }
        let end = self.lane.end();
        self.log.push((end, group));
        for &gate in &plan.gates_of[usize::from(group)] {
            self.wake(plan, gate, end);
        }
    }

    fn wake(&mut self, plan: &Plan, gate: u32, word_end: u64) {
        let until = word_end + plan.gates[gate as usize].within;
        match self.awake.iter_mut().find(|(awake, _)| *awake == gate) {
            Some(entry) => entry.1 = until,
            None => self.awake.push((gate, until)),
        }
    }

    /// Whether a literal, or the keyword of a rule without lead, may begin at a position, given what has come of it.
    fn may_begin(&self, plan: &Plan, ledger: &Ledger, purpose: &Use, start: u64) -> bool {
        if self
            .barriers
            .last()
            .is_some_and(|&barrier| barrier >= start)
        {
            return false;
        }
        let uncovered = |rule: &Rule| self.lane.raw_start(start) >= ledger.covered(rule.analyser);
        let come = self.lane.slice(start, self.lane.end());
        match purpose {
            Use::Context { .. } => false,
            Use::Literal { rule, whole, exact } => {
                uncovered(&plan.rules[*rule as usize])
                    && !(*whole && self.is_letter_before(start))
                    && exact.as_ref().is_none_or(|exact| exact.starts_with(come))
            }
            Use::Keyword { rule } => {
                let rule = &plan.rules[*rule as usize];
                let before = self.lane.slice(start.saturating_sub(2), start);
                let supported = || {
                    rule.context.is_none_or(|support| {
                        !support.required || self.is_supported(support.group, support.within, start)
                    })
                };
                let matches = |part: u32| {
                    let machine = &plan.parts[part as usize].machine;
                    machine.run(machine.start, come) != DEAD
                };
                rule.lead.is_none()
                    && uncovered(rule)
                    && boundary::left_of(before) & rule.left == 0
                    && supported()
                    && rule.part.is_some_and(matches)
            }
        }
    }

    fn is_letter_before(&self, position: u64) -> bool {
        let before = self.lane.slice(position.saturating_sub(4), position);
        match before.last() {
            None => false,
            Some(byte) if byte.is_ascii() => byte.is_ascii_alphanumeric(),
            Some(_) => {
                let lead = before
                    .iter()
                    .rposition(|byte| byte & 0xC0 != 0x80)
                    .unwrap_or(0);
                let last = std::str::from_utf8(&before[lead..]).ok();
                last.and_then(|text| text.chars().next())
                    .is_some_and(char::is_alphanumeric)
            }
        }
    }

    fn supported(&self, rule: &Rule, thread: &Thread) -> bool {
        let Some(support) = rule.context else {
            return false;
        };
        match thread.context {
            Supported::Yes => true,
            Supported::No => false,
            Supported::Later => self.is_supported(support.group, support.within, thread.origin),
        }
    }

    fn is_supported(&self, group: u16, within: u64, origin: u64) -> bool {
        let reach = origin.saturating_sub(within);
        self.log
            .iter()
            .rev()
            .take_while(|(end, _)| *end >= reach)
            .any(|&(end, other)| end <= origin && other == group)
    }

    /// Raw offset before which nothing on this lane can begin a match any more.
    pub(crate) fn frontier(&self, plan: &Plan, ledger: &Ledger) -> u64 {
        let threads = self.threads.first().map_or(NEVER, |thread| thread.raw);
        let waiting = self
            .waiting
            .iter()
            .map(|waiting| waiting.raw)
            .min()
            .unwrap_or(NEVER);
        let end = self.lane.end();
        let begun = plan.words.begun(self.words).find_map(|(length, words)| {
            let start = end - length;
            let mut uses = words.iter().flat_map(|&word| &plan.uses[word as usize]);
            uses.any(|purpose| self.may_begin(plan, ledger, purpose, start))
                .then(|| self.lane.raw_start(start))
        });
        threads.min(waiting).min(begun.unwrap_or(NEVER))
    }

    /// Raw offset of the first thread; cheaper than, and never before, [`Engine::frontier`].
    pub(crate) fn first_thread(&self) -> u64 {
        self.threads.first().map_or(NEVER, |thread| thread.raw)
    }

    /// Findings of this analyser cover everything up to `end`: attempts from before cannot become one.
    pub(crate) fn kill(&mut self, plan: &Plan, analyser: u32, end: u64) {
        let mut threads = std::mem::take(&mut self.threads);
        threads.retain(|thread| {
            let dead = thread.raw < end && plan.parts[thread.part as usize].analyser == analyser;
            if dead {
                self.free_marks(thread, |_, _| {});
            }
            !dead
        });
        self.threads = threads;
        self.waiting.retain(|waiting| {
            waiting.raw >= end || plan.rules[waiting.rule as usize].analyser != analyser
        });
    }

    /// The text ends here.
    pub(crate) fn finish(&mut self, plan: &Plan, ledger: &mut Ledger) {
        self.settle_waiting(plan, ledger, false);
        let end = self.lane.end();
        for mut thread in std::mem::take(&mut self.threads) {
            let machine = &plan.parts[thread.part as usize].machine;
            let done = machine.is_accepting(thread.state)
                && self.accept(plan, ledger, &mut thread, end, 0);
            if !done {
                self.close(plan, ledger, &thread);
            }
        }
        self.leads.clear();
        self.words = ROOT;
    }

    /// Forgets what nothing from raw offset `frontier` on can need.
    pub(crate) fn trim(&mut self, plan: &Plan, frontier: u64) {
        let margin = plan.words.longest() + BEFORE + 4;
        self.lane
            .forget_before(self.lane.position_of(frontier).saturating_sub(margin));
        let base = self.lane.base();
        self.log.retain(|(end, _)| end + REACH >= base);
        self.barriers.retain(|&barrier| barrier >= base);
        if let Some(folds) = &mut self.folds {
            folds.retain(|&fold| fold >= base);
        }
    }

    /// Characters of the window, with their raw offsets.
    pub(crate) fn chars(&self, from: u64, to: u64) -> impl Iterator<Item = Char> + '_ {
        let text = self.lane.slice(from, to);
        let text = std::str::from_utf8(text).unwrap_or_default();
        text.char_indices().map(move |(at, c)| {
            let at = from + at as u64;
            let end = self.lane.raw_end(at + c.len_utf8() as u64);
            let barrier = c == '"' && self.barriers.binary_search(&at).is_ok();
            Char {
                barrier,
                ..Char::new(c, self.lane.raw_start(at), end)
            }
        })
    }

    /// A second engine for the skeleton lane, in the state that this one had at `position`, without attempts.
    pub(crate) fn skeleton(&self, plan: &Plan, position: u64) -> Self {
        let warm = position
            .saturating_sub(plan.words.longest() + BEFORE)
            .max(self.lane.base());
        let warm = warm
            + self
                .lane
                .slice(warm, position)
                .iter()
                .take_while(|b| **b & 0xC0 == 0x80)
                .count() as u64;
        let mut other = Self::starting_at(plan, warm, Some(Vec::new()));
        for c in self.chars(warm, position) {
            other.lane.append(&c);
            for &byte in c.bytes() {
                other.words = plan.words.step(other.words, byte);
                other.blocked = boundary::left(other.blocked, byte);
            }
            other.last_end = c.end;
        }
        other.barriers = self
            .barriers
            .iter()
            .copied()
            .filter(|&barrier| barrier < position)
            .collect();
        other.log = self
            .log
            .iter()
            .copied()
            .filter(|(end, _)| *end <= position)
            .collect();
        for index in 0..other.log.len() {
            let (end, group) = other.log[index];
            for &gate in &plan.gates_of[usize::from(group)] {
                other.wake(plan, gate, end);
            }
        }
        other.work = position - warm;
        other
    }

    /// Whether an attempt holds a folded look-alike, or the last one is still within reach.
    pub(crate) fn remembers_folds(&self, plan: &Plan) -> bool {
        let last = self
            .folds
            .as_ref()
            .and_then(|folds| folds.last())
            .copied()
            .unwrap_or(0);
        let reach = REACH + BEFORE + plan.words.longest();
        self.lane.end() <= last + reach
            || !self.waiting.is_empty()
            || self.threads.iter().any(|thread| thread.first_fold != NEVER)
            || self.leads.iter().any(|lead| lead.first_fold != NEVER)
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.lane.memory_bytes()
            + self.threads.capacity() * size_of::<Thread>()
            + self.marks.capacity() * size_of::<Mark>()
            + self.leads.capacity() * size_of::<Lead>()
            + self.waiting.capacity() * size_of::<Waiting>()
            + self.log.capacity() * size_of::<(u64, u16)>()
            + self.awake.capacity() * size_of::<(u32, u64)>()
            + self.barriers.capacity() * 8
    }
}

/// Numbers of the bits that are set.
fn ones(mut mask: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let at = mask.trailing_zeros();
        mask &= mask.checked_sub(1)?;
        Some(at)
    })
}
