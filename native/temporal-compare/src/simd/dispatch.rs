//! Which instructions a kernel is compiled for, and which of them runs.

use super::batch::{BatchBuffers, solve_group};
use super::lanes::Portable;
use super::strip::solve;
use super::task::{Buffers, Group, Layout, Task};
#[cfg(target_arch = "x86_64")]
use super::x86::{Avx2F32, Avx2F64, Avx512F32, Avx512F64};

/// An instruction set that the kernels are compiled for. AVX2 and AVX-512 give the same bits; the portable kernels round once
/// more in each cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Isa {
    /// Whatever the build's target has: SSE2, NEON, simd128 or plain scalar code.
    Portable,
    /// 256-bit vectors.
    Avx2,
    /// 512-bit vectors.
    Avx512,
}

impl Isa {
    /// The best one that this processor has. Without the feature `std` only what the build's target promises.
    #[must_use]
    pub fn detect() -> Self {
        if Self::Avx512.is_available() {
            Self::Avx512
        } else if Self::Avx2.is_available() {
            Self::Avx2
        } else {
            Self::Portable
        }
    }

    /// Whether this processor (and system) can run it.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(all(target_arch = "x86_64", feature = "std"))]
            Self::Avx2 => {
                std::arch::is_x86_feature_detected!("avx2")
                    && std::arch::is_x86_feature_detected!("fma")
            }
            #[cfg(all(target_arch = "x86_64", feature = "std"))]
            Self::Avx512 => {
                std::arch::is_x86_feature_detected!("avx512f")
                    && std::arch::is_x86_feature_detected!("fma")
            }
            #[cfg(not(all(target_arch = "x86_64", feature = "std")))]
            Self::Avx2 => cfg!(all(
                target_arch = "x86_64",
                target_feature = "avx2",
                target_feature = "fma"
            )),
            #[cfg(not(all(target_arch = "x86_64", feature = "std")))]
            Self::Avx512 => cfg!(all(
                target_arch = "x86_64",
                target_feature = "avx512f",
                target_feature = "fma"
            )),
        }
    }
}

/// The form of a kernel: rows a lane, and whether every cell is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub isa: Isa,
    pub height: usize,
    pub trace: bool,
}

/// Rows a lane may own where there is a choice; more is cheaper a cell, but the last strip is padded.
const HEIGHTS: [usize; 4] = [2, 3, 4, 5];

impl Shape {
    /// The shape that costs least, by a model of steps times rows.
    pub(crate) fn best<T: Vectored>(isa: Isa, task: &Task<'_, T>, trace: bool) -> Self {
        if trace || task.dims > 1 || !task.squared || isa == Isa::Portable {
            return Self {
                isa,
                height: 4,
                trace,
            };
        }
        let (n, m) = task.lengths();
        // 32 bits divide faster, and a length has no more.
        let (n, m, lanes) = (n as u32, m as u32, T::lanes(isa) as u32);
        let cost = |height: usize| {
            let rows = lanes * height as u32;
            let columns = task.window.map_or(m, |w| {
                m.min((w as u32).saturating_mul(2).saturating_add(rows))
            });
            // A tick costs about the same up to five vectors: it waits for the one before. More do not fit the registers.
            u64::from(n.div_ceil(rows)) * u64::from(columns + rows)
        };
        let height = HEIGHTS
            .into_iter()
            .min_by_key(|&height| cost(height))
            .unwrap_or(4);
        Self { isa, height, trace }
    }

    pub(crate) fn layout<T: Vectored>(self, n: usize, m: usize) -> Layout {
        Layout::new(T::lanes(self.isa), self.height, n, m)
    }
}

/// A float that the kernels know.
pub trait Vectored: Sized {
    /// Lanes of a vector of `isa`.
    #[doc(hidden)]
    fn lanes(isa: Isa) -> usize;

    #[doc(hidden)]
    #[expect(
        private_interfaces,
        reason = "sealed: nobody else calls or implements it"
    )]
    fn solve(task: &Task<'_, Self>, buffers: &mut Buffers<Self>, shape: Shape) -> Self;

    /// At most `lanes(isa)` series.
    #[doc(hidden)]
    #[expect(
        private_interfaces,
        reason = "sealed: nobody else calls or implements it"
    )]
    fn solve_group(
        group: &Group<'_, Self>,
        buffers: &mut BatchBuffers<Self>,
        isa: Isa,
        out: &mut [Self],
    );
}

/// Picks the kernel of a shape; a macro, because the vector type and the features differ.
macro_rules! choose {
    ($v:ty, $task:ident, $buffers:ident, $shape:ident) => {
        match ($task.squared, $task.dims > 1, $shape.trace) {
            (true, false, false) => match $shape.height {
                2 => solve::<$v, 2, true, false, false>($task, $buffers),
                3 => solve::<$v, 3, true, false, false>($task, $buffers),
                5 => solve::<$v, 5, true, false, false>($task, $buffers),
                _ => solve::<$v, 4, true, false, false>($task, $buffers),
            },
            (true, false, true) => solve::<$v, 4, true, false, true>($task, $buffers),
            (true, true, false) => solve::<$v, 4, true, true, false>($task, $buffers),
            (true, true, true) => solve::<$v, 4, true, true, true>($task, $buffers),
            (false, false, false) => solve::<$v, 4, false, false, false>($task, $buffers),
            (false, false, true) => solve::<$v, 4, false, false, true>($task, $buffers),
            (false, true, false) => solve::<$v, 4, false, true, false>($task, $buffers),
            (false, true, true) => solve::<$v, 4, false, true, true>($task, $buffers),
        }
    };
}

