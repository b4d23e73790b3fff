//! What is wrong with a plan, and where.

use std::fmt;

/// A plan that cannot be compiled; the message says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanError {
    /// Instance id of the analyser (or of the policy, for an action); empty where the fault is not in one.
    pub analyser: String,
    /// Name of the rule; empty where the fault is not in one.
    pub rule: String,
    /// Name of the field; empty where the fault is in the whole.
    pub field: String,
    /// What is wrong and how to put it right, one sentence.
    pub message: String,
}

impl PlanError {
    pub(crate) fn new(analyser: &str, rule: &str, field: &str, message: impl Into<String>) -> Self {
        Self {
            analyser: analyser.to_owned(),
            rule: rule.to_owned(),
            field: field.to_owned(),
            message: message.into(),
        }
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = [&self.analyser, &self.rule, &self.field]
            .into_iter()
            .filter(|part| !part.is_empty())
            .peekable();
        let any = parts.peek().is_some();
        for (i, part) in parts.enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(part)?;
        }
        if any {
            f.write_str(": ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for PlanError {}
