//! What is known of one block's text: the detectors at work on it, and findings that are not settled yet.
//!
//! A finding is *settled* when nothing can be found before it any more. Settled findings come in one order for every
//! partition of the text, which makes everything that is decided in their order (merged edits, counts, cuts) so too.

use std::cmp::Reverse;

use crate::engine::{Event, Scanner, TextKind};
use crate::finding::Channel;
use crate::plan::{Plan, ScanSet};
use crate::watch::{Seen, Watcher};

/// A finding that waits to be settled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pending {
    pub rule: u32,
    pub start: u64,
    /// `u64::MAX` while the object is open.
    pub end: u64,
    pub from: u64,
    pub score: f32,
    /// Acts from its own end on: it was seen when its text had left.
    pub at_end: bool,
    pub is_span: bool,
}

impl Pending {
    pub fn is_open(&self) -> bool {
        self.end == u64::MAX
    }

    /// Start, then longer first, then earlier analyser, then earlier rule. An object of span mode counts as the
    /// longest whatever its length, because its end is not known when it is settled; what acts at its end stands there.
    fn order(&self) -> (u64, bool, Reverse<u64>, u32) {
        let end = if self.is_span { u64::MAX } else { self.end };
        (self.from, !self.at_end, Reverse(end), self.rule)
    }
}

/// Buffers that all blocks of a session share.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    events: Vec<Event>,
    seen: Vec<Seen>,
    /// What watchers take for the time: nanoseconds since the session began.
    pub now_ns: u64,
    /// Objects that were settled while open and have ended now: rule, start, end.
    pub closed: Vec<(u32, u64, u64)>,
    /// Findings settled by the last call.
    pub settled: Vec<Pending>,
}

/// Whether settled findings may still be open.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spans {
    /// An open object holds its text back until it is closed.
    Hold,
    /// An open object is settled at once, and its text may be swallowed as it comes.
    Swallow,
}

pub(crate) struct Analysis {
    channel: Channel,
    scanner: Option<Scanner>,
    watchers: Vec<Box<dyn Watcher>>,
    pending: Vec<Pending>,
    /// Offset of the scanner's first byte in the block: not 0 where text came after the block's end.
    base: u64,
    total: u64,
    ended: bool,
}

impl Analysis {
    pub fn new(plan: &Plan, channel: Channel) -> Self {
        let mut analysis = Self {
            channel,
            scanner: None,
            watchers: Vec::new(),
            pending: Vec::new(),
            base: 0,
            total: 0,
            ended: false,
        };
        analysis.begin(plan);
        analysis
    }

    fn begin(&mut self, plan: &Plan) {
        let kind = match self.channel {
            Channel::ToolInput => TextKind::Json,
            _ => TextKind::Plain,
        };
        self.scanner = plan
            .scan_set(self.channel)
            .map(|set| Scanner::new(&set.plan, kind));
        let sets = plan.watch_sets(self.channel);
        self.watchers = sets.iter().map(|set| set.plan.start()).collect();
        self.base = self.total;
        self.ended = false;
    }

    /// Bytes pushed so far.
    pub fn total(&self) -> u64 {
        self.total
    }

    pub fn ended(&self) -> bool {
        self.ended
    }

    /// Takes the next text. Text after the end begins anew: an upstream that ends a block twice is analysed all the same.
    pub fn push(&mut self, plan: &Plan, text: &[u8], scratch: &mut Scratch) {
        if self.ended {
            self.begin(plan);
        }
        self.total += text.len() as u64;
        if let (Some(scanner), Some(set)) = (&mut self.scanner, plan.scan_set(self.channel)) {
            scanner.push(&set.plan, text, &mut scratch.events);
            if !scratch.events.is_empty() {
                self.absorb(plan, set, scratch);
            }
        }
        for i in 0..self.watchers.len() {
            self.watchers[i].push(text, scratch.now_ns, &mut scratch.seen);
            if !scratch.seen.is_empty() {
                self.absorb_seen(plan, i, scratch);
            }
        }
    }

