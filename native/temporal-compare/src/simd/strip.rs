//! The exact DTW recurrence, one strip of rows at a time, along anti-diagonals.
//!
//! A strip is `N * B` rows. Lane `l` of vector `r` is row `l * B + r` of the strip, and every row runs one column
//! behind the row above it: at tick `t` it is at column `t - (l * B + r)`. So all cells of a tick belong to one
//! anti-diagonal and depend on the two ticks before only, and a vector is rotated once in `B` (to hand the last row of
//! a lane to the next lane) instead of at every cell. The last row of the strip waits in `edge` for the next strip.
//!
//! Columns outside the series are held at infinity by an infinite sample: its distance from a finite sample is
//! infinite, and infinity plus infinity is infinity; nothing is ever NaN.
//!
//! Pruning as in `dtw::pruned`, by strips: a strip starts at the first live column of the row above and ends when
//! nothing live is left on it.

use super::lanes::Lanes;
use super::task::{Buffers, Layout, TICKS, Task, aligned, aligned_mut};
use crate::real::Real;

/// A strip under way.
struct Strip<'a, V: Lanes, const B: usize> {
    rows: &'a [V::Array],
    cols: &'a [V::Array],
    dims: usize,
    edge: &'a mut [V::Scalar],
    trace: &'a mut [V::Array],
    cells: [V; B],
    /// The cells of one tick before: corners for the tick to come.
    old: [V; B],
    /// Cells above row 0, one tick back.
    corner: V,
    /// Column minus row of vector `r`, lane 0, at tick `t` is `t - origin - 2 * r`.
    origin: usize,
    band: Option<Band<V>>,
    /// 1, in a form that the compiler cannot see through.
    one: V,
}

/// The window as the kernel needs it.
#[derive(Clone, Copy)]
struct Band<V> {
    half: V,
    /// By how much column minus row is smaller in a lane than in lane 0.
    skew: V,
}

impl<V: Lanes, const B: usize> Strip<'_, V, B> {
    /// Ticks `from..to`; `MASKED` where a cell may lie outside the window.
    #[inline(always)]
    fn run<const SQUARED: bool, const MULTI: bool, const TRACE: bool, const MASKED: bool>(
        &mut self,
        from: usize,
        to: usize,
    ) {
        let rows = V::N * B;
        let dims = if MULTI { self.dims } else { 1 };
        // Whole turns as arrays and windows of known length: the bounds are checked once a turn, not once an access.
        let (edge, _) = self.edge[from..to + rows].as_chunks_mut::<TICKS>();
        let cols = &self.cols[from * dims..(to + B) * dims];
        let (rows_of, one) = (&self.rows[..B * dims], self.one);
        let (mut cells, mut old, mut corner) = (self.cells, self.old, self.corner);
        for turn in 0..(to - from) / TICKS {
            let incoming = edge[turn + rows / TICKS];
            let outgoing = &mut edge[turn];
            let cols = &cols[turn * TICKS * dims..(turn * TICKS + TICKS - 1 + B) * dims];
            // `cells` and `old` change places by name only.
            for k in 0..TICKS {
                let handed = cells[B - 1].rotate();
                outgoing[k] = handed.first();
                let top = handed.with_first(incoming[k]);
                // From the last row up: what a row needs of the one above is not overwritten yet.
                for r in (0..B).rev() {
                    let at = (k + B - 1 - r) * dims;
                    let mut offset =
                        V::load(&cols[at]).sub_beside(V::load(&rows_of[r * dims]), one);
                    let (above, diagonal) = if r > 0 {
                        (cells[r - 1], old[r - 1])
                    } else {
                        (top, corner)
                    };
                    let mut best = diagonal.min(cells[r]).min(above);
                    old[r] = cells[r];
                    if MASKED && let Some(band) = self.band {
                        let lead = (from + turn * TICKS + k) as f64 - (self.origin + 2 * r) as f64;
                        best = best.add(band.barrier(lead));
                    }
                    if MULTI {
                        for d in 1..dims {
                            best = best.add_distance::<SQUARED>(offset);
                            offset = V::load(&cols[at + d]).sub(V::load(&rows_of[r * dims + d]));
                        }
                    }
                    cells[r] = best.add_distance::<SQUARED>(offset);
                    if TRACE {
                        cells[r].store(&mut self.trace[(from + turn * TICKS + k) * B + r]);
                    }
                }
                corner = top;
            }
        }
        (self.cells, self.old, self.corner) = (cells, old, corner);
    }

    /// Whether a cell that the ticks to come can meet is at most `limit`.
    #[inline(always)]
    fn is_live(&self, limit: V) -> bool {
        let mut least = self.corner;
        for r in 0..B {
            least = least.min(self.cells[r]).min(self.old[r]);
        }
        least.any_at_most(limit)
    }
}

