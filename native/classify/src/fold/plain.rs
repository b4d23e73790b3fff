//! The short way of [`fold`](super::fold): words of ASCII, byte by byte, and most of them as they stand.

use super::{Folded, MAX_WORD, fold_characters, leet};
use crate::features::MAX_TEXT_BYTES;

/// Letters in a row that stand alone before they are read as spelled.
const SPELLED: u32 = 4;

/// What a byte of ASCII is in a word. Bits.
mod class {
    /// A letter; 1, so that letters are counted by adding.
    pub const LETTER: u8 = 1;
    /// A digit, or a sign that stays in its word.
    pub const INNER: u8 = 1 << 1;
    /// A sign that stands apart from its word.
    pub const APART: u8 = 1 << 2;
    /// Space as Unicode has it.
    pub const SPACE: u8 = 1 << 3;
    /// Not ASCII.
    pub const OTHER: u8 = 1 << 4;

    pub const fn of(byte: u8) -> u8 {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            b'0'..=b'9' | b'\'' | b'*' => INNER,
            b'\t'..=b'\r' | b' ' => SPACE,
            0x80.. => OTHER,
            _ => APART,
        }
    }

    pub const TABLE: [u8; 256] = {
        let mut table = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            table[byte] = of(byte as u8);
            byte += 1;
        }
        table
    };
}

/// [`leet`] of bytes.
const LEET: [u8; 128] = {
    let mut table = [0; 128];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = match leet(byte as u8 as char) {
            Some(letter) => letter as u8,
            None => byte as u8,
        };
        byte += 1;
    }
    table
};

/// Whether a letter may stand three times in a row.
pub(super) fn repeats(bytes: &[u8]) -> bool {
    let is_same = |one: u8, two: u8| u8::from((one ^ two) & !0x20 == 0);
    let (second, third) = (bytes.iter().skip(1), bytes.iter().skip(2));
    // Without a way out of the loop the compiler looks at many bytes at once.
    let any = bytes
        .iter()
        .zip(second)
        .zip(third)
        .fold(0, |any, ((&one, &two), &three)| {
            any | is_same(one, two) & is_same(two, three)
        });
    any != 0
}

/// [`fold_words`] for short ASCII without [`repeats`]: words of letters with one space between them are taken over as they stand.
pub(super) fn fold_plain(text: &str, out: &mut Folded) -> bool {
    let bytes = text.as_bytes();
    let class_at = |at: usize| {
        bytes
            .get(at)
            .map_or(class::SPACE, |byte| class::TABLE[*byte as usize])
    };
    // What stands from `from` on is such words and not yet taken over.
    let (mut from, mut at, mut singles, mut is_spelled) = (0, 0, 0, false);
    while at < bytes.len() {
        let start = at;
        while class_at(at) == class::LETTER {
            at += 1;
        }
        let (end, length, class) = (at, at - start, class_at(at));
        if length == 0 && class == class::SPACE {
            push_words(&text[from..start], out);
            at += 1;
            from = at;
            continue;
        }
        if class == class::SPACE && length <= MAX_WORD {
            singles = if length == 1 { singles + 1 } else { 0 };
            is_spelled |= singles >= SPELLED;
            at += 1;
            if bytes.get(end) == Some(&b' ') {
                continue;
            }
            push_words(&text[from..end], out);
        } else if class == class::APART
            && class_at(end + 1) == class::SPACE
            && (1..MAX_WORD).contains(&length)
        {
            // A word and its punctuation.
            singles += 1;
            push_words(&text[from..end], out);
            out.extend([' ', char::from(bytes[end]), ' ']);
            at += 1;
        } else {
            singles += 1;
            push_words(&text[from..start], out);
            let length = read_word(&bytes[start..]).length;
            at = start + length;
            is_spelled |= fold_words(&text[start..at], out);
        }
        is_spelled |= singles >= SPELLED;
        from = at;
    }
    push_words(text.get(from..).unwrap_or_default(), out);
    out.make_ascii_lowercase();
    is_spelled
}

