//! What a monitor says after a position.

use serde::{Deserialize, Serialize};

/// Four-valued verdict (RV-LTL: Bauer, Leucker, Schallhart 2007), and the honest fifth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Verdict {
    /// Violated: no continuation satisfies the formula. Final.
    False = 0,
    /// Open; a stream that ended here would violate the formula.
    PresumablyFalse = 1,
    /// Open; a stream that ended here would satisfy the formula.
    PresumablyTrue = 2,
    /// Satisfied: every continuation satisfies the formula. Final.
    True = 3,
    /// The monitor reached one of [`crate::limits`] and will not guess. Final.
    Unknown = 4,
}

impl Verdict {
    /// Whether the verdict can never change again.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::PresumablyFalse | Self::PresumablyTrue)
    }

    /// The LTL3 verdict: `Some(true)`, `Some(false)`, or `None` while the question is open.
    pub fn three_valued(self) -> Option<bool> {
        match self {
            Self::True => Some(true),
            Self::False => Some(false),
            _ => None,
        }
    }

    /// The verdict if the stream ends here.
    #[must_use]
    pub fn at_end(self) -> Self {
        match self {
            Self::PresumablyFalse => Self::False,
            Self::PresumablyTrue => Self::True,
            other => other,
        }
    }

    #[inline]
    pub(crate) fn from_code(code: u32) -> Self {
        // A table in place of branches: verdicts of a stream are hard to predict.
        const CODES: [Verdict; 8] = [
            Verdict::False,
            Verdict::PresumablyFalse,
            Verdict::PresumablyTrue,
            Verdict::True,
            Verdict::Unknown,
            Verdict::Unknown,
            Verdict::Unknown,
            Verdict::Unknown,
        ];
        CODES[(code & 7) as usize]
    }

    pub(crate) fn presumably(satisfied: bool) -> Self {
        if satisfied {
            Self::PresumablyTrue
        } else {
            Self::PresumablyFalse
        }
    }
}

/// Which continuations a verdict counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Semantics {
    /// Infinite continuations (LTL3): for streams of unknown length. A final verdict stays when the stream ends; an
    /// open one becomes the truth of the finished trace (`LTLf`).
    #[default]
    Stream,
    /// Finite continuations (`LTLf`): for sessions that certainly end. `G F p` is then about the last position.
    Finite,
}
