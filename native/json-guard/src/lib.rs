//! Incremental JSON (RFC 8259) and JSON Schema (a subset of draft 2020-12) for text that is still being written: stops at
//! the first byte after which no completion can be valid, and says where, why, and what would have been legal there.
//!
//! [`Guard::compile`] once, [`Guard::start`] for each text, [`Stream::push`] for each piece of it, cut anywhere.
//!
//! Knows nothing of streams of parts, findings, policies, sockets or JavaScript.
#![forbid(unsafe_code)]

mod engine;
mod finder;
mod guard;
mod reader;
mod schema;
mod seen;
mod settings;
mod status;
mod stream;

pub use guard::Guard;
pub use schema::{Deferred, DeferredReason, SchemaError, SchemaErrorKind};
pub use settings::{DuplicateKeys, Exponents, Placement, Settings};
pub use status::{Kind, Status, Violation};
pub use stream::Stream;

/// The README's example, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
