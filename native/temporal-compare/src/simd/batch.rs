//! One series against as many others as a vector has lanes: each lane is a pair of its own, nothing is rotated.
//!
//! Rows run one column behind each other as in `strip`; a strip is `B` rows of the one series.

use alloc::vec::Vec;

use super::lanes::Lanes;
use super::task::{Group, TICKS, aligned, aligned_mut, line_room};
use crate::real::Real;

/// Rows of a strip.
const HEIGHT: usize = 5;

/// Buffers that outlive a call.
#[derive(Clone, Debug, Default)]
pub(crate) struct BatchBuffers<T> {
    /// One vector a column, between vectors of infinities.
    cols: Vec<T>,
    /// One vector a column: the last row of the strip above.
    edge: Vec<T>,
}

impl<T> BatchBuffers<T> {
    pub(crate) fn bytes(&self) -> usize {
        (self.cols.capacity() + self.edge.capacity()) * size_of::<T>()
    }
}

/// Distances of the lanes of a group, infinity where above the cutoff.
#[inline(always)]
pub(super) fn solve_group<V: Lanes, const SQUARED: bool>(
    group: &Group<'_, V::Scalar>,
    buffers: &mut BatchBuffers<V::Scalar>,
    out: &mut [V::Scalar],
) {
    let infinity = V::Scalar::INFINITY;
    let longest = group.longest();
    prepare::<V>(group, longest, buffers);
    let floats = width(longest) * V::N;
    let cols = V::vectors(aligned(&buffers.cols, floats));
    let edge = V::vectors_mut(aligned_mut(&mut buffers.edge, floats));
    let limit = V::splat(group.cutoff);
    let prune = group.cutoff < infinity;
    let n = group.rows.len();
    let mut top = 0;
    while top < n {
        let rows = &group.rows[top..];
        let half = group.window.map(|window| window as f64);
        match (rows.len().min(HEIGHT), half) {
            (1, None) => strip::<V, 1, SQUARED, false>(rows, cols, edge, top, longest, 0.0),
            (2, None) => strip::<V, 2, SQUARED, false>(rows, cols, edge, top, longest, 0.0),
            (3, None) => strip::<V, 3, SQUARED, false>(rows, cols, edge, top, longest, 0.0),
            (4, None) => strip::<V, 4, SQUARED, false>(rows, cols, edge, top, longest, 0.0),
            (_, None) => strip::<V, HEIGHT, SQUARED, false>(rows, cols, edge, top, longest, 0.0),
            (1, Some(half)) => strip::<V, 1, SQUARED, true>(rows, cols, edge, top, longest, half),
            (2, Some(half)) => strip::<V, 2, SQUARED, true>(rows, cols, edge, top, longest, half),
            (3, Some(half)) => strip::<V, 3, SQUARED, true>(rows, cols, edge, top, longest, half),
            (4, Some(half)) => strip::<V, 4, SQUARED, true>(rows, cols, edge, top, longest, half),
            (_, Some(half)) => {
                strip::<V, HEIGHT, SQUARED, true>(rows, cols, edge, top, longest, half);
            }
        }
        top += HEIGHT;
        if prune {
            let mut least = V::splat(infinity);
            for cells in &edge[HEIGHT..HEIGHT + longest] {
                least = least.min(V::load(cells));
            }
            if !least.any_at_most(limit) {
                break;
            }
        }
    }
    for (lane, (out, series)) in out.iter_mut().zip(group.series).enumerate() {
        let distance = V::load(&edge[HEIGHT + series.len() - 1]).lane(lane);
        // A group that was left early holds the rows above, which are not distances.
        *out = if top < n || distance > group.cutoff {
            infinity
        } else {
            distance
        };
    }
}

#[inline(always)]
fn prepare<V: Lanes>(
    group: &Group<'_, V::Scalar>,
    longest: usize,
    buffers: &mut BatchBuffers<V::Scalar>,
) {
    let infinity = V::Scalar::INFINITY;
    let floats = width(longest) * V::N;
    for buffer in [&mut buffers.cols, &mut buffers.edge] {
        buffer.clear();
        buffer.resize(line_room::<V::Scalar>(floats), infinity);
    }
    let cols = aligned_mut(&mut buffers.cols, floats);
    for (lane, series) in group.series.iter().enumerate() {
        let columns = cols[HEIGHT * V::N..].chunks_exact_mut(V::N);
        for (column, &value) in columns.zip(*series) {
            column[lane] = value;
        }
    }
}

/// Vectors of a buffer for that many columns: with a strip's height before and behind.
fn width(columns: usize) -> usize {
    columns + 2 * HEIGHT + TICKS
}

/// `B` rows. Column `u` of the row above is `edge[HEIGHT + u]`, and the last row takes its place.
#[inline(always)]
fn strip<V: Lanes, const B: usize, const SQUARED: bool, const MASKED: bool>(
    rows: &[V::Scalar],
    cols: &[V::Array],
    edge: &mut [V::Array],
    top: usize,
    columns: usize,
    half: f64,
) {
    let infinity = V::splat(V::Scalar::INFINITY);
    let half = V::splat(V::Scalar::of(half));
    let one = V::splat(core::hint::black_box(V::Scalar::of(1.0)));
    let mut splats = [V::zeros(); B];
    for (vector, &row) in splats.iter_mut().zip(rows) {
        V::splat(row).store(vector);
    }
    // In memory and meant to stay there: the registers are for the cells.
    let series = core::hint::black_box(&splats);
    let (mut cells, mut old) = ([infinity; B], [infinity; B]);
    // Before the first column of the first row stands the only way in.
    let mut corner = if top == 0 {
        V::splat(V::Scalar::ZERO)
    } else {
        infinity
    };
    let ticks = (columns + B - 1).next_multiple_of(TICKS);
    let edge = &mut edge[HEIGHT - B..=HEIGHT + ticks];
    let cols = &cols[HEIGHT - B + 1..HEIGHT + ticks];
    for turn in (0..ticks).step_by(TICKS) {
        // Windows of known length: the bounds are checked once a turn.
        let edge = &mut edge[turn..turn + B + TICKS];
        let cols = &cols[turn..turn + B + TICKS - 1];
        for k in 0..TICKS {
            let above_strip = V::load(&edge[k + B]);
            // The first `B` of these fall before the first column, where nobody looks.
            cells[B - 1].store(&mut edge[k]);
            for r in (0..B).rev() {
                let (above, diagonal) = if r > 0 {
                    (cells[r - 1], old[r - 1])
                } else {
                    (above_strip, corner)
                };
                let mut best = diagonal.min(cells[r]).min(above);
                old[r] = cells[r];
                if MASKED {
                    let lead = (turn + k) as f64 - (top + 2 * r) as f64;
                    best = best.add(V::splat(V::Scalar::of(lead)).abs().barrier_above(half));
                }
                let offset = V::load(&cols[k + B - 1 - r]).sub_beside(V::load(&series[r]), one);
                cells[r] = best.add_distance::<SQUARED>(offset);
            }
            corner = above_strip;
        }
    }
    cells[B - 1].store(&mut edge[ticks]);
}
