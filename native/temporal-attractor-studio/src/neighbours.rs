//! Nearest neighbours in a delay embedding: a k-d tree with leaves of sixteen points.
//!
//! A scan in the order of the widest coordinate is the textbook choice and as fast at N = 1000, but
//! costs O(N^2) where that coordinate says little (heavy tails, two clusters). The tree cuts every
//! cell at the median of *its* widest coordinate, so its depth is log2(N / 16) for any input,
//! constant coordinates included, and a query that meets distance 0 stops at once, so that
//! duplicates are cheap as well.
//!
//! Coordinates are f32: the choice of a neighbour does not need more, distances that are reported
//! are computed again in f64 by the callers.

use alloc::vec::Vec;

use crate::embedding::{Embedding, MAX_DIMENSION};
use crate::simd::{LANES, Leaf, nearest_in_leaf};

/// Spread is judged on so many points of a cell; more does not change the tree much.
const SPREAD_SAMPLE: usize = 64;

/// A neighbour: time index and squared distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Neighbour {
    pub(crate) index: u32,
    pub(crate) distance: f32,
}

impl Neighbour {
    pub(crate) const NONE: Self = Self {
        index: u32::MAX,
        distance: f32::INFINITY,
    };

    pub(crate) fn exists(self) -> bool {
        self.index != u32::MAX
    }
}

/// A cell still to be looked at: leaves `from..to`, its number, the squared distance to it and the
/// distance to it along each axis.
#[derive(Debug, Clone, Copy)]
struct Cell<const D: usize> {
    from: u32,
    to: u32,
    node: u32,
    distance: f32,
    offsets: [f32; D],
}

/// The tree over the first `count` points of one embedded series.
#[derive(Debug, Default)]
pub(crate) struct Neighbours {
    delay: usize,
    dimension: usize,
    count: usize,
    order: Vec<u32>,
    /// Leaf after leaf, axis after axis, `LANES` values each; empty slots hold infinity.
    coordinates: Vec<f32>,
    /// Time index of each slot of each leaf.
    stamps: Vec<u32>,
    /// Axis and place of the cut of each inner cell, in pre-order.
    cuts: Vec<(u8, f32)>,
    /// Cells still to be split, kept for its memory.
    pending: Vec<(u32, u32, u32)>,
}

impl Neighbours {
    /// Reserves for `points` points, so that later builds do not allocate.
    pub(crate) fn reserve(&mut self, points: usize) {
        let slots = points.next_multiple_of(LANES);
        self.order.reserve(slots);
        self.coordinates.reserve(slots * MAX_DIMENSION);
        self.stamps.reserve(slots);
        self.cuts.reserve(slots / LANES);
        self.pending.reserve(64);
    }

    /// Builds over points 0..count. `series` must hold `count + span` values. O(N log N).
    pub(crate) fn build(&mut self, series: &[f32], embedding: Embedding, count: usize) {
        (self.delay, self.dimension, self.count) = (embedding.delay, embedding.dimension, count);
        debug_assert!(count == 0 || count + embedding.span() <= series.len());
        self.order.clear();
        self.order.extend(0..count as u32);
        let leaves = count.div_ceil(LANES);
        self.cuts.clear();
        self.cuts.resize(leaves.saturating_sub(1), (0, 0.0));
        self.pending.clear();
        if leaves > 1 {
            self.pending.push((0, leaves as u32, 0));
        }
        while let Some((from, to, node)) = self.pending.pop() {
            self.split(series, from, to, node);
        }
        self.fill_leaves(series, leaves);
    }

    /// Cuts one cell at the leaf boundary nearest its median and queues the halves.
    fn split(&mut self, series: &[f32], from: u32, to: u32, node: u32) {
        let middle = from + (to - from) / 2;
        let start = from as usize * LANES;
        let end = (to as usize * LANES).min(self.count);
        let cell = &mut self.order[start..end];
        let (delay, axis) = (self.delay, widest(series, cell, self.delay, self.dimension));
        let key = |index: &u32| series[*index as usize + axis * delay];
        let place = middle as usize * LANES - start;
        let (_, median, _) = cell.select_nth_unstable_by(place, |a, b| key(a).total_cmp(&key(b)));
        self.cuts[node as usize] = (axis as u8, key(median));
        let left = node + 1;
        if middle - from > 1 {
            self.pending.push((from, middle, left));
        }
        if to - middle > 1 {
            self.pending.push((middle, to, node + (middle - from)));
        }
    }

