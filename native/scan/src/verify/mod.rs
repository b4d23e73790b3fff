//! Verifiers: what a pattern cannot say (check digits, ranges, number plans).
//!
//! Each is a pure function of one candidate, found by the name that a rule writes.

/// A match that its pattern and boundaries allow, before any test.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The match on the normalised lane.
    pub text: &'a [u8],
    /// Up to 64 bytes of the normalised lane directly before the match.
    pub before: &'a [u8],
    /// The byte of the normalised lane directly after the match; `None` at the end of the block.
    pub next: Option<u8>,
    /// Whether a context word of the rule stands before the match.
    pub context: bool,
}

/// What a verifier says of a candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Check {
    /// Not a match.
    Reject,
    /// A match, with the rule's score.
    Accept,
    /// A match with this score in [0, 1] in place of the rule's (the context's boost is still added).
    Score(f32),
}

/// A verifier. Must not allocate, must be linear in the candidate's length.
pub type Verifier = fn(&Candidate<'_>) -> Check;

/// Finds a verifier by the name that rules use; `None` for an unknown name.
pub fn find(name: &str) -> Option<Verifier> {
    TABLE.iter().find(|(known, _)| *known == name).map(|(_, verifier)| *verifier)
}

/// Names of all verifiers, for error messages.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, _)| *name)
}

static TABLE: &[(&str, Verifier)] = &[];
