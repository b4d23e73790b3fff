//! Loops as StreamLoop-1 defines them: a passage of text, again and again, with noise, after a random onset.

use midstream_repetition::PieceKind;

use crate::corpus::Token;

/// Tokens of one period.
pub const PERIODS: [usize; 12] = [1, 2, 3, 5, 8, 13, 20, 34, 55, 89, 144, 233];
/// Substituted, and inserted or deleted tokens, in percent.
pub const NOISES: [(usize, usize); 6] = [(0, 0), (2, 0), (5, 0), (0, 1), (2, 1), (5, 1)];

/// The generator `SplitMix64`.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// In `0..bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// In [0, 1).
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// One stream that falls into a loop.
pub struct Looped {
    pub tokens: Vec<Token>,
    /// Tokens before the first one that repeats: the delay counts from here.
    pub onset: usize,
}

/// Tokens by which a loop has to be found: clean, and with noise.
pub const fn limit(period: usize, noise: (usize, usize)) -> usize {
    let clean = if 2 * period > 32 { 2 * period } else { 32 };
    if noise.0 == 0 && noise.1 == 0 {
        clean + 8
    } else {
        5 * period + 96
    }
}

/// A loop of `period` tokens of the text, after 200 to 700 other tokens of it. Its unit holds a word at least: a
/// divider is no loop of text.
pub fn looped(source: &[Token], period: usize, noise: (usize, usize), seed: u64) -> Looped {
    let mut random = Random(seed.wrapping_mul(1_000_003) + period as u64);
    let before = 200 + random.below(500);
    let from = random.below(source.len() - before);
    let mut tokens = source[from..from + before].to_vec();
    let unit = loop {
        let at = random.below(source.len() - period);
        let unit = &source[at..at + period];
        if unit.iter().any(|token| token.kind == PieceKind::Word) {
            break unit;
        }
    };
    tokens.extend(unit);
    let onset = tokens.len();
    let end = onset + 10 * period + 400;
    while tokens.len() < end {
        for &token in unit {
            let other = source[random.below(source.len())];
            let edit = random.below(200);
            if edit < noise.1 {
                tokens.push(other);
            } else if edit < 2 * noise.1 {
                continue;
            }
            let substituted = random.below(100) < noise.0;
            tokens.push(if substituted { other } else { token });
        }
    }
    Looped { tokens, onset }
}
