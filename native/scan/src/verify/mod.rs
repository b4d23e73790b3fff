//! Verifiers: what a pattern cannot say (check digits, ranges, number plans).
//!
//! Each is a pure function of one candidate, found by the name that a rule writes. None of them knows rules, plans or lanes.

mod cards;
mod date;
mod digits;
mod iban;
mod net;
mod wallet;

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
    /// Only the first `len` bytes of the candidate (1 to all of them) are the match, with this score in [0, 1] in place of the
    /// rule's; the rest was right context and may belong to another finding. Only for a rule's single verifier.
    Head {
        /// Bytes of [`Candidate::text`].
        len: usize,
        /// Confidence in [0, 1].
        score: f32,
    },
}

/// A verifier. Must not allocate, must be linear in the candidate's length.
pub type Verifier = fn(&Candidate<'_>) -> Check;

/// Finds a verifier by the name that rules use; `None` for an unknown name.
pub fn find(name: &str) -> Option<Verifier> {
    TABLE
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, verifier)| *verifier)
}

/// Names of all verifiers, for error messages.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, _)| *name)
}

/// For verifiers that only decide.
fn accept_if(right: bool) -> Check {
    if right { Check::Accept } else { Check::Reject }
}

static TABLE: &[(&str, Verifier)] = &[
    ("crypto-address", wallet::crypto_address),
    ("date-of-birth", date::date_of_birth),
    ("email", net::email),
    ("iban", iban::iban),
    ("ip-address", net::ip_address),
    ("luhn", cards::luhn_only),
    ("mac-address", net::mac_address),
    ("payment-card", cards::payment_card),
    ("url-credentials", net::url_credentials),
];
