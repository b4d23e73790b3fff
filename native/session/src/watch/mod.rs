//! Detectors beside the scanner: each reads the text of one block as it comes and says what it has seen.
//!
//! Adding one is a file here and a line in [`KINDS`]; the rest of the crate knows only the traits. What a watcher sees
//! acts from `from` on, which is usually where it became certain: by then the text before it has left.

mod dynamics;
mod repetition;

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::error::PlanError;

/// Something that a watcher saw. Offsets are bytes from the start of its text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Seen {
    /// Index into [`WatchPlan::rules`].
    pub rule: u32,
    pub start: u64,
    pub end: u64,
    /// First byte that a verdict can still act on; never before the text of the push that reports it, unless `safe` held it back.
    pub from: u64,
    pub score: f32,
}

/// Name of one rule of a watcher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WatchRule {
    pub id: &'static str,
    /// Label of a redaction, without brackets.
    pub tag: &'static str,
    /// Seen only when its text has left: a verdict can end the choice but rewrite nothing.
    pub late: bool,
}

/// The state of one watcher on one block's text. Any partition of the text gives the same, but for what `now_ns` says.
pub(crate) trait Watcher: Send {
    /// Takes the next text. `now_ns`: nanoseconds from any start, never falling.
    fn push(&mut self, text: &[u8], now_ns: u64, seen: &mut Vec<Seen>);

    /// The text is complete.
    fn finish(&mut self, now_ns: u64, seen: &mut Vec<Seen>);

    /// First byte that may still become part of what it sees and that a verdict should be able to act on; the text from
    /// there on is held back. `u64::MAX`: nothing.
    fn hold_from(&self) -> u64 {
        u64::MAX
    }
}

/// A watcher's settings, compiled once and shared.
pub(crate) trait WatchPlan: fmt::Debug + Send + Sync {
    fn rules(&self) -> &[WatchRule];

    fn start(&self) -> Box<dyn Watcher>;

    /// Bytes that all blocks share.
    fn memory_bytes(&self) -> usize {
        0
    }

    /// Whether `now_ns` matters to it.
    fn is_timed(&self) -> bool {
        false
    }
}

/// Reads a watcher's settings: the analyser's id, and the value of its key.
type Compile = fn(&str, Value) -> Result<Arc<dyn WatchPlan>, PlanError>;

/// All watchers: key in an analyser's plan, and who reads its value. Rules are numbered in this order.
pub(crate) const KINDS: [(&str, Compile); 2] = [
    ("repetition", repetition::compile),
    ("dynamics", dynamics::compile),
];
