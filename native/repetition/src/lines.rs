//! Cycles of one to five lines, also those longer than the longest period, and the state of the line that is being read.

use crate::content::{self, Bar, Evidence, HEAD, LineKind};
use crate::lane::Code;
use crate::ring::Ring;
use crate::{Kind, Settings};

/// Longest cycle in lines.
const CYCLE: usize = 5;
/// Lines that are remembered: the cycle before the newest line.
const KEPT: usize = 8;

/// What is kept of a line, blanks left out. Two lines are equal if their heads are, code by code, and length and hash too.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    start: u64,
    /// Over all codes with numbers masked, and over the numbers' values.
    hash: u64,
    numbers: u64,
    len: u32,
    head: [Code; HEAD],
    head_len: u8,
}

/// Equal lines at a fixed distance.
#[derive(Clone, Copy, Debug, Default)]
struct Run {
    lines: u32,
    chars: u32,
    changes: u32,
    start: u64,
    /// Length of one cycle in codes.
    cycle: u32,
    reported: bool,
}

/// Lines so far.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    current: Line,
    past: [Line; KEPT],
    count: usize,
    runs: [Run; CYCLE],
    repeats: u32,
    chars: u32,
    backticks: u8,
    in_fence: bool,
}

/// What a line's end brought about.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LineStep {
    /// A cycle became a loop: its kind, first byte and length in codes.
    pub(crate) fired: Option<(Kind, u64, u32)>,
    /// A cycle that was reported goes on.
    pub(crate) alive: bool,
}

impl Lines {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            current: Line::default(),
            past: [Line::default(); KEPT],
            count: 0,
            runs: [Run::default(); CYCLE],
            repeats: settings.min_repeats,
            chars: settings.min_chars,
            backticks: 0,
            in_fence: false,
        }
    }

    /// Kind of the line that is being read, and whether a code fence is open.
    pub(crate) fn place(&self) -> (LineKind, bool) {
        let head = &self.current.head[..usize::from(self.current.head_len)];
        (content::kind_of(head), self.in_fence)
    }

    /// Takes a code; true at a line's end, after which [`Lines::end_line`] is due.
    #[inline]
    pub(crate) fn step(&mut self, code: Code, start: u64) -> bool {
        // A fence opens or closes wherever three backticks stand: models forget the line feed before them.
        if code == Code::of(b'`') {
            self.backticks = self.backticks.saturating_add(1);
            self.in_fence ^= self.backticks == 3;
        } else {
            self.backticks = 0;
        }
        if code == Code::of(b'\n') {
            return true;
        }
        self.current.push(code, start);
        false
    }

    /// Compares the line with those one to five lines before.
    pub(crate) fn end_line(&mut self, ring: &Ring) -> LineStep {
        let mut step = LineStep::default();
        let line = core::mem::take(&mut self.current);
        if line.len == 0 {
            return step;
        }
        for back in 1..=CYCLE.min(self.count) {
            let before = self.past[(self.count - back) % KEPT];
            let run = &mut self.runs[back - 1];
            if !line.equals(&before) {
                *run = Run::default();
                continue;
            }
            run.extend(&line, &before, back);
            step.alive |= run.reported;
            if !run.reported
                && step.fired.is_none()
                && run.is_long(self.repeats, self.chars, back, Bar::PROSE)
            {
                let seen = Evidence {
                    period: run.cycle,
                    run: run.chars,
                    numbered: run.changes > 0,
                    noisy: false,
                };
                let kind = content::kind_of(&line.head[..usize::from(line.head_len)]);
                let bar = content::bar(ring, kind, self.in_fence, seen);
                if run.is_long(self.repeats, self.chars, back, bar) {
                    run.reported = true;
                    step.fired = Some((run.kind(back), run.start, run.cycle));
                }
            }
        }
        self.past[self.count % KEPT] = line;
        self.count += 1;
        step
    }
}

impl Line {
    #[inline]
    fn push(&mut self, code: Code, start: u64) {
        if self.head_len == 0 {
            if code.is_space() {
                return;
            }
            self.start = start;
        }
        if usize::from(self.head_len) < HEAD {
            self.head[usize::from(self.head_len)] = code;
            self.head_len += 1;
        }
        self.len += 1;
        self.hash = mix(self.hash, code.masked());
        if code.is_number() {
            self.numbers = mix(self.numbers, code.0);
        }
    }

    fn equals(&self, other: &Self) -> bool {
        let same = |(a, b): (&Code, &Code)| a.masked() == b.masked();
        self.len == other.len
            && self.hash == other.hash
            && self.head.iter().zip(&other.head).all(same)
    }
}

impl Run {
    fn extend(&mut self, line: &Line, before: &Line, back: usize) {
        if self.lines == 0 {
            self.start = before.start;
        }
        self.lines += 1;
        // With the line feed.
        self.chars = self.chars.saturating_add(line.len + 1);
        self.changes += u32::from(line.numbers != before.numbers);
        self.cycle = self.chars / self.lines * back as u32;
    }

    fn is_long(&self, repeats: u32, chars: u32, back: usize, bar: Bar) -> bool {
        self.lines >= repeats * bar.repeats * back as u32 && self.chars >= chars * bar.chars
    }

    fn kind(&self, back: usize) -> Kind {
        match (back, self.changes) {
            (1, 0) => Kind::Exact,
            (1, _) => Kind::Numbered,
            _ => Kind::Alternating,
        }
    }
}

fn mix(hash: u64, code: u32) -> u64 {
    (hash.rotate_left(5) ^ u64::from(code)).wrapping_mul(0x517C_C1B7_2722_0A95)
}
