//! Word n-grams that do not count: the user said them, or everybody says them.

use crate::words::words;

/// Words of a gram.
pub(crate) const GRAM: usize = 5;

/// Beginnings that stand in prompts of all kinds and tell nothing of one.
const OPENINGS: [&str; 14] = [
    "you are a helpful assistant that",
    "you are an ai assistant that",
    "you are a friendly and helpful assistant",
    "you are chatgpt a large language model trained by openai",
    "i am a large language model trained by",
    "i am an ai language model and i do not have",
    "as an ai language model i do not have",
    "as an ai assistant i do not have",
    "please let me know if you have any questions",
    "let me know if you have any other questions",
    "if you have any questions please let me know",
    "is there anything else i can help you with",
    "how can i help you today",
    "feel free to ask if you have any questions",
];

/// A set of hashed grams.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grams {
    sorted: Vec<u64>,
    /// A bit for the highest bits of each, eight bits or more for one: nearly all grams of an answer are none of these.
    bits: Vec<u64>,
}

/// Hash of a gram from the hashes of its words, oldest first.
pub(crate) fn gram_hash(words: impl Iterator<Item = u32>) -> u64 {
    words.fold(0x9e37_79b9_7f4a_7c15, |hash, word| {
        (hash.rotate_left(23) ^ u64::from(word)).wrapping_mul(0xff51_afd7_ed55_8ccd)
    })
}

impl Grams {
    /// The built-in list.
    pub(crate) fn openings() -> Self {
        let mut grams = Self::default();
        for text in OPENINGS {
            grams.add(text);
        }
        grams
    }

    /// Adds all grams of a text.
    pub(crate) fn add(&mut self, text: &str) {
        let mut last = [0; GRAM];
        let mut count = 0;
        words(text, |word| {
            last.rotate_left(1);
            last[GRAM - 1] = word.hash;
            count += 1;
            if count >= GRAM {
                self.sorted.push(gram_hash(last.iter().copied()));
            }
        });
    }

    /// Makes it ready to be asked.
    pub(crate) fn seal(&mut self) {
        self.sorted.sort_unstable();
        self.sorted.dedup();
        self.sorted.shrink_to_fit();
        self.bits = vec![0; (self.sorted.len() / 8 + 1).next_power_of_two()];
        for gram in &self.sorted {
            let (word, bit) = self.bit(*gram);
            self.bits[word] |= bit;
        }
    }

    /// Which bit is a gram's.
    fn bit(&self, gram: u64) -> (usize, u64) {
        let at = (gram >> 32) as usize & (self.bits.len() * 64 - 1);
        (at / 64, 1 << (at % 64))
    }

    pub(crate) fn has(&self, gram: u64) -> bool {
        if self.bits.is_empty() {
            return false;
        }
        let (word, bit) = self.bit(gram);
        self.bits[word] & bit != 0 && self.sorted.binary_search(&gram).is_ok()
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        (self.sorted.capacity() + self.bits.capacity()) * size_of::<u64>()
    }
}
