//! Differences of neighbouring stamps. Whole numbers: every instruction set gives the same.

use super::dispatch::Isa;

/// Least and greatest difference of neighbours, ns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extremes {
    pub least: i64,
    pub greatest: i64,
}

impl Extremes {
    pub(crate) const NONE: Self = Self {
        least: i64::MAX,
        greatest: i64::MIN,
    };

    #[inline(always)]
    pub(crate) fn with(self, delta: i64) -> Self {
        Self {
            least: self.least.min(delta),
            greatest: self.greatest.max(delta),
        }
    }
}

/// Compiled for more than the build's target promises; the loops themselves have no instructions in them.
macro_rules! dispatched {
    ($loop:ident($($name:ident: $kind:ty),*) -> $result:ty, $avx2:ident) => {
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2")]
        fn $avx2($($name: $kind),*) -> $result {
            $loop($($name),*)
        }
    };
}
dispatched!(extremes_loop(stamps: &[u64]) -> Option<Extremes>, extremes_avx2);
dispatched!(deltas_loop(stamps: &[u64], out: &mut [i64]) -> bool, deltas_avx2);

/// Of all neighbours; `None` where a difference may need more than 64 bits.
pub(crate) fn extremes(stamps: &[u64]) -> Option<Extremes> {
    #[cfg(target_arch = "x86_64")]
    if Isa::Avx2.is_available() {
        // SAFETY: the processor has AVX2, as just asked.
        return unsafe { extremes_avx2(stamps) };
    }
    extremes_loop(stamps)
}

/// Into `out`, one shorter than the stamps; false, and nothing of use written, where a difference may need more than 64 bits.
pub(crate) fn deltas(stamps: &[u64], out: &mut [i64]) -> bool {
    #[cfg(target_arch = "x86_64")]
    if Isa::Avx2.is_available() {
        // SAFETY: the processor has AVX2, as just asked.
        return unsafe { deltas_avx2(stamps, out) };
    }
    deltas_loop(stamps, out)
}

#[inline(always)]
fn extremes_loop(stamps: &[u64]) -> Option<Extremes> {
    let after = stamps.get(1..).unwrap_or_default();
    let start = (Extremes::NONE, stamps.first().copied().unwrap_or(0));
    let (all, bits) = stamps
        .iter()
        .zip(after)
        .fold(start, |(all, bits), (before, after)| {
            (
                all.with(after.wrapping_sub(*before).cast_signed()),
                bits | after,
            )
        });
    (bits >> 63 == 0).then_some(all)
}

#[inline(always)]
fn deltas_loop(stamps: &[u64], out: &mut [i64]) -> bool {
    let after = stamps.get(1..).unwrap_or_default();
    let mut bits = stamps.first().copied().unwrap_or(0);
    for ((before, after), place) in stamps.iter().zip(after).zip(out) {
        *place = after.wrapping_sub(*before).cast_signed();
        bits |= after;
    }
    bits >> 63 == 0
}
