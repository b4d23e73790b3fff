//! What detectors that judge text have in common: rules, findings with features, and the context of an answer.
//!
//! A [`Detector`] is compiled settings. [`Detector::begin`] reads an answer's [`Context`] once; [`Answer::open`] starts a [`Reader`] for
//! each text. Detectors that need no context and no features are watchers of native/session instead: those run on the wire path.

#![forbid(unsafe_code)]

use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

/// Name of one kind of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Unique in its detector, kebab-case.
    pub id: &'static str,
    /// Label of a redaction, without brackets.
    pub tag: &'static str,
}

/// Something that a reader saw. Offsets are UTF-8 bytes from the start of its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Index into [`Detector::rules`].
    pub rule: u32,
    /// First byte.
    pub start: u64,
    /// Byte after the last.
    pub end: u64,
    /// First byte that a verdict can still act on; `end` for what is certain only when its text has left.
    pub from: u64,
    /// Calibrated probability, 0 to 1.
    pub score: f32,
    /// Features and what else a policy may need to know. Never the text itself.
    pub data: Map<String, Value>,
}

/// What a text is. The numbers are those of the C ABI; the first four are the channels of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Origin {
    /// The answer's text.
    Content = 0,
    /// The model's thinking.
    Reasoning = 1,
    /// A refusal.
    Refusal = 2,
    /// Arguments of a tool call: JSON.
    ToolInput = 3,
    /// A user's message.
    User = 4,
    /// Result of a tool call.
    Tool = 5,
    /// A document that the request brought along: retrieved context.
    Document = 6,
    /// The operator's own words: system and developer messages.
    Instructions = 7,
    /// An earlier answer in the conversation.
    Assistant = 8,
}

impl Origin {
    /// All origins in the order of their codes.
    pub const ALL: [Self; 9] = [
        Self::Content,
        Self::Reasoning,
        Self::Refusal,
        Self::ToolInput,
        Self::User,
        Self::Tool,
        Self::Document,
        Self::Instructions,
        Self::Assistant,
    ];

    /// The origin of a code of the C ABI.
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.get(code as usize).copied()
    }
}

/// One text of a request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Message {
    /// `user`, `tool`, `document`, `instructions` or `assistant`.
    pub origin: Origin,
    /// The text.
    pub text: String,
}

/// What came before an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Context {
    /// The conversation and what it brought along, in order; the last `user` message is the question.
    pub messages: Vec<Message>,
    /// The request asks for JSON.
    pub wants_json: bool,
}

/// Compiled settings, shared by all answers.
pub trait Detector: fmt::Debug + Send + Sync {
    /// All kinds of findings; [`Found::rule`] is an index into them.
    fn rules(&self) -> &[Rule];

    /// Reads what came before an answer.
    fn begin(&self, context: &Context) -> Box<dyn Answer>;

    /// Bytes that all answers share.
    fn memory_bytes(&self) -> usize {
        0
    }
}

/// One answer, with its context read.
pub trait Answer: Send {
    /// Starts the next text. Texts of one answer may be read in turn.
    fn open(&mut self, origin: Origin) -> Box<dyn Reader>;
}

/// Reads one text as it comes. Any partition of it gives the same findings.
pub trait Reader: Send {
    /// Takes the next text.
    fn push(&mut self, text: &str, found: &mut Vec<Found>);

    /// The text is complete.
    fn finish(&mut self, found: &mut Vec<Found>);

    /// First byte that may still become part of a finding that must be able to act on it; `u64::MAX`: nothing is held back.
    fn hold_from(&self) -> u64 {
        u64::MAX
    }

    /// What the provider says of one token: its bytes, `start..end`, all of them pushed before; its `logprob` in nats; and the `entropy`
    /// over the alternatives that it gave, in nats, a lower bound (negative: it gave none).
    ///
    /// What a token completes is found with the next `push` or `finish`: tokens are told right behind the text that they are of, so this
    /// is one frame later at most, and no verdict could act on it sooner. So telling a token never crosses back over the ABI.
    fn token(&mut self, start: u64, end: u64, logprob: f32, entropy: f32) {
        let _ = (start, end, logprob, entropy);
    }

    /// Bytes of its own state, heap included.
    fn memory_bytes(&self) -> usize;
}

/// Settings that a detector cannot work with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    /// Path of the setting: `thresholds.hate`.
    pub field: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

impl std::error::Error for SettingsError {}
