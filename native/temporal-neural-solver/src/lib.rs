//! Temporal logic over event streams: monitors, constraints, certificates, prediction.
//!
//! Knows letters (sets of atoms as `u64`), formulas and time stamps. Must not know: text, tokens, the session, the FFI.
#![forbid(unsafe_code)]
#![no_std]

extern crate alloc;

mod certificate;
mod checker;
mod classify;
mod error;
mod expand;
mod formula;
mod interval;
mod lex;
pub mod limits;
mod lookup;
mod monitor;
mod normal;
mod parse;
mod past;
pub mod predict;
mod print;
mod progress;
mod recorder;
pub mod rule_set;
mod rules;
mod satisfy;
mod semantics;
mod sliced;
pub mod stn;
mod table;
mod tableau;
mod tail;
mod unroll;
mod verdict;
mod vocabulary;

pub use certificate::{Certificate, Claim, Ending, Step, Tail, TailState};
pub use checker::check;
pub use classify::{Class, Method, Report, Warning};
pub use error::{Code, Error};
pub use formula::{Builder, Formula, Id, Node};
pub use interval::{Interval, Unit};
pub use monitor::{Monitor, Program, compile, compile_progression, verify};
pub use recorder::Recorder;
pub use rules::Open;
pub use satisfy::{Answer, satisfy};
pub use semantics::{Position, holds};
pub use sliced::Sliced;
pub use verdict::{Semantics, Verdict};
pub use vocabulary::{Atom, Comparison, Vocabulary};

/// The README's example is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
