//! Several patterns over one stream.

use alloc::vec::Vec;

use super::spring::{StreamMatch, Tracker, check_pattern};
use crate::dtw::Cost;
use crate::error::CompareError;
use crate::simd::{LANES, Row, column};

/// Most samples of all patterns together.
const MAX_SAMPLES: usize = 1 << 20;

/// A pattern's place in its group, and what it has found.
#[derive(Clone, Debug)]
struct Member {
    /// Its number in the order of the caller.
    number: usize,
    lane: usize,
    /// Its first row: shorter patterns end with the others and begin later.
    first: usize,
    tracker: Tracker,
}

#[derive(Clone, Debug)]
struct Group {
    rows: Vec<Row>,
    members: Vec<Member>,
}

/// As many [`PatternStream`](super::PatternStream)s over one stream, eight at a time side by side: the same matches, for
/// patterns of similar length at about a third of the price.
///
/// Memory: 32 bytes a sample, every eight patterns counted as long as their longest (and as eight). At most 2^20 samples,
/// and 2^53 ticks.
#[derive(Clone, Debug)]
pub struct PatternBank {
    groups: Vec<Group>,
    patterns: usize,
    squared: bool,
    ticks: u64,
}

/// Distance of a lane's cell, and where its path began.
#[inline]
fn cell(row: &Row, lane: usize) -> (f64, u64) {
    #[expect(clippy::cast_sign_loss, reason = "ticks are whole and at least 0")]
    let start = row.start[lane] as u64;
    (row.distance[lane], start)
}

impl PatternBank {
    /// Streams that have seen nothing yet: patterns, each with the largest distance that is reported (infinity = nothing,
    /// keep the [`PatternBank::best`] only).
    ///
    /// # Errors
    ///
    /// Those of [`PatternStream::new`](super::PatternStream::new); [`CompareError::Empty`] for no pattern,
    /// [`CompareError::TooLarge`] above 2^20 samples in all.
    pub fn new(patterns: &[(&[f64], f64)], cost: Cost) -> Result<Self, CompareError> {
        if patterns.is_empty() {
            return Err(CompareError::Empty {
                argument: "patterns",
            });
        }
        let mut order: Vec<usize> = (0..patterns.len()).collect();
        for (pattern, most) in patterns {
            check_pattern(pattern, *most)?;
        }
        // Alike lengths side by side, so that few rows are empty.
        order.sort_by_key(|number| patterns[*number].0.len());
        let rows = |some: &[usize]| {
            let lengths = some.iter().map(|number| patterns[*number].0.len());
            lengths.max().unwrap_or(0)
        };
        let needed: usize = order.chunks(LANES).map(|some| rows(some) * LANES).sum();
        if needed > MAX_SAMPLES {
            return Err(CompareError::TooLarge {
                needed: needed as u64,
                allowed: MAX_SAMPLES as u64,
            });
        }
        let group = |some: &[usize]| {
            let length = rows(some);
            let empty = Row {
                sample: [0.0; LANES],
                cap: [0.0; LANES],
                distance: [f64::INFINITY; LANES],
                start: [0.0; LANES],
            };
            let mut group = Group {
                rows: alloc::vec![empty; length],
                members: Vec::with_capacity(some.len()),
            };
            for (lane, &number) in some.iter().enumerate() {
                let (pattern, most) = patterns[number];
                let first = length - pattern.len();
                for (row, sample) in group.rows[first..].iter_mut().zip(pattern) {
                    (row.sample[lane], row.cap[lane]) = (*sample, f64::INFINITY);
                }
                group.members.push(Member {
                    number,
                    lane,
                    first,
                    tracker: Tracker::new(most),
                });
            }
            group
        };
        Ok(Self {
            groups: order.chunks(LANES).map(group).collect(),
            patterns: patterns.len(),
            squared: cost == Cost::Squared,
            ticks: 0,
        })
    }

    /// Takes the next sample; `found` gets the matches that are certain now: the pattern's number and the match, as
    /// [`PatternStream::push`](super::PatternStream::push) returns it.
    ///
    /// # Errors
    ///
    /// [`CompareError::NotFinite`] with the number of samples taken so far; the sample is left out.
    pub fn push(
        &mut self,
        value: f64,
        mut found: impl FnMut(usize, StreamMatch),
    ) -> Result<(), CompareError> {
        if !value.is_finite() {
            return Err(CompareError::NotFinite {
                argument: "value",
                index: self.ticks as usize,
            });
        }
        let tick = self.ticks as f64;
        self.ticks += 1;
        for group in &mut self.groups {
            column(&mut group.rows, value, tick, self.squared);
            let Some(last) = group.rows.last().copied() else {
                continue;
            };
            for member in &mut group.members {
                let lane = member.lane;
                let rows = &mut group.rows[member.first..];
                let report = member.tracker.due(rows.iter().map(|row| cell(row, lane)));
                if let Some(report) = report {
                    for row in &mut *rows {
                        if row.start[lane] < report.end as f64 {
                            row.distance[lane] = f64::INFINITY;
                        }
                    }
                    found(member.number, report);
                }
                member.tracker.see(cell(&last, lane), self.ticks, report);
            }
        }
        Ok(())
    }

    /// Ends the stream: the matches that were still waiting, as for [`PatternBank::push`]. The streams then begin anew.
    pub fn finish(&mut self, mut found: impl FnMut(usize, StreamMatch)) {
        for member in self.groups.iter_mut().flat_map(|group| &mut group.members) {
            if let Some(pending) = member.tracker.take() {
                found(member.number, pending);
            }
        }
        self.reset();
    }

    /// The nearest stretch of a pattern so far, as [`PatternStream::best`](super::PatternStream::best). Nothing for a
    /// number that no pattern has.
    #[must_use]
    pub fn best(&self, number: usize) -> Option<StreamMatch> {
        let mut members = self.groups.iter().flat_map(|group| &group.members);
        members
            .find(|member| member.number == number)?
            .tracker
            .best()
    }

    /// Patterns.
    #[must_use]
    pub fn patterns(&self) -> usize {
        self.patterns
    }

    /// Samples taken so far.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.ticks
    }

    /// Forgets the stream, not the patterns.
    pub fn reset(&mut self) {
        self.ticks = 0;
        for group in &mut self.groups {
            for row in &mut group.rows {
                row.distance = [f64::INFINITY; LANES];
            }
            for member in &mut group.members {
                member.tracker.reset();
            }
        }
    }

    /// Bytes held; the same from the first sample to the last.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let group = |group: &Group| {
            group.rows.capacity() * size_of::<Row>()
                + group.members.capacity() * size_of::<Member>()
        };
        self.groups.iter().map(group).sum()
    }
}
