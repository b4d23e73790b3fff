//! Real Fourier transform of even lengths whose half is 2^a 3^b 5^c; no dependency, no allocation
//! after the plan.
//!
//! Stockham's self-sorting form: each pass reads one buffer and writes the other, so there is no
//! bit reversal and the inner loops run over contiguous memory.

#[cfg(not(feature = "std"))]
use crate::math::Math;
use alloc::vec::Vec;
use core::f64::consts::PI;

/// A complex number; only what the transform needs.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Complex {
    pub(crate) re: f64,
    pub(crate) im: f64,
}

impl Complex {
    fn turn(angle: f64) -> Self {
        Self {
            re: angle.cos(),
            im: angle.sin(),
        }
    }
    #[inline]
    fn plus(self, other: Self) -> Self {
        Self {
            re: self.re + other.re,
            im: self.im + other.im,
        }
    }
    #[inline]
    fn minus(self, other: Self) -> Self {
        Self {
            re: self.re - other.re,
            im: self.im - other.im,
        }
    }
    #[inline]
    fn times(self, other: Self) -> Self {
        Self {
            re: self.re * other.re - self.im * other.im,
            im: self.re * other.im + self.im * other.re,
        }
    }
    #[inline]
    fn scaled(self, by: f64) -> Self {
        Self {
            re: self.re * by,
            im: self.im * by,
        }
    }
    /// Multiplied by -i.
    #[inline]
    fn turned(self) -> Self {
        Self {
            re: self.im,
            im: -self.re,
        }
    }
    fn conjugate(self) -> Self {
        Self {
            re: self.re,
            im: -self.im,
        }
    }
    pub(crate) fn norm_squared(self) -> f64 {
        self.re * self.re + self.im * self.im
    }
}

/// Longest usable length at most `length`: even, and its half a product of 2, 3 and 5. 0 below 4.
pub(crate) fn usable_length(length: usize) -> usize {
    let mut half = length / 2;
    while half >= 2 {
        let mut rest = half;
        for factor in [2, 3, 5] {
            while rest.is_multiple_of(factor) {
                rest /= factor;
            }
        }
        if rest == 1 {
            return half * 2;
        }
        half -= 1;
    }
    0
}

/// Tables and buffers for one length at a time; re-planning keeps the memory.
#[derive(Debug, Default)]
pub(crate) struct RealFft {
    length: usize,
    factors: Vec<usize>,
    /// exp(-2 pi i k / length) for k in 0..length/2.
    turns: Vec<Complex>,
    work: Vec<Complex>,
    spare: Vec<Complex>,
}

impl RealFft {
    /// Reserves for lengths up to `length`, so that later plans do not allocate.
    pub(crate) fn reserve(&mut self, length: usize) {
        self.factors.reserve(64);
        for buffer in [&mut self.turns, &mut self.work, &mut self.spare] {
            buffer.reserve(length / 2 + 1);
        }
    }

    /// Prepares for `length`, which must come from [`usable_length`].
    pub(crate) fn plan(&mut self, length: usize) {
        if self.length == length {
            return;
        }
        self.length = length;
        let half = length / 2;
        self.factors.clear();
        let mut rest = half;
        for factor in [4, 2, 3, 5] {
            while rest > 1 && rest.is_multiple_of(factor) {
                self.factors.push(factor);
                rest /= factor;
            }
        }
        debug_assert_eq!(rest, 1, "length does not come from usable_length");
        self.turns.clear();
        let step = -2.0 * PI / length as f64;
        self.turns
            .extend((0..half).map(|index| Complex::turn(step * index as f64)));
        self.work.clear();
        self.work.resize(half, Complex::default());
        self.spare.clear();
        self.spare.resize(half, Complex::default());
    }

    /// Fills `spectrum` (length / 2 + 1 values) with the transform of `series` (length values).
    pub(crate) fn forward(&mut self, series: &[f64], spectrum: &mut [Complex]) {
        let half = self.length / 2;
        for (slot, pair) in self.work.iter_mut().zip(series.chunks_exact(2)) {
            *slot = Complex {
                re: pair[0],
                im: pair[1],
            };
        }
        self.transform();
        for (index, slot) in spectrum.iter_mut().enumerate().take(half + 1) {
            let ahead = self.work[index % half];
            let back = self.work[(half - index) % half].conjugate();
            let even = ahead.plus(back).scaled(0.5);
            let odd = ahead.minus(back).scaled(0.5).turned();
            let turn = if index == half {
                Complex { re: -1.0, im: 0.0 }
            } else {
                self.turns[index]
            };
            *slot = even.plus(odd.times(turn));
        }
    }

