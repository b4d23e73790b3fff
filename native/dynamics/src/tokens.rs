//! Splits bytes into words and segments (sentences, lines), one byte at a time.
//!
//! A word is a run of letters or of digits, without regard to ASCII case; of Chinese and Japanese each character is one. A
//! segment ends at a line's end, or at `.`, `!`, `?` before white space. Fenced code has no words: it repeats by nature.

/// A word that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Keyed hash.
    pub hash: u32,
    /// Characters.
    pub length: u32,
    /// Letters, not digits.
    pub is_letters: bool,
}

/// What one byte brought about, in this order.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Step {
    pub word: Option<Word>,
    /// A character that is neither word nor white space.
    pub is_other: bool,
    pub ends_segment: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Run {
    None,
    Letters,
    Digits,
}

/// Kind of a UTF-8 sequence, by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wide {
    Letter,
    /// A word of its own, or ideographic punctuation: U+3000 to U+9FFF.
    Ideograph,
    /// U+F000 to U+FFFF, where full-width stops live.
    FullWidth,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Start,
    /// So many fence characters at its start.
    Fence(u8),
    Body,
}

/// 。 ！ ？
const WIDE_STOPS: [u32; 3] = [0x00E3_8082, 0x00EF_BC81, 0x00EF_BC9F];
const FOLD: u64 = 0x9E37_79B9_7F4A_7C15;

#[allow(
    clippy::struct_excessive_bools,
    reason = "four facts of the line, each alone"
)]
#[derive(Debug)]
pub(crate) struct Tokens {
    key: u64,
    hash: u64,
    length: u32,
    run: Run,
    wide: Wide,
    /// Bytes that the sequence still needs.
    needed: u8,
    sequence: u32,
    after_stop: bool,
    line: Line,
    is_fenced: bool,
    is_fence_line: bool,
    is_table_row: bool,
}

impl Tokens {
    pub fn new(key: u64) -> Self {
        Self {
            key,
            hash: key,
            length: 0,
            run: Run::None,
            wide: Wide::Other,
            needed: 0,
            sequence: 0,
            after_stop: false,
            line: Line::Start,
            is_fenced: false,
            is_fence_line: false,
            is_table_row: false,
        }
    }

    /// Whether the line began with `|`.
    pub fn is_table_row(&self) -> bool {
        self.is_table_row
    }

    /// Whether no sequence of UTF-8 is open.
    pub fn is_between_characters(&self) -> bool {
        self.needed == 0
    }

    /// The text is complete: its last word.
    pub fn finish(&mut self) -> Option<Word> {
        self.needed = 0;
        self.take_word()
    }