impl<V: Lanes> Band<V> {
    #[inline(always)]
    fn new<const B: usize>(window: usize) -> Self {
        let mut skew = V::splat(V::Scalar::ZERO);
        for lane in (0..V::N).rev() {
            skew = skew
                .rotate()
                .with_first(V::Scalar::of((2 * lane * B) as f64));
        }
        Self {
            half: V::splat(V::Scalar::of(window as f64)),
            skew,
        }
    }

    /// Infinity for the lanes that lie outside the window when lane 0 leads its row by `lead` columns.
    #[inline(always)]
    fn barrier(self, lead: f64) -> V {
        V::splat(V::Scalar::of(lead))
            .sub(self.skew)
            .abs()
            .barrier_above(self.half)
    }
}

/// The ticks of one strip.
struct Ticks {
    start: usize,
    end: usize,
    /// Ticks at which every row is inside the window; may be empty.
    inner: core::ops::Range<usize>,
}

impl Ticks {
    /// `last` is the last row of the strip that counts; `hands_on` unless it is the last of all.
    fn new(
        layout: Layout,
        top: usize,
        last: usize,
        window: Option<usize>,
        first_live: usize,
    ) -> Self {
        let Layout { pad, m, .. } = layout;
        let floor = |at: usize| at - at % TICKS;
        let rows = layout.rows();
        // A strip that is not the last needs one tick more to hand its last cell on.
        let hand_on = usize::from(last + 1 == rows);
        let Some(window) = window else {
            let end = (pad + m + last + hand_on).next_multiple_of(TICKS);
            return Self {
                start: floor(first_live),
                end,
                inner: 0..end,
            };
        };
        // One column more than the window has, so that the corner of its first cell passes by.
        let start = floor(first_live.max((pad + top).saturating_sub(window.saturating_add(1))));
        let columns = (top + last + 1).saturating_add(window).min(m);
        let end = (pad + columns + last + hand_on).next_multiple_of(TICKS);
        let widest = (pad + top + 2 * rows).saturating_sub(window);
        let inner_start = widest.next_multiple_of(TICKS).max(start);
        let inner_end = floor((pad + top).saturating_add(window).saturating_add(1)).min(end);
        let inner = if inner_start < inner_end {
            inner_start..inner_end
        } else {
            end..end
        };
        Self { start, end, inner }
    }

    /// End of the run that begins at `at`, and whether it needs the mask.
    fn run_from(&self, at: usize) -> (usize, bool) {
        if at < self.inner.start {
            (self.inner.start.min(self.end), true)
        } else if at < self.inner.end {
            (self.inner.end, false)
        } else {
            (self.end, true)
        }
    }
}

/// The distance, or infinity if it is above the cutoff; with `TRACE` all cells are left in `buffers.trace`.
#[inline(always)]
pub(super) fn solve<
    V: Lanes,
    const B: usize,
    const SQUARED: bool,
    const MULTI: bool,
    const TRACE: bool,
