//! The state of one block of text: the normaliser, its two lanes, and what was decided.

use crate::engine::Engine;
use crate::ledger::Ledger;
use crate::normalise::{Char, Normaliser, Sink};
use crate::skeleton::{Skeleton, Token};
use crate::{Event, Plan};

/// Load of the lane after which the window is cut down to what is still needed.
const TRIM_EVERY: usize = 384;

/// The same for the skeleton lane, whose runs double where every third letter is folded: most of a session's memory.
const TRIM_SKELETON_EVERY: usize = 192;

/// What the text of a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// Text for people.
    Plain,
    /// JSON (a tool call's arguments): escapes inside strings are decoded before matching, and no match contains a quote
    /// that begins or ends a string.
    Json,
}

/// The state of one block of text. Holds some hundred bytes of the text at most, whatever comes.
#[derive(Debug)]
pub struct Scanner {
    normaliser: Normaliser,
    lanes: Lanes,
    safe: u64,
}

#[derive(Debug)]
struct Lanes {
    normal: Engine,
    skeleton: Skeleton,
    ledger: Ledger,
    trim_at: usize,
    /// The same for the skeleton lane, while there is one.
    trim_skeleton_at: usize,
}

impl Scanner {
    /// A scanner at the start of a block.
    pub fn new(plan: &Plan, kind: TextKind) -> Self {
        Self {
            normaliser: Normaliser::new(kind),
            lanes: Lanes {
                normal: Engine::new(plan),
                skeleton: Skeleton::new(),
                ledger: Ledger::new(plan),
                trim_at: TRIM_EVERY,
                trim_skeleton_at: TRIM_EVERY,
            },
            safe: 0,
        }
    }

    /// Takes the next bytes of the block, cut anywhere. `plan` must be the one that the scanner was made with. Takes time
    /// linear in the bytes.
    pub fn push(&mut self, plan: &Plan, bytes: &[u8], events: &mut Vec<Event>) {
        let mut feed = Feed {
            plan,
            lanes: &mut self.lanes,
            events,
        };
        self.normaliser.push(bytes, &mut feed);
        if !feed.lanes.skeleton.is_idle() {
            feed.catch_up();
        }
        let frontier = self.lanes.frontier(plan);
        self.safe = self.safe.max(frontier.min(self.normaliser.settled()));
    }

    /// The block is complete: everything is decided. Nothing may be pushed after it.
    pub fn finish(&mut self, plan: &Plan, events: &mut Vec<Event>) {
        let mut feed = Feed {
            plan,
            lanes: &mut self.lanes,
            events,
        };
        self.normaliser.finish(&mut feed);
        let Lanes {
            normal,
            skeleton,
            ledger,
            ..
        } = &mut self.lanes;
        skeleton.finish(plan, normal, ledger);
        normal.finish(plan, ledger);
        ledger.decide(plan, normal, u64::MAX, events);
        ledger.finish(events);
        self.safe = self.normaliser.settled();
    }

    /// Raw offset before which no byte can become part of a finding that was not reported. Never goes back.
    pub fn safe(&self) -> u64 {
        self.safe
    }

    /// Steps made so far, for the proof that time is linear in the text.
    pub fn work(&self) -> u64 {
        self.lanes.normal.site.work + self.lanes.skeleton.work()
    }

    /// Match attempts that were not begun because too many were under way.
    pub fn dropped_attempts(&self) -> u64 {
        self.lanes.normal.attempts.dropped + self.lanes.skeleton.dropped()
    }

    /// Bytes of this scanner, heap included.
    pub fn memory_bytes(&self) -> usize {
        size_of::<Self>()
            + self.lanes.normal.memory_bytes()
            + self.lanes.skeleton.memory_bytes()
            + self.lanes.ledger.memory_bytes()
    }
}

impl Lanes {
    /// Raw offset before which nothing can begin a match any more.
    fn frontier(&self, plan: &Plan) -> u64 {
        let normal = self.normal.frontier(plan, &self.ledger);
        if self.skeleton.is_idle() {
            return normal;
        }
        normal.min(self.skeleton.frontier(plan, &self.ledger))
    }

    /// Decides what can be decided after a character.
    fn decide(&mut self, plan: &Plan, events: &mut Vec<Event>) {
        // A finding ends attempts, which may free the next candidate.
        while self.ledger.first() < self.normal.attempts.first_attempt().1 {
            self.catch_up(plan);
            let frontier = self.frontier(plan);
            if self.ledger.first() >= frontier {
                return;
            }
            let Self {
                normal,
                skeleton,
                ledger,
                ..
            } = self;
            ledger.decide(plan, normal, frontier, events);
            normal.kill_covered(plan, ledger);
            if let Some(engine) = skeleton.engine() {
                engine.kill_covered(plan, ledger);
            }
        }
    }

