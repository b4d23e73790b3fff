//! What disguises a word is taken off: case, zero-width characters, fullwidth forms, letters of other scripts and digits among
//! Latin letters, letters drawn out or spelled with spaces.

mod plain;

use crate::features::MAX_TEXT_BYTES;
use plain::{fold_plain, fold_words};

/// A text's normal form, bounded by [`MAX_TEXT_BYTES`].
pub type Folded = String;

/// Cyrillic and Greek letters that look like Latin ones (Unicode confusables, the part that is used to disguise).
const LOOKALIKES: &[(char, char)] = &[
    ('а', 'a'),
    ('е', 'e'),
    ('о', 'o'),
    ('р', 'p'),
    ('с', 'c'),
    ('у', 'y'),
    ('х', 'x'),
    ('і', 'i'),
    ('ѕ', 's'),
    ('ј', 'j'),
    ('к', 'k'),
    ('м', 'm'),
    ('т', 't'),
    ('н', 'h'),
    ('в', 'b'),
    ('α', 'a'),
    ('ε', 'e'),
    ('ο', 'o'),
    ('ρ', 'p'),
    ('ν', 'v'),
    ('ι', 'i'),
    ('κ', 'k'),
    ('τ', 't'),
];

/// Digits and signs written for letters.
const fn leet(character: char) -> Option<char> {
    match character {
        '0' => Some('o'),
        '1' | '!' | '|' => Some('i'),
        '3' => Some('e'),
        '4' | '@' => Some('a'),
        '5' | '$' => Some('s'),
        '7' => Some('t'),
        '*' => Some('*'),
        _ => None,
    }
}

const fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Fullwidth and mathematical letters and circled ones, as far as they are one ASCII letter or digit.
fn plain(character: char) -> char {
    let from = |base: char, first: u32| {
        char::from_u32(base as u32 + (character as u32 - first)).unwrap_or(character)
    };
    match character {
        '\u{ff01}'..='\u{ff5e}' => from('!', 0xff01),
        '\u{24d0}'..='\u{24e9}' => from('a', 0x24d0),
        '\u{24b6}'..='\u{24cf}' => from('a', 0x24b6),
        '\u{1d400}'..='\u{1d6a3}' => {
            let at = (character as u32 - 0x1d400) % 52;
            char::from_u32(if at < 26 { at + 97 } else { at + 71 }).unwrap_or(character)
        }
        '’' => '\'',
        _ => character,
    }
}

/// Longest word; a longer one is read as several.
const MAX_WORD: usize = 48;

/// Writes the normal form of `text` to `out` (cleared first): words in lower case, one space between them.
pub fn fold(text: &str, out: &mut Folded) {
    out.clear();
    out.reserve((text.len() + text.len() / 4).min(MAX_TEXT_BYTES));
    let is_short = 4 * text.len() + 8 <= MAX_TEXT_BYTES;
    let is_spelled = if is_short && text.is_ascii() {
        fold_plain(text, out)
    } else {
        fold_words(text, out)
    };
    if is_spelled {
        join_spelled(out);
    }
}

/// [`fold`] character by character, without what is done at the end.
fn fold_characters(text: &str, out: &mut Folded) {
    let mut word = [' '; MAX_WORD];
    let mut length = 0;
    for character in text.chars() {
        if out.len() + length * 4 + 8 > MAX_TEXT_BYTES {
            break;
        }
        if is_invisible(character) {
            continue;
        }
        let character = plain(character);
        if character.is_whitespace() || length == word.len() {
            end_word(&word[..length], out);
            length = 0;
            if character.is_whitespace() {
                continue;
            }
        }
        for lower in character.to_lowercase() {
            if length < word.len() {
                word[length] = lower;
                length += 1;
            }
        }
    }
    end_word(&word[..length], out);
}

