//! What is refused at the door, so that the kernels meet finite floats and sane sizes only.

use super::DtwOptions;
use crate::error::CompareError;
use crate::real::Real;

/// Most samples of a series: below it a column index is exact in `f32`.
const MAX_LEN: usize = 1 << 24;

/// Index of the first NaN or infinity.
pub(crate) fn first_not_finite<T: Real>(series: &[T]) -> Option<usize> {
    // Without early exits inside a block the compiler makes vectors of it.
    let (blocks, rest) = series.as_chunks::<16>();
    let clean = |block: &[T]| block.iter().fold(true, |all, x| all & x.finite());
    if blocks.iter().all(|block| clean(block)) && clean(rest) {
        return None;
    }
    series.iter().position(|x| !x.finite())
}

/// Refuses an empty, too long or not finite series.
pub(crate) fn check_series<T: Real>(
    argument: &'static str,
    series: &[T],
    dims: usize,
) -> Result<(), CompareError> {
    if series.is_empty() {
        return Err(CompareError::Empty { argument });
    }
    if dims == 0 || (dims > 1 && !series.len().is_multiple_of(dims)) {
        return Err(CompareError::Ragged {
            argument,
            len: series.len(),
            dims,
        });
    }
    if series.len() > MAX_LEN {
        return Err(CompareError::TooLarge {
            needed: series.len() as u64,
            allowed: MAX_LEN as u64,
        });
    }
    match first_not_finite(series) {
        Some(index) => Err(CompareError::NotFinite { argument, index }),
        None => Ok(()),
    }
}

/// Refuses lengths that do not fit the options; returns the cutoff, infinity for none.
pub(super) fn check_options<T: Real>(
    n: usize,
    m: usize,
    options: &DtwOptions<T>,
) -> Result<T, CompareError> {
    let needed = n.abs_diff(m);
    if let Some(window) = options.window
        && window < needed
    {
        return Err(CompareError::WindowTooNarrow { window, needed });
    }
    // The widest row of the window, for each row of the shorter side.
    let width = options.window.map_or(n.max(m), |w| {
        n.max(m).min(w.saturating_mul(2).saturating_add(1))
    });
    let cells = n.min(m) as u64 * width as u64;
    if cells > options.max_cells {
        return Err(CompareError::TooLarge {
            needed: cells,
            allowed: options.max_cells,
        });
    }
    match options.cutoff {
        None => Ok(T::INFINITY),
        Some(cutoff) if cutoff >= T::ZERO => Ok(cutoff),
        Some(_) => Err(CompareError::BadOption {
            option: "cutoff",
            must: "a number of at least 0",
        }),
    }
}
