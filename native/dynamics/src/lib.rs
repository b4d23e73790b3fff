//! How a text behaves while it streams: novelty, rhythm, drift, and the pace of its arrival.
//!
//! [`Dynamics`] reads the text of one stream in any partition and reports what lasts: text that says in pieces what it has
//! said before, sentences whose lengths come in turn, a vocabulary far from the one it began with. [`Dynamics::arrive`] is
//! told when text comes and reports long silences. It keeps at most 32 KiB, allocates nothing after its creation, holds no
//! text back and knows nothing of sessions, channels or policies.
#![forbid(unsafe_code)]

mod arrivals;
mod drift;
mod explore;
mod novelty;
mod period;
mod settings;
mod stream;
mod tokens;

pub use explore::{COLLAPSE_NATS, COLLAPSE_TOKENS, ExploreSettings, explore};
pub use settings::{
    DRIFT_DISTANCE, DRIFT_WORDS, PERIOD_REPEATS, REPEATED_SHARE, REPEATED_WORDS, STALL_FACTOR,
    STALL_MS, Settings, SettingsError,
};
pub use stream::{Dynamics, Signals};

/// What kind of behaviour a [`Found`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Most groups of four words have been there before, and for long.
    LowNovelty,
    /// The lengths of sentences and lines come in turn.
    Periodic,
    /// The words are far from those that the text began with.
    Drift,
    /// Text came again after a silence that is long for this stream.
    Stall,
}

impl Kind {
    /// All kinds, in the order of their rules.
    pub const ALL: [Self; 4] = [Self::LowNovelty, Self::Periodic, Self::Drift, Self::Stall];

    /// Name of the rule that reports this kind: `low-novelty`.
    pub const fn rule(self) -> &'static str {
        match self {
            Self::LowNovelty => "low-novelty",
            Self::Periodic => "periodic",
            Self::Drift => "drift",
            Self::Stall => "stall",
        }
    }
}

/// Something that became certain: at the end of a sentence or a line, or where text came again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Byte of the stream at which it begins.
    pub start: u64,
    /// Byte up to which the evidence reaches; `start` for a stall.
    pub end: u64,
    /// The measure behind it, in [0, 1]: repeated share, matching share, dissimilarity, share of the gap that is above the pace.
    pub score: f32,
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
