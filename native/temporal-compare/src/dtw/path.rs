//! The path back from the last cell.

use alloc::vec::Vec;

use crate::real::Real;
use crate::simd::{Layout, Task};

/// Cells of the cheapest path from the first pair to the last. Of equal predecessors the diagonal one is taken, then the
/// one of the row above.
pub(super) fn walk<T: Real>(
    task: &Task<'_, T>,
    trace: &[T],
    layout: Layout,
    path: &mut Vec<(u32, u32)>,
) {
    let (n, m) = task.lengths();
    let window = task.window.unwrap_or(usize::MAX);
    let cell = |i: usize, j: usize| {
        if i.abs_diff(j) > window {
            T::INFINITY
        } else {
            trace[layout.at(i, j)]
        }
    };
    let (mut i, mut j) = (n - 1, m - 1);
    path.clear();
    path.push((i as u32, j as u32));
    while i > 0 || j > 0 {
        if i == 0 {
            j -= 1;
        } else if j == 0 {
            i -= 1;
        } else {
            let (corner, above, left) = (cell(i - 1, j - 1), cell(i - 1, j), cell(i, j - 1));
            if corner <= above && corner <= left {
                (i, j) = (i - 1, j - 1);
            } else if above <= left {
                i -= 1;
            } else {
                j -= 1;
            }
        }
        path.push((i as u32, j as u32));
    }
    path.reverse();
}
