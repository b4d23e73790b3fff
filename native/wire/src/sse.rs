//! SSE framing: where events begin and end, and which bytes are their data.
//!
//! The rules of the HTML standard, section 9.2.6, with LF, CR and CRLF line ends. A line's CR at the end of what has
//! arrived may be half a CRLF. A blank line's CR therefore waits for the next byte, except where the line before it ended
//! in a lone CR: then it ends the event at once, and an LF after it is a blank line of its own. The rule looks at bytes
//! only, so every partition of a stream has the same frames.

use memchr::memchr2;

use crate::json::Span;

/// Longest event in bytes.
pub(crate) const MAX_EVENT_BYTES: usize = 1 << 20;
/// Most data lines of an event.
const MAX_DATA_LINES: usize = 4096;

/// The event is longer than [`MAX_EVENT_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

/// Finds events at the front of a buffer. Offsets are from the start of the event.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "what is known of one event")]
pub(crate) struct Framer {
    /// Values of the `data` lines of the event.
    pub data: Vec<Span>,
    /// Whether the event is named `error`.
    pub is_error: bool,
    /// Whether it has lines that are not comments.
    pub has_fields: bool,
    line: usize,
    scanned: usize,
    last_lone_cr: bool,
    past_start: bool,
}

impl Framer {
    /// Looks for the end of the event at the front of `buffer`. `Some(length)`: the event is complete and described by the
    /// public fields until [`Self::advance`]. `None`: more bytes are needed, and `buffer` must begin with the same bytes in
    /// the next call.
    pub fn next(&mut self, buffer: &[u8]) -> Result<Option<usize>, TooLong> {
        loop {
            let Some(found) = memchr2(b'\n', b'\r', &buffer[self.scanned..]) else {
                self.scanned = buffer.len();
                return need_more(buffer.len());
            };
            let end = self.scanned + found;
            let blank = end == self.content_start(buffer);
            let Some((after, lone_cr)) = self.line_end(buffer, end, blank) else {
                self.scanned = end;
                return need_more(buffer.len());
            };
            self.last_lone_cr = lone_cr;
            if after > MAX_EVENT_BYTES {
                return Err(TooLong);
            }
            if blank {
                return Ok(Some(after));
            }
            self.field(buffer, end)?;
            self.line = after;
            self.scanned = after;
        }
    }

    /// The event has been dealt with; the next begins where it ended.
    pub fn advance(&mut self) {
        self.past_start = true;
        self.line = 0;
        self.scanned = 0;
        self.data.clear();
        self.is_error = false;
        self.has_fields = false;
    }

    /// Start of the current line, behind a byte order mark where the stream has one.
    fn content_start(&self, buffer: &[u8]) -> usize {
        let mark = !self.past_start && self.line == 0 && buffer.starts_with(b"\xEF\xBB\xBF");
        if mark { 3 } else { self.line }
    }

    /// Where the line that ends at `end` is followed, and whether it ended in a lone CR.
    fn line_end(&self, buffer: &[u8], end: usize, blank: bool) -> Option<(usize, bool)> {
        if buffer[end] == b'\n' {
            return Some((end + 1, false));
        }
        if blank && self.last_lone_cr {
            return Some((end + 1, true));
        }
        match buffer.get(end + 1) {
            Some(b'\n') => Some((end + 2, false)),
            Some(_) => Some((end + 1, true)),
            None => None,
        }
    }

    fn field(&mut self, buffer: &[u8], end: usize) -> Result<(), TooLong> {
        let start = self.content_start(buffer);
        let line = &buffer[start..end];
        if line[0] == b':' {
            return Ok(());
        }
        self.has_fields = true;
        let value = |name: usize| match line.get(name..) {
            Some([b':', b' ', ..]) => Some(start + name + 2),
            Some([b':', ..]) => Some(start + name + 1),
            Some([]) => Some(end),
            _ => None,
        };
        if line.starts_with(b"data") {
            if let Some(from) = value(4) {
                self.data.push(Span::new(from, end));
                if self.data.len() > MAX_DATA_LINES {
                    return Err(TooLong);
                }
            }
        } else if let (true, Some(from)) = (line.starts_with(b"event"), value(5)) {
            self.is_error = &buffer[from..end] == b"error";
        }
        Ok(())
    }
}

fn need_more(length: usize) -> Result<Option<usize>, TooLong> {
    if length > MAX_EVENT_BYTES {
        Err(TooLong)
    } else {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Events as (bytes, data lines joined, named error), fed in pieces of `step`.
    fn events(stream: &[u8], step: usize) -> Vec<(Vec<u8>, String, bool)> {
        let mut framer = Framer::default();
        let (mut buffer, mut found) = (Vec::new(), Vec::new());
        for piece in stream.chunks(step) {
            buffer.extend_from_slice(piece);
            while let Some(length) = framer.next(&buffer).unwrap() {
                let lines: Vec<_> = framer
                    .data
                    .iter()
                    .map(|l| String::from_utf8_lossy(l.of(&buffer)))
                    .collect();
                found.push((buffer[..length].to_vec(), lines.join("\n"), framer.is_error));
                framer.advance();
                buffer.drain(..length);
            }
        }
        found
    }

    #[test]
    fn every_line_end_gives_the_same_data_in_every_partition() {
        for end in ["\n", "\r\n", "\r"] {
            let lines = [
                "\u{feff}data: a",
                "data:b",
                ":comment",
                "id: 1",
                "retry: 5",
                "",
                "event: error",
                "data",
                "",
                ": x",
                "",
                "database: no",
                "data:  two",
                "",
                "",
            ];
            let stream = lines.join(end);
            for step in 1..=stream.len() {
                let found = events(stream.as_bytes(), step);
                let bytes: Vec<u8> = found.iter().flat_map(|e| e.0.clone()).collect();
                assert!(stream.as_bytes().starts_with(&bytes));
                let data: Vec<_> = found.iter().map(|e| (e.1.as_str(), e.2)).collect();
                assert_eq!(
                    data,
                    [("a\nb", false), ("", true), ("", false), (" two", false)],
                    "{end:?} {step}"
                );
            }
        }
    }

    #[test]
    fn a_lone_carriage_return_ends_an_event_without_waiting() {
        assert_eq!(events(b"data: a\r\r", 1).len(), 1);
        assert_eq!(events(b"data: a\r\n\r", 1).len(), 0);
    }

    #[test]
    fn mixed_line_ends_give_the_same_frames_in_every_partition() {
        let stream = b"data: a\r\r\ndata: b\n\rdata: c\n\n\r\n\r\rx\n\n";
        let whole = events(stream, stream.len());
        for step in 1..stream.len() {
            assert_eq!(events(stream, step), whole, "{step}");
        }
    }

    #[test]
    fn an_event_without_end_is_refused() {
        let mut framer = Framer::default();
        assert_eq!(framer.next(&vec![b'a'; MAX_EVENT_BYTES]), Ok(None));
        assert_eq!(framer.next(&vec![b'a'; MAX_EVENT_BYTES + 1]), Err(TooLong));
    }
}