>(
    task: &Task<'_, V::Scalar>,
    buffers: &mut Buffers<V::Scalar>,
) -> V::Scalar {
    let infinity = V::splat(V::Scalar::INFINITY);
    let (n, m) = task.lengths();
    let layout = Layout::new(V::N, B, n, m);
    let (rows, dims) = (layout.rows(), task.dims);
    buffers.prepare(task, layout, TRACE);
    spread::<V, B>(task, layout, buffers);
    let prune = task.cutoff < V::Scalar::INFINITY && !TRACE;
    let limit = V::splat(task.cutoff);
    #[allow(
        clippy::manual_map,
        reason = "a closure would be compiled without the features of the kernel"
    )]
    let band = match task.window {
        Some(window) => Some(Band::new::<B>(window)),
        None => None,
    };
    let one = V::splat(core::hint::black_box(V::Scalar::of(1.0)));
    let col_vectors = V::vectors(aligned(&buffers.cols, (layout.ticks + B) * V::N * dims));
    let row_vectors = V::vectors(aligned(&buffers.rows, layout.strips * rows * dims));
    // Columns (counted with the pad) of the row above that are at most the cutoff.
    let (mut first_live, mut last_live) = (0, layout.pad - 1);
    for top in (0..n).step_by(rows) {
        let last = (n - 1 - top).min(rows - 1);
        let is_last = n - top <= rows;
        let ticks = Ticks::new(layout, top, last, task.window, first_live);
        let end = if is_last {
            layout.pad + m + last
        } else {
            ticks.end
        };
        let trace = if TRACE {
            let strip_cells = layout.ticks * B;
            &mut V::vectors_mut(&mut buffers.trace)[top / rows * strip_cells..][..strip_cells]
        } else {
            &mut []
        };
        let mut strip: Strip<'_, V, B> = Strip {
            rows: &row_vectors[top / rows * B * dims..][..B * dims],
            cols: col_vectors,
            dims,
            edge: &mut buffers.edge,
            trace,
            cells: [infinity; B],
            old: [infinity; B],
            corner: infinity,
            origin: layout.pad + top,
            band,
            one,
        };
        if ticks.start > 0 {
            strip.corner = infinity.with_first(strip.edge[rows + ticks.start - 1]);
        }
        // From here on nothing live comes from above, and what was live there has been overwritten.
        let settled = (last_live + 1 + rows).next_multiple_of(TICKS);
        let mut at = ticks.start;
        while at < end {
            let (mut until, masked) = ticks.run_from(at);
            until = until.min(end);
            if prune {
                until = until.min(if at < settled {
                    settled
                } else {
                    at + 8 * TICKS
                });
            }
            if masked {
                strip.run::<SQUARED, MULTI, TRACE, true>(at, until);
            } else {
                strip.run::<SQUARED, MULTI, TRACE, false>(at, until);
            }
            at = until;
            if prune && at >= settled && !strip.is_live(limit) {
                break;
            }
        }
        if is_last {
            return if at < end {
                V::Scalar::INFINITY
            } else {
                strip.cells[last % B].lane(last / B)
            };
        }
        if prune {
            let row = &buffers.edge[rows + ticks.start..rows + layout.pad + m];
            let (Some(first), Some(last)) = (
                first_at_most(row, task.cutoff),
                last_at_most(row, task.cutoff),
            ) else {
                return V::Scalar::INFINITY;
            };
            (first_live, last_live) = (ticks.start + first, ticks.start + last);
        }
    }
    V::Scalar::INFINITY
}

fn first_at_most<T: Real>(row: &[T], cutoff: T) -> Option<usize> {
    row.iter().position(|&cell| cell <= cutoff)
}

fn last_at_most<T: Real>(row: &[T], cutoff: T) -> Option<usize> {
    row.iter().rposition(|&cell| cell <= cutoff)
}

/// Lays rows and columns out as vectors. Plain loops: a closure would be compiled without the features of the kernel.
#[inline(always)]
fn spread<V: Lanes, const B: usize>(
    task: &Task<'_, V::Scalar>,
    layout: Layout,
    buffers: &mut Buffers<V::Scalar>,
) {
    let dims = task.dims;
    let span = (V::N - 1) * B * dims + 1;
    let cols = V::vectors_mut(aligned_mut(
        &mut buffers.cols,
        (layout.ticks + B) * V::N * dims,
    ));
    for (at, place) in cols.iter_mut().enumerate() {
        V::strided::<true>(&buffers.padded_cols[at..at + span], B * dims).store(place);
    }
    let rows = V::vectors_mut(aligned_mut(
        &mut buffers.rows,
        layout.strips * layout.rows() * dims,
    ));
    let strip = layout.rows() * dims;
    for index in 0..layout.strips {
        for at in 0..B * dims {
            let from = index * strip + at;
            V::strided::<false>(&buffers.padded_rows[from..from + span], B * dims)
                .store(&mut rows[index * B * dims + at]);
        }
    }
}
