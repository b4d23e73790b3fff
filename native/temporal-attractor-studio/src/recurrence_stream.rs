//! Recurrence measures over the last points of a stream.
//!
//! One row of the plot is 256 bits, one for each lag, so that a diagonal is the same bit in row
//! after row and a vertical line is a run of bits in one row. Samples are held as 16-bit steps of a
//! 64th of the radius, which halves the loads of f32.

use crate::error::{Error, bounded, bounded_real};
use crate::recurrence::Recurrence;
use crate::simd::{Bits, Compare, Earlier, ROW, Row, recurrence_row};

/// Lags (and rows) of the window: 256 points, about 12 KiB in all.
pub const RECURRENCE_WINDOW: usize = ROW;
/// Steps of a radius.
const STEPS: u16 = 64;
/// Largest step in range; what lies outside is `OUTSIDE` and recurs with nothing.
const FURTHEST: f64 = 32_000.0;
const OUTSIDE: i16 = i16::MIN;
/// Longest of the shortest diagonals.
const MAX_DIAGONAL: usize = 64;

/// Counts of the window's rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sums {
    points: u32,
    on_diagonals: u32,
    diagonals: u32,
    on_verticals: u32,
    verticals: u32,
}

/// Recurrence measures of a stream; constant work and memory per sample.
///
/// Points are single samples (dimension 1); the shortest diagonal stands in for the embedding.
#[derive(Debug, Clone)]
pub struct RecurrenceStream {
    centre: f64,
    steps: f64,
    diagonal: usize,
    /// Twice the window, so that the last `RECURRENCE_WINDOW` samples always lie together.
    samples: [i16; 2 * RECURRENCE_WINDOW],
    at: usize,
    seen: usize,
    /// The rows of the window, as a ring.
    plot: [Bits; RECURRENCE_WINDOW],
    /// Lags whose diagonal was long enough one row ago.
    long: Bits,
    rows: [Row; RECURRENCE_WINDOW],
    sums: Sums,
}

impl RecurrenceStream {
    /// A stream in which samples at most `radius` apart (in the units of the samples) recur.
    ///
    /// `centre`: a typical value; samples further than 500 radii from it recur with nothing.
    /// `diagonal`: shortest diagonal line, 2 to 64 points. Vertical lines count from 2 points on.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] names the field.
    pub fn new(centre: f64, radius: f64, diagonal: usize) -> Result<Self, Error> {
        bounded_real("centre", centre, -1e150, 1e150)?;
        bounded_real("radius", radius, 1e-150, 1e150)?;
        bounded("diagonal", diagonal, 2, MAX_DIAGONAL)?;
        Ok(Self {
            centre,
            steps: f64::from(STEPS) / radius,
            diagonal,
            samples: [OUTSIDE; 2 * RECURRENCE_WINDOW],
            at: 0,
            seen: 0,
            plot: [[0; ROW / 64]; RECURRENCE_WINDOW],
            long: [0; ROW / 64],
            rows: [Row::default(); RECURRENCE_WINDOW],
            sums: Sums::default(),
        })
    }

    /// Takes one sample.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] with the number of samples taken so far; the sample is not taken.
    pub fn push(&mut self, value: f64) -> Result<(), Error> {
        if !value.is_finite() {
            return Err(Error::NotFinite { index: self.seen });
        }
        let step = ((value - self.centre) * self.steps).round();
        let sample = if step.abs() <= FURTHEST {
            step as i16
        } else {
            OUTSIDE
        };
        let mut row = Row::default();
        let mut recurs = [0; ROW / 64];
        if let Some(window) = self.samples[self.at..].first_chunk::<ROW>() {
            let compare = Compare {
                sample,
                window,
                reach: STEPS,
                counts: sample != OUTSIDE,
            };
            let earlier = Earlier {
                plot: &self.plot,
                at: self.at,
                diagonal: self.diagonal,
            };
            (recurs, row) = recurrence_row(&compare, &earlier, &mut self.long);
        }
        self.plot[self.at] = recurs;
        self.book(row);
        self.samples[self.at] = sample;
        self.samples[self.at + RECURRENCE_WINDOW] = sample;
        self.at = (self.at + 1) % RECURRENCE_WINDOW;
        self.seen += 1;
        Ok(())
    }

