//! What sessions report. Knows nothing of how it is found.

use serde::Deserialize;

/// Which kind of text a block holds. The numbers are those of the C ABI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Channel {
    /// The answer's text.
    #[default]
    Content = 0,
    /// The model's thinking.
    Reasoning = 1,
    /// A refusal.
    Refusal = 2,
    /// Arguments of a tool call: JSON.
    ToolInput = 3,
}

impl Channel {
    /// All channels in the order of their codes.
    pub const ALL: [Self; 4] = [
        Self::Content,
        Self::Reasoning,
        Self::Refusal,
        Self::ToolInput,
    ];

    /// The channel of a code of the C ABI.
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.get(code as usize).copied()
    }
}

/// What an analyser saw. Offsets are UTF-8 bytes from the start of the block's text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding {
    /// Index into [`crate::Plan::rules`].
    pub rule: u32,
    /// Choice that the block belongs to.
    pub choice: u32,
    /// Number of the block in its choice.
    pub block: u32,
    /// Kind of the block's text.
    pub channel: Channel,
    /// First byte.
    pub start: u32,
    /// Byte after the last. Equal to `start` for an object of span mode whose end was never read because a policy ended the choice.
    pub end: u32,
    /// First byte that a verdict can still act on: `start`, or `end` for loops.
    pub from: u32,
    /// Confidence in [0, 1].
    pub score: f32,
}

/// What a policy wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Kind {
    /// Put something else in the finding's place.
    Rewrite = 0,
    /// End the choice before the finding.
    Block = 1,
}

/// How a verdict came out. The numbers are those of the C ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Outcome {
    /// Done (or made needless by a stricter verdict on the same finding).
    Applied = 0,
    /// The text had left already.
    TooLate = 1,
    /// The policy is in monitor mode: nothing was done.
    Monitored = 2,
}

/// One policy's verdict on a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Index into [`crate::Plan::actions`], which knows the policy and the kind.
    pub action: u32,
    /// How it came out.
    pub outcome: Outcome,
}

/// A finding with the verdicts on it, in the order of the policies.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The finding.
    pub finding: Finding,
    /// Empty where no policy acts on it.
    pub verdicts: Vec<Verdict>,
}
