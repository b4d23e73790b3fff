//! Words of a text as it comes, hashed without case, punctuation and invisible characters.

/// One complete word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Of its lower-case letters and digits.
    pub(crate) hash: u32,
    /// First byte.
    pub(crate) start: u64,
    /// Byte after its last letter or digit.
    pub(crate) end: u64,
}

/// Characters that show nothing: a word goes on over them.
pub(crate) const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e01ef}'
    )
}

/// Scripts that write without spaces: each character is a word.
const fn stands_alone(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{323af}')
}

const fn joins(character: char) -> bool {
    matches!(character, '\'' | '’') || is_invisible(character)
}

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

/// Reads one character after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct WordStream {
    hash: u64,
    start: u64,
    /// 0: no word is under way.
    end: u64,
}

impl WordStream {
    /// Takes the character at byte `at`; shows the words that it completes, at most two.
    pub(crate) fn take(&mut self, character: char, at: u64, mut show: impl FnMut(Word)) {
        if character.is_ascii() {
            if character.is_ascii_alphanumeric() {
                self.begin(at);
                self.go_on(&[character as u8], at);
            } else if character != '\'' {
                self.finish(&mut show);
            }
            return;
        }
        let alone = stands_alone(character);
        if alone || !(character.is_alphanumeric() || joins(character)) {
            self.finish(&mut show);
        }
        if !character.is_alphanumeric() {
            return;
        }
        self.begin(at);
        let mut bytes = [0; 4];
        for lower in character.to_lowercase() {
            for byte in lower.encode_utf8(&mut bytes).bytes() {
                self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(PRIME);
            }
        }
        self.end = at + character.len_utf8() as u64;
        if alone {
            self.finish(&mut show);
        }
    }

    fn begin(&mut self, at: u64) {
        if self.end == 0 {
            (self.hash, self.start) = (OFFSET, at);
        }
    }

    /// Letters and digits of ASCII from byte `at` on that the word under way goes on with, one at least.
    pub(crate) fn go_on(&mut self, letters: &[u8], at: u64) {
        for letter in letters {
            let lower = letter.to_ascii_lowercase();
            self.hash = (self.hash ^ u64::from(lower)).wrapping_mul(PRIME);
        }
        self.end = at + letters.len() as u64;
    }

    /// The text is complete.
    pub(crate) fn finish(&mut self, mut show: impl FnMut(Word)) {
        if self.end > 0 {
            let hash = (self.hash ^ (self.hash >> 32)) as u32;
            show(Word {
                hash,
                start: self.start,
                end: self.end,
            });
            self.end = 0;
        }
    }

    /// First byte of the word under way.
    pub(crate) const fn open(&self) -> Option<u64> {
        if self.end > 0 { Some(self.start) } else { None }
    }
}

/// Words of a whole text.
pub(crate) fn words(text: &str, mut show: impl FnMut(Word)) {
    let mut stream = WordStream::default();
    for (at, character) in text.char_indices() {
        stream.take(character, at as u64, &mut show);
    }
    stream.finish(show);
}

/// Hash of one lower-case word.
pub(crate) fn hash_of(word: &str) -> u32 {
    let mut hash = 0;
    words(word, |each| hash = each.hash);
    hash
}
