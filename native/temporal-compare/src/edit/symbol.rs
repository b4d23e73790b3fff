//! What a sequence may be made of.

mod sealed {
    pub trait Sealed {}
    impl Sealed for u8 {}
    impl Sealed for u32 {}
    impl Sealed for char {}
}

/// An element of a sequence: a byte, a code point or a token.
///
/// Distances count these elements. Code points are not normalised: "é" as one code point and as "e" with an accent
/// differ by two edits.
pub trait Symbol: sealed::Sealed + Copy + Eq + Send + Sync + 'static {
    /// Equal for equal elements.
    #[doc(hidden)]
    fn code(self) -> u32;
    /// Whether there are only 256 of them.
    #[doc(hidden)]
    const IS_BYTE: bool = false;
    /// Tells the kinds apart.
    #[doc(hidden)]
    const KIND: u64;
}

impl Symbol for u8 {
    const IS_BYTE: bool = true;
    const KIND: u64 = 1;

    #[inline]
    fn code(self) -> u32 {
        u32::from(self)
    }
}

impl Symbol for u32 {
    const KIND: u64 = 2;

    #[inline]
    fn code(self) -> u32 {
        self
    }
}

impl Symbol for char {
    const KIND: u64 = 3;

    #[inline]
    fn code(self) -> u32 {
        u32::from(self)
    }
}