    /// Puts a row into the window and takes the oldest out.
    #[inline]
    fn book(&mut self, row: Row) {
        let old = std::mem::replace(&mut self.rows[self.at], row);
        let sums = &mut self.sums;
        let change =
            |sum: &mut u32, new: u16, old: u16| *sum = *sum + u32::from(new) - u32::from(old);
        change(&mut sums.points, row.points, old.points);
        change(&mut sums.on_diagonals, row.on_diagonals, old.on_diagonals);
        change(&mut sums.diagonals, row.diagonals, old.diagonals);
        change(&mut sums.on_verticals, row.on_verticals, old.on_verticals);
        change(&mut sums.verticals, row.verticals, old.verticals);
    }

    /// Longest diagonal inside the window: rows are met with the rows after them until none is left.
    fn longest(&self) -> usize {
        let mut runs = self.plot;
        runs.rotate_left(self.at);
        let rows = runs;
        let mut length = 0;
        while runs[..RECURRENCE_WINDOW - length]
            .iter()
            .any(|bits| *bits != [0; ROW / 64])
        {
            length += 1;
            if length == RECURRENCE_WINDOW {
                break;
            }
            for (run, next) in runs.iter_mut().zip(&rows[length..]) {
                for (run, next) in run.iter_mut().zip(next) {
                    *run &= next;
                }
            }
        }
        length
    }

    /// The measures over the last 256 rows. The longest line takes a microsecond for each of its
    /// points, the rest nothing.
    pub fn measures(&self) -> Recurrence {
        let rows = self.seen.min(RECURRENCE_WINDOW);
        // Row r had min(r, 256) earlier samples.
        let oldest = (self.seen - rows).min(RECURRENCE_WINDOW);
        let pairs: usize = (oldest..oldest + rows)
            .map(|row| row.min(RECURRENCE_WINDOW))
            .sum();
        let ratio = |part: u32, whole: u32| {
            if whole == 0 {
                0.0
            } else {
                f64::from(part) / f64::from(whole)
            }
        };
        Recurrence {
            rate: f64::from(self.sums.points) / pairs.max(1) as f64,
            // A line that became long in the first row brings points from before the window.
            determinism: ratio(self.sums.on_diagonals, self.sums.points).min(1.0),
            laminarity: ratio(self.sums.on_verticals, self.sums.points),
            longest: self.longest(),
            mean_line: ratio(self.sums.on_diagonals, self.sums.diagonals),
            trapping: ratio(self.sums.on_verticals, self.sums.verticals),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// The same counts from the definition, and the longest diagonal inside the window.
    fn plain(values: &[f64], radius: f64, diagonal: usize) -> (Sums, usize) {
        let steps = f64::from(STEPS);
        let step = |at: usize| (values[at] / radius * steps).round();
        let close = |a: usize, b: usize| (step(a) - step(b)).abs() <= steps;
        let (mut sums, mut longest) = (Sums::default(), 0);
        let oldest = values.len().saturating_sub(RECURRENCE_WINDOW);
        for row in oldest..values.len() {
            let lags = RECURRENCE_WINDOW.min(row);
            let mut run = 0;
            for lag in 1..=lags + 1 {
                if lag > lags || !close(row, row - lag) {
                    sums.on_verticals += if run >= 2 { run } else { 0 };
                    sums.verticals += u32::from(run >= 2);
                    run = 0;
                    continue;
                }
                sums.points += 1;
                run += 1;
                let back = (0..=row - lag).take_while(|back| close(row - back, row - back - lag));
                let line = back.count();
                if line >= diagonal {
                    let fresh = line == diagonal;
                    sums.diagonals += u32::from(fresh);
                    sums.on_diagonals += if fresh { diagonal as u32 } else { 1 };
                }
                longest = longest.max(line.min(row - oldest + 1));
            }
        }
        (sums, longest)
    }

    #[test]
    fn counts_what_the_definition_counts_after_any_number_of_samples() {
        let mut random = Random::new(9);
        let mut values = Vec::new();
        let Ok(mut stream) = RecurrenceStream::new(0.0, 0.5, 3) else {
            panic!("valid settings")
        };
        for now in 0..700_usize {
            let value = (now as f64 * 0.21).sin() * 2.0 + 0.3 * random.unit();
            values.push(value);
            assert_eq!(stream.push(value), Ok(()));
            if [1, 2, 17, 255, 256, 257, 400, 512, 513, 700].contains(&(now + 1)) {
                let expected = plain(&values, 0.5, 3);
                assert_eq!((stream.sums, stream.longest()), expected, "after {now}");
            }
        }
        assert_eq!(stream.push(f64::NAN), Err(Error::NotFinite { index: 700 }));
    }
}
