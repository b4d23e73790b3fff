//! The loops over fixed lanes, written so that the compiler vectorises them for any target.

use crate::neighbours::Neighbour;

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
