//! Strings and names: escapes, surrogate pairs, and decoded text for whoever reads it.

use super::scan::{Stop, scan};
use super::{Fault, Reader, State, Step, Why};
use crate::guard::Shared;
use crate::status::Kind;

impl Reader {
    /// Reads text up to behind the string's end or a backslash, or to the end of `bytes`, which are not empty.
    pub(super) fn text(&mut self, shared: &Shared, bytes: &[u8]) -> Result<usize, Fault> {
        let before = self.utf8;
        let (length, stop) = scan(bytes, &mut self.utf8);
        if let Err(at) = self.decoded(shared, &bytes[..length]) {
            self.utf8 = before;
            return Err(Fault {
                at,
                why: Why::Schema,
            });
        }
        let ended = match stop {
            Stop::End => return Ok(length),
            Stop::Quote => self.end_text(shared),
            Stop::Backslash => self.begin_escape(shared),
            Stop::Control => Err(Why::Json(Kind::Syntax)),
            Stop::Utf8 => Err(Why::Json(Kind::Utf8)),
        };
        ended
            .map(|()| length + 1)
            .map_err(|why| Fault { at: length, why })
    }

    /// Passes plain text on. The error is the index of the byte that the schema has no place for.
    fn decoded(&mut self, shared: &Shared, text: &[u8]) -> Result<(), usize> {
        if self.is_name {
            self.path.name_text(text);
        }
        let is_name = self.is_name;
        let Some(engine) = self.asking() else {
            return Ok(());
        };
        if !is_name {
            return if engine.reads() {
                engine.string_text(shared, text)
            } else {
                Ok(())
            };
        }
        if !engine.reads_name() {
            return Ok(());
        }
        // Names are short: byte by byte, so that the first wrong one is known.
        let starts = |byte: u8| u64::from(byte & 0xC0 != 0x80);
        let wrong = text
            .iter()
            .position(|&byte| !engine.name_text(shared, (&[byte], starts(byte))));
        wrong.map_or(Ok(()), Err)
    }

    fn end_text(&mut self, shared: &Shared) -> Step {
        if self.is_name {
            return self.end_name(shared);
        }
        self.tell(|engine| engine.end_string(shared))?;
        self.end_value(shared)
    }

    fn begin_escape(&mut self, shared: &Shared) -> Step {
        let is_name = self.is_name;
        self.tell(|engine| {
            if is_name {
                engine.name_text(shared, (&[], 1))
            } else {
                engine.string_escape(shared)
            }
        })?;
        self.state = State::Escape;
        Ok(())
    }

    pub(super) fn escape(&mut self, shared: &Shared, byte: u8) -> Step {
        let char = match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{C}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.state = State::Hex(4);
                self.unit = 0;
                return Ok(());
            }
            _ => return Err(Why::Json(Kind::Syntax)),
        };
        self.escaped(shared, char)
    }

    /// One digit of `\uXXXX`. Lone surrogates are refused: RFC 8259, section 8.2, calls their meaning unpredictable.
    pub(super) fn hex(&mut self, shared: &Shared, (left, byte): (u8, u8)) -> Step {
        let Some(digit) = char::from(byte).to_digit(16) else {
            return Err(Why::Json(Kind::Syntax));
        };
        let unit = self.unit << 4 | digit as u16;
        let fits = match (self.high, left) {
            (Some(_), 4) => unit == 0xD,
            (Some(_), 3) => (0xDC..=0xDF).contains(&unit),
            (None, 3) => !(0xDC..=0xDF).contains(&unit),
            _ => true,
        };
        if !fits {
            return Err(Why::Json(Kind::Surrogate));
        }
        self.unit = unit;
        self.state = State::Hex(left - 1);
        if left > 1 {
            return Ok(());
        }
        let code = match self.high.take() {
            Some(high) => 0x10000 + (u32::from(high & 0x3FF) << 10) + u32::from(unit & 0x3FF),
            None if unit & 0xFC00 == 0xD800 => {
                self.high = Some(unit);
                self.unit = 0;
                self.state = State::PairBackslash;
                return Ok(());
            }
            None => unit.into(),
        };
        self.escaped(
            shared,
            char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
        )
    }

    fn escaped(&mut self, shared: &Shared, char: char) -> Step {
        self.state = State::Text;
        let mut buffer = [0; 4];
        let text = char.encode_utf8(&mut buffer).as_bytes();
        let is_name = self.is_name;
        if is_name {
            self.path.name_text(text);
        }
        self.tell(|engine| {
            if is_name {
                engine.name_text(shared, (text, 0))
            } else {
                engine.string_escaped(shared, text)
            }
        })
    }
}
