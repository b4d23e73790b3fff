//! Streaming multi-pattern scanner.
//!
//! A [`Plan`] is compiled once from rules and shared; a [`Scanner`] is the state of one block of text (one choice, one
//! channel). For every partition of a text into pushes, the findings are those of the whole text, and
//! [`Scanner::safe`] is the exact offset up to which no byte can become part of a finding any more.
//!
//! Knows nothing of HTTP, policies or what becomes of a finding.
#![forbid(unsafe_code)]

mod ascii;
mod attempt;
mod boundary;
mod cells;
mod check;
mod company;
mod compile;
mod crowd;
mod determine;
mod engine;
mod error;
mod event;
mod fold;
mod lane;
mod ledger;
mod machine;
mod normalise;
mod pattern;
mod plain;
mod plan;
mod replay;
mod rule;
mod scanner;
mod site;
mod skeleton;
pub mod spec;
mod threads;
mod track;
mod tracks;
mod unite;
pub mod verify;
mod vocabulary;
mod wake;
mod wide;
mod words;

pub use error::PlanError;
pub use event::{Event, Finding};
pub use plan::{Plan, RuleInfo};
pub use scanner::{Scanner, TextKind};
