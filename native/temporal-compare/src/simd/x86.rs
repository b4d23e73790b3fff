//! AVX2 and AVX-512 vectors.
//!
//! Each method is one or two instructions. They are `unsafe` inside because the compiler cannot know that the
//! instructions exist: `dispatch` enters a kernel over these types only after the processor said so, and each kernel
//! is compiled with the features switched on, so every call here is inlined into code that may use them.

use core::arch::asm;
#[allow(clippy::wildcard_imports, reason = "sixty names that begin with _mm")]
use core::arch::x86_64::*;

use super::lanes::{Lanes, views};

/// One method as an expression over intrinsics.
macro_rules! wrap {
    ($($name:ident($($arg:ident: $t:ty),*) -> $out:ty = $body:expr;)*) => {$(
        #[inline(always)]
        fn $name($($arg: $t),*) -> $out {
            // SAFETY: a kernel over this type runs only where the processor has its instructions (see the module's
            // head); pointers come from references to arrays of exactly one vector and need no alignment.
            unsafe { $body }
        }
    )*};
}

/// [a b c d] -> [d a b c], by way of [c d a b]. As intrinsics the two steps would become one permutation of 64-bit
/// lanes, which takes 6 cycles instead of 4 on Zen, and a kernel waits for it at every tick.
#[inline]
#[target_feature(enable = "avx")]
fn rotate_pd(from: __m256d) -> __m256d {
    let mut rotated: __m256d;
    // SAFETY: two register instructions of AVX, and this function asks for AVX.
    unsafe {
        asm!(
            "vperm2f128 {rotated}, {from}, {from}, 1",
            "vshufpd {rotated}, {rotated}, {from}, 5",
            rotated = out(ymm_reg) rotated,
            from = in(ymm_reg) from,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    rotated
}

#[derive(Clone, Copy)]
pub(super) struct Avx2F64(__m256d);

impl Lanes for Avx2F64 {
    type Scalar = f64;
    type Array = [f64; 4];
    const N: usize = 4;
    wrap! {
        splat(value: f64) -> Self = Self(_mm256_set1_pd(value));
        load(from: &[f64; 4]) -> Self = Self(_mm256_loadu_pd(from.as_ptr()));
        store(self: Self, to: &mut [f64; 4]) -> () = _mm256_storeu_pd(to.as_mut_ptr(), self.0);
        add(self: Self, other: Self) -> Self = Self(_mm256_add_pd(self.0, other.0));
        sub(self: Self, other: Self) -> Self = Self(_mm256_sub_pd(self.0, other.0));
        mul(self: Self, other: Self) -> Self = Self(_mm256_mul_pd(self.0, other.0));
        min(self: Self, other: Self) -> Self = Self(_mm256_min_pd(self.0, other.0));
        sub_beside(self: Self, other: Self, one: Self) -> Self = Self(_mm256_fmsub_pd(self.0, one.0, other.0));
        abs(self: Self) -> Self = Self(_mm256_andnot_pd(_mm256_set1_pd(-0.0), self.0));
        rotate(self: Self) -> Self = Self(rotate_pd(self.0));
        first(self: Self) -> f64 = _mm_cvtsd_f64(_mm256_castpd256_pd128(self.0));
        with_first(self: Self, value: f64) -> Self = Self(_mm256_blend_pd::<1>(self.0, _mm256_set1_pd(value)));
        any_at_most(self: Self, limit: Self) -> bool =
            _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_LE_OQ>(self.0, limit.0)) != 0;
        barrier_above(self: Self, limit: Self) -> Self = Self(_mm256_and_pd(
            _mm256_cmp_pd::<_CMP_GT_OQ>(self.0, limit.0),
            _mm256_set1_pd(f64::INFINITY),
        ));
    }
    views!(f64, 4);

    #[inline(always)]
    fn add_distance<const SQUARED: bool>(self, offset: Self) -> Self {
        if SQUARED {
            // SAFETY: as in `wrap`; the fused multiply-add is among the features of these kernels.
            Self(unsafe { _mm256_fmadd_pd(offset.0, offset.0, self.0) })
        } else {
            self.add(offset.abs())
        }
    }

    #[inline(always)]
    fn strided<const DOWN: bool>(window: &[f64], stride: usize) -> Self {
        let window = &window[..=3 * stride];
        // SAFETY: as in `wrap`. The arguments go from the last lane to the first.
        Self(unsafe {
            if DOWN {
                _mm256_set_pd(
                    window[0],
                    window[stride],
                    window[2 * stride],
                    window[3 * stride],
                )
            } else {
                _mm256_set_pd(
                    window[3 * stride],
                    window[2 * stride],
                    window[stride],
                    window[0],
                )
            }
        })
    }
}

#[derive(Clone, Copy)]
pub(super) struct Avx2F32(__m256);

impl Lanes for Avx2F32 {
    type Scalar = f32;
    type Array = [f32; 8];
    const N: usize = 8;
    wrap! {
        splat(value: f32) -> Self = Self(_mm256_set1_ps(value));
        load(from: &[f32; 8]) -> Self = Self(_mm256_loadu_ps(from.as_ptr()));
        store(self: Self, to: &mut [f32; 8]) -> () = _mm256_storeu_ps(to.as_mut_ptr(), self.0);
        add(self: Self, other: Self) -> Self = Self(_mm256_add_ps(self.0, other.0));
        sub(self: Self, other: Self) -> Self = Self(_mm256_sub_ps(self.0, other.0));
        mul(self: Self, other: Self) -> Self = Self(_mm256_mul_ps(self.0, other.0));
        min(self: Self, other: Self) -> Self = Self(_mm256_min_ps(self.0, other.0));
        sub_beside(self: Self, other: Self, one: Self) -> Self = Self(_mm256_fmsub_ps(self.0, one.0, other.0));
        abs(self: Self) -> Self = Self(_mm256_andnot_ps(_mm256_set1_ps(-0.0), self.0));
        rotate(self: Self) -> Self =
            Self(_mm256_permutevar8x32_ps(self.0, _mm256_set_epi32(6, 5, 4, 3, 2, 1, 0, 7)));
        first(self: Self) -> f32 = _mm_cvtss_f32(_mm256_castps256_ps128(self.0));
        with_first(self: Self, value: f32) -> Self = Self(_mm256_blend_ps::<1>(self.0, _mm256_set1_ps(value)));
        any_at_most(self: Self, limit: Self) -> bool =
            _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_LE_OQ>(self.0, limit.0)) != 0;
        barrier_above(self: Self, limit: Self) -> Self = Self(_mm256_and_ps(
            _mm256_cmp_ps::<_CMP_GT_OQ>(self.0, limit.0),
            _mm256_set1_ps(f32::INFINITY),
        ));
    }
    views!(f32, 8);

    #[inline(always)]
    fn add_distance<const SQUARED: bool>(self, offset: Self) -> Self {
        if SQUARED {
            // SAFETY: as in `wrap`; the fused multiply-add is among the features of these kernels.
            Self(unsafe { _mm256_fmadd_ps(offset.0, offset.0, self.0) })
        } else {
            self.add(offset.abs())
        }
    }

    #[inline(always)]
    fn strided<const DOWN: bool>(window: &[f32], stride: usize) -> Self {
        let window = &window[..=7 * stride];
        // SAFETY: as in `wrap`. The arguments go from the last lane to the first.
        Self(unsafe {
            if DOWN {
                _mm256_set_ps(
                    window[0],
                    window[stride],
                    window[2 * stride],
                    window[3 * stride],
                    window[4 * stride],
                    window[5 * stride],
                    window[6 * stride],
                    window[7 * stride],
                )
            } else {
                _mm256_set_ps(
                    window[7 * stride],
                    window[6 * stride],
                    window[5 * stride],
                    window[4 * stride],
                    window[3 * stride],
                    window[2 * stride],
                    window[stride],
                    window[0],
                )
            }
        })
    }
}

