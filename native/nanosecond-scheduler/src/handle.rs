//! Names of tasks that cannot be mistaken for one another.
use crate::task::Due;

/// Most tasks that one scheduler can hold: 2^21. With the 32 bits of the generation a handle then fits the 53 bits that an
/// `f64` holds exactly, so it crosses a foreign interface as one number.
pub const MAX_CAPACITY: usize = 1 << 21;

/// One task of one scheduler: a place and the how-manieth use of that place.
///
/// A handle is good from `schedule` until its task is delivered for the last time, cancelled or dropped; afterwards every
/// call with it fails, also when the place has a new tenant. A place whose 2^32 generations are used up is retired, so a
/// handle is never good twice. A handle of another scheduler is not recognised as such.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Handle {
    index: u32,
    generation: u32,
}

impl Handle {
    /// A handle that no task ever has; what an output array is filled with before a tick.
    pub const NONE: Self = Self {
        index: 0,
        generation: 0,
    };

    /// The handle of these two halves; whether a task has it is seen when it is used.
    pub const fn from_parts(index: u32, generation: u32) -> Self {
        Self { index, generation }
    }

    /// The place, below [`MAX_CAPACITY`].
    pub const fn index(self) -> u32 {
        self.index
    }

    /// The use of the place, from 1 on; 0 in [`Handle::NONE`] only.
    pub const fn generation(self) -> u32 {
        self.generation
    }

    /// The handle as a whole number below 2^53, exact in an `f64`.
    #[inline]
    pub fn to_f64(self) -> f64 {
        ((u64::from(self.index) << 32) | u64::from(self.generation)) as f64
    }

    /// The handle of such a number; nothing if it is negative, not whole, not finite, or 2^53 and above.
    #[inline]
    pub fn from_f64(number: f64) -> Option<Self> {
        const LIMIT: f64 = 9_007_199_254_740_992.0;
        if !(0.0..LIMIT).contains(&number) {
            return None;
        }
        #[expect(clippy::cast_sign_loss, reason = "tested above")]
        let bits = number as u64;
        // A fraction is lost by the conversion, so it does not come back.
        #[expect(clippy::float_cmp, reason = "both sides are exact")]
        let whole = bits as f64 == number;
        whole.then_some(Self {
            index: (bits >> 32) as u32,
            generation: bits as u32,
        })
    }
}

impl From<Due> for Handle {
    #[inline]
    fn from(due: Due) -> Self {
        due.handle
    }
}
