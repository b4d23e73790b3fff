//! Vectors of floats, as the kernels see them.
//!
//! AVX2 and AVX-512 give the same bits. The portable vectors round once more a cell (a product and a sum, where the
//! others have a fused multiply-add), so squared costs may differ from them in the last digits; absolute costs, and
//! squares that are exact, do not.

use crate::real::Real;

/// A vector of `N` floats.
///
/// The methods are safe to call only where the instructions behind them exist: the types are private to this module
/// and the entries in `dispatch` check for the instructions first.
pub(super) trait Lanes: Copy {
    type Scalar: Real;
    /// `[Scalar; N]`: what a vector looks like in memory.
    type Array: Copy;
    const N: usize;

    /// A vector's worth of memory.
    fn zeros() -> Self::Array;
    fn splat(value: Self::Scalar) -> Self;
    fn load(from: &Self::Array) -> Self;
    fn store(self, to: &mut Self::Array);
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    /// No operand is ever NaN, no zero is ever negative: any definition of the minimum gives the same bits.
    fn min(self, other: Self) -> Self;
    /// `self - other`, by the multipliers where that helps: on Zen the adders are the bottleneck of a cell, and
    /// `self * one - other` rounds once, so it is the difference, bit for bit.
    #[inline(always)]
    fn sub_beside(self, other: Self, _one: Self) -> Self {
        self.sub(other)
    }
    /// `self + offset * offset`, fused where the processor can, or `self + |offset|`.
    fn add_distance<const SQUARED: bool>(self, offset: Self) -> Self;
    /// Lane `l` is `window[l * stride]`, or with `DOWN` the other way round. The window ends with the last one.
    fn strided<const DOWN: bool>(window: &[Self::Scalar], stride: usize) -> Self;
    fn abs(self) -> Self;
    /// Lane `i` moves to lane `i + 1`, the last one to lane 0.
    fn rotate(self) -> Self;
    fn first(self) -> Self::Scalar;
    fn lane(self, index: usize) -> Self::Scalar;
    fn with_first(self, value: Self::Scalar) -> Self;
    /// Whether a lane is at most `limit`.
    fn any_at_most(self, limit: Self) -> bool;
    /// Infinity in every lane above `limit`, else zero.
    fn barrier_above(self, limit: Self) -> Self;
    /// A buffer as vectors; what does not fill one is left out.
    fn vectors(of: &[Self::Scalar]) -> &[Self::Array];
    fn vectors_mut(of: &mut [Self::Scalar]) -> &mut [Self::Array];
}

/// What is the same for all implementations.
macro_rules! views {
    ($t:ty, $n:expr) => {
        #[inline(always)]
        fn zeros() -> [$t; $n] {
            [<$t as $crate::real::Real>::ZERO; $n]
        }
        #[inline(always)]
        fn vectors(of: &[$t]) -> &[[$t; $n]] {
            of.as_chunks::<{ $n }>().0
        }
        #[inline(always)]
        fn vectors_mut(of: &mut [$t]) -> &mut [[$t; $n]] {
            of.as_chunks_mut::<{ $n }>().0
        }
        #[inline(always)]
        fn lane(self, index: usize) -> $t {
            let mut out = Self::zeros();
            self.store(&mut out);
            out[index]
        }
    };
}
pub(super) use views;

/// The portable vector: an array that the compiler turns into whatever the target has (SSE2, NEON, simd128).
#[derive(Clone, Copy)]
pub(super) struct Portable<T, const N: usize>([T; N]);

impl<T: Real, const N: usize> Portable<T, N> {
    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(T, T) -> T) -> Self {
        Self(core::array::from_fn(|i| f(self.0[i], other.0[i])))
    }
}

impl<T: Real, const N: usize> Lanes for Portable<T, N> {
    type Scalar = T;
    type Array = [T; N];
    const N: usize = N;

    #[inline(always)]
    fn splat(value: T) -> Self {
        Self([value; N])
    }
    #[inline(always)]
    fn load(from: &[T; N]) -> Self {
        Self(*from)
    }
    #[inline(always)]
    fn store(self, to: &mut [T; N]) {
        *to = self.0;
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.zip(other, |a, b| if a < b { a } else { b })
    }
    #[inline(always)]
    fn abs(self) -> Self {
        Self(self.0.map(Real::magnitude))
    }
    #[inline(always)]
    fn add_distance<const SQUARED: bool>(self, offset: Self) -> Self {
        self.add(if SQUARED {
            offset.mul(offset)
        } else {
            offset.abs()
        })
    }
    #[inline(always)]
    fn strided<const DOWN: bool>(window: &[T], stride: usize) -> Self {
        Self(core::array::from_fn(|i| {
            window[if DOWN { N - 1 - i } else { i } * stride]
        }))
    }
    #[inline(always)]
    fn rotate(self) -> Self {
        Self(core::array::from_fn(|i| self.0[(i + N - 1) % N]))
    }
    #[inline(always)]
    fn first(self) -> T {
        self.0[0]
    }
    #[inline(always)]
    fn with_first(mut self, value: T) -> Self {
        self.0[0] = value;
        self
    }
    #[inline(always)]
    fn any_at_most(self, limit: Self) -> bool {
        let mut any = false;
        for i in 0..N {
            any |= self.0[i] <= limit.0[i];
        }
        any
    }
    #[inline(always)]
    fn barrier_above(self, limit: Self) -> Self {
        self.zip(limit, |a, b| if a > b { T::INFINITY } else { T::ZERO })
    }
    views!(T, N);
}
