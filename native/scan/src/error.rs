//! Why a plan could not be compiled.

use std::fmt;

/// One fault in one rule, with what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanError {
    /// Instance id of the analyser whose rule is at fault.
    pub analyser: String,
    /// The rule's id; empty where the fault is the analyser's own.
    pub rule: String,
    /// The field as it is written in the rule: `pattern`, `span.maxBytes`.
    pub field: String,
    /// What is wrong and how to put it right.
    pub message: String,
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: rule {:?}, {}: {}",
            self.analyser, self.rule, self.field, self.message
        )
    }
}

impl std::error::Error for PlanError {}
