//! The loops over fixed lanes, written so that the compiler vectorises them for any target.

use crate::neighbours::Neighbour;
use crate::recurrence_stream::{RECURRENCE_WINDOW, Row};

/// Points of a leaf: two AVX2 or four SSE2 registers of f32 per axis.
pub(crate) const LANES: usize = 16;

/// Sixteen points, axis after axis, with their times.
pub(crate) struct Leaf<'a, const D: usize> {
    pub(crate) coordinates: &'a [f32],
    pub(crate) stamps: &'a [u32],
}

/// Improves `best` by the points of one leaf that are further than `theiler` from `time`.
#[inline]
pub(crate) fn nearest_in_leaf<const D: usize>(
    leaf: &Leaf<'_, D>,
    query: &[f32; D],
    time: u32,
    theiler: u32,
    best: &mut Neighbour,
) {
    let mut distance = [0.0_f32; LANES];
    for (axis, coordinate) in query.iter().enumerate() {
        let lane = &leaf.coordinates[axis * LANES..(axis + 1) * LANES];
        for (sum, value) in distance.iter_mut().zip(lane) {
            let gap = value - coordinate;
            *sum += gap * gap;
        }
    }
    let base = time.wrapping_sub(theiler);
    for (sum, stamp) in distance.iter_mut().zip(&leaf.stamps[..LANES]) {
        // Inside the excluded band: stamp - (time - theiler) <= 2 theiler, in wrapping arithmetic.
        let near = stamp.wrapping_sub(base) <= 2 * theiler;
        *sum = if near { f32::INFINITY } else { *sum };
    }
    let least = least(&distance);
    if least < best.distance {
        let lane = distance
            .iter()
            .position(|value| *value <= least)
            .unwrap_or(0);
        *best = Neighbour {
            index: leaf.stamps[lane],
            distance: least,
        };
    }
}

#[inline]
fn least(values: &[f32; LANES]) -> f32 {
    let mut half = [0.0_f32; LANES / 2];
    for lane in 0..LANES / 2 {
        let (a, b) = (values[lane], values[lane + LANES / 2]);
        half[lane] = if a < b { a } else { b };
    }
    let mut quarter = [0.0_f32; LANES / 4];
    for lane in 0..LANES / 4 {
        let (a, b) = (half[lane], half[lane + LANES / 4]);
        quarter[lane] = if a < b { a } else { b };
    }
    let (a, b) = (quarter[0].min(quarter[1]), quarter[2].min(quarter[3]));
    a.min(b)
}

/// Compares a new sample with the window, carries the runs of the diagonals on and counts.
///
/// A run is the number of rows, up to this one, in which a lag recurred; it stops at 255.
#[inline]
pub(crate) fn recurrence_row(
    sample: i16,
    outside: i16,
    window: &[i16],
    runs: &mut [u8; RECURRENCE_WINDOW],
    diagonal: u8,
) -> Row {
    // A zero on both sides, so that every place has two neighbours.
    let mut recurs = [0_u8; RECURRENCE_WINDOW + 2];
    if sample != outside {
        for (slot, other) in recurs[1..].iter_mut().zip(&window[..RECURRENCE_WINDOW]) {
            let gap = sample.wrapping_sub(*other).unsigned_abs();
            *slot = u8::from(gap <= 64);
        }
    }
    let mut row = Row::default();
    let (mut longest, mut long, mut fresh) = (0_u8, 0_u16, 0_u16);
    for (run, recurs) in runs.iter_mut().zip(&recurs[1..]) {
        let next = run.saturating_add(1) & 0_u8.wrapping_sub(*recurs);
        *run = next;
        longest = longest.max(next);
        long += u16::from(next >= diagonal);
        fresh += u16::from(next == diagonal);
    }
    let (mut points, mut standing, mut starts) = (0_u16, 0_u16, 0_u16);
    let before = &recurs[..RECURRENCE_WINDOW];
    let after = &recurs[2..];
    for (here, (before, after)) in recurs[1..].iter().zip(before.iter().zip(after)) {
        points += u16::from(*here);
        standing += u16::from(here & (before | after));
        starts += u16::from(here & !before & after);
    }
    row.points = u32::from(points);
    row.diagonals = u32::from(fresh);
    row.on_diagonals = u32::from(long) + u32::from(fresh) * (u32::from(diagonal) - 1);
    row.on_verticals = u32::from(standing);
    row.verticals = u32::from(starts);
    row.longest = longest;
    row
}

/// Places of the smallest sum of squared differences between a point and the points of a window.
///
/// `axes[axis]` and `point[axis]`: coordinates; all axes are equally long. Returns the place and the
/// squared distance; place 0 for an empty window.
#[inline]
pub(crate) fn nearest_in_window(axes: &[&[f32]], point: &[f32]) -> (usize, f32) {
    let length = axes.first().map_or(0, |axis| axis.len());
    let mut best = (0, f32::INFINITY);
    let mut start = 0;
    while start < length {
        let width = LANES.min(length - start);
        let mut distance = [f32::INFINITY; LANES];
        distance[..width].fill(0.0);
        for (axis, coordinate) in axes.iter().zip(point) {
            let values = &axis[start..start + width];
            if let Ok(values) = <&[f32; LANES]>::try_from(values) {
                for (sum, value) in distance.iter_mut().zip(values) {
                    let gap = value - coordinate;
                    *sum += gap * gap;
                }
            } else {
                for (sum, value) in distance.iter_mut().zip(values) {
                    let gap = value - coordinate;
                    *sum += gap * gap;
                }
            }
        }
        let least = least(&distance);
        if least < best.1 {
            let lane = distance
                .iter()
                .position(|value| *value <= least)
                .unwrap_or(0);
            best = (start + lane, least);
        }
        start += LANES;
    }
    best
}
