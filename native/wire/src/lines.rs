//! The data lines of an event as one payload, and where its bytes stand in the event.

use crate::json::Span;

/// The event's data: its one line as it stands, or its lines joined by line feeds.
pub(crate) fn join<'a>(lines: &[Span], bytes: &'a [u8], joined: &'a mut Vec<u8>) -> &'a [u8] {
    joined.clear();
    match lines {
        [] => &[],
        [line] => line.of(bytes),
        _ => {
            for (i, line) in lines.iter().enumerate() {
                if i > 0 {
                    joined.push(b'\n');
                }
                joined.extend_from_slice(line.of(bytes));
            }
            joined
        }
    }
}

/// Where the data of an event stands in its bytes.
pub(crate) struct Lines<'a>(pub &'a [Span]);

impl Lines<'_> {
    /// A range of the joined data as a range of the event.
    pub fn place(&self, span: Span) -> Span {
        match self.0 {
            [line] => Span {
                start: span.start + line.start,
                end: span.end + line.start,
            },
            _ if span.is_empty() => {
                let at = self.offset(span.start);
                Span { start: at, end: at }
            }
            _ => Span {
                start: self.offset(span.start),
                end: self.offset(span.end - 1) + 1,
            },
        }
    }

    fn offset(&self, at: u32) -> u32 {
        let mut first = 0;
        for line in self.0 {
            let length = line.end - line.start;
            if at <= first + length {
                return line.start + (at - first);
            }
            first += length + 1;
        }
        0
    }
}
