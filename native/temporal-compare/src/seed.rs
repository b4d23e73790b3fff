//! The secret of the hash tables.

/// A number that an attacker cannot know: random once a process. Without the feature `std` there is nothing to draw it
/// from, and it is a constant: then whoever chooses the input can make tables slow, but never wrong.
#[cfg(feature = "std")]
pub(crate) fn seed() -> u64 {
    use core::hash::{BuildHasher, Hasher};
    use std::sync::OnceLock;

    static SEED: OnceLock<u64> = OnceLock::new();
    *SEED.get_or_init(|| std::hash::RandomState::new().build_hasher().finish())
}

#[cfg(not(feature = "std"))]
pub(crate) fn seed() -> u64 {
    0x9E37_79B9_7F4A_7C15
}
