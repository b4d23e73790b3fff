//! Text in JSON: the inside of a string to UTF-8 and back.

use memchr::memchr;
use midstream_session::Halves;

use crate::chunk::Form;

/// The text of a value; `buffer` is empty and takes what has to be decoded.
pub(crate) fn decode<'a>(raw: &'a [u8], form: Form, buffer: &'a mut String) -> &'a str {
    if form == Form::Escaped {
        unescape_into(raw, buffer);
    } else if let Ok(text) = std::str::from_utf8(raw) {
        return text;
    } else {
        push_lossy(raw, buffer);
    }
    buffer
}

/// Appends what the inside of a valid JSON string says. Bytes that are no UTF-8 and lone surrogates become U+FFFD, as
/// in a client that decodes UTF-8 before it parses.
pub(crate) fn unescape_into(raw: &[u8], out: &mut String) {
    let mut rest = raw;
    while let Some(at) = memchr(b'\\', rest) {
        push_lossy(&rest[..at], out);
        let (c, used) = escape(&rest[at..]);
        out.push(c);
        rest = &rest[at + used..];
    }
    push_lossy(rest, out);
}

/// Appends bytes as UTF-8, with U+FFFD for what is none.
fn push_lossy(bytes: &[u8], out: &mut String) {
    match std::str::from_utf8(bytes) {
        Ok(text) => out.push_str(text),
        Err(_) => out.push_str(&String::from_utf8_lossy(bytes)),
    }
}

/// One escape at the start of `rest` (checked before): the character and the bytes it took.
fn escape(rest: &[u8]) -> (char, usize) {
    let simple = match rest.get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => return unicode(rest),
        Some(&byte) => char::from(byte),
        None => return (char::REPLACEMENT_CHARACTER, 1),
    };
    (simple, 2)
}

fn unicode(rest: &[u8]) -> (char, usize) {
    let first = hex4(rest, 2);
    if let Some(c) = char::from_u32(first) {
        return (c, 6);
    }
    let is_high = (0xD800..0xDC00).contains(&first);
    if is_high && rest.get(6..8) == Some(b"\\u") {
        let low = hex4(rest, 8);
        if (0xDC00..0xE000).contains(&low) {
            let code = 0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00);
            return (
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
                12,
            );
        }
    }
    (char::REPLACEMENT_CHARACTER, 6)
}

/// Four hex digits at `at`; what is missing or none counts as a lone surrogate.
fn hex4(rest: &[u8], at: usize) -> u32 {
    let digits = rest.get(at..at + 4).unwrap_or(&[]);
    let value = digits.iter().try_fold(0, |value, &byte| {
        char::from(byte)
            .to_digit(16)
            .map(|digit| value << 4 | digit)
    });
    value.filter(|_| digits.len() == 4).unwrap_or(0xDFFF)
}

/// The halves of characters at the ends of a value, where a character was cut between two.
pub(crate) fn halves_of(raw: &[u8], form: Form) -> Halves {
    if form != Form::Escaped {
        return Halves::default();
    }
    let escape_at = |at: Option<usize>, surrogates: std::ops::Range<u16>| {
        let rest = &raw[at?..];
        let unit = u16::try_from(hex4(rest, 2)).ok()?;
        (rest.starts_with(b"\\u") && surrogates.contains(&unit)).then_some(unit)
    };
    let last = raw.len().checked_sub(6);
    let before = &raw[..last.unwrap_or(0)];
    let slashes = before
        .iter()
        .rev()
        .take_while(|&&byte| byte == b'\\')
        .count();
    Halves {
        low: escape_at(last.map(|_| 0), 0xDC00..0xE000),
        high: escape_at(last.filter(|_| slashes % 2 == 0), 0xD800..0xDC00),
    }
}

/// As [`escape_into`], of a text that begins with the last byte of a cut character, or ends with the first three of one: in
/// their places stand the halves that the value came with.
pub(crate) fn escape_halves_into(halves: Halves, text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    if let [0x80..0xC0, behind @ ..] = rest {
        half_into(halves.low, out);
        rest = behind;
    }
    if let [before @ .., 0xF0..=0xFF, _, _] = rest {
        escape_into(before, out);
        half_into(halves.high, out);
    } else {
        escape_into(rest, out);
    }
}

