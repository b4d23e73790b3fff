//! One answer's analysis: blocks of text go in; findings, edits, cuts and "this much may leave now" come out.
//!
//! A [`Plan`] is compiled once from JSON and shared. [`Detector`] reports findings only (the parts path: what happens
//! to the text is decided in TypeScript). [`Enforcer`] also applies the verdicts that need no TypeScript: rewrite and
//! block (the wire path).
//!
//! Knows nothing of HTTP, SSE, vendors or frames; a frame's text is to it just the next bytes of a block.
#![forbid(unsafe_code)]

mod analysis;
mod block;
mod detector;
mod enforcer;
mod engine;
mod error;
mod finding;
mod halves;
mod json_text;
mod plan;
mod replacement;
mod spec;
mod time;
mod watch;

pub use block::Cut;
pub use detector::Detector;
pub use enforcer::{BlockId, Enforcer, TooManyBlocks};
pub use error::PlanError;
pub use finding::{Channel, Finding, Kind, Outcome, Record, Verdict};
pub use halves::Halves;
pub use plan::{Action, Plan, RuleInfo};
pub use spec::Replacement;
