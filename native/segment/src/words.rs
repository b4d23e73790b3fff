//! Words, and hashes of them that ignore case and English endings.

/// Longest word that is hashed whole, in bytes of its lower case; of a longer one the beginning counts.
const LONGEST: usize = 64;

/// Words of a text: letters and digits, with apostrophes inside. Slices in their order.
pub fn words(text: &str) -> Words<'_> {
    Words { text, at: 0 }
}

/// Iterator over `(offset, word)`; see [`words`].
#[derive(Clone, Debug)]
pub struct Words<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Words<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.text[self.at..];
        let start = self.at + rest.find(char::is_alphanumeric)?;
        let mut end = start;
        let mut inner = self.text[start..].char_indices().peekable();
        while let Some((offset, character)) = inner.next() {
            let joins = matches!(character, '\'' | '’')
                && inner.peek().is_some_and(|(_, next)| next.is_alphanumeric());
            if !(character.is_alphanumeric() || joins) {
                break;
            }
            end = start + offset + character.len_utf8();
        }
        self.at = end;
        Some((start, &self.text[start..end]))
    }
}

/// Whether a letter is Cyrillic.
pub const fn is_cyrillic(character: char) -> bool {
    matches!(character, '\u{400}'..='\u{52f}')
}

/// FNV-1a with a last mix, so that low bits are good too.
fn hash(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in bytes {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 29)
}

struct Lower {
    bytes: [u8; LONGEST],
    length: usize,
}

fn lower(word: &str) -> Lower {
    let mut out = Lower {
        bytes: [0; LONGEST],
        length: 0,
    };
    if word.is_ascii() {
        out.length = word.len().min(LONGEST);
        out.bytes[..out.length].copy_from_slice(&word.as_bytes()[..out.length]);
        out.bytes[..out.length].make_ascii_lowercase();
        return out;
    }
    for character in word.chars().flat_map(char::to_lowercase) {
        let character = if character == '’' { '\'' } else { character };
        if out.length + character.len_utf8() > LONGEST {
            break;
        }
        out.length += character.encode_utf8(&mut out.bytes[out.length..]).len();
    }
    out
}

/// Hash of a word without regard to case.
pub fn word_hash(word: &str) -> u64 {
    let lower = lower(word);
    hash(&lower.bytes[..lower.length])
}

/// Hash of a word without regard to case and to the English endings -'s, -s, -es, -ies, -ed, -ing, -ly: light, so that
/// what it joins nearly always belongs together. Words of other scripts are hashed whole.
pub fn stem_hash(word: &str) -> u64 {
    let mut lower = lower(word);
    let length = stem(&mut lower.bytes, lower.length);
    hash(&lower.bytes[..length])
}

fn has_vowel(word: &[u8]) -> bool {
    word.iter().any(|byte| b"aeiouy".contains(byte))
}

/// Cuts the ending off; returns the new length.
fn stem(bytes: &mut [u8; LONGEST], length: usize) -> usize {
    if !bytes[..length].is_ascii() || !bytes[..length].iter().any(u8::is_ascii_lowercase) {
        return length;
    }
    let mut end = length;
    if bytes[..end].ends_with(b"'s") {
        end -= 2;
    }
    if end > 4 && bytes[..end].ends_with(b"ies") {
        bytes[end - 3] = b'y';
        return end - 2;
    }
    if end > 3 && bytes[end - 1] == b's' && !matches!(bytes[end - 2], b's' | b'u' | b'i') {
        end -= 1;
        if bytes[..end].ends_with(b"she")
            || bytes[..end].ends_with(b"che")
            || bytes[..end].ends_with(b"xe")
        {
            end -= 1;
        }
    }
    if end > 4 && bytes[..end].ends_with(b"ly") {
        end -= 2;
    }
    let cut = if end > 5 && bytes[..end].ends_with(b"ing") && has_vowel(&bytes[..end - 3]) {
        3
    } else if end > 4 && bytes[..end].ends_with(b"ed") && has_vowel(&bytes[..end - 2]) {
        2
    } else {
        0
    };
    if cut > 0 {
        end -= cut;
        let doubled =
            end > 3 && bytes[end - 1] == bytes[end - 2] && !b"lsz".contains(&bytes[end - 1]);
        if doubled {
            end -= 1;
        }
    }
    // "make", "making", "makes" meet without their e.
    if end > 3 && bytes[end - 1] == b'e' {
        end -= 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_letters_and_digits_with_inner_apostrophes() {
        let found: Vec<_> = words("Don't — it's 3,5 kg… «Жук»'s 'x'")
            .map(|(_, word)| word)
            .collect();
        assert_eq!(found, ["Don't", "it's", "3", "5", "kg", "Жук", "s", "x"]);
        for (offset, word) in words("a, бв  c") {
            assert_eq!(&"a, бв  c"[offset..offset + word.len()], word);
        }
    }

    #[test]
    fn forms_of_one_word_have_one_stem() {
        for forms in [
            ["stop", "stopped", "stopping", "stops"].as_slice(),
            &["make", "makes", "making", "Make's"],
            &["city", "cities", "City"],
            &["walk", "walked", "walking", "walks"],
            &["church", "churches"],
            &["quick", "quickly"],
        ] {
            for form in forms {
                assert_eq!(stem_hash(form), stem_hash(forms[0]), "{form}");
            }
        }
        for (one, other) in [
            ("news", "new"),
            ("bus", "bu"),
            ("thing", "th"),
            ("red", "r"),
            ("this", "thi"),
            ("дом", "дома"),
        ] {
            assert_ne!(word_hash(one), word_hash(other));
        }
        assert_ne!(stem_hash("bus"), stem_hash("bu"));
        assert_ne!(stem_hash("thing"), stem_hash("th"));
        assert_eq!(word_hash("İĞ’s"), word_hash("İĞ's"));
    }
}
