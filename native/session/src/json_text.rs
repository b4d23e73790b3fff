//! Text that is itself JSON: tool-call arguments. Where a position stands, and what an escaped piece says.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Walks JSON text and knows whether it stands inside a string. Tolerates text that is not JSON.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct JsonCursor {
    in_string: bool,
    escaped: bool,
}

impl JsonCursor {
    /// Walks over `text`.
    pub fn advance(&mut self, text: &[u8]) {
        for &byte in text {
            if self.escaped {
                self.escaped = false;
            } else if self.in_string && byte == b'\\' {
                self.escaped = true;
            } else if byte == b'"' {
                self.in_string = !self.in_string;
            }
        }
    }

    pub fn in_string(self) -> bool {
        self.in_string
    }
}

/// The text that a piece of a JSON string's inside stands for; what is no valid escape stays as it is, a lone
/// surrogate becomes U+FFFD.
pub(crate) fn unescape(piece: &str) -> Cow<'_, str> {
    if !piece.contains('\\') {
        return Cow::Borrowed(piece);
    }
    let mut out = String::with_capacity(piece.len());
    let mut rest = piece;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let (text, used) = escape(&rest[at..]);
        out.push(text);
        rest = &rest[at + used..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// One escape at the start of `rest`: what it says and how long it is.
fn escape(rest: &str) -> (char, usize) {
    let simple = match rest.as_bytes().get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(&byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
        Some(b'u') => return unicode(rest).unwrap_or(('\\', 1)),
        _ => return ('\\', 1),
    };
    (simple, 2)
}

fn unicode(rest: &str) -> Option<(char, usize)> {
    let first = hex4(rest.get(2..6)?)?;
    if let Some(c) = char::from_u32(first) {
        return Some((c, 6));
    }
    let low = rest
        .get(6..12)
        .filter(|pair| pair.starts_with("\\u"))
        .and_then(|p| hex4(&p[2..]));
    let joined = low
        .filter(|low| first < 0xDC00 && (0xDC00..0xE000).contains(low))
        .and_then(|low| char::from_u32(0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00)));
    Some(joined.map_or((char::REPLACEMENT_CHARACTER, 6), |c| (c, 12)))
}

fn hex4(digits: &str) -> Option<u32> {
    let hex = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    hex.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

/// `text` as the inside of a JSON string, escaped minimally.
pub(crate) fn escape_into(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' => _ = write!(out, "\\u{:04x}", c as u32),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_as_json_reads_them() {
        assert_eq!(unescape(r"a\u0040b\/c\n"), "a@b/c\n");
        assert_eq!(unescape(r"\ud83d\ude00"), "😀");
        assert_eq!(unescape(r"\ud83dx"), "\u{fffd}x");
        assert_eq!(unescape(r"\u12"), r"\u12");
        assert_eq!(unescape("\\"), "\\");
    }

    #[test]
    fn the_cursor_knows_strings_across_pieces() {
        let mut cursor = JsonCursor::default();
        cursor.advance(br#"{"a\"#);
        assert!(cursor.in_string());
        cursor.advance(br#"":"#);
        assert!(cursor.in_string());
        cursor.advance(br#"":4"#);
        assert!(!cursor.in_string());
    }

    #[test]
    fn escaping_is_minimal() {
        let mut out = String::new();
        escape_into("\"\\/\u{1}я", &mut out);
        assert_eq!(out, "\\\"\\\\/\\u0001я");
    }
}