/// The portable kernel has one height: there is no room in 16 short registers for more.
macro_rules! choose_portable {
    ($v:ty, $task:ident, $buffers:ident, $shape:ident) => {
        match ($task.squared, $task.dims > 1, $shape.trace) {
            (true, false, false) => solve::<$v, 4, true, false, false>($task, $buffers),
            (true, false, true) => solve::<$v, 4, true, false, true>($task, $buffers),
            (true, true, false) => solve::<$v, 4, true, true, false>($task, $buffers),
            (true, true, true) => solve::<$v, 4, true, true, true>($task, $buffers),
            (false, false, false) => solve::<$v, 4, false, false, false>($task, $buffers),
            (false, false, true) => solve::<$v, 4, false, false, true>($task, $buffers),
            (false, true, false) => solve::<$v, 4, false, true, false>($task, $buffers),
            (false, true, true) => solve::<$v, 4, false, true, true>($task, $buffers),
        }
    };
}

macro_rules! vectored {
    ($t:ty, $portable:literal, $avx2:ident: $avx2_lanes:literal, $avx512:ident: $avx512_lanes:literal, $x86:ident) => {
        #[cfg(target_arch = "x86_64")]
        mod $x86 {
            use super::{$avx2, $avx512, BatchBuffers, Buffers, Group, Shape, Task, solve, solve_group};

            #[target_feature(enable = "avx2,fma")]
            pub(super) fn group_avx2(group: &Group<'_, $t>, buffers: &mut BatchBuffers<$t>, out: &mut [$t]) {
                match group.squared {
                    true => solve_group::<$avx2, true>(group, buffers, out),
                    false => solve_group::<$avx2, false>(group, buffers, out),
                }
            }

            #[target_feature(enable = "avx512f,avx2,fma")]
            pub(super) fn group_avx512(group: &Group<'_, $t>, buffers: &mut BatchBuffers<$t>, out: &mut [$t]) {
                match group.squared {
                    true => solve_group::<$avx512, true>(group, buffers, out),
                    false => solve_group::<$avx512, false>(group, buffers, out),
                }
            }

            #[target_feature(enable = "avx2,fma")]
            pub(super) fn avx2(task: &Task<'_, $t>, buffers: &mut Buffers<$t>, shape: Shape) -> $t {
                choose!($avx2, task, buffers, shape)
            }

            #[target_feature(enable = "avx512f,avx2,fma")]
            pub(super) fn avx512(task: &Task<'_, $t>, buffers: &mut Buffers<$t>, shape: Shape) -> $t {
                choose!($avx512, task, buffers, shape)
            }
        }

        impl Vectored for $t {
            fn lanes(isa: Isa) -> usize {
                match isa {
                    Isa::Portable => $portable,
                    Isa::Avx2 => $avx2_lanes,
                    Isa::Avx512 => $avx512_lanes,
                }
            }

            #[expect(private_interfaces, reason = "sealed: nobody else calls or implements it")]
            fn solve(task: &Task<'_, Self>, buffers: &mut Buffers<Self>, shape: Shape) -> Self {
                match shape.isa {
                    #[cfg(target_arch = "x86_64")]
                    // SAFETY: `Dtw` takes an instruction set only after `Isa::is_available` said yes.
                    Isa::Avx512 => unsafe { $x86::avx512(task, buffers, shape) },
                    #[cfg(target_arch = "x86_64")]
                    // SAFETY: as above.
                    Isa::Avx2 => unsafe { $x86::avx2(task, buffers, shape) },
                    _ => choose_portable!(Portable<$t, $portable>, task, buffers, shape),
                }
            }

            #[expect(private_interfaces, reason = "sealed: nobody else calls or implements it")]
            fn solve_group(group: &Group<'_, Self>, buffers: &mut BatchBuffers<Self>, isa: Isa, out: &mut [Self]) {
                match (isa, group.squared) {
                    #[cfg(target_arch = "x86_64")]
                    // SAFETY: as in `solve`.
                    (Isa::Avx512, _) => unsafe { $x86::group_avx512(group, buffers, out) },
                    #[cfg(target_arch = "x86_64")]
                    // SAFETY: as in `solve`.
                    (Isa::Avx2, _) => unsafe { $x86::group_avx2(group, buffers, out) },
                    (_, true) => solve_group::<Portable<$t, $portable>, true>(group, buffers, out),
                    (_, false) => solve_group::<Portable<$t, $portable>, false>(group, buffers, out),
                }
            }
        }
    };
}
vectored!(f64, 4, Avx2F64: 4, Avx512F64: 8, x86_f64);
vectored!(f32, 8, Avx2F32: 8, Avx512F32: 16, x86_f32);
