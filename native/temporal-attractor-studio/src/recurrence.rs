//! Recurrence quantification: how often and in what runs a series comes back to where it was
//! (Marwan, Romano, Thiel, Kurths, Phys. Rep. 438 (2007) 237).

use alloc::vec::Vec;

use crate::embedding::Embedding;
use crate::error::{Error, bounded, bounded_real};
use crate::series::prepared;

/// Most points of a plot; its work is their square (4096: about 30 ms).
pub const MAX_RECURRENCE_POINTS: usize = 8192;

/// What counts as a recurrence. Lengths in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RecurrenceSettings {
    /// How the series becomes points.
    pub embedding: Embedding,
    /// Largest distance (maximum norm) of a recurrence, in deviations of the series; 0.1 is usual.
    pub radius: f64,
    /// Pairs at most this many points apart are not looked at; at least 1 leaves out the diagonal.
    pub theiler: usize,
    /// Shortest diagonal line.
    pub diagonal: usize,
    /// Shortest vertical line.
    pub vertical: usize,
}

/// Measures of a recurrence plot, shares in 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Recurrence {
    /// Share of pairs that recur (RR).
    pub rate: f64,
    /// Share of recurrences on diagonal lines (DET): stretches that run alike.
    pub determinism: f64,
    /// Share of recurrences on vertical lines (LAM): stretches that stand still.
    pub laminarity: f64,
    /// Longest diagonal line, in points.
    pub longest: usize,
    /// Mean diagonal line.
    pub mean_line: f64,
    /// Mean vertical line (trapping time, TT).
    pub trapping: f64,
}

/// Runs of recurrences that are long enough.
#[derive(Debug, Clone, Copy, Default)]
struct Runs {
    least: usize,
    run: usize,
    lines: u64,
    points: u64,
    longest: usize,
}

impl Runs {
    #[inline]
    fn step(&mut self, recurs: bool) {
        if recurs {
            self.run += 1;
        } else if self.run > 0 {
            self.end();
        }
    }

    fn end(&mut self) {
        if self.run >= self.least {
            self.lines += 1;
            self.points += self.run as u64;
        }
        self.longest = self.longest.max(self.run);
        self.run = 0;
    }

    fn mean(&self) -> f64 {
        if self.lines == 0 {
            0.0
        } else {
            self.points as f64 / self.lines as f64
        }
    }
}

/// The measures of a whole series. O(N^2) time, O(N) memory.
///
/// # Errors
///
/// Refuses empty, non-finite and constant series, more than [`MAX_RECURRENCE_POINTS`] points,
/// settings outside their bounds and series too short for the Theiler window.
///
/// # Examples
///
/// ```
/// use midstream_temporal_attractor_studio::{Embedding, RecurrenceSettings, recurrence};
///
/// let series: Vec<f64> = (0..500).map(|t| (f64::from(t) * 0.2).sin()).collect();
/// let found = recurrence(&series, RecurrenceSettings {
///     embedding: Embedding { delay: 8, dimension: 2 },
///     radius: 0.2,
///     theiler: 10,
///     diagonal: 4,
///     vertical: 2,
/// })?;
/// assert!(found.determinism > 0.95); // a sine runs along the same way every time
/// # Ok::<(), midstream_temporal_attractor_studio::Error>(())
/// ```
pub fn recurrence(values: &[f64], settings: RecurrenceSettings) -> Result<Recurrence, Error> {
    let RecurrenceSettings {
        embedding,
        radius,
        theiler,
        diagonal,
        vertical,
    } = settings;
    embedding.check()?;
    bounded_real("radius", radius, f64::MIN_POSITIVE, 100.0)?;
    bounded("theiler", theiler, 0, MAX_RECURRENCE_POINTS)?;
    bounded("diagonal", diagonal, 2, MAX_RECURRENCE_POINTS)?;
    bounded("vertical", vertical, 2, MAX_RECURRENCE_POINTS)?;
    let series = prepared(values, embedding.span() + theiler + 3)?;
    let points = embedding.points(series.len());
    if points > MAX_RECURRENCE_POINTS {
        return Err(Error::TooLong {
            length: points,
            maximum: MAX_RECURRENCE_POINTS,
        });
    }
    let plot = Plot {
        series: &series,
        embedding,
        radius,
        points,
        theiler: theiler.max(1),
    };
    let (diagonals, count) = plot.diagonals(diagonal);
    let verticals = plot.verticals(vertical);
    let pairs = (plot.theiler..points)
        .map(|lag| points - lag)
        .sum::<usize>() as f64;
    let share = |part: u64| {
        if count == 0 {
            0.0
        } else {
            part as f64 / count as f64
        }
    };
    Ok(Recurrence {
        rate: count as f64 / pairs.max(1.0),
        determinism: share(diagonals.points),
        // Both sides of the diagonal were walked.
        laminarity: share(verticals.points) / 2.0,
        longest: diagonals.longest,
        mean_line: diagonals.mean(),
        trapping: verticals.mean(),
    })
}

struct Plot<'a> {
    series: &'a [f64],
    embedding: Embedding,
    radius: f64,
    points: usize,
    theiler: usize,
}

impl Plot<'_> {
    /// Which of the pairs (a + k, b + k), k in 0..count, recur.
    fn recur(&self, a: usize, b: usize, count: usize, out: &mut Vec<bool>) {
        out.clear();
        out.resize(count, true);
        for axis in 0..self.embedding.dimension {
            let shift = axis * self.embedding.delay;
            let first = &self.series[a + shift..][..count];
            let second = &self.series[b + shift..][..count];
            for (recurs, (a, b)) in out.iter_mut().zip(first.iter().zip(second)) {
                *recurs &= (a - b).abs() <= self.radius;
            }
        }
    }

    /// Lines above the main diagonal and the number of recurrences there.
    fn diagonals(&self, least: usize) -> (Runs, u64) {
        let mut runs = Runs {
            least,
            ..Runs::default()
        };
        let (mut recurs, mut count) = (Vec::with_capacity(self.points), 0);
        for lag in self.theiler..self.points {
            self.recur(0, lag, self.points - lag, &mut recurs);
            for recurs in &recurs {
                runs.step(*recurs);
                count += u64::from(*recurs);
            }
            runs.end();
        }
        (runs, count)
    }

    /// Vertical lines of the whole plot, the excluded band left out.
    fn verticals(&self, least: usize) -> Runs {
        let mut runs = Runs {
            least,
            ..Runs::default()
        };
        let mut recurs = Vec::with_capacity(self.points);
        for column in 0..self.points {
            self.column(column, &mut recurs);
            for (row, recurs) in recurs.iter().enumerate() {
                if row.abs_diff(column) < self.theiler {
                    runs.end();
                } else {
                    runs.step(*recurs);
                }
            }
            runs.end();
        }
        runs
    }

    fn column(&self, column: usize, out: &mut Vec<bool>) {
        out.clear();
        out.resize(self.points, true);
        for axis in 0..self.embedding.dimension {
            let shift = axis * self.embedding.delay;
            let here = self.series[column + shift];
            for (recurs, there) in out.iter_mut().zip(&self.series[shift..]) {
                *recurs &= (here - there).abs() <= self.radius;
            }
        }
    }
}
