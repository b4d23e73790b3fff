//! The loops over fixed lanes, and the one place of this crate with `unsafe`.
//!
//! Plain loops over arrays of fixed size, which the compiler vectorises for any target. Two of them
//! run once per sample of a stream and gain twice from AVX2, which x86-64-v2 builds may not assume:
//! those (and the counting of a plot) are compiled a second time with the feature on and called after a run-time check. The row
//! of recurrences also needs the instruction that gathers one bit per lane, which no loop turns into.
//! Both compilations do the same operations in the same order, so results are equal to the bit.

#[cfg(target_arch = "x86_64")]
use core::arch::x86_64 as arch;

use crate::embedding::MAX_DIMENSION;
use crate::neighbours::Neighbour;

/// Points of a leaf: two AVX2 or four SSE2 registers of f32 per axis.
pub(crate) const LANES: usize = 16;

/// Runs of lanes after which a search in a window compares with the best so far.
const BLOCK: usize = 8;

/// Samples of a recurrence row.
pub(crate) const ROW: usize = 256;
/// One bit per sample of a row.
pub(crate) type Bits = [u64; ROW / 64];

/// Whether this processor has AVX2; without the standard library, whether the build's target promises it.
#[cfg(target_arch = "x86_64")]
#[inline]
fn has_avx2() -> bool {
    #[cfg(feature = "std")]
    return std::arch::is_x86_feature_detected!("avx2");
    #[cfg(not(feature = "std"))]
    return cfg!(target_feature = "avx2");
}

/// The same of the instruction that counts bits.
#[cfg(target_arch = "x86_64")]
#[inline]
fn has_popcnt() -> bool {
    #[cfg(feature = "std")]
    return std::arch::is_x86_feature_detected!("popcnt");
    #[cfg(not(feature = "std"))]
    return cfg!(target_feature = "popcnt");
}

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

#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "compiled once for each set of features"
)]
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

/// Place and squared distance of the point of a window that is nearest to a point.
///
/// `axes[axis]` and `point[axis]`: coordinates, all axes equally long. Place 0 at distance infinity
/// for an empty window or where no distance is a number.
pub(crate) fn nearest_in_window(axes: &[&[f32]], point: &[f32]) -> (usize, f32) {
    #[cfg(target_arch = "x86_64")]
    if has_avx2() {
        // SAFETY: the processor has just said that it has AVX2.
        return unsafe { nearest_in_window_avx2(axes, point) };
    }
    nearest_by_dimension(axes, point)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn nearest_in_window_avx2(axes: &[&[f32]], point: &[f32]) -> (usize, f32) {
    nearest_by_dimension(axes, point)
}

#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "compiled once for each set of features"
)]
fn nearest_by_dimension(axes: &[&[f32]], point: &[f32]) -> (usize, f32) {
    match point.len().min(MAX_DIMENSION) {
        0 => (0, f32::INFINITY),
        1 => nearest::<1>(axes, point),
        2 => nearest::<2>(axes, point),
        3 => nearest::<3>(axes, point),
        4 => nearest::<4>(axes, point),
        5 => nearest::<5>(axes, point),
        6 => nearest::<6>(axes, point),
        7 => nearest::<7>(axes, point),
        _ => nearest::<8>(axes, point),
    }
}

