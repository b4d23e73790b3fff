//! Float functions where there is no standard library: its methods under their names, from libm.

pub(crate) trait Math: Sized {
    fn sqrt(self) -> Self;
    fn ln(self) -> Self;
    fn exp2(self) -> Self;
    fn sin(self) -> Self;
    fn cos(self) -> Self;
    fn sin_cos(self) -> (Self, Self);
    fn atan2(self, other: Self) -> Self;
    fn powi(self, power: i32) -> Self;
    fn fract(self) -> Self;
}

impl Math for f64 {
    fn sqrt(self) -> Self {
        libm::sqrt(self)
    }

    fn ln(self) -> Self {
        libm::log(self)
    }

    fn sin(self) -> Self {
        libm::sin(self)
    }

    fn cos(self) -> Self {
        libm::cos(self)
    }

    fn sin_cos(self) -> (Self, Self) {
        libm::sincos(self)
    }

    fn atan2(self, other: Self) -> Self {
        libm::atan2(self, other)
    }

    /// By squaring, as the standard library's: the same products in the same order.
    fn powi(mut self, power: i32) -> Self {
        let (mut left, mut result) = (power.unsigned_abs(), 1.0);
        while left > 0 {
            if left % 2 == 1 {
                result *= self;
            }
            left /= 2;
            self *= self;
        }
        if power < 0 { 1.0 / result } else { result }
    }

    fn exp2(self) -> Self {
        libm::exp2(self)
    }

    fn fract(self) -> Self {
        self - libm::trunc(self)
    }
}
