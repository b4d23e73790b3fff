//! The object that callers keep.

use alloc::vec::Vec;

use super::checks::{check_options, check_series, first_not_finite};
use super::pruned::Rows;
use super::{Cost, DtwOptions, path};
use crate::error::CompareError;
use crate::real::Real;
use crate::simd::{BatchBuffers, Buffers, Group, Isa, Shape, Task};

/// Cells up to which the scalar kernel is faster than setting up the vectors.
const SCALAR_CELLS: usize = 150;

/// Computes distances; keep one for each thread, so that repeated calls allocate nothing.
///
/// A distance is the sum of the costs along the cheapest path; no root is taken and nothing is normalised. It is
/// symmetric and at least 0, **but no metric**: the triangle inequality does not hold. Kernels round
/// differently (the last digits may depend on the instruction set, and on whether a path is asked for); sums of whole
/// numbers are exact.
#[derive(Clone, Debug)]
pub struct Dtw<T> {
    isa: Isa,
    buffers: Buffers<T>,
    rows: Rows<T>,
    batch: BatchBuffers<T>,
}

/// Lanes of the widest vector.
const MAX_LANES: usize = 16;

/// Several series behind each other.
#[derive(Clone, Copy, Debug)]
pub struct SeriesList<'a, T> {
    /// The samples of all series, one series after the other.
    pub values: &'a [T],
    /// Samples of each series; their sum is the length of `values`.
    pub lengths: &'a [u32],
}

