//! One guarded text.

use std::ops::Range;
use std::sync::Arc;

use crate::engine::{Blame, Engine};
use crate::finder::{Finder, Start};
use crate::guard::Shared;
use crate::reader::{Reader, Why};
use crate::settings::Placement;
use crate::status::{Kind, Status, Violation};

#[derive(Clone, Debug)]
enum Phase {
    /// Before the value.
    Seek,
    Inside(Start),
    /// Behind a value that is alone in its line if the line ends here, in `FindFirst`.
    Line,
    /// Behind the value: white space, and in a fence its end.
    Tail(Start),
    /// Behind everything that matters.
    Over,
    Broken(Box<Violation>),
}

/// One text that is guarded while it arrives. Made by [`Guard::start`](crate::Guard::start); for every partition of the
/// text into pushes the status is the same.
///
/// Memory: half a kilobyte, 8 bytes for each node of the schema, 24 bytes for each level of nesting and some 250 more if a
/// schema is asked about it, the names on the way to the value that is open, 50 bytes for each name of the objects that
/// are open if repeated names matter, and as much for each item under `uniqueItems`. Nothing is allocated for a byte once
/// these have grown.
#[derive(Clone, Debug)]
pub struct Stream {
    shared: Arc<Shared>,
    finder: Finder,
    reader: Reader,
    phase: Phase,
    /// Bytes that were pushed.
    offset: usize,
    value: Range<usize>,
}