    /// The text is complete: everything gets decided.
    pub fn end(&mut self, plan: &Plan, scratch: &mut Scratch) {
        if self.ended {
            return;
        }
        if let (Some(mut scanner), Some(set)) = (self.scanner.take(), plan.scan_set(self.channel)) {
            scanner.finish(&set.plan, &mut scratch.events);
            self.absorb(plan, set, scratch);
        }
        for i in 0..self.watchers.len() {
            self.watchers[i].finish(scratch.now_ns, &mut scratch.seen);
            self.absorb_seen(plan, i, scratch);
        }
        self.abandon();
    }

    /// No more analysis: the text will not leave anyway.
    pub fn abandon(&mut self) {
        self.ended = true;
        self.scanner = None;
        self.watchers = Vec::new();
    }

    /// Offset before which nothing can become part of a finding any more.
    pub fn safe(&self) -> u64 {
        let scanned = self.scanner.as_ref();
        let mut safe = scanned.map_or(self.total, |scanner| self.base + scanner.safe());
        for watcher in &self.watchers {
            safe = safe.min(self.base.saturating_add(watcher.hold_from()));
        }
        safe
    }

    /// Start of the first object that is open and not settled.
    pub fn first_open(&self) -> Option<u64> {
        self.pending
            .iter()
            .filter(|p| p.is_open())
            .map(|p| p.start)
            .min()
    }

    /// Moves what is settled to `scratch.settled`, in order.
    pub fn settle(&mut self, spans: Spans, scratch: &mut Scratch) {
        scratch.settled.clear();
        if self.pending.is_empty() {
            return;
        }
        self.pending.sort_by_key(Pending::order);
        let mut limit = if self.ended { u64::MAX } else { self.safe() };
        if spans == Spans::Hold {
            limit = limit.min(self.first_open().unwrap_or(u64::MAX));
        }
        // Text at the limit itself may still become part of a finding; what was seen up to there is before all of it.
        let settled = |p: &Pending| p.from < limit || (p.at_end && p.from == limit);
        let count = self.pending.iter().take_while(|p| settled(p)).count();
        scratch.settled.extend(self.pending.drain(..count));
    }

    fn absorb_seen(&mut self, plan: &Plan, watcher: usize, scratch: &mut Scratch) {
        let set = &plan.watch_sets(self.channel)[watcher];
        let base = self.base;
        let seen = scratch.seen.drain(..);
        let pending = seen.filter(|seen| seen.score >= set.min_score);
        self.pending.extend(pending.map(|seen| Pending {
            rule: set.first_rule + seen.rule,
            start: base + seen.start,
            end: base + seen.end,
            from: base + seen.from,
            score: seen.score,
            at_end: seen.from >= seen.end,
            is_span: false,
        }));
    }

    fn absorb(&mut self, plan: &Plan, set: &ScanSet, scratch: &mut Scratch) {
        let base = self.base;
        let pending = |rule: u32, start: u64, end: u64, score: f32| Pending {
            rule: set.global[rule as usize],
            start: base + start,
            end,
            from: base + start,
            score,
            at_end: false,
            is_span: plan.rules()[set.global[rule as usize] as usize].span,
        };
        for event in scratch.events.drain(..) {
            match event {
                Event::Found(f) => {
                    self.pending
                        .push(pending(f.rule, f.start, base + f.end, f.score));
                }
                Event::Opened { rule, start, score } => {
                    self.pending.push(pending(rule, start, u64::MAX, score));
                }
                Event::Closed(f) => {
                    let closed = pending(f.rule, f.start, base + f.end, f.score);
                    let open = self
                        .pending
                        .iter_mut()
                        .find(|p| p.is_open() && p.rule == closed.rule && p.start == closed.start);
                    match open {
                        Some(open) => open.end = closed.end,
                        None => scratch.closed.push((closed.rule, closed.start, closed.end)),
                    }
                }
            }
        }
    }
}
