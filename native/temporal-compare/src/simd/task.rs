//! What a kernel is asked, and the buffers it works in.

use alloc::vec::Vec;

use crate::real::Real;

/// Ticks a turn of the kernel's loop; every run of ticks is a multiple of it.
pub(super) const TICKS: usize = 2;

/// What to compute. All samples are finite; `rows` and `cols` hold `dims` floats a sample and are not empty.
#[derive(Clone, Copy)]
pub(crate) struct Task<'a, T> {
    pub rows: &'a [T],
    pub cols: &'a [T],
    pub dims: usize,
    pub squared: bool,
    /// Largest `|i - j|` of a cell, if bounded; at least the difference of the lengths.
    pub window: Option<usize>,
    /// Cells above it are not worth following; infinity = follow all.
    pub cutoff: T,
}

impl<T> Task<'_, T> {
    pub(crate) fn lengths(&self) -> (usize, usize) {
        if self.dims == 1 {
            return (self.rows.len(), self.cols.len());
        }
        (self.rows.len() / self.dims, self.cols.len() / self.dims)
    }
}

/// One series against a few others, one a lane. All samples are finite, no series is empty.
#[derive(Clone, Copy)]
pub(crate) struct Group<'a, T> {
    pub rows: &'a [T],
    pub series: &'a [&'a [T]],
    pub squared: bool,
    /// At least the difference of any two lengths.
    pub window: Option<usize>,
    pub cutoff: T,
}

impl<T> Group<'_, T> {
    pub(super) fn longest(&self) -> usize {
        self.series
            .iter()
            .map(|series| series.len())
            .max()
            .unwrap_or(0)
    }
}

/// Buffers that outlive a call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buffers<T> {
    /// The columns between infinities.
    pub(super) padded_cols: Vec<T>,
    /// The rows, and zeros up to the end of the last strip: what comes of them is never read.
    pub(super) padded_rows: Vec<T>,
    /// One vector a tick and dimension; lane `l` holds the sample of `l * B` columns before.
    pub(super) cols: Vec<T>,
    /// `B` vectors a strip and dimension.
    pub(super) rows: Vec<T>,
    /// Last row of the strip above; column `u` (counted with the pad) at `u + rows of a strip`.
    pub(super) edge: Vec<T>,
    /// Every cell, when a path is wanted; [`Layout::at`] says where.
    pub(crate) trace: Vec<T>,
}

/// A vector that straddles two cache lines takes two loads.
const LINE_BYTES: usize = 64;

fn at_least<T: Real>(buffer: &mut Vec<T>, len: usize) {
    if buffer.len() < len {
        buffer.resize(len, T::ZERO);
    }
}

/// `len` floats of the buffer from the first cache line on; [`line_room`] has left room for them.
pub(super) fn aligned<T>(buffer: &[T], len: usize) -> &[T] {
    let skip = buffer
        .as_ptr()
        .align_offset(LINE_BYTES)
        .min(buffer.len() - len);
    &buffer[skip..skip + len]
}

/// As [`aligned`].
pub(super) fn aligned_mut<T>(buffer: &mut [T], len: usize) -> &mut [T] {
    let skip = buffer
        .as_ptr()
        .align_offset(LINE_BYTES)
        .min(buffer.len() - len);
    &mut buffer[skip..skip + len]
}

/// Floats to ask for when `len` of them are to begin with a cache line.
pub(super) fn line_room<T>(len: usize) -> usize {
    len + LINE_BYTES / size_of::<T>()
}

/// `pad` copies of `filler`, the series, and as many fillers as `len` asks for.
fn pad<T: Real>(buffer: &mut Vec<T>, pad: usize, series: &[T], len: usize, filler: T) {
    buffer.clear();
    buffer.resize(pad, filler);
    buffer.extend_from_slice(series);
    buffer.resize(len, filler);
}

impl<T: Real> Buffers<T> {
    pub(crate) fn bytes(&self) -> usize {
        let buffers = [
            &self.padded_cols,
            &self.padded_rows,
            &self.cols,
            &self.rows,
            &self.edge,
            &self.trace,
        ];
        buffers
            .iter()
            .map(|buffer| buffer.capacity())
            .sum::<usize>()
            * size_of::<T>()
    }

    pub(super) fn prepare(&mut self, task: &Task<'_, T>, layout: Layout, trace: bool) {
        let (rows, dims) = (layout.rows(), task.dims);
        let ticks = layout.ticks + layout.height;
        // Lane `N - 1` of the first vector looks `rows - 1` columns back.
        pad(
            &mut self.padded_cols,
            (layout.pad + rows - 1) * dims,
            task.cols,
            (ticks + rows) * dims,
            T::INFINITY,
        );
        pad(
            &mut self.padded_rows,
            0,
            task.rows,
            (layout.strips + 1) * rows * dims,
            T::ZERO,
        );
        at_least(&mut self.cols, line_room::<T>(ticks * layout.lanes * dims));
        at_least(&mut self.rows, line_room::<T>(layout.strips * rows * dims));
        pad(&mut self.edge, 0, &[], layout.ticks + rows, T::INFINITY);
        self.edge[rows + layout.pad - 1] = T::ZERO;
        if trace {
            at_least(&mut self.trace, layout.strips * layout.ticks * rows);
        }
    }
}

/// How rows and columns lie in strips and ticks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    pub(super) lanes: usize,
    /// Vectors of a strip, rows of a lane.
    pub(super) height: usize,
    pub(super) m: usize,
    /// Columns before the first: at least one, and such that the last cell comes with the last tick of a turn.
    pub(super) pad: usize,
    pub(super) strips: usize,
    /// Ticks of a whole strip.
    pub(super) ticks: usize,
}

impl Layout {
    pub(super) fn new(lanes: usize, height: usize, n: usize, m: usize) -> Self {
        let rows = lanes * height;
        let strips = n.div_ceil(rows);
        let last = (n - 1) % rows;
        let pad = TICKS - (m + last) % TICKS;
        let ticks = (pad + m + rows).next_multiple_of(TICKS);
        Self {
            lanes,
            height,
            m,
            pad,
            strips,
            ticks,
        }
    }

    /// Rows of a strip.
    pub(super) fn rows(self) -> usize {
        self.lanes * self.height
    }

    /// Where `Buffers::trace` holds the cell of row `i` and column `j`.
    #[inline]
    pub(crate) fn at(self, i: usize, j: usize) -> usize {
        let (strip, row) = (i / self.rows(), i % self.rows());
        let (lane, vector) = (row / self.height, row % self.height);
        ((strip * self.ticks + j + self.pad + row) * self.height + vector) * self.lanes + lane
    }
}