#[derive(Clone, Copy)]
pub(super) struct Avx512F64(__m512d);

impl Lanes for Avx512F64 {
    type Scalar = f64;
    type Array = [f64; 8];
    const N: usize = 8;
    wrap! {
        splat(value: f64) -> Self = Self(_mm512_set1_pd(value));
        load(from: &[f64; 8]) -> Self = Self(_mm512_loadu_pd(from.as_ptr()));
        store(self: Self, to: &mut [f64; 8]) -> () = _mm512_storeu_pd(to.as_mut_ptr(), self.0);
        add(self: Self, other: Self) -> Self = Self(_mm512_add_pd(self.0, other.0));
        sub(self: Self, other: Self) -> Self = Self(_mm512_sub_pd(self.0, other.0));
        mul(self: Self, other: Self) -> Self = Self(_mm512_mul_pd(self.0, other.0));
        min(self: Self, other: Self) -> Self = Self(_mm512_min_pd(self.0, other.0));
        sub_beside(self: Self, other: Self, one: Self) -> Self = Self(_mm512_fmsub_pd(self.0, one.0, other.0));
        abs(self: Self) -> Self = Self(_mm512_abs_pd(self.0));
        rotate(self: Self) -> Self =
            Self(_mm512_permutexvar_pd(_mm512_set_epi64(6, 5, 4, 3, 2, 1, 0, 7), self.0));
        first(self: Self) -> f64 = _mm_cvtsd_f64(_mm512_castpd512_pd128(self.0));
        with_first(self: Self, value: f64) -> Self = Self(_mm512_mask_mov_pd(self.0, 1, _mm512_set1_pd(value)));
        any_at_most(self: Self, limit: Self) -> bool =
            _mm512_cmp_pd_mask::<_CMP_LE_OQ>(self.0, limit.0) != 0;
        barrier_above(self: Self, limit: Self) -> Self = Self(_mm512_maskz_mov_pd(
            _mm512_cmp_pd_mask::<_CMP_GT_OQ>(self.0, limit.0),
            _mm512_set1_pd(f64::INFINITY),
        ));
    }
    views!(f64, 8);