impl Stream {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let strict = shared.settings.placement == Placement::Strict;
        Self {
            finder: Finder::new(shared.settings.placement),
            reader: Reader::new(&shared),
            phase: if strict {
                Phase::Inside(Start::Certain)
            } else {
                Phase::Seek
            },
            offset: 0,
            value: 0..0,
            shared,
        }
    }

    /// Reads the next bytes of the text, cut anywhere. Linear in their number; times the schema states that are alive.
    pub fn push(&mut self, bytes: &[u8]) -> Status {
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            match self.phase {
                Phase::Seek => match self.finder.seek(rest) {
                    Some((start, sure)) => {
                        at += start;
                        self.value = self.offset + at..self.offset + at;
                        self.phase = Phase::Inside(sure);
                    }
                    None => break,
                },
                Phase::Inside(start) => match self.reader.feed(&self.shared, rest) {
                    Ok(read) => {
                        at += read;
                        if self.reader.is_done() {
                            self.end_value(self.offset + at, start);
                        }
                    }
                    Err(fault) => {
                        at += fault.at;
                        if start == Start::Certain || self.reader.is_committed() {
                            self.break_off((self.offset + at, bytes[at]), fault.why);
                            break;
                        }
                        // A byte that no candidate may start with is not tried again.
                        at += usize::from(
                            self.offset + at == self.value.start && !self.finder.is_fenced(),
                        );
                        self.was_prose();
                    }
                },
                Phase::Line => at += self.line(rest[0]),
                Phase::Tail(start) => {
                    if self.tail(rest[0]) {
                        at += 1;
                    } else if start == Start::Certain || self.reader.is_committed() {
                        let why = Why::Json(Kind::Syntax);
                        self.break_off((self.offset + at, rest[0]), why);
                        break;
                    } else {
                        self.was_prose();
                    }
                }
                Phase::Over | Phase::Broken(_) => break,
            }
        }
        self.offset += bytes.len();
        self.status()
    }

    /// The text has ended. Afterwards pushes are not read.
    pub fn finish(&mut self) -> Status {
        let ended = match self.phase {
            Phase::Inside(_) => self.reader.finish(&self.shared),
            Phase::Seek => Err(Why::Json(Kind::Incomplete)),
            Phase::Line | Phase::Tail(_) | Phase::Over | Phase::Broken(_) => Ok(()),
        };
        match ended {
            Ok(()) => {
                if !matches!(self.phase, Phase::Broken(_)) {
                    if matches!(self.phase, Phase::Inside(_)) {
                        self.value.end = self.offset;
                    }
                    self.phase = Phase::Over;
                }
            }
            Err(why) => {
                let violation = self.violation(why, self.offset, "end of text".to_owned());
                self.phase = Phase::Broken(Box::new(violation));
            }
        }
        self.status()
    }

    /// As the last push or finish returned it.
    pub fn status(&self) -> Status {
        match &self.phase {
            Phase::Seek | Phase::Inside(_) | Phase::Line => Status::Open,
            Phase::Tail(_) | Phase::Over => Status::Complete,
            Phase::Broken(violation) => Status::Violation(violation.clone()),
        }
    }

    /// What may come next, readable, at most 16 entries, white space aside; of a broken stream what was legal instead.
    /// Made by trying: some microseconds.
    pub fn expected(&self) -> Vec<String> {
        match &self.phase {
            Phase::Seek => vec![self.wanted().to_owned()],
            Phase::Inside(_) => self.reader.expected(&self.shared),
            Phase::Line => vec!["end of line".to_owned()],
            Phase::Tail(_) if self.finder.is_fenced() => vec!["closing fence".to_owned()],
            Phase::Tail(_) => vec!["end of text".to_owned()],
            Phase::Over => vec!["any text".to_owned()],
            Phase::Broken(violation) => violation.expected.clone(),
        }
    }

    /// JSON Pointer of the value that is open. Made of the model's text: not for logs.
    pub fn path(&self) -> String {
        match &self.phase {
            Phase::Broken(violation) => violation.path.clone(),
            _ => self.reader.pointer(usize::MAX),
        }
    }

    /// Byte range of the JSON in the text that was pushed; its end moves until the value is complete.
    pub fn value_range(&self) -> Range<usize> {
        let end = if matches!(self.phase, Phase::Inside(_)) {
            self.offset
        } else {
            self.value.end
        };
        self.value.start..end
    }

    /// Whether the guard itself has judged, or can still judge, the whole of the schema for this value. `false`: a
    /// complete value passed as far as the subset can tell, and a full validator has the final verdict.
    pub fn is_decided(&self) -> bool {
        self.reader.is_decided()
    }

    fn end_value(&mut self, end: usize, start: Start) {
        self.value.end = end;
        self.phase = match self.shared.settings.placement {
            Placement::FindFirst if !self.reader.is_committed() => Phase::Line,
            Placement::FindFirst => Phase::Over,
            Placement::Strict => Phase::Tail(start),
            Placement::Fenced => {
                self.finder.end_value();
                Phase::Tail(start)
            }
        };
    }

    /// A candidate was prose: the search goes on with the byte that broke it.
    fn was_prose(&mut self) {
        if self.reader.is_empty() {
            self.finder.resume_line();
        } else {
            self.finder.resume();
        }
        self.reader.reset();
        self.value = 0..0;
        self.phase = Phase::Seek;
    }

    /// Behind a value without comma or colon, as in `[1] says`: prose, if more follows in its line. Returns the bytes read.
    fn line(&mut self, byte: u8) -> usize {
        match byte {
            b' ' | b'\t' => 1,
            b'\n' | b'\r' => {
                self.phase = Phase::Over;
                1
            }
            _ => {
                self.was_prose();
                0
            }
        }
    }

    /// Whether a byte may follow the value.
    fn tail(&mut self, byte: u8) -> bool {
        if !self.finder.is_fenced() {
            return matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        }
        let closed = self.finder.tail(byte);
        if closed == Some(true) {
            self.phase = Phase::Over;
        }
        closed.is_some()
    }

    fn wanted(&self) -> &'static str {
        match self.shared.settings.placement {
            Placement::Strict => "JSON",
            Placement::Fenced => "JSON in a Markdown fence",
            Placement::FindFirst => "a JSON object or array",
        }
    }

    fn break_off(&mut self, (offset, byte): (usize, u8), why: Why) {
        let violation = self.violation(why, offset, found(byte));
        self.phase = Phase::Broken(Box::new(violation));
    }

    fn violation(&self, why: Why, offset: usize, found: String) -> Violation {
        let blame = match why {
            Why::Json(_) => None,
            Why::Schema => self
                .reader
                .engine()
                .and_then(|engine: &Engine| engine.blame(&self.shared)),
        };
        match (blame, why) {
            (
                Some(Blame {
                    kind,
                    schema_path,
                    level,
                    expected,
                }),
                _,
            ) => Violation {
                offset,
                path: self.reader.pointer(level),
                schema_path: Some(schema_path),
                kind,
                found,
                expected,
            },
            (None, Why::Json(kind)) => {
                let (path, expected) = (self.reader.pointer(usize::MAX), self.expected());
                Violation {
                    offset,
                    path,
                    schema_path: None,
                    kind,
                    found,
                    expected,
                }
            }
            // A `No` has a cause; without one the schema as a whole is named.
            (None, Why::Schema) => Violation {
                offset,
                path: self.reader.pointer(usize::MAX),
                schema_path: Some(String::new()),
                kind: Kind::Never,
                found,
                expected: Vec::new(),
            },
        }
    }
}

/// A byte for people to read.
fn found(byte: u8) -> String {
    match byte {
        b'\n' => "line feed".to_owned(),
        b'\r' => "carriage return".to_owned(),
        b'\t' => "tab".to_owned(),
        b' ' => "space".to_owned(),
        0x21..=0x7E => char::from(byte).to_string(),
        _ => format!("byte 0x{byte:02X}"),
    }
}
