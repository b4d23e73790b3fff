//! Raw bytes, cut anywhere, to the characters of the normalised lane.
//!
//! Knows nothing of rules. What it holds back is at most one unfinished character: 3 bytes of UTF-8, or 11 of a JSON
//! surrogate pair.

use crate::TextKind;
use crate::fold::{Fold, fold, is_alnum, is_kept};

/// One character of a lane, with the bytes of the raw text that it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Char {
    pub(crate) bytes: [u8; 4],
    pub(crate) len: u8,
    /// First raw byte.
    pub(crate) start: u64,
    /// Raw byte after the last.
    pub(crate) end: u64,
    /// A letter or digit of any script.
    pub(crate) alnum: bool,
    /// A quote that begins or ends a JSON string: no match contains it.
    pub(crate) barrier: bool,
}

impl Char {
    pub(crate) fn new(c: char, start: u64, end: u64) -> Self {
        let mut bytes = [0; 4];
        let len = c.encode_utf8(&mut bytes).len() as u8;
        Self {
            bytes,
            len,
            start,
            end,
            alnum: is_alnum(c),
            barrier: false,
        }
    }

    /// The character at the start of bytes that [`Sink::text`] takes; nothing at their end.
    pub(crate) fn of_text(text: &[u8], start: u64) -> Option<Self> {
        let (code, length) = match text.first()? {
            byte @ 0..0x80 => (u32::from(*byte), 1),
            _ => kept(text)?,
        };
        let c = char::from_u32(code)?;
        Some(Self::new(c, start, start + length as u64))
    }

