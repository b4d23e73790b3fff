//! Recurrence measures over the last points of a stream.
//!
//! The plot's band of the last `window` lags is kept as one row of run lengths: on a row, the lag is
//! the place, so the diagonal through a place is the run of rows in which that place recurred.
//! Samples are held as 16-bit steps of a 64th of the radius, which halves the loads of f32.

use std::array;

use crate::error::{Error, bounded, bounded_real};
use crate::recurrence::Recurrence;
use crate::simd::recurrence_row;

/// Lags (and rows) of the window: 256 points, 6 KiB in all.
pub const RECURRENCE_WINDOW: usize = 256;
/// Steps of a radius.
const STEPS: f64 = 64.0;
/// Largest step in range; what lies outside is `OUTSIDE` and recurs with nothing.
const FURTHEST: f64 = 32_000.0;
const OUTSIDE: i16 = i16::MIN;

/// Counts of one row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) points: u32,
    /// Points on diagonals that are long enough, booked when they become so.
    pub(crate) on_diagonals: u32,
    /// Diagonals that became long enough.
    pub(crate) diagonals: u32,
    pub(crate) on_verticals: u32,
    pub(crate) verticals: u32,
    pub(crate) longest: u8,
}

/// Recurrence measures of a stream; constant work and memory per sample.
///
/// Points are single samples (dimension 1); the shortest diagonal stands in for the embedding.
#[derive(Debug, Clone)]
pub struct RecurrenceStream {
    centre: f64,
    steps: f64,
    diagonal: u8,
    /// Twice the window, so that the last `RECURRENCE_WINDOW` samples always lie together.
    samples: [i16; 2 * RECURRENCE_WINDOW],
    at: usize,
    seen: usize,
    runs: [u8; RECURRENCE_WINDOW],
    rows: [Row; RECURRENCE_WINDOW],
    sums: Row,
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
        bounded("diagonal", diagonal, 2, 64)?;
        Ok(Self {
            centre,
            steps: STEPS / radius,
            diagonal: diagonal as u8,
            samples: [OUTSIDE; 2 * RECURRENCE_WINDOW],
            at: 0,
            seen: 0,
            runs: [0; RECURRENCE_WINDOW],
            rows: array::from_fn(|_| Row::default()),
            sums: Row::default(),
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
        let window = &self.samples[self.at..self.at + RECURRENCE_WINDOW];
        let row = recurrence_row(sample, OUTSIDE, window, &mut self.runs, self.diagonal);
        self.sums.points += row.points;
        self.sums.on_diagonals += row.on_diagonals;
        self.sums.diagonals += row.diagonals;
        self.sums.on_verticals += row.on_verticals;
        self.sums.verticals += row.verticals;
        let old = std::mem::replace(&mut self.rows[self.at], row);
        self.sums.points -= old.points;
        self.sums.on_diagonals -= old.on_diagonals;
        self.sums.diagonals -= old.diagonals;
        self.sums.on_verticals -= old.on_verticals;
        self.sums.verticals -= old.verticals;
        self.samples[self.at] = sample;
        self.samples[self.at + RECURRENCE_WINDOW] = sample;
        self.at = (self.at + 1) % RECURRENCE_WINDOW;
        self.seen += 1;
        Ok(())
    }

    /// The measures over the last 256 rows. Lines longer than 255 points count as 255.
    pub fn measures(&self) -> Recurrence {
        // Row r saw min(r, 256) earlier samples.
        let rows = self.seen.min(RECURRENCE_WINDOW);
        let young = (RECURRENCE_WINDOW + 1).saturating_sub(self.seen.saturating_sub(rows));
        let pairs: usize = if young > 1 {
            (self.seen - rows..self.seen)
                .map(|row| row.min(RECURRENCE_WINDOW))
                .sum()
        } else {
            RECURRENCE_WINDOW * RECURRENCE_WINDOW
        };
        let ratio = |part: u32, whole: u32| {
            if whole == 0 {
                0.0
            } else {
                f64::from(part) / f64::from(whole)
            }
        };
        let longest = self.rows.iter().map(|row| row.longest).max().unwrap_or(0);
        Recurrence {
            rate: f64::from(self.sums.points) / pairs.max(1) as f64,
            determinism: ratio(self.sums.on_diagonals, self.sums.points).min(1.0),
            laminarity: ratio(self.sums.on_verticals, self.sums.points),
            longest: usize::from(longest),
            mean_line: ratio(self.sums.on_diagonals, self.sums.diagonals),
            trapping: ratio(self.sums.on_verticals, self.sums.verticals),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// The same counts from the definition.
    fn plain(values: &[f64], radius: f64, diagonal: usize) -> Row {
        let close = |a: usize, b: usize| {
            let step = |value: f64| (value / radius * STEPS).round();
            (step(values[a]) - step(values[b])).abs() <= STEPS
        };
        let mut sums = Row::default();
        for row in values.len().saturating_sub(RECURRENCE_WINDOW)..values.len() {
            let lags = RECURRENCE_WINDOW.min(row);
            let mut run = 0;
            for lag in 1..=lags + 1 {
                let recurs = lag <= lags && close(row, row - lag);
                if recurs {
                    sums.points += 1;
                    run += 1;
                    let mut line = 0;
                    while row >= line + lag && close(row - line, row - line - lag) {
                        line += 1;
                    }
                    sums.longest = sums.longest.max(line.min(255) as u8);
                    match line.cmp(&diagonal) {
                        std::cmp::Ordering::Less => {}
                        std::cmp::Ordering::Equal => {
                            sums.on_diagonals += diagonal as u32;
                            sums.diagonals += 1;
                        }
                        std::cmp::Ordering::Greater => sums.on_diagonals += 1,
                    }
                } else {
                    if run >= 2 {
                        sums.on_verticals += run;
                        sums.verticals += 1;
                    }
                    run = 0;
                }
            }
        }
        sums
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
                let longest = stream.rows.iter().map(|row| row.longest).max().unwrap_or(0);
                assert_eq!(
                    Row {
                        longest,
                        ..stream.sums
                    },
                    expected,
                    "after {now}"
                );
            }
        }
        assert_eq!(stream.push(f64::NAN), Err(Error::NotFinite { index: 700 }));
    }
}
