//! What a scanner reports.

/// One accepted match. Offsets are bytes of the raw text, from the start of the block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding {
    /// Index into [`crate::Plan::rules`].
    pub rule: u32,
    /// First byte.
    pub start: u64,
    /// Byte after the last.
    pub end: u64,
    /// Confidence in [0, 1].
    pub score: f32,
}

/// What [`crate::Scanner::push`] and [`crate::Scanner::finish`] report, in the order of the starts (a [`Event::Closed`]
/// comes when its object ends).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// A match, complete.
    Found(Finding),
    /// A long object began: it is a finding from here on, and its text may be swallowed as it comes.
    Opened {
        /// Index into [`crate::Plan::rules`].
        rule: u32,
        /// First byte.
        start: u64,
        /// Confidence in [0, 1].
        score: f32,
    },
    /// The object that [`Event::Opened`] announced is complete.
    Closed(Finding),
}