fn half_into(half: Option<u16>, out: &mut Vec<u8>) {
    match half {
        Some(half) => out.extend_from_slice(format!("\\u{half:04x}").as_bytes()),
        None => out.extend_from_slice("\u{FFFD}".as_bytes()),
    }
}

/// Appends `text` as the inside of a JSON string, escaped minimally (as `JSON.stringify` does).
pub(crate) fn escape_into(text: &[u8], out: &mut Vec<u8>) {
    let mut plain = 0;
    for (i, &byte) in text.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&text[plain..i]);
        plain = i + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0C => out.extend_from_slice(b"\\f"),
            _ => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.push(HEX[usize::from(byte >> 4)]);
                out.push(HEX[usize::from(byte & 15)]);
            }
        }
    }
    out.extend_from_slice(&text[plain..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unescape(raw: &[u8]) -> String {
        let mut out = String::new();
        unescape_into(raw, &mut out);
        out
    }

    #[test]
    fn escapes_say_what_json_says() {
        assert_eq!(
            unescape(br#"a\"\\\/\b\f\n\r\t\u00e9"#),
            "a\"\\/\u{8}\u{c}\n\r\té"
        );
        assert_eq!(unescape(br"\ud83d\ude00 \uD83D\uDE00"), "😀 😀");
    }

    #[test]
    fn lone_surrogates_and_broken_utf8_become_replacement_characters() {
        assert_eq!(unescape(br"\ud83d"), "\u{fffd}");
        assert_eq!(unescape(br"\ude00\ud83dx"), "\u{fffd}\u{fffd}x");
        assert_eq!(unescape(br"\ud83d\ud83d\ude00"), "\u{fffd}😀");
        assert_eq!(unescape(b"a\xE2\x82b"), "a\u{fffd}b");
    }

    #[test]
    fn halves_of_characters_keep_their_places_while_they_are_there() {
        let rewritten = |raw: &[u8], text: &[u8]| {
            let mut out = Vec::new();
            escape_halves_into(halves_of(raw, Form::Escaped), text, &mut out);
            String::from_utf8(out).unwrap()
        };
        let face = "😀".as_bytes();
        let (high, low) = (&face[..3], &face[3..]);
        assert_eq!(
            rewritten(br"a\uD83D", &[b"[A]", high].concat()),
            r"[A]\ud83d"
        );
        assert_eq!(
            rewritten(br"\uDE00 a", &[low, b" [A]"].concat()),
            r"\ude00 [A]"
        );
        assert_eq!(
            rewritten(br"\ude00\ud83d", &[low, b"x", high].concat()),
            r"\ude00x\ud83d"
        );
        // The character before was redacted, the one behind was not.
        assert_eq!(rewritten(br"\ude00\ud83d", high), r"\ud83d");
        // Redacted, whole, lost, of the wrong side, or no escape at all.
        assert_eq!(rewritten(br"a\ud83d", b"[A]"), "[A]");
        assert_eq!(rewritten(br"a\ud83d\ude00", face), "😀");
        let lost = "\u{fffd}[A]";
        assert_eq!(rewritten(br"\ude00 a", lost.as_bytes()), lost);
        assert_eq!(rewritten(br"\ud83d a", lost.as_bytes()), lost);
        assert_eq!(halves_of(br"a\\ud83d", Form::Escaped), Halves::default());
        assert_eq!(halves_of(br"\ud83d", Form::Raw), Halves::default());
        assert_eq!(rewritten(b"", b""), "");
    }

    #[test]
    fn escaping_equals_that_of_a_json_library() {
        let text: String = (0..0x80u8)
            .map(char::from)
            .chain("я😀\u{2028}".chars())
            .collect();
        let mut out = Vec::new();
        escape_into(text.as_bytes(), &mut out);
        let oracle = serde_json::to_string(&text).unwrap();
        assert_eq!(
            std::str::from_utf8(&out).unwrap(),
            &oracle[1..oracle.len() - 1]
        );
    }
}
