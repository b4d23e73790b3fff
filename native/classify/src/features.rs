//! Hashed features of a text.

use crate::fold::{Folded, fold};
use crate::once::keep_once;
use crate::repeats;

/// Longest normal form that is read, in bytes.
pub const MAX_TEXT_BYTES: usize = 4096;
/// Most features of a text.
pub const MAX_FEATURES: usize = 4 * MAX_TEXT_BYTES;

/// Reads features; keeps its buffers, so that reading a text of the same length again allocates nothing.
#[derive(Clone, Debug, Default)]
pub struct Features {
    folded: Folded,
    hashes: Vec<u32>,
    repeated: Vec<u32>,
}

impl Features {
    /// Without buffers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Hashes of the text's features, each once, in no particular order. 32 bits; a model takes the bits that it needs.
    pub fn read(&mut self, text: &str) -> &[u32] {
        fold(text, &mut self.folded);
        once_each(self.folded.as_bytes(), &mut self.hashes, &mut self.repeated)
    }

    /// The same of a text that [`fold`] has made: [`Self::folded`] stays what it was.
    pub fn read_folded(&mut self, folded: &str) -> &[u32] {
        once_each(folded.as_bytes(), &mut self.hashes, &mut self.repeated)
    }

    /// The normal form of the last text read.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// Bytes of its buffers.
    pub fn memory_bytes(&self) -> usize {
        self.folded.capacity() + (self.hashes.capacity() + self.repeated.capacity()) * 4
    }
}

fn once_each<'a>(folded: &[u8], hashes: &'a mut Vec<u32>, repeated: &mut Vec<u32>) -> &'a [u32] {
    let (grams, count) = grams(folded, hashes);
    let is_short = (3..=repeats::MAX_BYTES).contains(&folded.len());
    if !is_short || !repeats::repeats(folded, &hashes[..grams], repeated) {
        let count = keep_once(&mut hashes[..count]);
        return &hashes[..count];
    }
    let mut count = grams + keep_once(&mut hashes[grams..count]);
    // From the last: what takes the place of one is none of them.
    for &at in &*repeated {
        count -= 1;
        hashes[at as usize] = hashes[count];
    }
    &hashes[..count]
}

const fn mix(hash: u64) -> u32 {
    let hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (hash >> 32) as u32
}

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;
/// Grams that end at one byte, and the two that a word makes.
const MOST_AT_A_BYTE: usize = 5;

/// Hashes of 3- to 5-grams of bytes, words padded by a space on both sides, and of one and of two words. Bytes, not characters: for
/// ASCII it is the same, and of other scripts the grams are shorter. Returns how many are of bytes, which come first, and how many in all;
/// `out` grows and never shrinks.
fn grams(text: &[u8], out: &mut Vec<u32>) -> (usize, usize) {
    let room = MOST_AT_A_BYTE * (text.len() + 1);
    if out.len() < room {
        out.resize(room, 0);
    }
    let gram = |window: u64, size: u64| mix(window & ((1 << (8 * size)) - 1) | (size << 56));
    let grams = |window: u64| [gram(window, 3), gram(window, 4), gram(window, 5)];
    let (head, tail) = text.split_at(text.len().min(3));
    let mut window = head
        .iter()
        .fold(0x20, |window, byte| window << 8 | u64::from(*byte));
    let mut count = match head.len() {
        0 => 0,
        1 => {
            out[0] = gram(window << 8 | 0x20, 3);
            1
        }
        2 => {
            let last = window << 8 | 0x20;
            out[..3].copy_from_slice(&[gram(window, 3), gram(last, 3), gram(last, 4)]);
            3
        }
        _ => {
            out[..3].copy_from_slice(&[gram(window >> 8, 3), gram(window, 3), gram(window, 4)]);
            3
        }
    };
    let (threes, rest) = out[count..].split_at_mut(3 * (text.len() + 1).saturating_sub(3));
    let (threes, _) = threes.as_chunks_mut();
    for (three, &byte) in threes.iter_mut().zip(tail) {
        window = window << 8 | u64::from(byte);
        *three = grams(window);
    }
    if let Some(last) = threes.last_mut() {
        *last = grams(window << 8 | 0x20);
        count += 3 * threes.len();
    }
    (count, count + words(text, rest))
}

/// Hashes of one and of two words; returns how many. Where words end nobody can guess: until all ends are known there is no branch.
fn words(text: &[u8], out: &mut [u32]) -> usize {
    // FNV-1a of the words of a stretch; nearly all texts are one.
    let mut ends = [0_u64; 128];
    let (mut word, mut before, mut count) = (OFFSET, 0_u64, 0);
    for stretch in text.chunks(ends.len() - 1) {
        let is_last = stretch.as_ptr_range().end == text.as_ptr_range().end;
        let mut found = 0;
        let mut take = |byte: u8| {
            let is_space = byte == b' ';
            ends[found & 127] = word;
            found += usize::from(is_space) & usize::from(word != OFFSET);
            let longer = (word ^ u64::from(byte)).wrapping_mul(PRIME);
            word = if is_space { OFFSET } else { longer };
        };
        for &byte in stretch {
            take(byte);
        }
        if is_last {
            take(b' ');
        }
        for &word in &ends[..found] {
            out[count] = mix(word | 1 << 63);
            out[count + 1] = mix(before.rotate_left(17) ^ word);
            count += 1 + usize::from(before != 0);
            before = word;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The plain way: grams of bytes.
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

    proptest! {
        #[test]
        fn features_are_those_of_the_plain_way(
            text in prop_oneof!["[a-e ]{0,200}", "[ -~]{0,300}", any::<String>(), "(abc ){0,2000}", "[a-z ]{0,4000}"],
        ) {
            let mut features = Features::new();
            let mut found = features.read(&text).to_vec();
            let mut plain = Vec::new();
            characters(features.folded().as_bytes(), &mut plain);
            word_grams(features.folded(), &mut plain);
            // Two grams may have one hash: of a short text each counts.
            let count = found.len();
            for hashes in [&mut found, &mut plain] {
                hashes.sort_unstable();
                hashes.dedup();
            }
            prop_assert!(count == found.len() || (count == found.len() + 1 && features.folded().len() < 253));
            prop_assert_eq!(found, plain);
        }
    }

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