    pub(crate) fn ascii(byte: u8, start: u64, end: u64) -> Self {
        let alnum = byte.is_ascii_alphanumeric();
        Self {
            bytes: [byte, 0, 0, 0],
            len: 1,
            start,
            end,
            alnum,
            barrier: false,
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

/// Takes the characters of the lane as they become certain.
pub(crate) trait Sink {
    /// ASCII bytes that stand for themselves.
    fn ascii(&mut self, bytes: &[u8], raw: u64);
    /// Whole characters that stand for themselves, of any script.
    fn text(&mut self, bytes: &[u8], raw: u64);
    /// Any other character.
    fn char(&mut self, c: Char);
}

/// The unfinished character at the end of the text so far.
#[derive(Clone, Debug)]
pub(crate) struct Normaliser {
    json: bool,
    in_string: bool,
    /// Bytes of an unfinished UTF-8 sequence, or of an unfinished JSON escape; never both.
    pending: [u8; 12],
    len: usize,
    escape: bool,
    /// Raw offset of the next byte.
    at: u64,
}

impl Normaliser {
    pub(crate) fn new(kind: TextKind) -> Self {
        let json = kind == TextKind::Json;
        Self {
            json,
            in_string: false,
            pending: [0; 12],
            len: 0,
            escape: false,
            at: 0,
        }
    }

    /// Raw offset of the first byte that has not become part of a character.
    pub(crate) fn settled(&self) -> u64 {
        self.at - self.len as u64
    }

    pub(crate) fn push(&mut self, bytes: &[u8], sink: &mut impl Sink) {
        let json = self.json;
        if !json && self.len == 0 && !bytes.is_empty() && bytes.is_ascii() {
            sink.ascii(bytes, self.at);
            self.at += bytes.len() as u64;
            return;
        }
        let special = |&byte: &u8| byte >= 0x80 || (json && (byte == b'"' || byte == b'\\'));
        let mut rest = bytes;
        while !rest.is_empty() {
            let plain = match self.len {
                0 => rest.iter().position(special).unwrap_or(rest.len()),
                _ => 0,
            };
            let text = match (self.len, plain) {
                (0, 0) => text(rest, json),
                _ => 0,
            };
            if plain > 0 {
                sink.ascii(&rest[..plain], self.at);
                self.at += plain as u64;
                rest = &rest[plain..];
            } else if text > 0 {
                sink.text(&rest[..text], self.at);
                self.at += text as u64;
                rest = &rest[text..];
            } else {
                self.slow(rest[0], sink);
                rest = &rest[1..];
            }
        }
    }

    /// The text ends: what is unfinished becomes separators, or stands for itself.
    pub(crate) fn finish(&mut self, sink: &mut impl Sink) {
        while self.escape {
            self.broken_escape(sink);
        }
        if self.len > 0 {
            self.invalid(sink);
        }
    }

    fn slow(&mut self, byte: u8, sink: &mut impl Sink) {
        // `pending` loses bytes in each round that does not take the byte, so this ends.
        while !self.take(byte, sink) {}
    }

    /// Whether the byte was used; if not, something pending was flushed and the byte is to be tried again.
    fn take(&mut self, byte: u8, sink: &mut impl Sink) -> bool {
        if self.escape {
            return self.take_escape(byte, sink);
        }
        if self.len > 0 {
            return self.take_continuation(byte, sink);
        }
        let start = self.at;
        self.at += 1;
        match byte {
            b'"' if self.json => {
                self.in_string = !self.in_string;
                sink.char(Char {
                    barrier: true,
                    ..Char::ascii(byte, start, start + 1)
                });
            }
            b'\\' if self.json && self.in_string => {
                self.escape = true;
                self.hold(byte);
            }
            0..0x80 => sink.ascii(&[byte], start),
            0xC2..=0xF4 => self.hold(byte),
            _ => sink.char(Char::new(char::REPLACEMENT_CHARACTER, start, start + 1)),
        }
        true
    }

    fn hold(&mut self, byte: u8) {
        self.pending[self.len] = byte;
        self.len += 1;
    }

    fn take_continuation(&mut self, byte: u8, sink: &mut impl Sink) -> bool {
        let lead = self.pending[0];
        let range = match (self.len, lead) {
            (1, 0xE0) => 0xA0..=0xBF,
            (1, 0xED) => 0x80..=0x9F,
            (1, 0xF0) => 0x90..=0xBF,
            (1, 0xF4) => 0x80..=0x8F,
            _ => 0x80..=0xBF,
        };
        if !range.contains(&byte) {
            self.invalid(sink);
            return false;
        }
        self.hold(byte);
        self.at += 1;
        let need = if lead < 0xE0 {
            2
        } else {
            3 + usize::from(lead >= 0xF0)
        };
        if self.len == need {
            let start = self.settled();
            let c = std::str::from_utf8(&self.pending[..need])
                .ok()
                .and_then(|text| text.chars().next())
                .unwrap_or(char::REPLACEMENT_CHARACTER);
            self.len = 0;
            emit(c, start, self.at, sink);
        }
        true
    }

    fn invalid(&mut self, sink: &mut impl Sink) {
        let start = self.settled();
        self.len = 0;
        sink.char(Char::new(char::REPLACEMENT_CHARACTER, start, self.at));
    }

    fn take_escape(&mut self, byte: u8, sink: &mut impl Sink) -> bool {
        let fits = match self.len {
            1 => matches!(
                byte,
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' | b'u'
            ),
            6 => byte == b'\\',
            7 => byte == b'u',
            _ => byte.is_ascii_hexdigit(),
        };
        if !fits {
            self.broken_escape(sink);
            return false;
        }
        self.hold(byte);
        self.at += 1;
        match (self.len, byte) {
            (2, b'u') => {}
            (2, _) => self.whole_escape(simple_escape(byte), sink),
            (6, _) => match self.code_unit(2) {
                0xD800..=0xDBFF => {}
                unit => self.whole_escape(
                    char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER),
                    sink,
                ),
            },
            (12, _) => self.surrogates(sink),
            _ => {}
        }
        true
    }

    fn whole_escape(&mut self, c: char, sink: &mut impl Sink) {
        let start = self.settled();
        self.len = 0;
        self.escape = false;
        emit(c, start, self.at, sink);
    }

    /// Four hexadecimal digits of the pending escape.
    fn code_unit(&self, from: usize) -> u32 {
        self.pending[from..from + 4].iter().fold(0, |unit, &digit| {
            unit * 16 + char::from(digit).to_digit(16).unwrap_or(0)
        })
    }

    fn surrogates(&mut self, sink: &mut impl Sink) {
        let (high, low) = (self.code_unit(2), self.code_unit(8));
        if let 0xDC00..=0xDFFF = low {
            let code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
            self.whole_escape(
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
                sink,
            );
            return;
        }
        self.lone_surrogate(sink);
        if !matches!(low, 0xD800..=0xDBFF) {
            let c = char::from_u32(low).unwrap_or(char::REPLACEMENT_CHARACTER);
            self.whole_escape(c, sink);
        }
    }

    /// The first of two pending escapes stands alone; the second stays pending.
    fn lone_surrogate(&mut self, sink: &mut impl Sink) {
        let start = self.settled();
        self.pending.copy_within(6.., 0);
        self.len -= 6;
        sink.char(Char::new(char::REPLACEMENT_CHARACTER, start, start + 6));
    }

    /// Not an escape after all: a finished half of a pair is a lone surrogate, anything else stands for itself.
    fn broken_escape(&mut self, sink: &mut impl Sink) {
        if self.len >= 6 {
            self.lone_surrogate(sink);
            self.escape = self.len > 0;
            return;
        }
        let start = self.settled();
        let len = std::mem::take(&mut self.len);
        self.escape = false;
        sink.ascii(&self.pending[..len], start);
    }
}

/// ASCII bytes in a row that end a run of text: so many are better taken as such.
const MANY_ASCII: usize = 32;

/// Bytes of the whole characters at the start that stand for themselves in the lane, of any script.
pub(crate) fn text(bytes: &[u8], json: bool) -> usize {
    let (mut at, mut ascii) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        if byte < 0x80 {
            if ascii == MANY_ASCII || (json && matches!(byte, b'"' | b'\\')) {
                break;
            }
            ascii += 1;
            at += 1;
            continue;
        }
        let Some((_, length)) = kept(&bytes[at..]) else {
            break;
        };
        ascii = 0;
        at += length;
    }
    at
}

/// The character at the start and its bytes, if it has two or three, is whole, and stands for itself.
#[inline]
pub(crate) fn kept(bytes: &[u8]) -> Option<(u32, usize)> {
    let low = |byte: u8| u32::from(byte & 0x3F);
    let (code, length) = match *bytes {
        [first @ 0xC2..=0xDF, second @ 0x80..=0xBF, ..] => {
            (u32::from(first & 0x1F) << 6 | low(second), 2)
        }
        [
            first @ 0xE1..=0xED,
            second @ 0x80..=0xBF,
            third @ 0x80..=0xBF,
            ..,
        ] => {
            let code = u32::from(first & 0x0F) << 12 | low(second) << 6 | low(third);
            (code, 3)
        }
        _ => return None,
    };
    is_kept(code).then_some((code, length))
}

fn simple_escape(byte: u8) -> char {
    match byte {
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        other => char::from(other),
    }
}

fn emit(c: char, start: u64, end: u64, sink: &mut impl Sink) {
    if c.is_ascii() {
        return sink.char(Char::ascii(c as u8, start, end));
    }
    match fold(c) {
        Fold::Keep if is_kept(c as u32) && end - start == c.len_utf8() as u64 => {
            sink.text(c.encode_utf8(&mut [0; 4]).as_bytes(), start);
        }
        Fold::Keep => sink.char(Char::new(c, start, end)),
        Fold::Drop => {}
        Fold::To(byte) => sink.char(Char::ascii(byte, start, end)),
    }
}