    /// The inverse of [`Self::forward`], scaled so that the two cancel.
    pub(crate) fn inverse(&mut self, spectrum: &[Complex], series: &mut [f64]) {
        let half = self.length / 2;
        for index in 0..half {
            let (low, high) = (spectrum[index], spectrum[half - index].conjugate());
            let even = low.plus(high).scaled(0.5);
            let odd = low
                .minus(high)
                .scaled(0.5)
                .times(self.turns[index].conjugate());
            // even + i odd, conjugated so that the forward passes compute the inverse.
            self.work[index] = Complex {
                re: even.re - odd.im,
                im: -(even.im + odd.re),
            };
        }
        self.transform();
        let scale = 1.0 / half as f64;
        for (pair, value) in series.chunks_exact_mut(2).zip(&self.work) {
            pair[0] = value.re * scale;
            pair[1] = -value.im * scale;
        }
    }

    /// The complex transform of `work` in place.
    fn transform(&mut self) {
        let (mut length, mut stride) = (self.length / 2, 1);
        for index in 0..self.factors.len() {
            let radix = self.factors[index];
            let groups = length / radix;
            for group in 0..groups {
                // turns holds exp(-2 pi i k / (2 half)); w = exp(-2 pi i group / length).
                let turn = self.turns[(2 * stride * group) % self.turns.len().max(1)];
                let turn = if 2 * stride * group >= self.turns.len() {
                    turn.scaled(-1.0)
                } else {
                    turn
                };
                let pass = Pass {
                    groups,
                    group,
                    stride,
                    turn,
                };
                match radix {
                    2 => pass.two(&self.work, &mut self.spare),
                    3 => pass.three(&self.work, &mut self.spare),
                    4 => pass.four(&self.work, &mut self.spare),
                    _ => pass.five(&self.work, &mut self.spare),
                }
            }
            core::mem::swap(&mut self.work, &mut self.spare);
            length = groups;
            stride *= radix;
        }
    }
}

/// One group of butterflies that share their twiddle factor.
struct Pass {
    groups: usize,
    group: usize,
    stride: usize,
    turn: Complex,
}

