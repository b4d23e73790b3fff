//! The words of a folded sentence with what they are looked up by.

use crate::lexicon::MAX_WORDS;

/// Words of a sentence that are looked at.
pub(crate) const MOST: usize = 256;

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

#[derive(Clone, Copy, Debug)]
struct Place {
    start: u32,
    end: u32,
    /// Of one, two and three words from this one on; of those that are not there, 0.
    hashes: [u32; MAX_WORDS],
}

/// Where the words of one text are; keeps its buffer.
#[derive(Debug, Default)]
pub(crate) struct Places(Vec<Place>);

/// The words of one text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words<'a> {
    text: &'a str,
    places: &'a [Place],
}

/// A step of FNV-1a in each of three texts at once: none waits for another.
fn step(states: [u64; MAX_WORDS], byte: u8) -> [u64; MAX_WORDS] {
    states.map(|state| (state ^ u64::from(byte)).wrapping_mul(PRIME))
}

/// Last step of a term's hash.
const fn finished(state: u64) -> u32 {
    (state.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}

/// Hash of the words of a folded term: each ends with a zero.
pub fn term_hash<'a>(words: impl IntoIterator<Item = &'a str>) -> u32 {
    let bytes = words.into_iter().flat_map(|word| word.bytes().chain([0]));
    finished(bytes.fold(OFFSET, |state, byte| step([state; MAX_WORDS], byte)[0]))
}

impl Places {
    /// Words are what stands between spaces and has a letter or digit in it.
    pub fn read<'a>(&'a mut self, text: &'a str) -> Words<'a> {
        self.0.clear();
        // Of terms that begin with this word, with the one before, and with the one before that.
        let mut before = [OFFSET; MAX_WORDS];
        let (mut states, mut start) = (before, 0);
        for (at, &byte) in text.as_bytes().iter().chain(b" ").enumerate() {
            if byte != b' ' {
                states = step(states, byte);
                continue;
            }
            let word = &text.as_bytes()[start..at];
            let is_inner = |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 0x80;
            // Nearly always the first byte says it.
            if word.first().is_some_and(is_inner) || word.iter().any(is_inner) {
                states = step(states, 0);
                let hashes = states.map(finished);
                for (back, (place, hash)) in self.0.iter_mut().rev().zip(&hashes[1..]).enumerate() {
                    place.hashes[back + 1] = *hash;
                }
                self.0.push(Place {
                    start: start as u32,
                    end: at as u32,
                    hashes: [hashes[0], 0, 0],
                });
                if self.0.len() == MOST {
                    break;
                }
                before = [OFFSET, states[0], states[1]];
            }
            (states, start) = (before, at + 1);
        }
        Words {
            text,
            places: &self.0,
        }
    }

    /// Bytes of its buffer.
    pub fn memory_bytes(&self) -> usize {
        self.0.capacity() * size_of::<Place>()
    }
}

impl<'a> Words<'a> {
    /// How many.
    pub fn len(self) -> usize {
        self.places.len()
    }

    /// The word at a place.
    pub fn word(self, at: usize) -> &'a str {
        let Place { start, end, .. } = self.places[at];
        &self.text[start as usize..end as usize]
    }

    /// The whole text.
    pub fn text(self) -> &'a str {
        self.text
    }

    /// [`term_hash`] of one, two and three words from `at` on; of those that are not there, 0.
    pub fn hashes(self, at: usize) -> &'a [u32; MAX_WORDS] {
        &self.places[at].hashes
    }

    /// Whether the word at a place stands before it too.
    pub fn is_again(self, at: usize) -> bool {
        let hash = self.hashes(at)[0];
        (0..at).any(|before| self.hashes(before)[0] == hash && self.word(before) == self.word(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_and_hashes_are_those_of_the_words_between_spaces(text in "[ab ,*'0ж]{0,80}", repeat in 1_usize..9) {
            let text = text.repeat(repeat);
            let is_word = |word: &&str| word.bytes().any(|byte| byte.is_ascii_alphanumeric() || byte >= 0x80);
            let expected: Vec<&str> = text.split(' ').filter(is_word).take(MOST).collect();
            let mut places = Places::default();
            let words = places.read(&text);
            prop_assert_eq!(words.len(), expected.len());
            for at in 0..expected.len() {
                prop_assert_eq!(words.word(at), expected[at]);
                prop_assert_eq!(words.is_again(at), expected[..at].contains(&expected[at]));
                for length in 1..=MAX_WORDS.min(expected.len() - at) {
                    prop_assert_eq!(words.hashes(at)[length - 1], term_hash(expected[at..at + length].iter().copied()));
                }
            }
        }
    }
}
