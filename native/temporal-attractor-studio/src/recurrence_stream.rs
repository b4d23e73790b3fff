//! Recurrence measures over the last points of a stream.
//!
//! One row of the plot is 256 bits, one for each lag, so that a diagonal is the same bit in row
//! after row and a vertical line is a run of bits in one row. Samples are held as 16-bit steps of a
//! 64th of the radius, which halves the loads of f32. A sample finds its row; lines are counted
//! when somebody asks.

use crate::error::{Error, bounded, bounded_real};
use crate::recurrence::Recurrence;
use crate::simd::{Bits, Counts, OUTSIDE, REACH, ROW, Samples, count_rows};

/// Lags (and rows) of the window: 256 points, about 11 KiB in all.
pub const RECURRENCE_WINDOW: usize = ROW;
/// Largest step in range; what lies outside is `OUTSIDE` and recurs with nothing.
const FURTHEST: f64 = 32_000.0;
/// Longest of the shortest diagonals.
const MAX_DIAGONAL: usize = 64;
/// Rows that are kept: those before the window tell which diagonals are long at its beginning.
const KEPT: usize = RECURRENCE_WINDOW + MAX_DIAGONAL;
const NOTHING: Bits = [0; ROW / 64];

/// Recurrence measures of a stream; constant work and memory per sample.
///
/// Points are single samples (dimension 1); the shortest diagonal stands in for the embedding.
#[derive(Debug, Clone)]
pub struct RecurrenceStream {
    centre: f64,
    steps: f64,
    diagonal: usize,
    samples: Samples,
    seen: usize,
    /// The last rows, as a ring whose next place is `row`; their bits are places of the ring of samples.
    plot: [Bits; KEPT],
    row: usize,
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
            steps: f64::from(REACH) / radius,
            diagonal,
            samples: Samples::new(),
            seen: 0,
            plot: [NOTHING; KEPT],
            row: 0,
        })
    }

    /// Takes one sample.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] with the number of samples taken so far; the sample is not taken.
    #[inline]
    pub fn push(&mut self, value: f64) -> Result<(), Error> {
        if !value.is_finite() {
            return Err(Error::NotFinite { index: self.seen });
        }
        let sample = step((value - self.centre) * self.steps);
        let at = self.seen % RECURRENCE_WINDOW;
        self.samples.push(sample, at, &mut self.plot[self.row]);
        self.row = if self.row + 1 == KEPT {
            0
        } else {
            self.row + 1
        };
        self.seen += 1;
        Ok(())
    }

    /// The rows that are kept, oldest first, and the bits of each: the furthest lag first.
    fn in_order(&self) -> [Bits; KEPT] {
        let mut rows = self.plot;
        rows.rotate_left(self.row);
        for (age, row) in (1..=KEPT).rev().zip(&mut rows) {
            // The sample that a row's own one replaced was the oldest.
            rotate(row, self.seen.wrapping_sub(age) % RECURRENCE_WINDOW);
        }
        rows
    }

    fn counts(&self, rows: &[Bits; KEPT]) -> Counts {
        // Each row met with the rows before it until `width` of them agree: by doubling.
        let mut long = *rows;
        let mut width = 1;
        while width < self.diagonal {
            let back = width.min(self.diagonal - width);
            for at in (back..KEPT).rev() {
                let earlier = long[at - back];
                for (bits, earlier) in long[at].iter_mut().zip(earlier) {
                    *bits &= earlier;
                }
            }
            // Before the first row there is nothing, or what is too old to matter.
            long[..back].fill(NOTHING);
            width += back;
        }
        count_rows(rows, &long, MAX_DIAGONAL, self.diagonal as u32)
    }

    /// Longest diagonal inside the window: rows are met with the rows after them until none is left.
    fn longest(rows: &[Bits]) -> usize {
        let mut runs = [NOTHING; RECURRENCE_WINDOW];
        runs.copy_from_slice(rows);
        let mut length = 0;
        while runs[..RECURRENCE_WINDOW - length]
            .iter()
            .any(|bits| *bits != NOTHING)
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

    /// The measures over the last 256 rows. Some 8 us, and up to one more for each point of the longest
    /// line.
    pub fn measures(&self) -> Recurrence {
        let kept = self.in_order();
        let sums = self.counts(&kept);
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
            rate: f64::from(sums.points) / pairs.max(1) as f64,
            // A line that became long in the first row brings points from before the window.
            determinism: ratio(sums.on_diagonals, sums.points).min(1.0),
            laminarity: ratio(sums.on_verticals, sums.points),
            longest: Self::longest(&kept[MAX_DIAGONAL..]),
            mean_line: ratio(sums.on_diagonals, sums.diagonals),
            trapping: ratio(sums.on_verticals, sums.verticals),
        }
    }
}

/// Moves bit `at` to the front, and what is before it to the end.
fn rotate(row: &mut Bits, at: usize) {
    let words = row.len();
    row.rotate_left(at / 64 % words);
    let old = *row;
    for (word, bits) in row.iter_mut().enumerate() {
        let next = old[(word + 1) % old.len()];
        *bits = ((u128::from(next) << 64 | u128::from(old[word])) >> (at % 64)) as u64;
    }
}

/// The nearest whole step, halves away from 0. Without `round`, which is a call where SSE4.1 may not be assumed.
#[inline]
fn step(value: f64) -> i16 {
    if value.abs() <= FURTHEST {
        (value + 0.5_f64.copysign(value)) as i16
    } else {
        OUTSIDE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// The same counts from the definition, and the longest diagonal inside the window.
    fn plain(values: &[f64], radius: f64, diagonal: usize) -> (Counts, usize) {
        let steps = f64::from(REACH);
        let step = |at: usize| (values[at] / radius * steps).round();
        let close = |a: usize, b: usize| (step(a) - step(b)).abs() <= steps;
        let (mut sums, mut longest) = (Counts::default(), 0);
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
        for diagonal in [2, 3, 5, 8, 63, 64] {
            compare(diagonal);
        }
    }

    fn compare(diagonal: usize) {
        let mut random = Random::new(9);
        let mut values = Vec::new();
        let Ok(mut stream) = RecurrenceStream::new(0.0, 0.5, diagonal) else {
            panic!("valid settings")
        };
        for now in 0..700_usize {
            let value = (now as f64 * 0.21).sin() * 2.0
                + 0.3 * random.unit() * f64::from(u8::from(now % 300 < 150));
            values.push(value);
            assert_eq!(stream.push(value), Ok(()));
            if [1, 2, 17, 255, 256, 257, 400, 512, 513, 700].contains(&(now + 1)) {
                let kept = stream.in_order();
                let longest = RecurrenceStream::longest(&kept[MAX_DIAGONAL..]);
                let expected = plain(&values, 0.5, diagonal);
                assert_eq!((stream.counts(&kept), longest), expected, "after {now}");
            }
        }
        assert_eq!(stream.push(f64::NAN), Err(Error::NotFinite { index: 700 }));
    }
}
