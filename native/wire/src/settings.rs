//! What a caller says of an answer, and what it learns of its state.

/// Shape of the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// SSE with chat-completion chunks.
    #[default]
    Stream,
    /// One chat-completion object.
    Unary,
}

/// How the HTTP body is delimited. The numbers are those of the C ABI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Framing {
    /// The caller has decoded the transfer already.
    #[default]
    Identity = 0,
    /// `transfer-encoding: chunked`.
    Chunked = 1,
    /// `content-length`.
    ContentLength = 2,
    /// Until the connection closes.
    Close = 3,
}

impl Framing {
    /// The framing of a code of the C ABI.
    pub fn from_code(code: u32) -> Option<Self> {
        [
            Self::Identity,
            Self::Chunked,
            Self::ContentLength,
            Self::Close,
        ]
        .get(code as usize)
        .copied()
    }
}

/// Why the upstream ended. The numbers are those of the C ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum End {
    /// The connection was closed, or the body was complete.
    Eof = 0,
    /// The connection failed.
    Failed = 1,
    /// A deadline passed.
    TimedOut = 2,
    /// The gateway gave up.
    Cancelled = 3,
}

impl End {
    /// The end of a code of the C ABI.
    pub fn from_code(code: u32) -> Option<Self> {
        [Self::Eof, Self::Failed, Self::TimedOut, Self::Cancelled]
            .get(code as usize)
            .copied()
    }
}

/// What to do with one answer.
#[derive(Clone, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent switches of the caller"
)]
pub struct Settings {
    /// Shape of the answer.
    pub mode: Mode,
    /// How its body is delimited.
    pub framing: Framing,
    /// Bytes of the body where `framing` is [`Framing::ContentLength`].
    pub content_length: u64,
    /// Drop the usage-only chunk, which the client did not ask for.
    pub strip_usage: bool,
    /// Choices that the client asked for, 1 or more.
    pub choice_count: u32,
    /// Let frames pass that cannot be read (invalid JSON, members twice, wrong types), instead of ending the answer with an
    /// error.
    pub pass_unknown: bool,
    /// End the answer with an error at a frame that is valid JSON but no chunk of the dialect, instead of passing it as it came.
    pub block_unknown: bool,
    /// Let every frame leave at once with the text that may, and move the rest into the next frame of its block, instead of
    /// holding frames whole.
    pub flow: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mode: Mode::Stream,
            framing: Framing::Identity,
            content_length: 0,
            strip_usage: false,
            choice_count: 1,
            pass_unknown: false,
            block_unknown: false,
            flow: false,
        }
    }
}

/// State after a call (`WireState` of core/native/native-core.ts).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "flags of the C ABI")]
pub struct State {
    /// The upstream's HTTP message is complete: the connection may be reused.
    pub message_end: bool,
    /// The client's answer is complete; nothing more will be produced.
    pub done: bool,
    /// A policy ended the answer: cancel the upstream.
    pub blocked: bool,
    /// Records wait.
    pub records: bool,
    /// The upstream sent an error event, or died, or was malformed.
    pub failed: bool,
    /// A frame with a text that is not empty or with an end has been seen.
    pub started: bool,
    /// Bytes of text held back now.
    pub held_bytes: u32,
    /// SSE events read so far.
    pub frames: u32,
    /// Of these, frames that carried text.
    pub deltas: u32,
    /// Tokens of the request; -1 where the upstream has not said.
    pub input_tokens: i64,
    /// Tokens of the answer; -1 where the upstream has not said.
    pub output_tokens: i64,
    /// Sum as the upstream gives it; -1 where it has not said.
    pub total_tokens: i64,
    /// Bytes of the last input after the end of the HTTP message.
    pub trailing: u32,
}

impl Default for State {
    fn default() -> Self {
        Self {
            message_end: false,
            done: false,
            blocked: false,
            records: false,
            failed: false,
            started: false,
            held_bytes: 0,
            frames: 0,
            deltas: 0,
            input_tokens: -1,
            output_tokens: -1,
            total_tokens: -1,
            trailing: 0,
        }
    }
}
