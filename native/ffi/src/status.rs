//! Statuses of the flat ABI. `midstream.h` documents them; a test compares the two.

/// The number of the ABI; a loader refuses any other. Raise it with every change of a `ms_*` signature or layout.
pub const MS_ABI_VERSION: u32 = 1;

/// The handle is unknown: never given out, closed, or of another kind.
pub const MS_BAD_HANDLE: i32 = -1;
/// An argument cannot be: null with a length, a length over 2^31 - 1, a code out of range.
pub const MS_BAD_ARGUMENT: i32 = -2;
/// The call panicked, or an earlier one did: the handle is poisoned and can only be closed.
pub const MS_PANIC: i32 = -3;
/// The caller's array is too small for one unit of the answer.
pub const MS_TOO_SMALL: i32 = -4;
/// Text that is not UTF-8.
pub const MS_BAD_UTF8: i32 = -5;
/// No handle is left (262,144 are open).
pub const MS_FULL: i32 = -6;

/// Why a call failed: a status, and a sentence that never holds a caller's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub status: i32,
    pub message: &'static str,
}

impl Fault {
    pub(crate) const BAD_HANDLE: Self = Self::new(MS_BAD_HANDLE, "Handle is unknown or closed");
    pub(crate) const POISONED: Self =
        Self::new(MS_PANIC, "Handle is poisoned by an earlier panic; close it");
    pub(crate) const FULL: Self = Self::new(MS_FULL, "All handles are open");

    pub(crate) const fn new(status: i32, message: &'static str) -> Self {
        Self { status, message }
    }

    pub(crate) const fn argument(message: &'static str) -> Self {
        Self::new(MS_BAD_ARGUMENT, message)
    }
}
