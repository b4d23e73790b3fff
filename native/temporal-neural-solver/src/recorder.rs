//! Remembers as much of a stream as a certificate needs, within a fixed number of positions.

use crate::certificate::{Certificate, Ending};
use crate::error::{Code, Error};
use crate::limits;
use crate::monitor::{Monitor, Program};
use crate::rules::suffix_suffices;
use crate::semantics::Position;
use crate::verdict::Verdict;
use crate::vocabulary::Vocabulary;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A monitor that can prove its verdict.
///
/// Rules of the form `G ...` without past forget everything whenever they are back at their start, so they watch
/// endless streams; of others the first `capacity` changes are kept. Positions that look alike to the formula are
/// stored as one with a count, unless the formula has bounds of time.
#[derive(Debug, Clone)]
pub struct Recorder {
    monitor: Monitor,
    runs: Vec<(Position, u32)>,
    capacity: usize,
    skipped: u64,
    positions: u64,
    now_ns: u64,
    full: bool,
    forgets: bool,
    merges: bool,
    ended: Option<Verdict>,
}

impl Recorder {
    /// A recorder with room for `capacity` changes of the formula's atoms, 24 bytes each.
    pub fn new(program: &Arc<Program>, capacity: usize) -> Self {
        let formula = program.formula();
        Self {
            monitor: Monitor::new(program),
            runs: Vec::with_capacity(capacity),
            capacity,
            skipped: 0,
            positions: 0,
            now_ns: 0,
            full: false,
            forgets: suffix_suffices(formula),
            merges: !formula.is_bounded(),
            ended: None,
        }
    }

    /// The monitor inside.
    pub fn monitor(&self) -> &Monitor {
        &self.monitor
    }

    /// As [`Monitor::step`]. Never allocates.
    pub fn step(&mut self, time_ns: u64, letter: u64) -> Verdict {
        let before = self.ended.unwrap_or_else(|| self.monitor.verdict());
        if before.is_final() {
            return before;
        }
        if self.forgets && self.monitor.is_at_start() {
            self.runs.clear();
            self.full = false;
            self.skipped = self.positions;
        }
        self.now_ns = self.now_ns.max(time_ns);
        self.positions += 1;
        let position = Position {
            time_ns: self.now_ns,
            letter: letter & self.monitor.program().atoms(),
        };
        let room = !self.full && self.runs.len() < self.capacity;
        match self.runs.last_mut() {
            Some((last, count))
                if self.merges
                    && last.letter == position.letter
                    && *count < u32::MAX
                    && !self.full =>
            {
                *count += 1;
            }
            _ if room => self.runs.push((position, 1)),
            _ => self.full = true,
        }
        self.monitor.step(time_ns, letter)
    }

    /// As [`Monitor::advance`].
    pub fn advance(&mut self, time_ns: u64) -> Verdict {
        if !self.monitor.verdict().is_final() {
            self.now_ns = self.now_ns.max(time_ns);
        }
        self.monitor.advance(time_ns)
    }

    /// The stream has ended: the verdict is final now.
    pub fn finish(&mut self) -> Verdict {
        if !self.monitor.verdict().is_final() {
            self.ended = Some(self.monitor.finish());
        }
        self.monitor.finish()
    }

    /// Proof of the final verdict.
    ///
    /// # Errors
    /// [`Code::Trace`] if the verdict is open or unknown, or the stream had more changes than the recorder has room
    /// for; otherwise as [`Certificate::make`].
    pub fn certificate(&self, words: &Vocabulary) -> Result<Certificate, Error> {
        let verdict = self.ended.unwrap_or_else(|| self.monitor.verdict());
        if verdict.three_valued().is_none() {
            return Err(Error::new(
                Code::Trace,
                "There is no final verdict to prove",
                "",
            ));
        }
        if self.full {
            return Err(Error::new(
                Code::Trace,
                "The stream had more changes than the recorder has room for",
                "give it a larger capacity, or write the rule as G ... with time bounds",
            ));
        }
        let total: u64 = self.runs.iter().map(|run| u64::from(run.1)).sum();
        let most = limits::certificate_positions(self.monitor.program().formula().is_bounded());
        if total > most as u64 {
            return Err(Error::new(
                Code::Budget,
                "Trace is too long for a certificate",
                "",
            ));
        }
        let mut trace = Vec::with_capacity(total as usize);
        for (position, count) in &self.runs {
            trace.extend(core::iter::repeat_n(*position, *count as usize));
        }
        let program = self.monitor.program();
        // A satisfaction speaks of the whole stream: nothing may be missing.
        if self.skipped > 0 && verdict == Verdict::True {
            return Err(Error::new(
                Code::Trace,
                "The beginning of the stream was not kept",
                "",
            ));
        }
        let ending = Ending {
            semantics: program.semantics(),
            finished: self.ended.is_some(),
            now_ns: self.now_ns,
            skipped: self.skipped,
        };
        Certificate::make(program.formula(), words, &trace, ending)
    }
}
