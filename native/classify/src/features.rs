//! Hashed features of a text.

use std::cell::RefCell;

use crate::fold::{Folded, fold};

/// Longest normal form that is read, in bytes.
pub const MAX_TEXT_BYTES: usize = 4096;
/// Most features of a text.
pub const MAX_FEATURES: usize = 4 * MAX_TEXT_BYTES;

/// Reads features; keeps its buffers, so that reading a text of the same length again allocates nothing.
#[derive(Clone, Debug, Default)]
pub struct Features {
    folded: Folded,
    hashes: Vec<u32>,
}

impl Features {
    /// Without buffers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Hashes of the text's features, each once, in no particular order. 32 bits; a model takes the bits that it needs.
    pub fn read(&mut self, text: &str) -> &[u32] {
        fold(text, &mut self.folded);
        self.hashes.clear();
        characters(self.folded.as_bytes(), &mut self.hashes);
        word_grams(&self.folded, &mut self.hashes);
        keep_first(&mut self.hashes);
        &self.hashes
    }

    /// The normal form of the last text read.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// Bytes of its buffers.
    pub fn memory_bytes(&self) -> usize {
        self.folded.capacity() + self.hashes.capacity() * 4
    }
}

thread_local! {
    /// Which hashes have been seen; 0 is an empty place. One for all readers of a thread: each call leaves nothing in it that counts.
    static SEEN: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
}

/// Keeps the first of equal hashes. A table and not a sort: half the time of reading a sentence went there.
fn keep_first(hashes: &mut Vec<u32>) {
    let bits = (2 * hashes.len().max(32))
        .next_power_of_two()
        .trailing_zeros();
    let mask = (1 << bits) - 1;
    SEEN.with_borrow_mut(|seen| {
        seen.clear();
        seen.resize(mask + 1, 0);
        let mut has_zero = false;
        hashes.retain(|&hash| {
            if hash == 0 {
                return !std::mem::replace(&mut has_zero, true);
            }
            let mut at = (hash >> (32 - bits)) as usize;
            while seen[at] != 0 {
                if seen[at] == hash {
                    return false;
                }
                at = (at + 1) & mask;
            }
            seen[at] = hash;
            true
        });
    });
}

const fn mix(hash: u64) -> u32 {
    let hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (hash >> 32) as u32
}

/// 3- to 5-grams of bytes, words padded by a space on both sides. Bytes, not characters: for ASCII it is the same, and of
/// other scripts the grams are shorter.
fn characters(text: &[u8], out: &mut Vec<u32>) {
    let mut window = 0x20_u64;
    let mut length = 1;
    for &byte in text.iter().chain(b" ") {
        window = (window << 8 | u64::from(byte)) & 0xff_ffff_ffff;
        length = (length + 1).min(5);
        for size in 3..=length {
            out.push(mix(window & ((1 << (8 * size)) - 1) | (size << 56)));
        }
    }
}

fn word_grams(text: &str, out: &mut Vec<u32>) {
    let mut before = 0_u64;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in word.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        out.push(mix(hash | 1 << 63));
        if before != 0 {
            out.push(mix(before.rotate_left(17) ^ hash));
        }
        before = hash;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_each_feature_once_and_disguise_changes_none() {
        let mut features = Features::new();
        let plain = features.read("you hate me, you hate me").to_vec();
        assert_eq!(plain, features.read("y0u  h\u{200b}ate me, you h4te me"));
        let mut sorted = plain.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), plain.len());
        assert!(features.read("").len() <= 1);
    }

    #[test]
    fn a_long_text_is_read_up_to_its_bound() {
        let mut features = Features::new();
        let long = "word ".repeat(100_000);
        features.read(&long);
        assert!(features.folded().len() <= MAX_TEXT_BYTES);
        assert!(features.memory_bytes() < 16 * MAX_FEATURES);
    }
}
