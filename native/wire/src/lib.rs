//! One upstream answer on the wire: HTTP/1.1 body, SSE, chat-completions JSON; decoded, analysed, rewritten in place.
//!
//! [`Wire::feed`] takes what the network delivered and appends what the client may have. For every partition of the
//! upstream's bytes the client's bytes are the same. A frame that no policy touched leaves byte for byte as it came.
//!
//! Knows nothing of sockets, time, handles or JavaScript, and decides nothing: findings, edits and cuts are
//! `midstream_session`'s.
#![forbid(unsafe_code)]

mod body;
mod chunk;
mod json;
mod lines;
mod names;
mod parser;
mod patch;
mod queue;
mod settings;
mod sse;
mod stream;
mod synth;
mod text;
mod unary;
mod wire;

pub use midstream_session::{Channel, Finding, Kind, Outcome, Plan, Record, Verdict};
pub use settings::{End, Framing, Mode, Settings, State};
pub use wire::Wire;
