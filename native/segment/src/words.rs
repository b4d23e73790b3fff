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
        let mut start = self.at;
        while joined_at(self.text, start) == 0 {
            // Of what is no letter the width is not known yet.
            start += self.text[start..].chars().next()?.len_utf8();
        }
        let mut end = start;
        loop {
            let width = joined_at(self.text, end);
            if width > 0 {
                end += width;
                continue;
            }
            let mark = match self.text.as_bytes()[end..] {
                [b'\'', ..] => 1,
                [0xe2, 0x80, 0x99, ..] => '’'.len_utf8(),
                _ => 0,
            };
            if mark == 0 || joined_at(self.text, end + mark) == 0 {
                break;
            }
            end += mark;
        }
        self.at = end;
        Some((start, &self.text[start..end]))
    }
}

/// Bytes of the letter or digit that stands at a place; 0 where none does.
fn joined_at(text: &str, at: usize) -> usize {
    match text.as_bytes().get(at) {
        Some(byte) if byte.is_ascii_alphanumeric() => 1,
        None | Some(..0x80) => 0,
        Some(_) => text[at..]
            .chars()
            .next()
            .filter(|character| character.is_alphanumeric())
            .map_or(0, char::len_utf8),
    }
}

/// Whether a letter is Cyrillic.
pub const fn is_cyrillic(character: char) -> bool {
    matches!(character, '\u{400}'..='\u{52f}')
}

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// A step of FNV-1a.
const fn step(state: u64, byte: u8) -> u64 {
    (state ^ byte as u64).wrapping_mul(0x0100_0000_01b3)
}

/// A last mix, so that low bits are good too.
const fn finished(state: u64) -> u64 {
    let hash = (state ^ (state >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 29)
}

/// A word in lower case with the FNV-1a hash of each of its beginnings, to be read byte by byte: one pass for all that is looked up.
#[derive(Clone, Debug)]
pub struct LowerWord {
    bytes: [u8; LONGEST],
    /// Of one byte, of two and so on.
    states: [u64; LONGEST],
    length: usize,
    /// All bytes, one over the other.
    any: u8,
    has_letter: bool,
}

impl Default for LowerWord {
    fn default() -> Self {
        Self::new()
    }
}

impl LowerWord {
    /// Without a byte.
    pub const fn new() -> Self {
        Self {
            bytes: [0; LONGEST],
            states: [0; LONGEST],
            length: 0,
            any: 0,
            has_letter: false,
        }
    }

    /// Begins another word.
    pub fn clear(&mut self) {
        (self.length, self.any, self.has_letter) = (0, 0, false);
    }

    /// Adds a byte of lower case; what is over 64 bytes is not read.
    #[inline]
    pub fn push(&mut self, byte: u8) {
        if self.length < LONGEST {
            self.bytes[self.length] = byte;
            self.states[self.length] = step(self.state(self.length), byte);
            self.length += 1;
            self.any |= byte;
            self.has_letter |= byte.is_ascii_lowercase();
        }
    }

    /// Adds letters of ASCII in lower case; what is over 64 bytes is not read.
    pub fn push_letters(&mut self, letters: &[u8]) {
        let mut state = self.state(self.length);
        let room = self.bytes[self.length..]
            .iter_mut()
            .zip(&mut self.states[self.length..]);
        for ((byte, after), letter) in room.zip(letters) {
            *byte = letter | 0x20;
            state = step(state, *byte);
            *after = state;
        }
        self.length = LONGEST.min(self.length + letters.len());
        self.has_letter |= !letters.is_empty();
    }

    /// Adds all bytes of a character, or none where there is no room for them.
    pub fn push_char(&mut self, character: char) {
        if self.length + character.len_utf8() <= LONGEST {
            for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                self.push(byte);
            }
        }
    }

    /// The bytes read.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// FNV-1a, 64 bits, of the first `length` bytes.
    #[inline]
    pub fn state(&self, length: usize) -> u64 {
        length
            .checked_sub(1)
            .map_or(OFFSET, |last| self.states[last])
    }

    /// [`word_hash`] of it.
    pub fn word_hash(&self) -> u64 {
        finished(self.state(self.length))
    }

    /// [`stem_hash`] of it.
    pub fn stem_hash(&self) -> u64 {
        if !self.any.is_ascii() || !self.has_letter {
            return self.word_hash();
        }
        let stem = stem(self.bytes());
        let state = self.state(stem.length);
        finished(if stem.has_y { step(state, b'y') } else { state })
    }
}

fn lower(word: &str) -> LowerWord {
    let mut out = LowerWord::new();
    if word.is_ascii() {
        for byte in word.bytes() {
            out.push(byte.to_ascii_lowercase());
        }
        return out;
    }
    for character in word.chars().flat_map(char::to_lowercase) {
        let character = if character == '’' { '\'' } else { character };
        if out.length + character.len_utf8() > LONGEST {
            break;
        }
        out.push_char(character);
    }
    out
}

/// Hash of a word without regard to case.
pub fn word_hash(word: &str) -> u64 {
    if word.is_ascii() {
        let bytes = word.bytes().take(LONGEST);
        return finished(bytes.fold(OFFSET, |state, byte| step(state, byte.to_ascii_lowercase())));
    }
    lower(word).word_hash()
}