    #[inline(always)]
    fn add_distance<const SQUARED: bool>(self, offset: Self) -> Self {
        if SQUARED {
            // SAFETY: as in `wrap`; the fused multiply-add is among the features of these kernels.
            Self(unsafe { _mm512_fmadd_pd(offset.0, offset.0, self.0) })
        } else {
            self.add(offset.abs())
        }
    }

    #[inline(always)]
    fn strided<const DOWN: bool>(window: &[f64], stride: usize) -> Self {
        let window = &window[..=7 * stride];
        // SAFETY: as in `wrap`. The arguments go from the last lane to the first.
        Self(unsafe {
            if DOWN {
                _mm512_set_pd(
                    window[0],
                    window[stride],
                    window[2 * stride],
                    window[3 * stride],
                    window[4 * stride],
                    window[5 * stride],
                    window[6 * stride],
                    window[7 * stride],
                )
            } else {
                _mm512_set_pd(
                    window[7 * stride],
                    window[6 * stride],
                    window[5 * stride],
                    window[4 * stride],
                    window[3 * stride],
                    window[2 * stride],
                    window[stride],
                    window[0],
                )
            }
        })
    }
}

#[derive(Clone, Copy)]
pub(super) struct Avx512F32(__m512);

impl Lanes for Avx512F32 {
    type Scalar = f32;
    type Array = [f32; 16];
    const N: usize = 16;
    wrap! {
        splat(value: f32) -> Self = Self(_mm512_set1_ps(value));
        load(from: &[f32; 16]) -> Self = Self(_mm512_loadu_ps(from.as_ptr()));
        store(self: Self, to: &mut [f32; 16]) -> () = _mm512_storeu_ps(to.as_mut_ptr(), self.0);
        add(self: Self, other: Self) -> Self = Self(_mm512_add_ps(self.0, other.0));
        sub(self: Self, other: Self) -> Self = Self(_mm512_sub_ps(self.0, other.0));
        mul(self: Self, other: Self) -> Self = Self(_mm512_mul_ps(self.0, other.0));
        min(self: Self, other: Self) -> Self = Self(_mm512_min_ps(self.0, other.0));
        sub_beside(self: Self, other: Self, one: Self) -> Self = Self(_mm512_fmsub_ps(self.0, one.0, other.0));
        abs(self: Self) -> Self = Self(_mm512_abs_ps(self.0));
        rotate(self: Self) -> Self = Self(_mm512_permutexvar_ps(
            _mm512_set_epi32(14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 15),
            self.0,
        ));
        first(self: Self) -> f32 = _mm_cvtss_f32(_mm512_castps512_ps128(self.0));
        with_first(self: Self, value: f32) -> Self = Self(_mm512_mask_mov_ps(self.0, 1, _mm512_set1_ps(value)));
        any_at_most(self: Self, limit: Self) -> bool =
            _mm512_cmp_ps_mask::<_CMP_LE_OQ>(self.0, limit.0) != 0;
        barrier_above(self: Self, limit: Self) -> Self = Self(_mm512_maskz_mov_ps(
            _mm512_cmp_ps_mask::<_CMP_GT_OQ>(self.0, limit.0),
            _mm512_set1_ps(f32::INFINITY),
        ));
    }
    views!(f32, 16);

    #[inline(always)]
    fn add_distance<const SQUARED: bool>(self, offset: Self) -> Self {
        if SQUARED {
            // SAFETY: as in `wrap`; the fused multiply-add is among the features of these kernels.
            Self(unsafe { _mm512_fmadd_ps(offset.0, offset.0, self.0) })
        } else {
            self.add(offset.abs())
        }
    }

    #[inline(always)]
    fn strided<const DOWN: bool>(window: &[f32], stride: usize) -> Self {
        let window = &window[..=15 * stride];
        // SAFETY: as in `wrap`. The arguments go from the last lane to the first.
        Self(unsafe {
            if DOWN {
                _mm512_set_ps(
                    window[0],
                    window[stride],
                    window[2 * stride],
                    window[3 * stride],
                    window[4 * stride],
                    window[5 * stride],
                    window[6 * stride],
                    window[7 * stride],
                    window[8 * stride],
                    window[9 * stride],
                    window[10 * stride],
                    window[11 * stride],
                    window[12 * stride],
                    window[13 * stride],
                    window[14 * stride],
                    window[15 * stride],
                )
            } else {
                _mm512_set_ps(
                    window[15 * stride],
                    window[14 * stride],
                    window[13 * stride],
                    window[12 * stride],
                    window[11 * stride],
                    window[10 * stride],
                    window[9 * stride],
                    window[8 * stride],
                    window[7 * stride],
                    window[6 * stride],
                    window[5 * stride],
                    window[4 * stride],
                    window[3 * stride],
                    window[2 * stride],
                    window[stride],
                    window[0],
                )
            }
        })
    }
}
