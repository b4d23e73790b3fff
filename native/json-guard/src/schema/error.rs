//! What a schema's author is told.

use std::fmt;

/// Why a schema cannot be compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaError {
    /// JSON Pointer of the keyword in the schema document.
    pub pointer: String,
    /// What is wrong with it.
    pub kind: SchemaErrorKind,
}

/// See [`SchemaError`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaErrorKind {
    /// The keyword's value is not what the keyword takes.
    Expected(&'static str),
    /// `$schema` names a dialect other than draft 2020-12, 2019-09, 07 or 06.
    Dialect,
    /// A local `$ref` leads nowhere.
    Unresolved,
    /// A schema that applies itself to the same value again, through `$ref`, without end.
    Endless,
    /// More than 65,536 subschemas, or nested deeper than 256.
    TooLarge,
}

impl fmt::Display for SchemaError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Schema at \"{}\": ", self.pointer)?;
        match self.kind {
            SchemaErrorKind::Expected(what) => write!(out, "must be {what}"),
            SchemaErrorKind::Dialect => write!(
                out,
                "dialect is not known (2020-12, 2019-09, draft-07, draft-06 are)"
            ),
            SchemaErrorKind::Unresolved => {
                write!(out, "reference leads to nothing in this document")
            }
            SchemaErrorKind::Endless => write!(
                out,
                "reference applies a schema to the same value without end"
            ),
            SchemaErrorKind::TooLarge => write!(out, "more than 65,536 subschemas or 256 levels"),
        }
    }
}

impl std::error::Error for SchemaError {}

/// A keyword that the guard leaves to the final verdict of a full validator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deferred {
    /// JSON Pointer of the keyword in the schema document.
    pub pointer: String,
    /// Why.
    pub reason: DeferredReason,
}

/// See [`Deferred`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeferredReason {
    /// A keyword of JSON Schema that this crate does not evaluate.
    Keyword,
    /// A pattern that is no regular language, or not read alike by ECMA-262 and this crate, or too large as an automaton.
    Pattern,
    /// A reference to another document, or across an embedded `$id`.
    Reference,
    /// No keyword of JSON Schema: an annotation, or a typing error. It has no effect on any verdict.
    Unknown,
}

impl fmt::Display for Deferred {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.reason {
            DeferredReason::Keyword => {
                "deferred to the final verdict: keyword is outside the streamed subset"
            }
            DeferredReason::Pattern => {
                "deferred to the final verdict: pattern is outside the streamed subset"
            }
            DeferredReason::Reference => {
                "deferred to the final verdict: reference leaves this document"
            }
            DeferredReason::Unknown => "no keyword of JSON Schema, ignored",
        };
        write!(out, "Schema at \"{}\": {why}", self.pointer)
    }
}
