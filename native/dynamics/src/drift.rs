//! How far the words have moved from those of the beginning: two sketches and the bits in which they differ.
//!
//! A sketch is `SimHash` (Charikar, STOC 2002) of 128 bits over all words but numbers: bit i says
//! whether more than half of the words' hashes have it. Two texts whose word counts have the angle t differ in t / pi of the bits.
//! Function words are counted on purpose: without them the subject weighs more, but ordinary long documents then reach the
//! distance of unrelated texts (half of 48 package manuals went above 0.46), so that nothing can be told from it.

/// Words in a sketch; below 256, so that a count fits a byte.
const WINDOW: usize = 192;
/// Bits of a sketch / 8.
const LANES: usize = 16;
const ONES: u64 = 0x0101_0101_0101_0101;
/// How much nearer the text must come before a drift is over, as a share of bits: one standard deviation of the estimate.
const RETURN: f64 = 0.05;

/// Words of the window and, for each bit, how many have it: eight counts of a byte in each lane.
#[derive(Debug)]
pub(crate) struct Drift {
    words: Box<[u32; WINDOW]>,
    lanes: [u64; LANES],
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
            lanes: [0; LANES],
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
        let add = bits(word);
        if self.count < WINDOW as u64 {
            for (lane, byte) in self.lanes.iter_mut().zip(add) {
                *lane += spread(byte);
            }
        } else {
            for ((lane, byte), gone) in self.lanes.iter_mut().zip(add).zip(bits(old)) {
                *lane = *lane + spread(byte) - spread(gone);
            }
        }
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
        self.distance = f64::from((self.first ^ self.sketch()).count_ones()) / (8 * LANES) as f64;
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

    fn sketch(&self) -> u128 {
        let mut sketch = 0;
        for lane in self.lanes {
            for count in lane.to_le_bytes() {
                sketch = sketch << 1 | u128::from(usize::from(count) * 2 > WINDOW);
            }
        }
        sketch
    }

    pub fn memory_bytes() -> usize {
        WINDOW * size_of::<u32>()
    }
}

/// 128 bits out of a word's hash.
fn bits(word: u32) -> [u8; LANES] {
    let low = mix(u64::from(word).wrapping_add(0x9E37_79B9_7F4A_7C15));
    let high = mix(low ^ 0xD1B5_4A32_D192_ED03);
    (u128::from(high) << 64 | u128::from(low)).to_le_bytes()
}

/// The finaliser of `SplitMix64`.
fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// Each bit of a byte in a byte of its own.
fn spread(byte: u8) -> u64 {
    let apart = (u64::from(byte) * ONES) & 0x8040_2010_0804_0201;
    ((apart + 0x7F * ONES) >> 7) & ONES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_gets_its_own_byte() {
        for byte in 0..=255_u8 {
            let parts = spread(byte).to_le_bytes();
            for (i, part) in parts.into_iter().enumerate() {
                assert_eq!(part, byte >> i & 1);
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
