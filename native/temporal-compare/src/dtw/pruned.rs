//! Scalar DTW with early abandoning and pruning in one pass.
//!
//! Each row computes only the columns that can still be on a path within the cutoff: from the first live cell of the row
//! above to the first dead cell behind its last live one (Herrmann and Webb, "Early abandoning and pruning for elastic
//! distances", 2021). A row without a live cell ends the call. Faster than the vectors for small inputs; also their
//! oracle.

use alloc::vec::Vec;

use crate::real::{Real, smaller};
use crate::simd::Task;

/// Two rows, each with one cell before the first column.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows<T> {
    above: Vec<T>,
    row: Vec<T>,
}

impl<T: Real> Rows<T> {
    pub(crate) fn bytes(&self) -> usize {
        (self.above.capacity() + self.row.capacity()) * size_of::<T>()
    }

    /// The distance, or infinity if it is above the cutoff.
    pub(crate) fn solve(&mut self, task: &Task<'_, T>) -> T {
        match (task.dims, task.squared) {
            (1, true) => self.sweep(task, |a, b| {
                let difference = a[0] - b[0];
                difference * difference
            }),
            (1, false) => self.sweep(task, |a, b| (a[0] - b[0]).magnitude()),
            (_, true) => self.sweep(task, |a, b| {
                sum(a, b, |x, y| {
                    let difference = x - y;
                    difference * difference
                })
            }),
            (_, false) => self.sweep(task, |a, b| sum(a, b, |x, y| (x - y).magnitude())),
        }
    }

    #[inline]
    fn sweep(&mut self, task: &Task<'_, T>, cost: impl Fn(&[T], &[T]) -> T) -> T {
        let (n, m) = task.lengths();
        let cutoff = task.cutoff;
        let window = task.window.unwrap_or(usize::MAX);
        for cells in [&mut self.above, &mut self.row] {
            cells.clear();
            cells.resize(m + 1, T::INFINITY);
        }
        self.above[0] = T::ZERO;
        // First and last live cell of the row above.
        let (mut first, mut last) = (0, 0);
        for (i, sample) in task.rows.chunks_exact(task.dims).enumerate() {
            let start = first.max((i + 1).saturating_sub(window)).max(1);
            let end = m.min((i + 1).saturating_add(window));
            let mut live = None;
            let mut left = T::INFINITY;
            let mut corner = if start > last + 1 {
                T::INFINITY
            } else {
                self.above[start - 1]
            };
            self.row[start - 1] = T::INFINITY;
            for j in start..=end {
                let above = if j > last { T::INFINITY } else { self.above[j] };
                let best = smaller(smaller(corner, left), above);
                let column = &task.cols[(j - 1) * task.dims..j * task.dims];
                left = cost(sample, column) + best;
                corner = above;
                self.row[j] = left;
                if left <= cutoff {
                    live = Some((live.map_or(j, |(first, _)| first), j));
                } else if j > last {
                    break;
                }
            }
            let Some(range) = live else {
                return T::INFINITY;
            };
            (first, last) = range;
            core::mem::swap(&mut self.above, &mut self.row);
        }
        if last == m && n > 0 {
            self.above[m]
        } else {
            T::INFINITY
        }
    }
}

#[inline]
fn sum<T: Real>(a: &[T], b: &[T], one: impl Fn(T, T) -> T) -> T {
    let mut pairs = a.iter().zip(b);
    let first = pairs.next().map_or(T::ZERO, |(&x, &y)| one(x, y));
    pairs.fold(first, |sum, (&x, &y)| sum + one(x, y))
}
