//! The loops over fixed lanes, and the one place of this crate with `unsafe`.
//!
//! Plain loops over arrays of fixed size, which the compiler vectorises for any target. Two of them
//! run once per sample of a stream and gain twice from AVX2, which x86-64-v2 builds may not assume:
//! those are compiled a second time with the feature on and called after a run-time check. The row
//! of recurrences also needs the instruction that gathers one bit per lane, which no loop turns into.
//! Both compilations do the same operations in the same order, so results are equal to the bit.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64 as arch;

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
    if std::arch::is_x86_feature_detected!("avx2") {
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
    let point: [f32; D] = std::array::from_fn(|axis| point[axis]);
    let axes: [&[f32]; D] = std::array::from_fn(|axis| &axes[axis][..length]);
    let blocks: [&[[f32; LANES]]; D] =
        std::array::from_fn(|axis| &axes[axis].as_chunks::<LANES>().0[..chunks]);
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

/// Counts of one row of a recurrence plot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) points: u16,
    /// Points on diagonals that are long enough, booked when they become so.
    pub(crate) on_diagonals: u16,
    /// Diagonals that became long enough.
    pub(crate) diagonals: u16,
    pub(crate) on_verticals: u16,
    pub(crate) verticals: u16,
}

/// A sample and the window that it is compared with; without `counts` nothing recurs.
///
/// No difference may come within `2 * reach` of 65,536: samples stay inside +-32,000 and `reach`
/// below 256.
pub(crate) struct Compare<'a> {
    pub(crate) sample: i16,
    pub(crate) window: &'a [i16; ROW],
    pub(crate) reach: u16,
    pub(crate) counts: bool,
}

/// The rows before, as a ring whose next place is `at`, and the shortest diagonal.
pub(crate) struct Earlier<'a> {
    pub(crate) plot: &'a [Bits; ROW],
    pub(crate) at: usize,
    pub(crate) diagonal: usize,
}

/// Which samples of the window recur (bit `i % 64` of word `i / 64`) and what the row counts.
///
/// `long`: lags whose diagonal was long enough in the row before; updated.
pub(crate) fn recurrence_row(
    compare: &Compare<'_>,
    earlier: &Earlier<'_>,
    long: &mut Bits,
) -> (Bits, Row) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("popcnt")
    {
        // SAFETY: the processor has just said that it has both.
        return unsafe { recurrence_row_avx2(compare, earlier, long) };
    }
    let recurs = recurring_anywhere(compare);
    (recurs, count_row(&recurs, earlier, long))
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
fn recurrence_row_avx2(
    compare: &Compare<'_>,
    earlier: &Earlier<'_>,
    long: &mut Bits,
) -> (Bits, Row) {
    let recurs = recurring_avx2(compare);
    (recurs, count_row(&recurs, earlier, long))
}

#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "compiled once for each set of features"
)]
fn count_row(recurs: &Bits, earlier: &Earlier<'_>, before: &mut Bits) -> Row {
    let mut long = *recurs;
    for back in 1..earlier.diagonal {
        let row = &earlier.plot[earlier.at.wrapping_sub(back) % ROW];
        for (long, bits) in long.iter_mut().zip(row) {
            *long &= bits;
        }
    }
    let mut row = Row::default();
    let mut lasting = 0;
    for (word, here) in recurs.iter().enumerate() {
        let carried = if word > 0 { recurs[word - 1] >> 63 } else { 0 };
        let coming = recurs.get(word + 1).map_or(0, |next| next << 63);
        let left = here << 1 | carried;
        let right = here >> 1 | coming;
        row.points += here.count_ones() as u16;
        row.on_verticals += (here & (left | right)).count_ones() as u16;
        row.verticals += (here & !left & right).count_ones() as u16;
        row.diagonals += (long[word] & !before[word]).count_ones() as u16;
        lasting += long[word].count_ones() as u16;
    }
    row.on_diagonals = lasting + row.diagonals * (earlier.diagonal as u16 - 1);
    *before = long;
    row
}

/// The definition; the difference is shifted so that one unsigned comparison bounds both sides.
fn recurring_anywhere(compare: &Compare<'_>) -> Bits {
    let Compare {
        sample,
        window,
        reach,
        counts,
    } = *compare;
    if !counts {
        return [0; ROW / 64];
    }
    let top = sample.cast_unsigned().wrapping_add(reach);
    let mut bits = [0; ROW / 64];
    for (word, chunk) in bits.iter_mut().zip(window.as_chunks::<64>().0) {
        for (eight, samples) in chunk.as_chunks::<8>().0.iter().enumerate() {
            let mut bytes = [0_u8; 8];
            for (byte, other) in bytes.iter_mut().zip(samples) {
                *byte = u8::from(top.wrapping_sub(other.cast_unsigned()) <= 2 * reach);
            }
            // The product gathers the lowest bit of each byte in the highest byte.
            let gathered = u64::from_le_bytes(bytes).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            *word |= gathered << (8 * eight);
        }
    }
    bits
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn recurring_avx2(compare: &Compare<'_>) -> Bits {
    let Compare {
        sample,
        window,
        reach,
        counts,
    } = *compare;
    if !counts {
        return [0; ROW / 64];
    }
    let top = arch::_mm256_set1_epi16(sample.cast_unsigned().wrapping_add(reach).cast_signed());
    let limit = arch::_mm256_set1_epi16((2 * reach).cast_signed());
    let zero = arch::_mm256_setzero_si256();
    let close = |samples: &[i16; 16]| {
        // SAFETY: sixteen samples are the 32 bytes that are read; the load needs no alignment.
        let samples = unsafe { arch::_mm256_loadu_si256(samples.as_ptr().cast()) };
        let beyond = arch::_mm256_subs_epu16(arch::_mm256_sub_epi16(top, samples), limit);
        arch::_mm256_cmpeq_epi16(beyond, zero)
    };
    let mut bits = [0; ROW / 64];
    for (word, chunk) in bits.iter_mut().zip(window.as_chunks::<64>().0) {
        for (half, samples) in chunk.as_chunks::<32>().0.iter().enumerate() {
            let (pairs, _) = samples.as_chunks::<16>();
            let packed = arch::_mm256_packs_epi16(close(&pairs[0]), close(&pairs[1]));
            // Packing works within halves of the register; this puts its quarters in order.
            let ordered = arch::_mm256_permute4x64_epi64::<0b11_01_10_00>(packed);
            let mask = arch::_mm256_movemask_epi8(ordered).cast_unsigned();
            *word |= u64::from(mask) << (32 * half);
        }
    }
    bits
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
            let mut window: [i16; ROW] = std::array::from_fn(|_| draw());
            window[round % ROW] = i16::MIN;
            let sample = draw();
            let compare = Compare {
                sample,
                window: &window,
                reach: 64,
                counts: true,
            };
            let plot = [[u64::MAX; ROW / 64]; ROW];
            let earlier = Earlier {
                plot: &plot,
                at: 7,
                diagonal: 4,
            };
            let (mut long, mut same) = ([0x0f0f; ROW / 64], [0x0f0f; ROW / 64]);
            let (bits, row) = recurrence_row(&compare, &earlier, &mut long);
            assert_eq!(bits, recurring_anywhere(&compare));
            assert_eq!(row, count_row(&bits, &earlier, &mut same));
            assert_eq!(long, same);
            for (at, other) in window.iter().enumerate() {
                let close = i32::from(sample).abs_diff(i32::from(*other)) <= 64;
                assert_eq!(
                    bits[at / 64] >> (at % 64) & 1 == 1,
                    close,
                    "{sample} {other}"
                );
            }
        }
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