#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "compiled once for each set of features"
)]
#[expect(
    clippy::needless_range_loop,
    reason = "several arrays share each index"
)]
fn nearest<const D: usize>(axes: &[&[f32]], point: &[f32]) -> (usize, f32) {
    let length = axes.iter().map(|axis| axis.len()).min().unwrap_or(0);
    let chunks = length / LANES;
    let point: [f32; D] = core::array::from_fn(|axis| point[axis]);
    let axes: [&[f32]; D] = core::array::from_fn(|axis| &axes[axis][..length]);
    let blocks: [&[[f32; LANES]]; D] =
        core::array::from_fn(|axis| &axes[axis].as_chunks::<LANES>().0[..chunks]);
    // The lanes keep the least distance of a block and meet at its end; where it lies is looked up
    // once, in the best block, because a place per lane does not vectorise.
    let distances = |chunk: usize| {
        let mut distance = [0.0_f32; LANES];
        for axis in 0..D {
            let block = &blocks[axis][chunk];
            for lane in 0..LANES {
                let gap = block[lane] - point[axis];
                distance[lane] += gap * gap;
            }
        }
        distance
    };
    let (mut best, mut from) = (f32::INFINITY, 0);
    for start in (0..chunks).step_by(BLOCK) {
        let mut lowest = [f32::INFINITY; LANES];
        for chunk in start..(start + BLOCK).min(chunks) {
            let distance = distances(chunk);
            for lane in 0..LANES {
                let closer = distance[lane] < lowest[lane];
                lowest[lane] = if closer { distance[lane] } else { lowest[lane] };
            }
        }
        let lowest = least(&lowest);
        if lowest < best {
            (best, from) = (lowest, start);
        }
    }
    let mut found = (0, f32::INFINITY);
    for chunk in from..(from + BLOCK).min(chunks) {
        let distance = distances(chunk);
        if let Some(lane) = distance.iter().position(|value| *value <= best) {
            found = (chunk * LANES + lane, distance[lane]);
            break;
        }
    }
    for at in chunks * LANES..length {
        let mut distance = 0.0;
        for axis in 0..D {
            let gap = axes[axis][at] - point[axis];
            distance += gap * gap;
        }
        if distance < found.1 {
            found = (at, distance);
        }
    }
    found
}

/// Counts of several rows of a recurrence plot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) points: u32,
    /// Points on diagonals that are long enough, booked when they become so.
    pub(crate) on_diagonals: u32,
    /// Diagonals that became long enough.
    pub(crate) diagonals: u32,
    pub(crate) on_verticals: u32,
    pub(crate) verticals: u32,
}

/// Samples this many steps apart recur; between 1 and 64, so that bytes can tell.
pub(crate) const REACH: i8 = 64;
/// Recurs with nothing.
pub(crate) const OUTSIDE: i16 = i16::MIN;
/// Samples of one register.
const WIDE: usize = 16;

/// The last samples, as a ring. Of every 32 the second and the third eight have changed places: packing two registers works
/// within their halves, and so brings all in order.
#[derive(Debug, Clone)]
#[repr(align(32))]
pub(crate) struct Samples([[i16; WIDE]; ROW / WIDE]);

impl Samples {
    pub(crate) const fn new() -> Self {
        Self([[OUTSIDE; WIDE]; ROW / WIDE])
    }

    /// Where eight samples lie: the low two bits of their number change places. The same the other way round.
    #[inline]
    const fn moved(eight: usize) -> usize {
        eight & !3 | eight >> 1 & 1 | (eight & 1) << 1
    }

    /// The register of a place, and the lane in it.
    #[inline]
    const fn lane(at: usize) -> (usize, usize) {
        let moved = Self::moved(at / 8);
        (moved / 2 % (ROW / WIDE), moved % 2 * 8 + at % 8)
    }

    /// Which of the last samples recur with a new one, which takes place `at`: bit `i % 64` of word `i / 64` for
    /// place `i`.
    ///
    /// Written where they stay: copied words would hold up the wide load of the copy.
    #[inline]
    pub(crate) fn push(&mut self, sample: i16, at: usize, bits: &mut Bits) {
        #[cfg(target_arch = "x86_64")]
        if sample != OUTSIDE && has_avx2() {
            // SAFETY: the processor has just said that it has AVX2.
            return unsafe { self.push_avx2(sample, at, bits) };
        }
        self.push_anywhere(sample, at, bits);
    }