    #[inline]
    pub fn step(&mut self, byte: u8) -> Step {
        if byte >= 0x80 {
            return self.step_wide(byte);
        }
        self.needed = 0;
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => self.take(Run::Letters, byte | 0x20),
            b'0'..=b'9' => self.take(Run::Digits, byte),
            b' ' | b'\t' | b'\r' => Step {
                word: self.take_word(),
                is_other: false,
                ends_segment: core::mem::take(&mut self.after_stop),
            },
            b'\n' => self.end_line(),
            _ => self.other(byte),
        }
    }

    /// Takes the letters of ASCII that go on a word, as `step` would, and says how many they are. They end no word and no segment.
    #[inline]
    pub fn take_letters(&mut self, text: &[u8]) -> usize {
        if self.run != Run::Letters || self.line != Line::Body || self.needed > 0 {
            return 0;
        }
        let mut hash = self.hash;
        let mut count = 0;
        for &byte in text {
            let lower = byte | 0x20;
            if !lower.is_ascii_lowercase() {
                break;
            }
            hash = mixed(hash, lower);
            count += 1;
        }
        if count > 0 {
            self.hash = hash;
            self.length = self.length.saturating_add(count as u32);
            self.after_stop = false;
        }
        count
    }

    /// One byte of a word.
    #[inline]
    fn take(&mut self, run: Run, byte: u8) -> Step {
        let word = if self.run == run {
            None
        } else {
            self.take_word()
        };
        self.run = run;
        self.begin_line(false);
        self.after_stop = false;
        self.length = self.length.saturating_add(1);
        self.mix(byte);
        Step {
            word,
            ..Step::default()
        }
    }

    /// A line has something other than white space and fence characters.
    #[inline]
    fn begin_line(&mut self, is_table_row: bool) {
        if self.line != Line::Body {
            self.is_table_row = is_table_row;
            self.line = Line::Body;
        }
    }

    #[inline]
    fn mix(&mut self, byte: u8) {
        self.hash = mixed(self.hash, byte);
    }

    /// Ends the word. None where there is none, or in fenced code.
    #[inline]
    fn take_word(&mut self) -> Option<Word> {
        if self.run == Run::None {
            return None;
        }
        let word = Word {
            hash: (self.hash.wrapping_mul(FOLD) >> 32) as u32,
            length: self.length,
            is_letters: self.run == Run::Letters,
        };
        self.run = Run::None;
        self.hash = self.key;
        self.length = 0;
        (!self.is_fenced && !self.is_fence_line).then_some(word)
    }

    fn end_line(&mut self) -> Step {
        let word = self.take_word();
        self.line = Line::Start;
        self.is_fence_line = false;
        self.after_stop = false;
        Step {
            word,
            is_other: false,
            ends_segment: true,
        }
    }

    fn other(&mut self, byte: u8) -> Step {
        let word = self.take_word();
        match (self.line, byte) {
            (Line::Start, b'`' | b'~') => self.line = Line::Fence(1),
            (Line::Fence(2), b'`' | b'~') => {
                self.line = Line::Body;
                self.is_fenced = !self.is_fenced;
                self.is_fence_line = true;
            }
            (Line::Fence(count), b'`' | b'~') => self.line = Line::Fence(count + 1),
            _ => self.begin_line(byte == b'|'),
        }
        match byte {
            b'.' | b'!' | b'?' => self.after_stop = true,
            // What closes a sentence belongs to it.
            b'"' | b'\'' | b')' | b']' | b'*' | b'_' => {}
            _ => self.after_stop = false,
        }
        Step {
            word,
            is_other: true,
            ends_segment: false,
        }
    }

    fn step_wide(&mut self, byte: u8) -> Step {
        if byte < 0xC0 {
            return self.continue_wide(byte);
        }
        self.sequence = u32::from(byte);
        (self.wide, self.needed) = match byte {
            0xC3..=0xDF => (Wide::Letter, 1),
            0xE0 | 0xE1 | 0xEA..=0xED => (Wide::Letter, 2),
            0xE3..=0xE9 => (Wide::Ideograph, 2),
            0xEF => (Wide::FullWidth, 2),
            0xC2 => (Wide::Other, 1),
            0xE2 | 0xEE => (Wide::Other, 2),
            _ => (Wide::Other, 3),
        };
        match self.wide {
            Wide::Letter => self.take(Run::Letters, byte),
            Wide::Ideograph => Step {
                word: self.take_word(),
                ..Step::default()
            },
            Wide::FullWidth | Wide::Other => self.other(byte),
        }
    }

    /// A byte that belongs to the sequence, or to none.
    fn continue_wide(&mut self, byte: u8) -> Step {
        if self.needed == 0 {
            return Step::default();
        }
        self.needed -= 1;
        self.sequence = self.sequence << 8 | u32::from(byte);
        if self.wide == Wide::Letter {
            self.mix(byte);
            return Step::default();
        }
        if self.needed > 0 || self.wide == Wide::Other {
            return Step::default();
        }
        if WIDE_STOPS.contains(&self.sequence) {
            return Step {
                word: None,
                is_other: true,
                ends_segment: true,
            };
        }
        // U+3000 to U+303F: punctuation.
        if self.wide == Wide::FullWidth || self.sequence >> 8 == 0xE380 {
            return Step::default();
        }
        let [_, bytes @ ..] = self.sequence.to_be_bytes();
        for byte in bytes {
            self.mix(byte);
        }
        self.run = Run::Letters;
        self.length = 1;
        self.begin_line(false);
        self.after_stop = false;
        Step {
            word: self.take_word(),
            ..Step::default()
        }
    }
}

#[inline]
fn mixed(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(FOLD).rotate_left(29)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lengths of words, with 0 for the end of a segment.
    fn shape(text: &str) -> Vec<u32> {
        let mut tokens = Tokens::new(7);
        let mut shape = Vec::new();
        for byte in text.bytes() {
            let step = tokens.step(byte);
            shape.extend(step.word.map(|word| word.length));
            if step.ends_segment {
                shape.push(0);
            }
        }
        shape.extend(tokens.finish().map(|word| word.length));
        shape
    }

    #[test]
    fn words_are_runs_of_letters_or_digits_and_sentences_end_before_white_space() {
        assert_eq!(shape("It cost 3.50 then."), [2, 4, 1, 2, 4]);
        assert_eq!(shape("One. \"Two!\" Three\n"), [3, 0, 3, 0, 5, 0]);
        assert_eq!(shape("abc123"), [3, 3]);
        assert_eq!(shape(""), [0; 0]);
    }

    #[test]
    fn letters_of_other_scripts_are_letters_and_ideographs_are_words() {
        assert_eq!(shape("Привет, мир! Да"), [6, 3, 0, 2]);
        assert_eq!(shape("水是。好！"), [1, 1, 0, 1, 0]);
        assert_eq!(shape("a😀b — c…"), [1, 1, 1]);
    }

    #[test]
    fn fenced_code_has_no_words() {
        assert_eq!(shape("a\n```rust\nlet b;\n```x\nc"), [1, 0, 0, 0, 0, 1]);
        assert_eq!(shape("a ``` b"), [1, 1]);
    }

    #[test]
    fn words_are_compared_without_ascii_case() {
        let hash = |text: &str| {
            let mut tokens = Tokens::new(7);
            text.bytes().for_each(|byte| {
                tokens.step(byte);
            });
            tokens.finish().map(|word| word.hash)
        };
        assert_eq!(hash("Valve"), hash("vALVE"));
        assert_ne!(hash("valve"), hash("value"));
    }

    #[test]
    fn broken_bytes_are_taken_without_harm() {
        let mut tokens = Tokens::new(7);
        for byte in [0x80, 0xE4, b'a', 0xFF, 0xBF, 0xC3, 0xC3, b' ', 0xE3, 0x80] {
            tokens.step(byte);
        }
        assert_eq!(tokens.finish(), None);
    }
}