/// Hash of a word without regard to case and to the English endings -'s, -s, -es, -ies, -ed, -ing, -ly: light, so that
/// what it joins nearly always belongs together. Words of other scripts are hashed whole.
pub fn stem_hash(word: &str) -> u64 {
    lower(word).stem_hash()
}

fn has_vowel(word: &[u8]) -> bool {
    const VOWELS: u32 = 1 << (b'a' & 31)
        | 1 << (b'e' & 31)
        | 1 << (b'i' & 31)
        | 1 << (b'o' & 31)
        | 1 << (b'u' & 31)
        | 1 << (b'y' & 31);
    word.iter()
        .any(|byte| byte.is_ascii_lowercase() && VOWELS >> (byte & 31) & 1 != 0)
}

/// What stays of a word: its first bytes, and "y" behind them where they lost "ies".
struct Stem {
    length: usize,
    has_y: bool,
}

/// Cuts the ending off a word of lower-case ASCII.
fn stem(word: &[u8]) -> Stem {
    let mut word = word;
    if let [rest @ .., b'\'', b's'] = word {
        word = rest;
    }
    if let [rest @ .., b'i', b'e', b's'] = word
        && word.len() > 4
    {
        return Stem {
            length: rest.len(),
            has_y: true,
        };
    }
    if let [rest @ .., before, b's'] = word
        && word.len() > 3
        && !matches!(before, b's' | b'u' | b'i')
    {
        word = &word[..=rest.len()];
        if let [.., b's' | b'c', b'h', b'e'] | [.., b'x', b'e'] = word {
            word = &word[..word.len() - 1];
        }
    }
    if let [rest @ .., b'l', b'y'] = word
        && word.len() > 4
    {
        word = rest;
    }
    let cut = match word {
        [rest @ .., b'i', b'n', b'g'] if word.len() > 5 && has_vowel(rest) => Some(rest),
        [rest @ .., b'e', b'd'] if word.len() > 4 && has_vowel(rest) => Some(rest),
        _ => None,
    };
    if let Some(rest) = cut {
        word = rest;
        if let [rest @ .., one, other] = word
            && word.len() > 3
            && one == other
            && !matches!(one, b'l' | b's' | b'z')
        {
            word = &word[..=rest.len()];
        }
    }
    // "make", "making", "makes" meet without their e.
    if let [rest @ .., b'e'] = word
        && word.len() > 3
    {
        word = rest;
    }
    Stem {
        length: word.len(),
        has_y: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The plain way: in place.
    fn cut_in_place(bytes: &mut [u8; LONGEST], length: usize) -> usize {
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

    /// The plain way: character by character.
    fn plain(text: &str) -> Vec<(usize, &str)> {
        let mut all = Vec::new();
        let mut at = 0;
        while let Some(skipped) = text[at..].find(char::is_alphanumeric) {
            let start = at + skipped;
            let mut end = start;
            let mut inner = text[start..].char_indices().peekable();
            while let Some((offset, character)) = inner.next() {
                let joins = matches!(character, '\'' | '’')
                    && inner.peek().is_some_and(|(_, next)| next.is_alphanumeric());
                if !(character.is_alphanumeric() || joins) {
                    break;
                }
                end = start + offset + character.len_utf8();
            }
            all.push((start, &text[start..end]));
            at = end;
        }
        all
    }

    fn fnv(bytes: &[u8]) -> u64 {
        finished(bytes.iter().fold(OFFSET, |state, byte| step(state, *byte)))
    }

    proptest! {
        #[test]
        fn words_are_those_of_the_plain_way(text in prop_oneof!["[ab1'’ .é“]{0,40}", "\\PC{0,60}", any::<String>()]) {
            prop_assert_eq!(words(&text).collect::<Vec<_>>(), plain(&text));
        }

        #[test]
        fn hashes_are_those_of_the_word_and_of_the_word_cut_in_place(
            word in prop_oneof![
                "[a-zA-Z]{0,9}('s|ies|s|ss|shes|ches|xes|ly|ing|ed|lled|pping|e)?(s|ly|ed|ing|'s)?",
                "[0-9]{0,5}(s|ed|ing)?", "[aeioucdlsz]{1,6}(ing|ed|ies|s)", "[a-z]{60,70}", "\\PC{0,30}",
            ],
        ) {
            let mut bytes = [0; LONGEST];
            let mut length = 0;
            for character in word.chars().flat_map(char::to_lowercase) {
                let character = if character == '’' { '\'' } else { character };
                if length + character.len_utf8() > LONGEST { break; }
                length += character.encode_utf8(&mut bytes[length..]).len();
            }
            prop_assert_eq!(word_hash(&word), fnv(&bytes[..length]));
            let stem = cut_in_place(&mut bytes, length);
            prop_assert_eq!(stem_hash(&word), fnv(&bytes[..stem]));
            let letters = word.bytes().take_while(u8::is_ascii_alphabetic).count();
            let mut whole = LowerWord::new();
            whole.push_letters(&word.as_bytes()[..letters / 2]);
            whole.push_letters(&word.as_bytes()[letters / 2..letters]);
            prop_assert_eq!(whole.stem_hash(), stem_hash(&word[..letters]));
            prop_assert_eq!(whole.word_hash(), word_hash(&word[..letters]));
        }
    }

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
