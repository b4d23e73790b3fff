//! One error type: what is wrong, where, and what to write instead.

use alloc::string::String;
use core::fmt;

/// What kind of mistake an [`Error`] reports. Stable; meant for `match` and for the FFI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Code {
    /// The text is not a formula.
    Syntax,
    /// A bound of an interval or a duration is malformed, reversed or above its limit.
    Interval,
    /// A number is malformed, infinite or not a number.
    Number,
    /// The formula is longer, deeper or larger than the limits of [`crate::limits`].
    TooLarge,
    /// The vocabulary already holds 64 atoms.
    TooManyAtoms,
    /// A past operator has a future operator below it.
    PastOverFuture,
    /// A node refers to a later node or to an atom that the vocabulary lacks.
    BadReference,
    /// A search used up the budget that the caller gave it.
    Budget,
    /// The recorded trace does not reach back far enough, or is empty.
    Trace,
    /// A certificate does not prove what it says.
    Certificate,
    /// The constraints contradict each other, or a weight is out of range.
    Constraint,
}

/// A refused formula, certificate or constraint. Never holds user text beyond a quoted word of 32 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The kind of mistake.
    pub code: Code,
    /// Byte offset in the formula's text, where there is a text.
    pub at: Option<usize>,
    /// What is wrong, without a final full stop.
    pub message: String,
    /// What to do about it; may be empty.
    pub remedy: String,
}

impl Error {
    pub(crate) fn new(code: Code, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            code,
            at: None,
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    pub(crate) fn at(mut self, at: usize) -> Self {
        self.at = Some(at);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(at) = self.at {
            write!(f, " at byte {at}")?;
        }
        if !self.remedy.is_empty() {
            write!(f, "; {}", self.remedy)?;
        }
        Ok(())
    }
}

impl core::error::Error for Error {}
