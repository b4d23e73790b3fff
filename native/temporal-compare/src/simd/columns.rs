//! One column of several patterns against a stream, one pattern a lane.

use super::dispatch::Isa;

/// Patterns side by side: two AVX2 or four SSE2 registers of f64, so that one hides the latency of the other.
pub(crate) const LANES: usize = 8;

/// One row of [`LANES`] patterns: their samples, and the last column's cells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub sample: [f64; LANES],
    /// Most that the row may cost: infinity, or 0 above a shorter pattern's first row.
    pub cap: [f64; LANES],
    pub distance: [f64; LANES],
    /// Tick at which the cell's path began, exact below 2^53.
    pub start: [f64; LANES],
}

/// Moves all rows on by one sample that is read at `tick`; whether the cost is squared is `squared`.
pub(crate) fn column(rows: &mut [Row], value: f64, tick: f64, squared: bool) {
    #[cfg(target_arch = "x86_64")]
    if Isa::Avx2.is_available() {
        // SAFETY: the processor has AVX2, as just asked.
        return unsafe { column_avx2(rows, value, tick, squared) };
    }
    column_of(rows, value, tick, squared);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn column_avx2(rows: &mut [Row], value: f64, tick: f64, squared: bool) {
    column_of(rows, value, tick, squared);
}

#[inline(always)]
fn column_of(rows: &mut [Row], value: f64, tick: f64, squared: bool) {
    if squared {
        column_loop(rows, tick, |sample| (value - sample) * (value - sample));
    } else {
        column_loop(rows, tick, |sample| (value - sample).abs());
    }
}

/// As `PatternStream::column`, in the same order of operations; above the first row a path may begin at no cost.
#[inline(always)]
fn column_loop(rows: &mut [Row], tick: f64, cost: impl Fn(f64) -> f64) {
    let (mut corner, mut corner_start) = ([0.0; LANES], [tick; LANES]);
    let (mut left, mut left_start) = ([0.0; LANES], [tick; LANES]);
    for row in rows {
        let (above, above_start) = (row.distance, row.start);
        for lane in 0..LANES {
            let (up, diagonal) = (above[lane], corner[lane]);
            let known = if diagonal < up { diagonal } else { up };
            let known_start = if up <= diagonal {
                above_start[lane]
            } else {
                corner_start[lane]
            };
            left_start[lane] = if left[lane] <= known {
                left_start[lane]
            } else {
                known_start
            };
            let least = if left[lane] < known {
                left[lane]
            } else {
                known
            };
            let here = cost(row.sample[lane]);
            let here = if here < row.cap[lane] {
                here
            } else {
                row.cap[lane]
            };
            left[lane] = here + least;
        }
        (corner, corner_start) = (above, above_start);
        (row.distance, row.start) = (left, left_start);
    }
}
