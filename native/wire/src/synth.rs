//! Frames and bodies that the gateway makes itself.

use crate::chunk::Envelope;
use crate::json::Span;
use crate::text::escape_into;

/// Longest value that made frames repeat; ids and model names are far shorter.
const MAX_VALUE_BYTES: usize = 512;

pub(crate) const DONE: &[u8] = b"data: [DONE]\n\n";

/// Why an answer ended in an error; code and message as in core/errors/codes.ts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The upstream ended early.
    Cut,
    /// The upstream took too long.
    TimedOut,
    /// The upstream's bytes could not be read.
    Unreadable,
    /// More text would have to be held than the gateway holds.
    Overheld,
}

impl Fault {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Cut => (
                "PROVIDER_CUT",
                "The upstream ended its answer before it was complete",
            ),
            Self::TimedOut => ("PROVIDER_TIMEOUT", "The upstream took too long"),
            Self::Unreadable => (
                "PROVIDER_BAD_RESPONSE",
                "The upstream's answer could not be read",
            ),
            Self::Overheld => (
                "PLUGIN_OVERHELD",
                "A plugin of the gateway held back more than it declared",
            ),
        }
    }
}

/// An error object, the body of a unary answer that failed.
pub(crate) fn error_body(fault: Fault, out: &mut Vec<u8>) {
    let (code, message) = fault.words();
    out.extend_from_slice(b"{\"error\":{\"message\":\"");
    out.extend_from_slice(message.as_bytes());
    out.extend_from_slice(b"\",\"type\":\"upstream_error\",\"param\":null,\"code\":\"");
    out.extend_from_slice(code.as_bytes());
    out.extend_from_slice(b"\"}}");
}

/// An error frame, the last of a stream that failed.
pub(crate) fn error_frame(fault: Fault, out: &mut Vec<u8>) {
    out.extend_from_slice(b"data: ");
    error_body(fault, out);
    out.extend_from_slice(b"\n\n");
}

/// Raw JSON values that made frames repeat from the upstream's.
#[derive(Debug, Default)]
pub(crate) struct Template {
    id: Vec<u8>,
    created: Vec<u8>,
    model: Vec<u8>,
    fingerprint: Vec<u8>,
}

impl Template {
    /// Remembers the values of a chunk. They rarely change, so the copy is rarely made.
    pub fn learn(&mut self, payload: &[u8], envelope: &Envelope) {
        let keep = |to: &mut Vec<u8>, span: Option<Span>| {
            let value = span.map_or(&[][..], |span| span.of(payload));
            if value.len() <= MAX_VALUE_BYTES && !value.is_empty() && to != value {
                to.clear();
                // White space in a value that is no string could be a line end.
                to.extend(value.iter().map(|&b| if b < b' ' { b' ' } else { b }));
            }
        };
        keep(&mut self.id, envelope.id);
        keep(&mut self.created, envelope.created);
        keep(&mut self.model, envelope.model);
        keep(&mut self.fingerprint, envelope.fingerprint);
    }

    /// A chunk of one choice: `delta` is the inside of its delta object, `finish` a JSON value.
    pub fn frame(&self, choice: u32, delta: &[u8], finish: &str, out: &mut Vec<u8>) {
        let or = |value: &[u8], default: &'static [u8]| {
            if value.is_empty() {
                default.to_vec()
            } else {
                value.to_vec()
            }
        };
        out.extend_from_slice(b"data: {\"id\":");
        out.extend_from_slice(&or(&self.id, b"\"\""));
        out.extend_from_slice(b",\"object\":\"chat.completion.chunk\",\"created\":");
        out.extend_from_slice(&or(&self.created, b"0"));
        out.extend_from_slice(b",\"model\":");
        out.extend_from_slice(&or(&self.model, b"\"\""));
        if !self.fingerprint.is_empty() {
            out.extend_from_slice(b",\"system_fingerprint\":");
            out.extend_from_slice(&self.fingerprint);
        }
        out.extend_from_slice(
            format!(",\"choices\":[{{\"index\":{choice},\"delta\":{{").as_bytes(),
        );
        out.extend_from_slice(delta);
        out.extend_from_slice(b"},\"logprobs\":null,\"finish_reason\":");
        out.extend_from_slice(finish.as_bytes());
        out.extend_from_slice(b"}]}\n\n");
    }

    /// What ends a choice that a policy blocked: the message (if any), then the reason.
    pub fn blocked(&self, choice: u32, message: &str, out: &mut Vec<u8>) {
        if !message.is_empty() {
            let mut delta = b"\"content\":\"".to_vec();
            escape_into(message.as_bytes(), &mut delta);
            delta.push(b'"');
            self.frame(choice, &delta, "null", out);
        }
        self.frame(choice, b"", "\"content_filter\"", out);
    }
}
