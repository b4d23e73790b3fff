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

/// The elements of one word; a word that is not full is filled up with zeros, so the length belongs to every key.
#[inline]
fn word<E: Element>(some: &[E]) -> u64 {
    if E::PER_WORD == 1 {
        return some.first().map_or(0, |one| one.bits());
    }
    if E::PER_WORD == 2
        && let [x, y] = some
    {
        return x.bits() | y.bits() << 32;
    }
    let bits = 64 / E::PER_WORD;
    let place = |(at, one): (usize, &E)| one.bits() << (at * bits);
    some.iter()
        .enumerate()
        .map(place)
        .fold(0, |all, one| all | one)
}

/// Words that a sequence takes.
fn count<E: Element>(elements: &[E]) -> usize {
    elements.len().div_ceil(E::PER_WORD)
}

/// Both sequences as words, one after the other.
pub(super) fn keep<E: Element>(a: &[E], b: &[E]) -> Vec<u64> {
    let words = |elements: &'_ [E]| elements.chunks(E::PER_WORD).map(word).collect::<Vec<_>>();
    let mut kept = words(a);
    kept.reserve_exact(count(b));
    kept.extend(words(b));
    kept
}

/// Whether [`keep`] of these gave these words.
#[inline]
pub(super) fn is_kept<E: Element>(kept: &[u64], a: &[E], b: &[E]) -> bool {
    let Some((first, second)) = kept.split_at_checked(count(a)) else {
        return false;
    };
    second.len() == count(b) && difference(first, a) | difference(second, b) == 0
}

/// Bits that differ, of all words together: no early exit, so that the compiler may use vectors.
#[inline]
fn difference<E: Element>(kept: &[u64], elements: &[E]) -> u64 {
    let whole = elements.chunks_exact(E::PER_WORD);
    let rest = whole.remainder();
    let last = if rest.is_empty() {
        0
    } else {
        kept.last().map_or(0, |last| last ^ word(rest))
    };
    kept.iter()
        .zip(whole)
        .fold(last, |all, (kept, some)| all | (kept ^ word(some)))
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
        let blocks = sequence.chunks_exact(8 * E::PER_WORD);
        let rest = blocks.remainder();
        for block in blocks {
            let eight =
                core::array::from_fn(|at| word(&block[at * E::PER_WORD..(at + 1) * E::PER_WORD]));
            absorb(&mut lanes, key, eight);
        }
        let mut eight = [0; 8];
        for (place, some) in eight.iter_mut().zip(rest.chunks(E::PER_WORD)) {
            *place = word(some);
        }
        absorb(&mut lanes, key, eight);
    }
    let mix = |x: u64, y: u64, i: usize| fold(x ^ key[4 + i], y.rotate_left(32) ^ key[5 + i]);
    let low = mix(lanes[0], lanes[1], 0) ^ mix(lanes[2], lanes[3], 1);
    let high = mix(lanes[0], lanes[2], 2) ^ mix(lanes[1], lanes[3], 0);
    u128::from(high) << 64 | u128::from(low)
}

/// The lane goes into one factor, so that blocks do not commute. The other one is 0, which would wipe the lane out, for
/// one word in 2^64 that only the holder of the key knows.
#[inline]
fn absorb(lanes: &mut [u64; 4], key: &[u64; 8], eight: [u64; 8]) {
    for lane in 0..4 {
        lanes[lane] = fold(
            eight[2 * lane] ^ key[lane],
            eight[2 * lane + 1] ^ lanes[lane],
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_bit_and_swapped_elements_change_both_halves_of_the_hash() {
        let secret = Secret(core::array::from_fn(|at| {
            (at as u64 + 3).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        }));
        let whole: Vec<u32> = (0..40).map(|at| at * at % 37).collect();
        let of = |a: &[u32], b: &[u32]| hash(&secret, 1, a, b);
        let differ = |x: u128, y: u128, what: &str| {
            assert_ne!(x as u64, y as u64, "{what}");
            assert_ne!((x >> 64) as u64, (y >> 64) as u64, "{what}");
        };
        let first = of(&whole, &whole);
        for at in 0..whole.len() {
            for bit in 0..32 {
                let mut other = whole.clone();
                other[at] ^= 1 << bit;
                differ(first, of(&other, &whole), "first");
                differ(first, of(&whole, &other), "second");
                differ(of(&whole, &other), of(&other, &whole), "order");
            }
            for to in at + 1..whole.len() {
                let mut other = whole.clone();
                other.swap(at, to);
                if other != whole {
                    differ(first, of(&other, &whole), "swap");
                }
            }
        }
        let zeros = [0_u32; 40];
        for len in 0..40 {
            differ(of(&zeros[..len], &[]), of(&zeros[..=len], &[]), "length");
            differ(
                of(&zeros[..len], &zeros),
                of(&zeros, &zeros[..len]),
                "sides",
            );
        }
    }
}