    fn fill_leaves(&mut self, series: &[f32], leaves: usize) {
        self.coordinates.clear();
        self.coordinates
            .resize(leaves * LANES * self.dimension, f32::INFINITY);
        self.stamps.clear();
        self.stamps.resize(leaves * LANES, u32::MAX);
        for (slot, index) in self.order.iter().enumerate() {
            let (leaf, lane) = (slot / LANES, slot % LANES);
            self.stamps[slot] = *index;
            for axis in 0..self.dimension {
                let place = (leaf * self.dimension + axis) * LANES + lane;
                self.coordinates[place] = series[*index as usize + axis * self.delay];
            }
        }
    }

    /// The nearest point whose time differs from `time` by more than `theiler`.
    pub(crate) fn nearest(&self, series: &[f32], time: usize, theiler: usize) -> Neighbour {
        match self.dimension {
            1 => self.search::<1>(series, time, theiler, Neighbour::NONE),
            2 => self.search::<2>(series, time, theiler, Neighbour::NONE),
            3 => self.search::<3>(series, time, theiler, Neighbour::NONE),
            4 => self.search::<4>(series, time, theiler, Neighbour::NONE),
            5 => self.search::<5>(series, time, theiler, Neighbour::NONE),
            6 => self.search::<6>(series, time, theiler, Neighbour::NONE),
            7 => self.search::<7>(series, time, theiler, Neighbour::NONE),
            _ => self.search::<8>(series, time, theiler, Neighbour::NONE),
        }
    }

    /// Fills `out` with the nearest point of every point, in the order of time.
    pub(crate) fn all(&self, series: &[f32], theiler: usize, out: &mut Vec<Neighbour>) {
        out.clear();
        out.resize(self.count, Neighbour::NONE);
        match self.dimension {
            1 => self.search_all::<1>(series, theiler, out),
            2 => self.search_all::<2>(series, theiler, out),
            3 => self.search_all::<3>(series, theiler, out),
            4 => self.search_all::<4>(series, theiler, out),
            5 => self.search_all::<5>(series, theiler, out),
            6 => self.search_all::<6>(series, theiler, out),
            7 => self.search_all::<7>(series, theiler, out),
            _ => self.search_all::<8>(series, theiler, out),
        }
    }

    /// Asks in the order of the leaves: the answer of the point before is near this one as well, so
    /// it prunes, and the way through the tree is still in the cache.
    fn search_all<const D: usize>(&self, series: &[f32], theiler: usize, out: &mut [Neighbour]) {
        let mut last = u32::MAX;
        for time in &self.order {
            let time = *time as usize;
            let mut hint = Neighbour::NONE;
            if last != u32::MAX && (last as usize).abs_diff(time) > theiler {
                let distance = self.between::<D>(series, time, last as usize);
                hint = Neighbour {
                    index: last,
                    distance,
                };
            }
            let found = self.search::<D>(series, time, theiler, hint);
            last = found.index;
            out[time] = found;
        }
    }

    fn point<const D: usize>(&self, series: &[f32], time: usize) -> [f32; D] {
        core::array::from_fn(|axis| series[time + axis * self.delay])
    }

    /// Squared distance of two points.
    fn between<const D: usize>(&self, series: &[f32], a: usize, b: usize) -> f32 {
        let (a, b) = (self.point::<D>(series, a), self.point::<D>(series, b));
        a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
    }

