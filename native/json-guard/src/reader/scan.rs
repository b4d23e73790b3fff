//! The inside of strings: plain text and UTF-8, at any cut.

/// What ends a run of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// No more bytes.
    End,
    Quote,
    Backslash,
    Control,
    /// Not UTF-8.
    Utf8,
}

/// The rest of a character that is cut: how many bytes, and the range of the next (Unicode 17, table 3-7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Utf8 {
    left: u8,
    low: u8,
    high: u8,
}

impl Utf8 {
    /// Whether a character is cut here.
    pub fn is_open(self) -> bool {
        self.left > 0
    }

    fn lead(byte: u8) -> Option<Self> {
        let (left, low, high) = match byte {
            0xC2..=0xDF => (1, 0x80, 0xBF),
            0xE0 => (2, 0xA0, 0xBF),
            0xE1..=0xEC | 0xEE..=0xEF => (2, 0x80, 0xBF),
            0xED => (2, 0x80, 0x9F),
            0xF0 => (3, 0x90, 0xBF),
            0xF1..=0xF3 => (3, 0x80, 0xBF),
            0xF4 => (3, 0x80, 0x8F),
            _ => return None,
        };
        Some(Self { left, low, high })
    }
}

/// Length of the text at the start of `bytes`, and what ends it.
pub(super) fn scan(bytes: &[u8], utf8: &mut Utf8) -> (usize, Stop) {
    let mut at = 0;
    loop {
        if utf8.left == 0 && bytes.get(at).is_some_and(u8::is_ascii) {
            at += plain_run(&bytes[at..]);
        }
        let Some(&byte) = bytes.get(at) else {
            return (at, Stop::End);
        };
        if utf8.left > 0 {
            if byte < utf8.low || byte > utf8.high {
                return (at, Stop::Utf8);
            }
            *utf8 = Utf8 {
                left: utf8.left - 1,
                low: 0x80,
                high: 0xBF,
            };
        } else {
            match byte {
                b'"' => return (at, Stop::Quote),
                b'\\' => return (at, Stop::Backslash),
                0..0x20 => return (at, Stop::Control),
                _ => match Utf8::lead(byte) {
                    Some(rest) => *utf8 = rest,
                    None => return (at, Stop::Utf8),
                },
            }
        }
        at += 1;
    }
}

/// Bytes of `bytes` before the first quote, backslash, control character or byte that is not ASCII, eight at a time.
fn plain_run(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let mut at = 0;
    while let Some(chunk) = bytes.get(at..at + 8) {
        let word = u64::from_le_bytes(chunk.try_into().expect("eight bytes"));
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let quote = zero(word ^ (ONES * u64::from(b'"')));
        let slash = zero(word ^ (ONES * u64::from(b'\\')));
        let found = (control | quote | slash | word) & HIGH;
        if found != 0 {
            // Borrows only reach upwards, so the lowest mark is true.
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = bytes[at..].iter();
    at + rest
        .take_while(|&&byte| byte != b'"' && byte != b'\\' && (0x20..0x80).contains(&byte))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_special_byte_is_found_at_every_place() {
        for at in 0..40 {
            for (special, stop) in [
                (b'"', Stop::Quote),
                (b'\\', Stop::Backslash),
                (0, Stop::Control),
                (0x80, Stop::Utf8),
            ] {
                for filler in [b'a', b'!', b'#', b'[', b']', 0x20, 0x7F] {
                    let mut bytes = vec![filler; 40];
                    bytes[at] = special;
                    assert_eq!(
                        scan(&bytes, &mut Utf8::default()),
                        (at, stop),
                        "{special} after {filler}"
                    );
                }
            }
        }
    }

    #[test]
    fn utf8_is_judged_as_the_standard_library_does() {
        // All leads with the second bytes that matter, whole and cut.
        for lead in 0x80..=0xFF {
            for second in [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0] {
                let bytes = [lead, second, 0x80, 0x80];
                let expected = match std::str::from_utf8(&bytes) {
                    Ok(_) => None,
                    Err(error) => error.error_len().map(|len| error.valid_up_to() + len),
                };
                let mut utf8 = Utf8::default();
                let bad = bytes
                    .iter()
                    .position(|byte| scan(&[*byte], &mut utf8).1 == Stop::Utf8);
                // The library counts the bytes of a broken character before the impossible one; a lead alone counts itself.
                let bad = bad.map(|at| at.max(usize::from(Utf8::lead(lead).is_none())));
                assert_eq!(bad.is_some(), expected.is_some(), "{bytes:?}");
            }
        }
    }
}
