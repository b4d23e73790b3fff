//! The detector of one stream: feeds the rules and reports each loop once.

use crate::chunks::{Chunks, Passage};
use crate::lane::{Code, Lane};
use crate::lines::Lines;
use crate::period::{self, Periods};
use crate::ring::Ring;
use crate::{Kind, Loop, Settings};

/// Confidence in a passage that returns without a fixed period.
const PASSAGE_SCORE: f32 = 0.8;
/// Confidence in a cycle of lines: long ones are compared by hash, length and head only.
const LINES_SCORE: f32 = 0.9;

/// Finds loops in one stream of UTF-8 text. Bytes that are no UTF-8 count as characters of their own.
#[derive(Clone, Debug)]
pub struct Detector {
    lane: Lane,
    rules: Rules,
}

/// Everything behind the lane.
#[derive(Clone, Debug)]
struct Rules {
    ring: Ring,
    periods: Periods,
    chunks: Chunks,
    lines: Lines,
    /// End of the loop that was reported last.
    last_end: u64,
    /// Byte up to which a reported loop is known to have gone on.
    covered: u64,
}

/// A rule's opinion that a loop is there.
struct Candidate {
    kind: Kind,
    start: u64,
    /// In codes.
    period: u32,
    score: f32,
}

impl Detector {
    /// A detector at the start of a stream. Settings out of bounds count as the nearest bound; see
    /// [`Settings::validate`].
    pub fn new(settings: &Settings) -> Self {
        let settings = settings.clamped();
        Self {
            lane: Lane::default(),
            rules: Rules {
                ring: Ring::new(period::reach(settings.max_period)),
                periods: Periods::new(&settings),
                chunks: Chunks::new(settings.min_repeats),
                lines: Lines::new(&settings),
                last_end: 0,
                covered: 0,
            },
        }
    }

    /// Takes the next bytes of the stream and adds the loops that became certain with them. Any partition of a text
    /// gives the same loops. O(1) a byte, amortised.
    pub fn push(&mut self, text: &[u8], found: &mut Vec<Loop>) {
        let Self { lane, rules } = self;
        for &byte in text {
            if let Some(start) = lane.take_plain(byte) {
                rules.step(Code::of(byte), start, start + 1, found);
            } else {
                lane.push(byte, |code, start, end| {
                    rules.step_wide(code, start, end, found);
                });
            }
        }
    }

    /// The text is complete: decides what waited for the end of a number.
    pub fn finish(&mut self, found: &mut Vec<Loop>) {
        let Self { lane, rules } = self;
        lane.finish(|code, start, end| rules.step_wide(code, start, end, found));
    }

    /// Bytes of the stream's state, heap included; constant over the stream's life.
    pub fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.rules.ring.memory_bytes() + self.rules.periods.memory_bytes()
    }
}

impl Rules {
    /// [`Rules::step`] once more, so that the fast path alone inlines it.
    #[inline(never)]
    fn step_wide(&mut self, code: Code, start: u64, end: u64, found: &mut Vec<Loop>) {
        self.step(code, start, end, found);
    }

    #[expect(clippy::inline_always, reason = "measured: 18 ns a byte become 11")]
    #[inline(always)]
    fn step(&mut self, code: Code, start: u64, end: u64, found: &mut Vec<Loop>) {
        self.ring.push(code, start, end);
        let line_end = self.lines.step(code, start);
        let lines = &self.lines;
        if self.periods.step(&self.ring, code, || lines.place()) {
            self.tell(found);
        }
        if line_end {
            self.end_line(found);
        }
    }

    /// Acts on what the periods saw.
    #[inline(never)]
    fn tell(&mut self, found: &mut Vec<Loop>) {
        let events = self.periods.take_events();
        if events.alive {
            self.covered = self.ring.end();
        }
        if let Some(fired) = events.fired {
            let candidate = Candidate {
                kind: fired.kind,
                start: fired.start,
                period: fired.period,
                score: fired.score,
            };
            self.report(&candidate, found);
        }
        if let Some(distance) = events.chunk {
            self.repeat_chunk(distance, found);
        }
    }

    #[cold]
    fn repeat_chunk(&mut self, distance: u32, found: &mut Vec<Loop>) {
        let place = self.lines.place();
        match self.chunks.repeat(&self.ring, distance, place) {
            Some(Passage::Fired { start, period }) => {
                let candidate = Candidate {
                    kind: Kind::Noisy,
                    start,
                    period,
                    score: PASSAGE_SCORE,
                };
                self.report(&candidate, found);
            }
            Some(Passage::Alive) => self.covered = self.ring.end(),
            None => {}
        }
    }

    fn end_line(&mut self, found: &mut Vec<Loop>) {
        let step = self.lines.end_line(&self.ring);
        if step.alive {
            self.covered = self.ring.end();
        }
        if let Some((kind, start, period)) = step.fired {
            let candidate = Candidate {
                kind,
                start,
                period,
                score: LINES_SCORE,
            };
            self.report(&candidate, found);
        }
    }

    /// Reports a candidate unless it is the loop that was reported already, seen by another rule or picked up again
    /// after noise: then it begins inside that loop.
    #[cold]
    fn report(&mut self, candidate: &Candidate, found: &mut Vec<Loop>) {
        let slack = u64::from(candidate.period / 2).min(8);
        let known = candidate.start + slack < self.covered;
        let end = self.ring.end();
        if !known {
            let codes = candidate.period.min(self.ring.reach());
            let known_chars = self.ring.chars(codes);
            found.push(Loop {
                kind: candidate.kind,
                start: candidate.start.max(self.last_end),
                end,
                period: known_chars + (candidate.period - codes),
                score: candidate.score,
            });
            self.last_end = end;
        }
        self.covered = end;
    }
}
