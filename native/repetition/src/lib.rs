//! Streaming detection of loops in text: exact, noisy, numbered and alternating.
//!
//! A model that has fallen into a loop writes the same passage again and again, sometimes with a counter that runs on
//! or a word that changes. [`Detector`] reads the text as it comes, in any partition, and reports such a loop once,
//! where it becomes certain. It holds no text back, allocates nothing after its creation and knows nothing of sessions,
//! channels or policies.
#![forbid(unsafe_code)]

mod chunks;
mod content;
mod detector;
mod lane;
mod lines;
mod period;
mod ring;
mod settings;
mod tokens;

pub use detector::Detector;
pub use settings::{MAX_PERIOD, MIN_CHARS, MIN_REPEATS, Settings, SettingsError};
pub use tokens::{
    Content, MAX_TOKEN_PERIOD, MIN_COPIES, MIN_TOKENS, Piece, PieceKind, Pieces, Prior, TokenLoop,
    TokenLoops, TokenSettings,
};

/// What kind of repetition a [`Loop`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The same text, character by character.
    Exact,
    /// The same text but for a few characters, or the same passage again and again with varying text between.
    Noisy,
    /// The same text but for its numbers ("Step 1: ...", "Step 2: ...").
    Numbered,
    /// Two to five lines in turn.
    Alternating,
}

impl Kind {
    /// All kinds, in the order of their rules.
    pub const ALL: [Self; 4] = [Self::Exact, Self::Noisy, Self::Numbered, Self::Alternating];

    /// Name of the rule that reports this kind: `loop-exact`.
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Exact => "loop-exact",
            Self::Noisy => "loop-noisy",
            Self::Numbered => "loop-numbered",
            Self::Alternating => "loop-alternating",
        }
    }
}

/// A loop that became certain. Loops of one stream never overlap and come in the order of their places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loop {
    /// What kind of repetition it is.
    pub kind: Kind,
    /// Byte of the stream at which the first copy begins.
    pub start: u64,
    /// Byte of the stream up to which the evidence reaches: where the rule fired.
    pub end: u64,
    /// Characters from one copy to the next.
    pub period: u32,
    /// Confidence in [0, 1].
    pub score: f32,
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