    /// Lets the skeleton lane take what it has not yet; that may leave candidates to decide.
    fn catch_up(&mut self, plan: &Plan) {
        let Self {
            normal,
            skeleton,
            ledger,
            ..
        } = self;
        skeleton.catch_up(plan, normal, ledger);
    }

    fn trim(&mut self, plan: &Plan) {
        let frontier = self.frontier(plan);
        self.normal.trim(plan, frontier);
        if let Some(engine) = self.skeleton.engine() {
            engine.trim(plan, frontier);
            self.trim_skeleton_at = engine.site.lane.load() + TRIM_SKELETON_EVERY;
        }
        self.trim_at = self.normal.site.lane.load() + TRIM_EVERY;
    }
}

struct Feed<'a> {
    plan: &'a Plan,
    lanes: &'a mut Lanes,
    events: &'a mut Vec<Event>,
}

impl Feed<'_> {
    /// Takes characters that stand for themselves, from raw offset `raw` on, while they need no more than steps; returns how many bytes.
    fn wide(&mut self, bytes: &[u8], raw: u64) -> usize {
        let Lanes {
            normal,
            skeleton,
            ledger,
            trim_at,
            ..
        } = &mut *self.lanes;
        let token = skeleton.token();
        let waits = matches!(token, Token::Open { mixed: true, .. });
        if waits || ledger.has_open() || ledger.first() != u64::MAX {
            return 0;
        }
        let room = trim_at.saturating_sub(normal.site.lane.load()).max(1);
        let bytes = &bytes[..bytes.len().min(room)];
        let count = normal.wide(self.plan, ledger, Some(token), (bytes, raw));
        if count > 0 {
            self.settle();
        }
        count
    }

    #[inline]
    fn settle(&mut self) {
        if self.lanes.ledger.first() != u64::MAX {
            self.lanes.decide(self.plan, self.events);
        }
        if self.lanes.normal.site.lane.load() >= self.lanes.trim_at {
            self.catch_up();
            self.lanes.trim(self.plan);
        }
    }

    /// Lets the skeleton lane take what it has not yet.
    fn catch_up(&mut self) {
        self.lanes.catch_up(self.plan);
        if self.lanes.ledger.first() != u64::MAX {
            self.lanes.decide(self.plan, self.events);
        }
        if self.is_skeleton_long() {
            self.lanes.trim(self.plan);
        }
    }

    /// Whether the skeleton lane's window is to be cut down.
    fn is_skeleton_long(&mut self) -> bool {
        let engine = self.lanes.skeleton.engine();
        engine.is_some_and(|engine| engine.site.lane.load() >= self.lanes.trim_skeleton_at)
    }
}

impl Sink for Feed<'_> {
    fn ascii(&mut self, bytes: &[u8], raw: u64) {
        let mut at = 0;
        while at < bytes.len() {
            let Lanes {
                normal,
                skeleton,
                ledger,
                trim_at,
                ..
            } = &mut *self.lanes;
            let raw = raw + at as u64;
            if !skeleton.lets_pass() || ledger.has_open() {
                self.char(Char::ascii(bytes[at], raw, raw + 1));
                at += 1;
                continue;
            }
            let room = trim_at.saturating_sub(normal.site.lane.load()).max(1);
            let run = &bytes[at..bytes.len().min(at + room)];
            at += normal.ascii(self.plan, ledger, run, raw);
            self.settle();
        }
    }

    fn text(&mut self, bytes: &[u8], raw: u64) {
        let mut at = 0;
        while at < bytes.len() {
            let taken = self.wide(&bytes[at..], raw + at as u64);
            let rest = &bytes[at + taken..];
            at += taken;
            let raw = raw + at as u64;
            let ascii = rest.iter().take_while(|byte| byte.is_ascii()).count();
            if ascii > 0 {
                self.ascii(&rest[..ascii], raw);
                at += ascii;
            } else if let Some(c) = Char::of_text(rest, raw) {
                self.char(c);
                at += usize::from(c.len);
            }
        }
    }

    fn char(&mut self, c: Char) {
        // What a token holds back is asked for where it opens, so all before it must be decided.
        if self.lanes.skeleton.opens(&c) {
            self.catch_up();
        }
        let Lanes {
            normal,
            skeleton,
            ledger,
            ..
        } = &mut *self.lanes;
        if ledger.has_open() {
            ledger.step(self.plan, &c, self.events);
        }
        let open = ledger.has_open();
        if !skeleton.lets_pass() || c.bytes[0] >= 0x80 {
            skeleton.before(self.plan, normal, ledger, &c);
        }
        normal.char(self.plan, ledger, &c);
        if open || self.is_skeleton_long() {
            self.catch_up();
        }
        self.settle();
    }
}