impl Pass {
    /// The `part`-th input run of this group.
    #[inline]
    fn input<'a>(&self, from: &'a [Complex], part: usize) -> &'a [Complex] {
        let start = self.stride * (self.group + self.groups * part);
        &from[start..start + self.stride]
    }

    /// The output runs of this group, one after the other.
    #[inline]
    fn output<'a>(&self, to: &'a mut [Complex], radix: usize) -> &'a mut [Complex] {
        let start = self.stride * radix * self.group;
        &mut to[start..start + self.stride * radix]
    }

    fn two(&self, from: &[Complex], to: &mut [Complex]) {
        let (a, b) = (self.input(from, 0), self.input(from, 1));
        let (y0, y1) = self.output(to, 2).split_at_mut(self.stride);
        for q in 0..self.stride {
            y0[q] = a[q].plus(b[q]);
            y1[q] = a[q].minus(b[q]).times(self.turn);
        }
    }

    fn three(&self, from: &[Complex], to: &mut [Complex]) {
        let (w1, w2) = (self.turn, self.turn.times(self.turn));
        let sine = (PI / 3.0).sin();
        let (a, b, c) = (
            self.input(from, 0),
            self.input(from, 1),
            self.input(from, 2),
        );
        let out = self.output(to, 3);
        for q in 0..self.stride {
            let sum = b[q].plus(c[q]);
            let cross = b[q].minus(c[q]).scaled(sine).turned();
            let centre = a[q].minus(sum.scaled(0.5));
            out[q] = a[q].plus(sum);
            out[self.stride + q] = centre.plus(cross).times(w1);
            out[2 * self.stride + q] = centre.minus(cross).times(w2);
        }
    }

    fn four(&self, from: &[Complex], to: &mut [Complex]) {
        let w1 = self.turn;
        let w2 = w1.times(w1);
        let w3 = w2.times(w1);
        let (a, b) = (self.input(from, 0), self.input(from, 1));
        let (c, d) = (self.input(from, 2), self.input(from, 3));
        let (low, high) = self.output(to, 4).split_at_mut(2 * self.stride);
        let (y0, y1) = low.split_at_mut(self.stride);
        let (y2, y3) = high.split_at_mut(self.stride);
        for q in 0..self.stride {
            let (sum, difference) = (a[q].plus(c[q]), a[q].minus(c[q]));
            let (other, cross) = (b[q].plus(d[q]), b[q].minus(d[q]).turned());
            y0[q] = sum.plus(other);
            y1[q] = difference.plus(cross).times(w1);
            y2[q] = sum.minus(other).times(w2);
            y3[q] = difference.minus(cross).times(w3);
        }
    }

    fn five(&self, from: &[Complex], to: &mut [Complex]) {
        let w1 = self.turn;
        let w2 = w1.times(w1);
        let (w3, w4) = (w2.times(w1), w2.times(w2));
        let (c1, c2) = ((2.0 * PI / 5.0).cos(), (4.0 * PI / 5.0).cos());
        let (s1, s2) = ((2.0 * PI / 5.0).sin(), (4.0 * PI / 5.0).sin());
        let input: [&[Complex]; 5] = core::array::from_fn(|part| self.input(from, part));
        let (stride, out) = (self.stride, self.output(to, 5));
        for q in 0..stride {
            let a = input[0][q];
            let (p1, m1) = (
                input[1][q].plus(input[4][q]),
                input[1][q].minus(input[4][q]),
            );
            let (p2, m2) = (
                input[2][q].plus(input[3][q]),
                input[2][q].minus(input[3][q]),
            );
            let r1 = a.plus(p1.scaled(c1)).plus(p2.scaled(c2));
            let r2 = a.plus(p1.scaled(c2)).plus(p2.scaled(c1));
            let t1 = m1.scaled(s1).plus(m2.scaled(s2)).turned();
            let t2 = m1.scaled(s2).minus(m2.scaled(s1)).turned();
            out[q] = a.plus(p1).plus(p2);
            out[stride + q] = r1.plus(t1).times(w1);
            out[2 * stride + q] = r2.plus(t2).times(w2);
            out[3 * stride + q] = r2.minus(t2).times(w3);
            out[4 * stride + q] = r1.minus(t1).times(w4);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn direct(series: &[f64]) -> Vec<Complex> {
        let length = series.len();
        (0..=length / 2)
            .map(|k| {
                series
                    .iter()
                    .enumerate()
                    .fold(Complex::default(), |sum, (t, x)| {
                        let angle = -2.0 * PI * ((k * t) % length) as f64 / length as f64;
                        sum.plus(Complex::turn(angle).scaled(*x))
                    })
            })
            .collect()
    }

    #[test]
    fn equals_the_direct_sum_at_every_usable_length_up_to_400_and_inverts() {
        let mut random = Random::new(1);
        let mut fft = RealFft::default();
        for length in (4..=400).filter(|length| usable_length(*length) == *length) {
            let series: Vec<f64> = (0..length).map(|_| random.unit() - 0.5).collect();
            fft.plan(length);
            let mut spectrum = vec![Complex::default(); length / 2 + 1];
            fft.forward(&series, &mut spectrum);
            for (fast, slow) in spectrum.iter().zip(direct(&series)) {
                assert!(fast.minus(slow).norm_squared() < 1e-22, "length {length}");
            }
            let mut back = vec![0.0; length];
            fft.inverse(&spectrum, &mut back);
            for (a, b) in series.iter().zip(&back) {
                assert!((a - b).abs() < 1e-13, "length {length}");
            }
        }
    }

    #[test]
    fn usable_lengths_are_even_and_smooth() {
        assert_eq!(usable_length(5000), 5000);
        assert_eq!(usable_length(2048), 2048);
        assert_eq!(usable_length(7), 6);
        assert_eq!(usable_length(3), 0);
        assert_eq!(usable_length(15), 12);
    }
}
