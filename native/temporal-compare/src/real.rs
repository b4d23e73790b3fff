//! The two kinds of float a series may have.

use core::fmt::{Debug, Display};
use core::ops::{Add, Mul, Sub};

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// `f32` or `f64`.
///
/// An `f32` distance is accumulated in `f32`: its relative error grows by about 1e-7 a cell of the path. Good for
/// ranking; report `f64`.
pub trait Real:
    sealed::Sealed
    + crate::simd::Vectored
    + Copy
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Debug
    + Display
    + Default
    + Into<f64>
    + Send
    + Sync
    + 'static
{
    /// 0.
    const ZERO: Self;
    /// Positive infinity: a cell that no path reaches.
    const INFINITY: Self;

    /// The absolute value.
    #[must_use]
    fn magnitude(self) -> Self;
    /// Neither NaN nor infinite.
    fn finite(self) -> bool;
    /// The nearest value of this kind.
    #[must_use]
    fn of(value: f64) -> Self;
}

macro_rules! real {
    ($t:ty) => {
        impl Real for $t {
            const ZERO: Self = 0.0;
            const INFINITY: Self = <$t>::INFINITY;

            #[inline]
            fn magnitude(self) -> Self {
                self.abs()
            }
            #[inline]
            fn finite(self) -> bool {
                self.is_finite()
            }
            #[inline]
            fn of(value: f64) -> Self {
                value as Self
            }
        }
    };
}
real!(f32);
real!(f64);

#[inline]
pub(crate) fn smaller<T: Real>(a: T, b: T) -> T {
    if a < b { a } else { b }
}