    fn search<const D: usize>(
        &self,
        series: &[f32],
        time: usize,
        theiler: usize,
        mut best: Neighbour,
    ) -> Neighbour {
        let query = self.point::<D>(series, time);
        let leaves = self.count.div_ceil(LANES) as u32;
        let whole = Cell {
            from: 0,
            to: leaves,
            node: 0,
            distance: 0.0,
            offsets: [0.0; D],
        };
        // One entry per level at most: the depth is log2(MAX_POINTS / LANES) = 13.
        let mut stack = [whole; 16];
        let mut depth = usize::from(leaves > 0);
        while depth > 0 && best.distance > 0.0 {
            depth -= 1;
            let Cell {
                mut from,
                mut to,
                mut node,
                distance,
                offsets,
            } = stack[depth];
            if distance >= best.distance {
                continue;
            }
            while to - from > 1 {
                let (axis, cut) = self.cuts[node as usize];
                let axis = usize::from(axis) % D;
                let middle = from + (to - from) / 2;
                let right = node + (middle - from);
                let gap = query[axis] - cut;
                let beyond = distance + gap * gap - offsets[axis] * offsets[axis];
                let left_is_near = gap < 0.0;
                if beyond < best.distance {
                    let far = &mut stack[depth];
                    *far = Cell {
                        from,
                        to,
                        node: right,
                        distance: beyond,
                        offsets,
                    };
                    far.offsets[axis] = gap;
                    if left_is_near {
                        far.from = middle;
                    } else {
                        (far.to, far.node) = (middle, node + 1);
                    }
                    depth += 1;
                }
                if left_is_near {
                    (to, node) = (middle, node + 1);
                } else {
                    (from, node) = (middle, right);
                }
            }
            let leaf = self.leaf::<D>(from as usize);
            nearest_in_leaf::<D>(&leaf, &query, time as u32, theiler as u32, &mut best);
        }
        best
    }

    #[inline]
    fn leaf<const D: usize>(&self, leaf: usize) -> Leaf<'_, D> {
        Leaf {
            coordinates: &self.coordinates[leaf * LANES * D..(leaf + 1) * LANES * D],
            stamps: &self.stamps[leaf * LANES..(leaf + 1) * LANES],
        }
    }
}

/// The axis with the largest range over a sample of the cell.
fn widest(series: &[f32], cell: &[u32], delay: usize, dimension: usize) -> usize {
    let step = cell.len().div_ceil(SPREAD_SAMPLE);
    let (mut best, mut spread) = (0, -1.0);
    for axis in 0..dimension {
        let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
        for index in cell.iter().step_by(step) {
            let value = series[*index as usize + axis * delay];
            (low, high) = (low.min(value), high.max(value));
        }
        if high - low > spread {
            (best, spread) = (axis, high - low);
        }
    }
    best
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "both sides are the same sum or infinity")]
mod tests {
    use super::*;
    use crate::random::Random;

    fn brute(tree: &Neighbours, series: &[f32], time: usize, theiler: usize) -> f32 {
        let distance = |other: usize| -> f32 {
            (0..tree.dimension)
                .map(|axis| series[time + axis * tree.delay] - series[other + axis * tree.delay])
                .map(|gap| gap * gap)
                .sum()
        };
        (0..tree.count)
            .filter(|other| other.abs_diff(time) > theiler)
            .map(distance)
            .fold(f32::INFINITY, f32::min)
    }

    fn agree(series: &[f32], embedding: Embedding, theiler: usize) {
        let mut tree = Neighbours::default();
        let count = embedding.points(series.len());
        tree.build(series, embedding, count);
        let mut all = Vec::new();
        tree.all(series, theiler, &mut all);
        for (time, found) in all.into_iter().enumerate() {
            let expected = brute(&tree, series, time, theiler);
            let alone = tree.nearest(series, time, theiler);
            assert!(
                found.distance == expected
                    || (found.distance - expected).abs() <= 1e-6 * expected.abs(),
                "{embedding:?} theiler {theiler} time {time}: {found:?} instead of {expected}"
            );
            assert!(alone.distance == found.distance);
            assert!(!found.exists() || (found.index as usize).abs_diff(time) > theiler);
        }
    }

    #[test]
    fn finds_what_the_full_search_finds_in_every_dimension_and_with_every_exclusion() {
        let mut random = Random::new(7);
        for length in [1, 2, 15, 16, 17, 33, 200, 700] {
            let noise: Vec<f32> = (0..length).map(|_| random.unit() as f32).collect();
            let coarse: Vec<f32> = (0..length).map(|_| random.below(3) as f32).collect();
            let flat = vec![1.0; length];
            for dimension in 1..=MAX_DIMENSION {
                for (delay, theiler) in [(1, 0), (2, 5), (3, 1000)] {
                    let embedding = Embedding { delay, dimension };
                    for series in [&noise, &coarse, &flat] {
                        agree(series, embedding, theiler);
                    }
                }
            }
        }
    }
}