impl<T: Real> Default for Dtw<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Real> Dtw<T> {
    /// A workspace that uses the best instructions of this processor. Allocates nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            isa: Isa::detect(),
            buffers: Buffers::default(),
            rows: Rows::default(),
            batch: BatchBuffers::default(),
        }
    }

    /// A workspace for the given instructions; `None` where the processor lacks them. For tests and benches.
    #[must_use]
    pub fn with_isa(isa: Isa) -> Option<Self> {
        isa.is_available().then(|| Self { isa, ..Self::new() })
    }

    /// Bytes that the buffers hold.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.buffers.bytes() + self.rows.bytes() + self.batch.bytes()
    }

    /// Distance of two series of any lengths; `None` if it is above the cutoff.
    ///
    /// # Errors
    ///
    /// [`CompareError::Empty`], [`CompareError::NotFinite`], [`CompareError::TooLarge`],
    /// [`CompareError::WindowTooNarrow`], [`CompareError::BadOption`], and [`CompareError::Overflow`] if the distance is
    /// not a finite float.
    pub fn distance(
        &mut self,
        a: &[T],
        b: &[T],
        options: &DtwOptions<T>,
    ) -> Result<Option<T>, CompareError> {
        self.multivariate(a, b, 1, options)
    }

    /// Distance of two series of `dims` floats a sample, sample after sample.
    ///
    /// # Errors
    ///
    /// As [`Dtw::distance`], and [`CompareError::Ragged`] if a length is not a multiple of `dims` (or `dims` is 0).
    pub fn multivariate(
        &mut self,
        a: &[T],
        b: &[T],
        dims: usize,
        options: &DtwOptions<T>,
    ) -> Result<Option<T>, CompareError> {
        let task = task(a, b, dims, options)?;
        outcome(self.solve(task), task.cutoff)
    }

    /// Distance and path: `path` receives the pairs of indices from `(0, 0)` to the last of both.
    /// The path is empty when the distance is above the cutoff.
    ///
    /// # Errors
    ///
    /// As [`Dtw::multivariate`]; [`CompareError::TooLarge`] also above `max_path_cells`.
    pub fn path(
        &mut self,
        a: &[T],
        b: &[T],
        dims: usize,
        options: &DtwOptions<T>,
        path: &mut Vec<(u32, u32)>,
    ) -> Result<Option<T>, CompareError> {
        path.clear();
        let task = task(a, b, dims, options)?;
        let (n, m) = task.lengths();
        let needed = n as u64 * m as u64;
        if needed > options.max_path_cells {
            return Err(CompareError::TooLarge {
                needed,
                allowed: options.max_path_cells,
            });
        }
        let shape = Shape::best(self.isa, &task, true);
        let distance = T::solve(&task, &mut self.buffers, shape);
        let distance = if distance > task.cutoff {
            T::INFINITY
        } else {
            distance
        };
        let outcome = outcome(distance, task.cutoff)?;
        if outcome.is_some() {
            path::walk(&task, &self.buffers.trace, shape.layout::<T>(n, m), path);
        }
        Ok(outcome)
    }

    /// Distances of `query` to each of `others`, in their order; infinity where above the cutoff. Series of similar
    /// length should stand together: they are computed side by side, one a lane.
    ///
    /// # Errors
    ///
    /// As [`Dtw::distance`]; [`CompareError::Ragged`] if the lengths do not add up; [`CompareError::BadOption`] if `out`
    /// has not one place a series. On an error `out` holds nothing of use.
    pub fn batch(
        &mut self,
        query: &[T],
        others: SeriesList<'_, T>,
        options: &DtwOptions<T>,
        out: &mut [T],
    ) -> Result<(), CompareError> {
        if out.len() != others.lengths.len() {
            return Err(CompareError::BadOption {
                option: "out",
                must: "as long as the list of series",
            });
        }
        let sum: u64 = others.lengths.iter().map(|&len| u64::from(len)).sum();
        if sum != others.values.len() as u64 {
            return Err(CompareError::Ragged {
                argument: "others",
                len: others.values.len(),
                dims: 1,
            });
        }
        check_series("query", query, 1)?;
        if let Some(index) = first_not_finite(others.values) {
            return Err(CompareError::NotFinite {
                argument: "others",
                index,
            });
        }
        let squared = options.cost == Cost::Squared;
        let mut rest = others.values;
        let lanes = T::lanes(self.isa).min(MAX_LANES);
        for (lengths, out) in others.lengths.chunks(lanes).zip(out.chunks_mut(lanes)) {
            let mut series: [&[T]; MAX_LANES] = [&[]; MAX_LANES];
            let mut cutoff = T::INFINITY;
            for (place, &len) in series.iter_mut().zip(lengths) {
                if len == 0 {
                    return Err(CompareError::Empty { argument: "others" });
                }
                (*place, rest) = rest.split_at(len as usize);
                cutoff = check_options(query.len(), len as usize, options)?;
            }
            let group = Group {
                rows: query,
                series: &series[..lengths.len()],
                squared,
                window: options.window,
                cutoff,
            };
            T::solve_group(&group, &mut self.batch, self.isa, out);
            if cutoff == T::INFINITY && out.iter().any(|distance| !distance.finite()) {
                return Err(CompareError::Overflow);
            }
        }
        Ok(())
    }

    /// A task whose input has been checked; infinity above the cutoff.
    pub(crate) fn solve(&mut self, mut task: Task<'_, T>) -> T {
        let (n, m) = task.lengths();
        if n * m <= SCALAR_CELLS {
            return self.rows.solve(&task);
        }
        // Costs and minimum are symmetric, so the sides may be swapped: the shorter one gives fewer strips to pad.
        if n > m {
            (task.rows, task.cols) = (task.cols, task.rows);
        }
        let distance = T::solve(
            &task,
            &mut self.buffers,
            Shape::best(self.isa, &task, false),
        );
        if distance > task.cutoff {
            T::INFINITY
        } else {
            distance
        }
    }

    /// The scalar pruned kernel whatever the size: what the vectors are compared with.
    ///
    /// # Errors
    ///
    /// As [`Dtw::multivariate`].
    #[doc(hidden)]
    pub fn scalar(
        &mut self,
        a: &[T],
        b: &[T],
        dims: usize,
        options: &DtwOptions<T>,
    ) -> Result<Option<T>, CompareError> {
        let task = task(a, b, dims, options)?;
        outcome(self.rows.solve(&task), task.cutoff)
    }
}

fn task<'a, T: Real>(
    a: &'a [T],
    b: &'a [T],
    dims: usize,
    options: &DtwOptions<T>,
) -> Result<Task<'a, T>, CompareError> {
    check_series("a", a, dims)?;
    check_series("b", b, dims)?;
    let cutoff = check_options(a.len() / dims, b.len() / dims, options)?;
    let squared = options.cost == Cost::Squared;
    Ok(Task {
        rows: a,
        cols: b,
        dims,
        squared,
        window: options.window,
        cutoff,
    })
}

fn outcome<T: Real>(distance: T, cutoff: T) -> Result<Option<T>, CompareError> {
    if distance.finite() {
        Ok(Some(distance))
    } else if cutoff.finite() {
        Ok(None)
    } else {
        Err(CompareError::Overflow)
    }
}
