//! Levenshtein distance from both ends of the text at once, each end in two words.
//!
//! The distance is the least sum, over all places to cut the pattern, of what the pattern's beginning is away from the
//! text's first half and its end from the second half (Hirschberg 1975). The two halves do not wait for each other, and
//! neither do the two words of a column: the upper word works one symbol behind the lower one. So the four words of the
//! two columns are the lanes of one vector, and the dependent operations of a column, which are what a short pattern's
//! distance costs, are paid for every second symbol.
//!
//! A column is Myers' (1999), in the form that hands horizontal differences from block to block.

#[cfg(target_arch = "x86_64")]
#[allow(clippy::wildcard_imports, reason = "thirty names that begin with _mm")]
use core::arch::x86_64::*;

use super::dispatch::Isa;

/// Whether [`meet`] can run here.
#[inline]
pub(crate) fn can_meet() -> bool {
    cfg!(target_arch = "x86_64") && Isa::Avx2.is_available()
}

/// Distance of a pattern of 65 to 128 symbols and a text that is not shorter, or nothing where [`can_meet`] says no.
///
/// `places` gives a symbol's positions: `i` as bit `i` of the first two words, and as bit `127 - i` of the last two.
#[inline]
pub(crate) fn meet<'a, S: Copy>(
    rows: usize,
    text: &[S],
    places: impl Fn(S) -> &'a [u64; 4],
) -> Option<usize> {
    debug_assert!((65..=128).contains(&rows) && text.len() >= rows);
    #[cfg(target_arch = "x86_64")]
    if can_meet() {
        // SAFETY: the processor has AVX2, as just asked.
        return Some(unsafe { meet_avx2(rows, text, places) });
    }
    let _ = places;
    None
}

/// Two columns: lanes 0 and 1 are the words of the one that comes from the front, lanes 2 and 3 of the other.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
struct Columns {
    /// Vertical increases and decreases.
    plus: __m256i,
    minus: __m256i,
    /// What the lower words hand to the upper ones for their next step, one symbol behind: no horizontal increase, and
    /// a decrease.
    no_increase: __m256i,
    decrease: __m256i,
}

#[cfg(target_arch = "x86_64")]
impl Columns {
    /// `equal`: where the lanes' next symbols occur.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn step(&mut self, equal: __m256i) {
        let Self {
            plus,
            minus,
            no_increase,
            decrease,
        } = *self;
        let vertical = _mm256_or_si256(equal, minus);
        let equal = _mm256_or_si256(equal, decrease);
        let both = _mm256_and_si256(equal, plus);
        let sum = _mm256_add_epi64(both, plus);
        // Myers' `(sum ^ plus) | equal`, joined with `plus` and met with it; complements of increases, so that no
        // operation is spent on turning them over. Whatever does not wait for the sum is computed beside it: seven
        // operations follow one another from column to column.
        let not_up = _mm256_or_si256(sum, _mm256_or_si256(equal, plus));
        let not_up = _mm256_andnot_si256(minus, not_up);
        let down = _mm256_or_si256(_mm256_andnot_si256(sum, plus), both);
        let (not_up_2, down_2) = (
            _mm256_add_epi64(not_up, not_up),
            _mm256_add_epi64(down, down),
        );
        let handed = _mm256_or_si256(decrease, _mm256_andnot_si256(vertical, no_increase));
        let fixed = _mm256_or_si256(not_up_2, no_increase);
        self.no_increase = _mm256_slli_si256::<8>(_mm256_srli_epi64::<63>(not_up));
        self.decrease = _mm256_slli_si256::<8>(_mm256_srli_epi64::<63>(down));
        self.plus = _mm256_or_si256(
            _mm256_or_si256(down_2, handed),
            _mm256_andnot_si256(vertical, not_up_2),
        );
        self.minus = _mm256_andnot_si256(fixed, vertical);
    }

    /// A step of some lanes; the others stay as they are. `KEEP` has two bits for each lane that stays.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn step_without<const KEEP: i32>(&mut self, equal: __m256i) {
        let before = *self;
        self.step(equal);
        self.plus = _mm256_blend_epi32::<KEEP>(self.plus, before.plus);
        self.minus = _mm256_blend_epi32::<KEEP>(self.minus, before.minus);
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn meet_avx2<'a, S: Copy>(rows: usize, text: &[S], places: impl Fn(S) -> &'a [u64; 4]) -> usize {
    const LOWER: i32 = 0b0011_0011;
    let (front, back) = text.split_at(text.len().div_ceil(2));
    let both = |front: &[u64; 4], back: &[u64; 4]| {
        let [front, back] = [[front[0], front[1]], [back[2], back[3]]]
            .map(|[low, high]| _mm_set_epi64x(high.cast_signed(), low.cast_signed()));
        _mm256_set_m128i(back, front)
    };
    // The upper words' first step, before their first symbol, must change nothing: every cell goes down with the one
    // above it. The pattern that is read backwards begins with rows that it has not: they cost nothing.
    let upper = _mm256_set_epi64x(1, 0, 1, 0);
    let mut columns = Columns {
        plus: _mm256_set_epi64x(-1, -1 << (128 - rows), -1, -1),
        minus: _mm256_setzero_si256(),
        no_increase: upper,
        decrease: upper,
    };
    let mut last = _mm256_setzero_si256();
    for (&one, &other) in front.iter().zip(back.iter().rev()) {
        let equal = both(places(one), places(other));
        columns.step(_mm256_blend_epi32::<LOWER>(last, equal));
        last = equal;
    }
    if front.len() > back.len() {
        let none = [0; 4];
        let equal = both(places(front[back.len()]), &none);
        columns.step_without::<0b0011_0000>(_mm256_blend_epi32::<LOWER>(last, equal));
        columns.step_without::<0b1111_0011>(equal);
    } else {
        columns.step_without::<LOWER>(last);
    }
    least_sum(rows, columns, front.len(), back.len())
}