fn push_words(words: &str, out: &mut Folded) {
    let words = words.strip_suffix(' ').unwrap_or(words);
    if !words.is_empty() {
        if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
        out.push_str(words);
    }
}

/// Word by word; whether letters may be spelled.
pub(super) fn fold_words(text: &str, out: &mut Folded) -> bool {
    let bytes = text.as_bytes();
    let (mut at, mut singles, mut is_spelled) = (0, 0, false);
    while at < bytes.len() {
        if class::TABLE[bytes[at] as usize] == class::SPACE {
            at += 1;
            continue;
        }
        let word = read_word(&bytes[at..]);
        // No character of it can meet the bound: none becomes more than four bytes, its spaces included.
        let has_room = out.len() + 4 * word.length + 8 <= MAX_TEXT_BYTES;
        let end = if has_room {
            at + word.length
        } else {
            bytes.len()
        };
        if !has_room || word.length > MAX_WORD || word.seen & class::OTHER != 0 {
            // What is not ASCII may hold spaces of its own or show nothing.
            fold_characters(&text[at..end], out);
            is_spelled = true;
        } else if word.seen == class::LETTER && !word.repeats {
            push_letters(&text[at..end], out);
            singles = if word.length == 1 { singles + 1 } else { 0 };
        } else {
            end_plain_word(&bytes[at..end], word.letters, out);
            singles += 1;
        }
        is_spelled |= singles >= SPELLED;
        at = end;
    }
    is_spelled
}

/// What a first look at a word tells.
struct Word {
    /// Bytes to the next space of ASCII.
    length: usize,
    letters: usize,
    /// Bits of [`class`] of all its bytes.
    seen: u8,
    /// The same letter stands three times in a row.
    repeats: bool,
}

fn read_word(bytes: &[u8]) -> Word {
    let mut word = Word {
        length: 0,
        letters: 0,
        seen: 0,
        repeats: false,
    };
    let mut last = [0; 2];
    for &byte in bytes {
        let class = class::TABLE[byte as usize];
        if class == class::SPACE {
            break;
        }
        word.seen |= class;
        word.letters += usize::from(class & class::LETTER);
        word.length += 1;
        // Of letters: other bytes are looked at again.
        let lower = byte | 0x20;
        word.repeats |= last == [lower; 2];
        last = [last[1], lower];
    }
    word
}

fn push_letters(word: &str, out: &mut Folded) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
    let start = out.len();
    out.push_str(word);
    out[start..].make_ascii_lowercase();
}

/// [`end_word`] for a word of ASCII of at most [`MAX_WORD`] bytes.
fn end_plain_word(bytes: &[u8], letters: usize, out: &mut Folded) {
    // A space before and behind every sign, one before the word.
    let mut buffer = [0_u8; 3 * MAX_WORD + 1];
    let mut length = 0;
    let mut ends_with_space = out.is_empty() || out.ends_with(' ');
    if !ends_with_space {
        buffer[0] = b' ';
        length = 1;
        ends_with_space = true;
    }
    let is_leet = letters > 0 && letters * 2 >= bytes.len();
    // No byte of ASCII.
    let mut last = [0xff; 2];
    for (index, &byte) in bytes.iter().enumerate() {
        let byte = byte.to_ascii_lowercase();
        let class = class::TABLE[byte as usize];
        let folded = if is_leet
            && class != class::LETTER
            && (byte.is_ascii_digit() || index + 1 < bytes.len())
        {
            LEET[byte as usize & 127]
        } else {
            byte
        };
        let is_third = last == [folded; 2];
        last = [last[1], folded];
        if is_third {
            continue;
        }
        let is_apart = class::TABLE[folded as usize] == class::APART;
        if is_apart && !ends_with_space {
            buffer[length] = b' ';
            length += 1;
        }
        buffer[length] = folded;
        length += 1;
        if is_apart {
            buffer[length] = b' ';
            length += 1;
        }
        ends_with_space = is_apart;
    }
    out.push_str(std::str::from_utf8(&buffer[..length]).unwrap_or_default());
}
