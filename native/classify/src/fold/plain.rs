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
    /// Digit or sign that may stand for a letter.
    pub const LEET: u8 = 1 << 5;

    const fn of(byte: u8) -> u8 {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            b'0' | b'1' | b'3' | b'4' | b'5' | b'7' => INNER | LEET,
            b'0'..=b'9' | b'\'' | b'*' => INNER,
            b'\t'..=b'\r' | b' ' => SPACE,
            b'!' | b'|' | b'@' | b'$' => APART | LEET,
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
fn repeats(bytes: &[u8]) -> bool {
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

/// [`fold_words`] for short ASCII. Only digits and signs that may stand for letters, and letters that are drawn out, need a closer look:
/// all other words are taken over as they stand, spaces between them and around signs aside.
pub(super) fn fold_plain(text: &str, out: &mut Folded) -> bool {
    let bytes = text.as_bytes();
    let is_space = |byte: &u8| class::TABLE[*byte as usize] == class::SPACE;
    let may_repeat = repeats(bytes);
    // What stands from `from` to `at` is not yet taken over: words with one space between them.
    let (mut from, mut at, mut singles, mut is_spelled) = (0, 0, 0, false);
    while at < bytes.len() {
        let start = at;
        let (mut seen, mut before_last) = (0, 0);
        while let Some(&byte) = bytes.get(at) {
            let class = class::TABLE[byte as usize];
            if class == class::SPACE {
                break;
            }
            (seen, before_last) = (seen | class, seen);
            at += 1;
        }
        let word = &bytes[start..at];
        // At a word's end a sign is punctuation, a digit is not.
        let may_be_leet = seen & class::LETTER != 0
            && (before_last & class::LEET != 0 || word.last().is_some_and(u8::is_ascii_digit));
        let is_single = word.len() == 1 || seen & !(class::LETTER | class::INNER) != 0;
        singles = if is_single { singles + 1 } else { 0 };
        is_spelled |= singles >= SPELLED;
        if may_be_leet || word.len() > MAX_WORD || may_repeat && repeats(word) {
            push_words(&text[from..start], out);
            is_spelled |= fold_words(&text[start..at], out);
            // It may end with a letter now.
            singles += 1;
            from = at;
        } else if seen & class::APART != 0 {
            for (sign, &byte) in (start..).zip(word) {
                if class::TABLE[byte as usize] & class::APART != 0 {
                    push_words(&text[from..sign], out);
                    push_space(out);
                    out.extend([char::from(byte), ' ']);
                    from = sign + 1;
                }
            }
        }
        // One space as it should be; what else stands between words is not taken over.
        let is_plain = bytes.get(at) == Some(&b' ');
        if !is_plain || bytes.get(at + 1).is_none_or(is_space) {
            push_words(&text[from..at], out);
            while bytes.get(at).is_some_and(is_space) {
                at += 1;
            }
            from = at;
        } else {
            at += 1;
        }
    }
    push_words(&text[from..], out);
    out.make_ascii_lowercase();
    is_spelled
}

fn push_space(out: &mut Folded) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

fn push_words(words: &str, out: &mut Folded) {
    let words = words.trim_matches(' ');
    if !words.is_empty() {
        push_space(out);
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
        let is_apart = class::TABLE[folded as usize] & class::APART != 0;
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
