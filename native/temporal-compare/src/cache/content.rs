//! What is compared, as words: one form for hashing, keeping and comparing.

use alloc::vec::Vec;

use crate::edit::Symbol;

/// An element of a sequence, as bits that are equal for equal elements.
pub(super) trait Element: Copy {
    /// Tells the kinds apart, so that a text and its bytes have different keys.
    const KIND: u64;
    /// Elements of a word.
    const PER_WORD: usize;
    fn bits(self) -> u64;
}

impl Element for f64 {
    const KIND: u64 = 0;
    const PER_WORD: usize = 1;

    #[inline]
    fn bits(self) -> u64 {
        // -0.0 equals 0.0, and the sum of both is 0.0.
        (self + 0.0).to_bits()
    }
}

impl<S: Symbol> Element for S {
    const KIND: u64 = S::KIND;
    const PER_WORD: usize = if S::IS_BYTE { 8 } else { 2 };

    #[inline]
    fn bits(self) -> u64 {
        u64::from(self.code())
    }
}

/// Words of a sequence; the last one is filled up with zeros, so the length belongs to every key.
#[inline]
pub(super) fn words<E: Element>(elements: &[E]) -> impl Iterator<Item = u64> {
    let bits = 64 / E::PER_WORD;
    let word = move |some: &[E]| {
        some.iter().rev().fold(0, |word, one| {
            if bits == 64 {
                one.bits()
            } else {
                word << bits | one.bits()
            }
        })
    };
    let whole = elements.chunks_exact(E::PER_WORD);
    let rest = whole.remainder();
    whole
        .map(word)
        .chain((!rest.is_empty()).then(|| word(rest)))
}

/// Both sequences as words, one after the other.
pub(super) fn keep<E: Element>(a: &[E], b: &[E]) -> Vec<u64> {
    words(a).chain(words(b)).collect()
}

/// Secret numbers of the hash.
#[derive(Clone, Copy, Debug)]
pub(super) struct Secret(pub [u64; 8]);

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// A keyed hash of 128 bits. Four sums of folded products side by side, so that no multiplication waits for another. An
/// answer never rests on it alone.
#[inline]
pub(super) fn hash<E: Element>(secret: &Secret, seed: u64, a: &[E], b: &[E]) -> u128 {
    let key = &secret.0;
    let mut lanes = [
        seed ^ key[0],
        seed ^ key[1],
        a.len() as u64 ^ key[2],
        b.len() as u64 ^ key[3],
    ];
    for sequence in [a, b] {
        let mut blocks = sequence.chunks_exact(8 * E::PER_WORD);
        for block in &mut blocks {
            absorb(&mut lanes, key, block);
        }
        absorb(&mut lanes, key, blocks.remainder());
    }
    let mix = |x: u64, y: u64, i: usize| fold(x ^ key[4 + i], y.rotate_left(32) ^ key[5 + i]);
    let low = mix(lanes[0], lanes[1], 0) ^ mix(lanes[2], lanes[3], 1);
    let high = mix(lanes[0], lanes[2], 2) ^ mix(lanes[1], lanes[3], 0);
    u128::from(high) << 64 | u128::from(low)
}

/// At most eight words.
#[inline]
fn absorb<E: Element>(lanes: &mut [u64; 4], key: &[u64; 8], block: &[E]) {
    let mut eight = [0; 8];
    for (place, word) in eight.iter_mut().zip(words(block)) {
        *place = word;
    }
    for lane in 0..4 {
        // The lane goes into both factors, so that blocks do not commute and no zero wipes it out.
        let (x, y) = (
            eight[2 * lane] ^ key[lane],
            eight[2 * lane + 1] ^ key[lane + 4],
        );
        lanes[lane] =
            fold(x ^ lanes[lane], y.wrapping_add(lanes[lane].rotate_left(23))) ^ x.rotate_left(17);
    }
}
