//! Which neighbours forbid a match: one bit per [`Boundary`], looked up by byte.

use crate::spec::Boundary;

pub(crate) const WORD: u8 = 1;
pub(crate) const ALNUM: u8 = 2;
pub(crate) const DIGIT: u8 = 4;
pub(crate) const NUMBER: u8 = 8;
pub(crate) const EMAIL: u8 = 16;
pub(crate) const TOKEN: u8 = 32;
/// All boundary bits; also the greatest index of a table over what is blocked.
pub(crate) const ALL: u8 = 63;
/// Not a boundary: the byte may stand between the digits of one number.
const SEPARATOR: u8 = 128;

/// Boundaries that a byte violates.
static CLASS: [u8; 256] = table();

const fn table() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        let mut bits = 0;
        if b.is_ascii_digit() {
            bits |= DIGIT | NUMBER;
        }
        if b.is_ascii_alphanumeric() {
            bits |= WORD | ALNUM | EMAIL | TOKEN;
        }
        if b == b'_' {
            bits |= WORD | EMAIL | TOKEN;
        }
        if matches!(b, b'.' | b'%' | b'+' | b'-') || b > 0x7F {
            bits |= EMAIL;
        }
        if matches!(b, b'-' | b'+' | b'/' | b'=') {
            bits |= TOKEN;
        }
        if matches!(b, b' ' | b'-' | b'.' | b'/' | b',' | b'_') {
            bits |= SEPARATOR;
        }
        table[byte] = bits;
        byte += 1;
    }
    table
}

/// The bit of a boundary; [`Boundary::Any`] has none, so nothing violates it.
pub(crate) fn bit(boundary: Boundary) -> u8 {
    match boundary {
        Boundary::Any => 0,
        Boundary::Word => WORD,
        Boundary::Alnum => ALNUM,
        Boundary::Digit => DIGIT,
        Boundary::Number => NUMBER,
        Boundary::Email => EMAIL,
        Boundary::Token => TOKEN,
    }
}

/// Boundaries violated to the right by this byte.
pub(crate) fn right(byte: u8) -> u8 {
    CLASS[byte as usize]
}

/// What a verifier may ask of the text before a match ([`crate::verify::Refusal`]), beyond the boundaries: the last bytes are a
/// hexadecimal digit and `:` or `-`.
pub(crate) const AFTER_HEX: u32 = 1 << 6;
/// The last byte is `:`.
pub(crate) const AFTER_COLON: u32 = 1 << 7;
/// The last bytes are a digit and `.` or `-`.
pub(crate) const AFTER_TIGHT: u32 = 1 << 8;
/// The last bytes are one to eight digits and a space, and `-`, `.`, `:` or `/` does not stand before them.
pub(crate) const AFTER_GROUP: u32 = 1 << 9;
/// The last byte is a hexadecimal digit.
const HEX: u32 = 1 << 10;
/// The last byte is `-`, `.`, `:` or `/`.
const JOINER: u32 = 1 << 11;
/// The group of digits at the end stands behind a joiner.
const JOINED: u32 = 1 << 12;
/// Digits at the end of the text, 9 for more.
const COUNT: u32 = 1 << 13;
const COUNTS: u32 = 15 * COUNT;

/// Bits of the left neighbourhood that it takes to tell some of them from byte to byte.
pub(crate) fn needed(asked: u32) -> u32 {
    let mut needed = u32::from(ALL) | asked;
    if asked & AFTER_HEX != 0 {
        needed |= HEX;
    }
    if asked & AFTER_GROUP != 0 {
        needed |= JOINER | JOINED | COUNTS;
    }
    needed
}

/// Boundaries violated to the left by a byte, and what verifiers may ask, given the same for the text before it.
#[inline]
pub(crate) fn left(before: u32, byte: u8) -> u32 {
    let class = CLASS[byte as usize];
    let mut bits = u32::from(class & ALL);
    let after_digit = before & u32::from(DIGIT) != 0;
    let mut set = |bit: u32, holds: bool| bits |= if holds { bit } else { 0 };
    set(u32::from(NUMBER), class & SEPARATOR != 0 && after_digit);
    set(HEX, byte.is_ascii_hexdigit());
    set(AFTER_COLON, byte == b':');
    set(AFTER_HEX, matches!(byte, b':' | b'-') && before & HEX != 0);
    set(AFTER_TIGHT, matches!(byte, b'.' | b'-') && after_digit);
    let counted = before & COUNTS;
    let group = after_digit && before & JOINED == 0 && counted < 9 * COUNT;
    set(AFTER_GROUP, byte == b' ' && group);
    set(JOINER, matches!(byte, b'-' | b'.' | b':' | b'/'));
    if byte.is_ascii_digit() {
        let joined = if after_digit { JOINED } else { JOINER };
        set(JOINED, before & joined != 0);
        let count = if after_digit { counted + COUNT } else { COUNT };
        bits |= count.min(9 * COUNT);
    }
    bits
}

/// Boundaries violated to the left by the end of a text.
pub(crate) fn left_of(text: &[u8]) -> u8 {
    let [.., last] = text else {
        return 0;
    };
    let class = CLASS[usize::from(*last)];
    let before = text.len().checked_sub(2).map(|at| text[at]);
    let separated = class & SEPARATOR != 0 && before.is_some_and(|before| before.is_ascii_digit());
    class & ALL | if separated { NUMBER } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::{bit, left_of, right};
    use crate::spec::Boundary;

    #[test]
    fn every_boundary_rejects_exactly_the_bytes_of_its_description() {
        let cases: [(Boundary, &str, &str); 7] = [
            (Boundary::Any, "", "a1_-. ="),
            (Boundary::Word, "aZ9_", "-. =/é"),
            (Boundary::Alnum, "aZ9", "_-. =/é"),
            (Boundary::Digit, "09", "a_-. ="),
            (Boundary::Number, "09", "a_-. ="),
            (Boundary::Email, "aZ9._%+-é", " =/&@"),
            (Boundary::Token, "aZ9_-+/=", " .%@é"),
        ];
        for (boundary, rejected, allowed) in cases {
            for byte in rejected.bytes() {
                assert_ne!(right(byte) & bit(boundary), 0, "{boundary:?} allows {byte}");
            }
            for byte in allowed.bytes().filter(u8::is_ascii) {
                assert_eq!(
                    right(byte) & bit(boundary),
                    0,
                    "{boundary:?} rejects {byte}"
                );
            }
        }
    }

    #[test]
    fn a_number_is_continued_over_one_separator_and_not_over_two() {
        for (before, blocked) in [
            ("1 ", true),
            ("1-", true),
            ("1_", true),
            ("1  ", false),
            ("a ", false),
            (" ", false),
        ] {
            let bits = left_of(before.as_bytes());
            assert_eq!(bits & bit(Boundary::Number) != 0, blocked, "{before:?}");
        }
    }
}
