//! What a chat-completion chunk (or a whole completion) holds: its texts, its choices, and what the gateway repeats of it.
//!
//! Knows nothing of field names, frames, findings or verdicts.

use midstream_session::Channel;

use crate::json::Span;

/// How a text stands in the JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Inside of a string without escapes.
    Plain,
    /// Inside of a string with escapes.
    Escaped,
    /// A JSON value that is itself the text (arguments given as an object).
    Raw,
}

/// One text-bearing value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextValue {
    /// Index into [`Chunk::choices`].
    pub slot: usize,
    pub block: u32,
    pub channel: Channel,
    pub span: Span,
    pub form: Form,
}

/// One choice of a chunk.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ChoiceValue {
    pub index: u32,
    /// The finish reason with its quotes, where it is a string that is not empty.
    pub finish: Option<Span>,
    /// The `finish_reason` value whatever it is.
    pub finish_value: Option<Span>,
    /// Log-probabilities that are not null.
    pub logprobs: Option<Span>,
    /// Unary: the message object, and the value of its `content`.
    pub message: Option<Span>,
    pub content: Option<Span>,
    /// The choice's object.
    pub object: Span,
}

/// Token counts as the upstream gives them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub input: u64,
    pub output: u64,
    pub total: u64,
}

/// Values that frames made by the gateway repeat.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Envelope {
    pub id: Option<Span>,
    pub created: Option<Span>,
    pub model: Option<Span>,
    pub fingerprint: Option<Span>,
}

/// What one payload holds. Reused from payload to payload.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    pub texts: Vec<TextValue>,
    pub choices: Vec<ChoiceValue>,
    /// Blocks of tool calls, with or without text: choice slot, block.
    pub tools: Vec<(usize, u32)>,
    pub has_choices: bool,
    pub has_error: bool,
    pub usage: Option<Usage>,
    pub envelope: Envelope,
    /// Strings that repeat text in a form that is not analysed (a whole `message` in a stream): blanked where policies act.
    pub echoes: Vec<(usize, Span)>,
}

impl Chunk {
    /// Empties it for the next payload.
    pub fn clear(&mut self) {
        self.texts.clear();
        self.choices.clear();
        self.tools.clear();
        self.echoes.clear();
        self.has_choices = false;
        self.has_error = false;
        self.usage = None;
        self.envelope = Envelope::default();
    }

    /// Canonical order inside a choice: reasoning, content, refusal, tool calls.
    pub fn sort(&mut self) {
        if self.texts.len() > 1 {
            let rank = |channel| match channel {
                Channel::Reasoning => 0,
                Channel::Content => 1,
                Channel::Refusal => 2,
                Channel::ToolInput => 3,
            };
            self.texts
                .sort_by_key(|text| (text.slot, rank(text.channel)));
        }
    }
}