/// Least sum of two cells that share the pattern between them, the columns' first cells being `front` and `back`.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
fn least_sum(rows: usize, columns: Columns, front: usize, back: usize) -> usize {
    let mask = !0u128 >> (128 - rows);
    let mask = _mm256_set_epi64x(
        0,
        0,
        ((mask >> 64) as u64).cast_signed(),
        (mask as u64).cast_signed(),
    );
    let twice = |from: __m256i| _mm256_permute4x64_epi64::<0b01_00_01_00>(from);
    let [f_up, f_down] =
        [columns.plus, columns.minus].map(|from| twice(_mm256_and_si256(from, mask)));
    let [b_up, b_down] =
        [columns.plus, columns.minus].map(|from| _mm256_permute4x64_epi64::<0b11_10_11_10>(from));

    // One byte a row, 32 rows at a time: byte `k` of a vector is to hold bit `k % 8` of byte `k / 8`, or, from the
    // end, bit `7 - k % 8` of byte `15 - k / 8`.
    let one = 0x0101_0101_0101_0101;
    let bits = _mm256_set1_epi64x(0x8040_2010_0804_0201u64.cast_signed());
    let mirrored = _mm256_set1_epi64x(0x0102_0408_1020_4080);
    let mut bytes = _mm256_set_epi64x(3 * one, 2 * one, one, 0);
    let mut bytes_back = _mm256_set_epi64x(12 * one, 13 * one, 14 * one, 15 * one);
    // From the first place on, where all of the pattern is left to the second half: the cut's sum, and the least one.
    let (mut at, mut least) = (0, 0);
    let mut last_cell = _mm256_setzero_si256();
    for _ in 0..4 {
        // -1 where the bit is set.
        let spread = |from: __m256i, bytes: __m256i, bits: __m256i| {
            _mm256_cmpeq_epi8(
                _mm256_and_si256(_mm256_shuffle_epi8(from, bytes), bits),
                bits,
            )
        };
        let forwards = _mm256_sub_epi8(spread(f_down, bytes, bits), spread(f_up, bytes, bits));
        let backwards = _mm256_sub_epi8(
            spread(b_down, bytes_back, mirrored),
            spread(b_up, bytes_back, mirrored),
        );
        last_cell = _mm256_add_epi8(last_cell, backwards);
        let mut sums = _mm256_sub_epi8(forwards, backwards);
        sums = _mm256_add_epi8(sums, _mm256_slli_si256::<1>(sums));
        sums = _mm256_add_epi8(sums, _mm256_slli_si256::<2>(sums));
        sums = _mm256_add_epi8(sums, _mm256_slli_si256::<4>(sums));
        sums = _mm256_add_epi8(sums, _mm256_slli_si256::<8>(sums));
        let mut low = _mm256_min_epi8(sums, _mm256_srli_si256::<8>(sums));
        low = _mm256_min_epi8(low, _mm256_srli_si256::<4>(low));
        low = _mm256_min_epi8(low, _mm256_srli_si256::<2>(low));
        low = _mm256_min_epi8(low, _mm256_srli_si256::<1>(low));
        let value = |low: i32| i32::from(low as i8);
        least = least.min(at + value(_mm256_extract_epi8::<0>(low)));
        at += value(_mm256_extract_epi8::<15>(sums));
        least = least.min(at + value(_mm256_extract_epi8::<16>(low)));
        at += value(_mm256_extract_epi8::<31>(sums));
        bytes = _mm256_add_epi8(bytes, _mm256_set1_epi8(4));
        bytes_back = _mm256_sub_epi8(bytes_back, _mm256_set1_epi8(4));
    }
    // Four differences a byte, 32 bytes; the processor adds up bytes without a sign.
    let last_cell = _mm256_add_epi8(last_cell, _mm256_set1_epi8(4));
    let last_cell = _mm256_sad_epu8(last_cell, _mm256_setzero_si256());
    let last_cell = _mm_add_epi64(
        _mm256_castsi256_si128(last_cell),
        _mm256_extracti128_si256::<1>(last_cell),
    );
    let last_cell = _mm_add_epi64(last_cell, _mm_unpackhi_epi64(last_cell, last_cell));
    let last_cell = _mm_cvtsi128_si32(last_cell) - 4 * 32;
    (front + back).saturating_add_signed((last_cell + least) as isize)
}
