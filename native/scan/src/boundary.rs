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

/// Boundaries violated to the left by a byte, given those violated by the byte before it.
#[inline]
pub(crate) fn left(before: u8, byte: u8) -> u8 {
    let bits = CLASS[byte as usize];
    if bits & SEPARATOR != 0 && before & DIGIT != 0 {
        return bits | NUMBER;
    }
    bits
}

/// Boundaries violated to the left by the end of a text.
pub(crate) fn left_of(text: &[u8]) -> u8 {
    match *text {
        [.., a, b] => left(right(a), b),
        [b] => left(0, b),
        [] => 0,
    }
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