    /// The definition; the difference is shifted so that one unsigned comparison bounds both sides.
    fn push_anywhere(&mut self, sample: i16, at: usize, bits: &mut Bits) {
        let (reach, value) = (i32::from(REACH), i32::from(sample));
        *bits = [0; ROW / 64];
        for (place, samples) in self.0.as_flattened().as_chunks::<8>().0.iter().enumerate() {
            let mut bytes = [0_u8; 8];
            for (byte, other) in bytes.iter_mut().zip(samples) {
                let gap = (value + reach - i32::from(*other)).cast_unsigned();
                *byte = u8::from(gap <= 2 * reach.cast_unsigned() && sample != OUTSIDE);
            }
            // The product gathers the lowest bit of each byte in the highest byte.
            let gathered = u64::from_le_bytes(bytes).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            let place = Self::moved(place);
            bits[place / 8] |= gathered << (place % 8 * 8);
        }
        let (register, lane) = Self::lane(at);
        self.0[register][lane] = sample;
    }

    /// Of a sample that is not `OUTSIDE`.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn push_avx2(&mut self, sample: i16, at: usize, bits: &mut Bits) {
        let wide = arch::_mm256_set1_epi16(sample);
        let shift = arch::_mm256_set1_epi8(i8::MIN + REACH);
        let limit = arch::_mm256_set1_epi8((i16::from(i8::MIN) + 2 * i16::from(REACH) + 1) as i8);
        let gaps = |samples: &[i16; WIDE]| {
            // SAFETY: sixteen samples are the 32 bytes that are read; the load needs no alignment.
            let samples = unsafe { arch::_mm256_loadu_si256(samples.as_ptr().cast()) };
            arch::_mm256_subs_epi16(wide, samples)
        };
        for (word, chunk) in bits.iter_mut().zip(self.0.as_chunks::<4>().0) {
            *word = 0;
            for (half, pair) in chunk.as_chunks::<2>().0.iter().enumerate() {
                // What does not fit a byte becomes the largest or least one: too far all the same.
                let packed = arch::_mm256_packs_epi16(gaps(&pair[0]), gaps(&pair[1]));
                // -64 becomes the least byte, and what is below it wraps around to the largest.
                let shifted = arch::_mm256_add_epi8(packed, shift);
                let close = arch::_mm256_cmpgt_epi8(limit, shifted);
                let mask = arch::_mm256_movemask_epi8(close).cast_unsigned();
                *word |= u64::from(mask) << (32 * half);
            }
        }
        // The whole register is written: a narrow store would hold up the wide load of the next push.
        let lanes: [i16; WIDE] = core::array::from_fn(|lane| i16::from(lane as u8));
        // SAFETY: sixteen lanes are the 32 bytes that are read.
        let lanes = unsafe { arch::_mm256_loadu_si256(lanes.as_ptr().cast()) };
        let (register, lane) = Self::lane(at);
        let here = arch::_mm256_cmpeq_epi16(lanes, arch::_mm256_set1_epi16(i16::from(lane as u8)));
        let own = &mut self.0[register];
        // SAFETY: sixteen samples are the 32 bytes that are read, and written.
        unsafe {
            let old = arch::_mm256_loadu_si256(own.as_ptr().cast());
            let new = arch::_mm256_blendv_epi8(old, wide, here);
            arch::_mm256_storeu_si256(own.as_mut_ptr().cast(), new);
        }
    }
}