fn end_word(word: &[char], out: &mut Folded) {
    if word.is_empty() {
        return;
    }
    let is_latin = word.iter().any(char::is_ascii_lowercase);
    let letters = word.iter().filter(|c| c.is_alphabetic()).count();
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
    let mut last = ('\0', 0);
    for (index, &character) in word.iter().enumerate() {
        let folded = if is_latin && !character.is_ascii() {
            LOOKALIKES
                .iter()
                .find(|(from, _)| *from == character)
                .map_or(character, |(_, to)| *to)
        } else if is_latin
            && letters * 2 >= word.len()
            && (character.is_ascii_digit() || index + 1 < word.len())
        {
            // At a word's end a sign is punctuation: "no!" is not "noi".
            leet(character).unwrap_or(character)
        } else {
            character
        };
        last = if folded == last.0 {
            (folded, last.1 + 1)
        } else {
            (folded, 1)
        };
        // "soooo" is "soo"; punctuation stands apart from its word.
        if last.1 > 2 {
            continue;
        }
        if !folded.is_alphanumeric() && folded != '\'' && folded != '*' {
            if !out.ends_with(' ') && !out.is_empty() {
                out.push(' ');
            }
            out.push(folded);
            out.push(' ');
        } else {
            out.push(folded);
        }
    }
}

/// "h a t e" becomes "hate": runs of four or more single letters.
fn join_spelled(out: &mut Folded) {
    let bytes = out.as_bytes();
    let single = |at: usize| {
        bytes.get(at).is_some_and(u8::is_ascii_lowercase)
            && (at == 0 || bytes[at - 1] == b' ')
            && bytes.get(at + 1).is_none_or(|next| *next == b' ')
    };
    let mut at = 0;
    let mut joined: Option<Folded> = None;
    let mut copied = 0;
    while at < bytes.len() {
        let mut count = 0;
        while single(at + 2 * count) {
            count += 1;
        }
        if count >= 4 {
            let result = joined.get_or_insert_with(Folded::new);
            result.push_str(&out[copied..at]);
            for index in 0..count {
                result.push(char::from(bytes[at + 2 * index]));
            }
            at += 2 * count - 1;
            copied = at;
        } else {
            at += 1;
        }
    }
    if let Some(mut result) = joined {
        result.push_str(&out[copied..]);
        *out = result;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// [`fold`] without any short way.
    fn slow(text: &str) -> String {
        let mut out = Folded::new();
        fold_characters(text, &mut out);
        join_spelled(&mut out);
        out
    }

    proptest! {
        #[test]
        fn the_short_way_folds_as_the_long_one(
            parts in prop::collection::vec(prop_oneof![
                4 => "[ a-zA-Z]{0,12}",
                4 => "[a-zA-Z]{1,9}[,.!?:;]? ",
                1 => "[a-d]['\"(),.*]?[ \x0b\n]{1,2}",
                2 => "[ -~]{0,9}",
                1 => prop::sample::select(vec![
                    "a b c d ", " h a t e", "x-a b c d-y", "soooo", "...", "!!!!", "\u{200b}", "\u{a0}", "İ", "Ⱥ", "а", "е ", "…", "\0\0\0", "\x1c", "\x7f",
                    "\n\n", "\u{2003}", "’", "w0rd1", "1984", "ｈａｔｅ", "𝐡", "donaudampfschifffahrtselektrizitatenhauptbetriebswerkbau.", "http://a.very.long.address.example/with?a=path&of=more#than forty-eight-bytes",
                ]).prop_map(str::to_owned),
                1 => any::<String>(),
            ], 0..24),
            repeat in prop::sample::select(vec![1_usize, 1, 1, 40, 400]),
        ) {
            let text = parts.concat().repeat(repeat);
            let mut out = Folded::new();
            fold(&text, &mut out);
            prop_assert_eq!(out, slow(&text));
        }
    }

    fn folded(text: &str) -> String {
        let mut out = Folded::new();
        fold(text, &mut out);
        out.trim().to_owned()
    }

    #[test]
    fn disguises_come_off_and_plain_text_stays() {
        for (text, expected) in [
            ("Plain text stays.", "plain text stays ."),
            ("ha\u{200b}te", "hate"),
            ("ｈａｔｅ", "hate"),
            ("h4t3 y0u", "hate you"),
            ("hаtе", "hate"),
            ("h a t e you", "hate you"),
            ("sooooo", "soo"),
            ("a b c", "a b c"),
            ("in 1984", "in 1984"),
            ("Привет мир", "привет мир"),
            ("𝐡𝐚𝐭𝐞", "hate"),
        ] {
            assert_eq!(folded(text), expected, "{text:?}");
        }
    }
}
