//! The typed ABI: what runs once per plan. `native/bindgen` writes its TypeScript from the metadata that uniffi leaves
//! in the library; doc comments here become doc comments there.

use std::sync::Arc;

use midstream_session::{Channel as SessionChannel, Detector, Kind};

use crate::objects::{self, Object};

/// Version of the native library: that of its crate.
#[uniffi::export]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// A plan that cannot be compiled.
#[derive(Clone, Debug, uniffi::Error)]
pub enum PlanError {
    /// A rule, an action or the plan's JSON is invalid.
    Invalid {
        /// Instance id of the analyser or policy; empty where the fault is in none.
        analyser: String,
        /// Name of the rule; empty where the fault is in none.
        rule: String,
        /// Name of the field; empty where the fault is in the whole.
        field: String,
        /// What is wrong and how to put it right.
        remedy: String,
    },
    /// No handle is left: too many plans, sessions and answers are open.
    Full,
}

impl std::fmt::Display for PlanError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Invalid { remedy, .. } => f.write_str(remedy),
            Self::Full => f.write_str("All handles are open"),
        }
    }
}

impl std::error::Error for PlanError {}

/// Which kind of text a block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Channel {
    /// The answer's text.
    Content,
    /// The model's thinking.
    Reasoning,
    /// A refusal.
    Refusal,
    /// Arguments of a tool call.
    ToolInput,
}

impl From<SessionChannel> for Channel {
    fn from(channel: SessionChannel) -> Self {
        match channel {
            SessionChannel::Content => Self::Content,
            SessionChannel::Reasoning => Self::Reasoning,
            SessionChannel::Refusal => Self::Refusal,
            SessionChannel::ToolInput => Self::ToolInput,
        }
    }
}

/// Name of one compiled rule; findings refer to it by its index.
#[derive(Clone, Debug, uniffi::Record)]
pub struct RuleInfo {
    /// Instance id of the analyser.
    pub analyser: String,
    /// Name of the rule.
    pub rule: String,
    /// Label of a redaction, without brackets.
    pub tag: String,
}

/// What a policy does to a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum ActionKind {
    /// Puts something else in the finding's place.
    Rewrite,
    /// Ends the choice before the finding.
    Block,
}

/// One action of the plan; verdicts refer to it by its index.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ActionInfo {
    /// Instance id of the policy.
    pub policy: String,
    /// What it does.
    pub kind: ActionKind,
}

/// What an analyser saw. Offsets are UTF-8 bytes from the start of the block's text.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Finding {
    /// Index into the plan's rules.
    pub rule: u32,
    /// Choice that the block belongs to.
    pub choice: u32,
    /// Number of the block in its choice.
    pub block: u32,
    /// Kind of the block's text.
    pub channel: Channel,
    /// First byte.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
    /// First byte that a verdict can still act on.
    pub from: u32,
    /// Confidence in [0, 1].
    pub score: f32,
}

/// A compiled plan, shared by all sessions of a pipeline. Dropping it closes its handle; open sessions keep what they
/// need of it.
#[derive(uniffi::Object)]
pub struct Plan {
    plan: Arc<midstream_session::Plan>,
    handle: u32,
}

#[uniffi::export]
impl Plan {
    /// Compiles the JSON of a `NativePlanSpec` (core/native/native-core.ts).
    ///
    /// # Errors
    /// The first fault found.
    #[uniffi::constructor]
    pub fn compile(json: &str) -> Result<Arc<Self>, PlanError> {
        let plan =
            midstream_session::Plan::compile_json(json).map_err(|fault| PlanError::Invalid {
                analyser: fault.analyser,
                rule: fault.rule,
                field: fault.field,
                remedy: fault.message,
            })?;
        let handle =
            objects::insert(Object::Plan(Arc::clone(&plan))).map_err(|_| PlanError::Full)?;
        Ok(Arc::new(Self { plan, handle }))
    }

    /// Names of all rules.
    pub fn rules(&self) -> Vec<RuleInfo> {
        let rules = self.plan.rules().iter();
        rules
            .map(|rule| RuleInfo {
                analyser: rule.analyser.clone(),
                rule: rule.rule.clone(),
                tag: rule.tag.clone(),
            })
            .collect()
    }

    /// All actions, in the order of the specification.
    pub fn actions(&self) -> Vec<ActionInfo> {
        let actions = self.plan.actions().iter();
        actions
            .map(|action| ActionInfo {
                policy: action.policy.clone(),
                kind: match action.kind {
                    Kind::Rewrite => ActionKind::Rewrite,
                    Kind::Block => ActionKind::Block,
                },
            })
            .collect()
    }

    /// Bytes of the compiled automata.
    pub fn memory_bytes(&self) -> f64 {
        self.plan.memory_bytes() as f64
    }

    /// The plan's handle in the flat ABI; unknown once the plan is dropped.
    pub fn handle(&self) -> u32 {
        self.handle
    }

    /// Findings of a whole text as one block of content.
    pub fn scan(&self, text: &str) -> Vec<Finding> {
        let mut detector = Detector::new(Arc::clone(&self.plan));
        detector.push(0, 0, SessionChannel::Content, text.as_bytes());
        detector.end(0, 0);
        let mut findings = Vec::new();
        detector.take_findings(&mut findings);
        findings
            .into_iter()
            .map(|finding| Finding {
                rule: finding.rule,
                choice: finding.choice,
                block: finding.block,
                channel: finding.channel.into(),
                start: finding.start,
                end: finding.end,
                from: finding.from,
                score: finding.score,
            })
            .collect()
    }
}

impl Drop for Plan {
    fn drop(&mut self) {
        // The handle is the plan's own and nobody else closes it.
        let _ = objects::close(self.handle, |object| matches!(object, Object::Plan(_)));
    }
}