/// Counts rows `before..` of a plot whose rows follow one another; those before only tell which
/// diagonals are long at the beginning. `long`: for each row of the plot, the lags whose diagonal
/// is long enough there.
pub(crate) fn count_rows(plot: &[Bits], long: &[Bits], before: usize, diagonal: u32) -> Counts {
    #[cfg(target_arch = "x86_64")]
    if has_avx2() && has_popcnt() {
        // SAFETY: the processor has just said that it has both.
        return unsafe { count_rows_popcnt(plot, long, before, diagonal) };
    }
    count_rows_anywhere(plot, long, before, diagonal)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
fn count_rows_popcnt(plot: &[Bits], long: &[Bits], before: usize, diagonal: u32) -> Counts {
    count_rows_anywhere(plot, long, before, diagonal)
}

#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "compiled once for each set of features"
)]
fn count_rows_anywhere(plot: &[Bits], long: &[Bits], before: usize, diagonal: u32) -> Counts {
    let mut counts = Counts::default();
    let mut lasting = 0;
    let rows = plot[before..].iter().zip(&long[before..]);
    for ((recurs, long), earlier) in rows.zip(&long[before - 1..]) {
        for (word, here) in recurs.iter().enumerate() {
            let carried = if word > 0 { recurs[word - 1] >> 63 } else { 0 };
            let coming = recurs.get(word + 1).map_or(0, |next| next << 63);
            let left = here << 1 | carried;
            let right = here >> 1 | coming;
            counts.points += here.count_ones();
            counts.on_verticals += (here & (left | right)).count_ones();
            counts.verticals += (here & !left & right).count_ones();
            counts.diagonals += (long[word] & !earlier[word]).count_ones();
            lasting += long[word].count_ones();
        }
    }
    counts.on_diagonals = lasting + counts.diagonals * (diagonal - 1);
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn every_compilation_finds_the_same_recurrences() {
        let mut random = Random::new(4);
        for round in 0..300 {
            let spread = [3, 130, 500, 64_001][round % 4];
            let half = i32::from((spread / 2) as u16);
            let mut draw = || (i32::from(random.below(spread) as u16) - half) as i16;
            let mut samples = Samples(core::array::from_fn(|_| core::array::from_fn(|_| draw())));
            let sample = if round % 10 == 0 { OUTSIDE } else { draw() };
            let flat = samples.0.as_flattened_mut();
            flat[round % ROW] = OUTSIDE;
            // Around the edges, where one step decides.
            for (at, gap) in [-66, -65, -64, -63, 63, 64, 65, 66].into_iter().enumerate() {
                flat[(round * 7 + at * 30) % ROW] = sample.saturating_add(gap);
            }
            let before = samples.clone();
            let mut same = samples.clone();
            let (mut bits, mut expected) = ([1; ROW / 64], [2; ROW / 64]);
            samples.push(sample, round % ROW, &mut bits);
            same.push_anywhere(sample, round % ROW, &mut expected);
            assert_eq!(bits, expected);
            assert_eq!(samples.0, same.0);
            for at in 0..ROW {
                let (register, lane) = Samples::lane(at);
                let other = before.0[register][lane];
                let close = i32::from(sample).abs_diff(i32::from(other)) <= 64;
                assert_eq!(
                    bits[at / 64] >> (at % 64) & 1 == 1,
                    close && sample != OUTSIDE,
                    "{sample} {other}"
                );
            }
        }
    }

    #[test]
    fn every_compilation_counts_the_same() {
        let mut random = Random::new(6);
        let mut row = || -> Bits {
            core::array::from_fn(|_| random.below(1 << 32) as u64 * random.below(1 << 31) as u64)
        };
        let plot: Vec<Bits> = (0..20).map(|_| row()).collect();
        let long: Vec<Bits> = (0..20).map(|_| row()).collect();
        let counts = count_rows(&plot, &long, 4, 3);
        assert_eq!(counts, count_rows_anywhere(&plot, &long, 4, 3));
    }

    #[test]
    fn every_compilation_finds_the_same_neighbour() {
        let mut random = Random::new(5);
        for length in [0, 1, 15, 16, 17, 100, 1000] {
            for dimension in 1..=MAX_DIMENSION {
                let series: Vec<f32> = (0..length + 8).map(|_| random.unit() as f32).collect();
                let axes: Vec<&[f32]> = (0..dimension)
                    .map(|axis| &series[axis..axis + length])
                    .collect();
                let point: Vec<f32> = (0..dimension).map(|_| random.unit() as f32).collect();
                let found = nearest_in_window(&axes, &point);
                assert_eq!(found, nearest_by_dimension(&axes, &point));
                let distance = |at: usize| -> f32 {
                    (0..dimension)
                        .map(|axis| (axes[axis][at] - point[axis]).powi(2))
                        .sum()
                };
                let least = (0..length).map(distance).fold(f32::INFINITY, f32::min);
                assert!(
                    found.1 <= least * 1.000_001 || length == 0,
                    "{found:?} {least}"
                );
            }
        }
    }
}
