//! How far the words have moved from those of the beginning: two sketches and the bits in which they differ.
//!
//! A sketch is `SimHash` (Charikar, STOC 2002) of 128 bits over all words but numbers: bit i says
//! whether more than half of the words' hashes have it. Two texts whose word counts have the angle t differ in t / pi of the bits.
//! Function words are counted on purpose: without them the subject weighs more, but ordinary long documents then reach the
//! distance of unrelated texts (half of 48 package manuals went above 0.46), so that nothing can be told from it.

/// Words in a sketch; below 256, so that a count fits a byte.
const WINDOW: usize = 192;
/// Bits of a sketch.
const BITS: u32 = u128::BITS;
/// Bits of a count: it is at most `WINDOW`.
const PLANES: usize = 8;
/// How much nearer the text must come before a drift is over, as a share of bits: one standard deviation of the estimate.
const RETURN: f64 = 0.05;

/// Words of the window and, for each bit, how many have it: 128 counts side by side, a plane for each of their binary digits.
#[derive(Debug)]
pub(crate) struct Drift {
    words: Box<[u32; WINDOW]>,
    planes: [u128; PLANES],
    count: u64,
    first: u128,
    distance: f64,
    limit: f64,
    lasting: u64,
    /// Where the distance was reached, and at which word.
    since: Option<(u64, u64)>,
    is_reported: bool,
}

impl Drift {
    pub fn new(limit: f64, lasting: u32) -> Self {
        Self {
            words: Box::new([0; WINDOW]),
            planes: [0; PLANES],
            count: 0,
            first: 0,
            distance: 0.0,
            limit,
            lasting: lasting.into(),
            since: None,
            is_reported: false,
        }
    }

    pub fn push(&mut self, word: u32) {
        let place = (self.count % WINDOW as u64) as usize;
        let old = core::mem::replace(&mut self.words[place], word);
        let added = bits(word);
        let gone = if self.count < WINDOW as u64 {
            0
        } else {
            bits(old)
        };
        self.change(added & !gone, gone & !added);
        self.count += 1;
        if self.count == WINDOW as u64 {
            self.first = self.sketch();
        }
    }

    /// At the end of a segment: where the drift began and how unlike the two windows are.
    pub fn take(&mut self, at: u64) -> Option<(u64, f32)> {
        // Windows that share words are alike for that alone.
        if self.count < 2 * WINDOW as u64 {
            return None;
        }
        self.distance = f64::from((self.first ^ self.sketch()).count_ones()) / f64::from(BITS);
        if self.distance < self.limit - RETURN {
            self.since = None;
            self.is_reported = false;
        }
        if self.distance < self.limit {
            return None;
        }
        let (start, word) = *self.since.get_or_insert((at, self.count));
        if self.is_reported || self.count - word < self.lasting {
            return None;
        }
        self.is_reported = true;
        Some((start, self.unlikeness()))
    }

    /// 1 - cosine of the angle between the two windows' word counts, as the sketches estimate it; 0 before there are two.
    pub fn unlikeness(&self) -> f32 {
        (1.0 - (core::f64::consts::PI * self.distance).cos()).clamp(0.0, 1.0) as f32
    }

    /// Share of bits that differed at the last segment's end.
    pub fn distance(&self) -> f32 {
        self.distance as f32
    }

    /// Adds one to the counts of some bits and takes one from those of others; no bit is in both.
    fn change(&mut self, mut up: u128, mut down: u128) {
        for plane in &mut self.planes {
            let before = *plane;
            *plane ^= up | down;
            // What was one carries, what was none borrows.
            up &= before;
            down &= !before;
        }
    }

    /// The bits that more than half of the words have.
    fn sketch(&self) -> u128 {
        const HALF: usize = WINDOW / 2;
        let (mut above, mut equal) = (0, u128::MAX);
        for (place, plane) in self.planes.iter().enumerate().rev() {
            if HALF >> place & 1 == 1 {
                equal &= plane;
            } else {
                above |= equal & plane;
                equal &= !plane;
            }
        }
        above
    }

    pub fn memory_bytes() -> usize {
        WINDOW * size_of::<u32>()
    }
}

/// 128 bits out of a word's hash.
fn bits(word: u32) -> u128 {
    let low = mix(u64::from(word).wrapping_add(0x9E37_79B9_7F4A_7C15));
    let high = mix(low ^ 0xD1B5_4A32_D192_ED03);
    u128::from(high) << 64 | u128::from(low)
}

/// The finaliser of `SplitMix64`.
fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sketch_has_the_bits_that_more_than_half_of_the_last_words_have() {
        let mut drift = Drift::new(0.4, 16);
        let words: Vec<u32> = (0..1_000_u32)
            // Now few words and now many, so that counts are at, above and below the half.
            .map(|i| i.wrapping_mul(2_654_435_761) >> (i / 100 * 3))
            .collect();
        for (at, word) in words.iter().enumerate() {
            drift.push(*word);
            let window = &words[(at + 1).saturating_sub(WINDOW)..=at];
            let count = |bit: u32| {
                let has = |word: &&u32| bits(**word) >> bit & 1 == 1;
                window.iter().filter(has).count()
            };
            for bit in (at as u32 % 7..BITS).step_by(7) {
                let is_set = drift.sketch() >> bit & 1 == 1;
                assert_eq!(is_set, count(bit) * 2 > WINDOW, "word {at}, bit {bit}");
            }
        }
    }

    #[test]
    fn the_sliding_sketch_is_that_of_the_last_words() {
        let mut sliding = Drift::new(0.4, 16);
        let words: Vec<u32> = (0..1_000)
            .map(|i: u32| i.wrapping_mul(2_654_435_761))
            .collect();
        for word in &words {
            sliding.push(*word);
        }
        let mut fresh = Drift::new(0.4, 16);
        for word in &words[words.len() - WINDOW..] {
            fresh.push(*word);
        }
        assert_eq!(sliding.sketch(), fresh.sketch());
    }
}
