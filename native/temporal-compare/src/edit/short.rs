//! Positions of the symbols of a short pattern, as bits.
//!
//! Written for few instructions and no unpredictable branch: whether a symbol is new, or occurs at all, is a coin toss
//! for the branch predictor, and one wrong guess costs as much as four symbols. So an index gives every symbol a row of
//! positions, row 0 if it has none, and each symbol of the pattern begins a row of its own: a copy of the symbol's last
//! one with one position more. Nothing has to be cleared and nothing is asked.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use super::Symbol;
use super::hashed::Hashed;

/// Longest pattern.
pub(super) const SHORT: usize = 128;

/// Symbols below this have an index of their own, one byte each: bytes, nearly all code points, and the tokens of
/// today's vocabularies (the largest has 262,144).
const DIRECT: usize = 1 << 18;

/// Positions of a symbol: bit `i` of the first word for place `i`, of the second for place `64 + i`; then those of the
/// pattern read backwards and moved up to end at the last bit: bit `127 - i` of the third and fourth word for place `i`.
pub(crate) type Places = [u64; 4];

/// Rows by number; a number is a byte.
pub(super) type Rows = [Places; 256];

/// Where the symbols of a pattern are.
pub(super) trait Find<S> {
    /// Positions of a symbol, of which all are 0 if it does not occur.
    fn find(&self, symbol: S) -> &Places;
}

/// What is computed from these positions.
pub(super) trait Kernel<S> {
    /// Whether it reads the third and fourth word.
    fn backwards(&self) -> bool;

    fn run(self, places: &impl Find<S>) -> usize;
}

/// The table of one pattern at a time.
#[derive(Clone, Debug)]
pub(super) struct Short {
    rows: Box<Rows>,
    /// Row of each byte; all 0 between calls.
    bytes: Box<[u8; 256]>,
    /// Row of each symbol below [`DIRECT`], or nothing before it is needed; all 0 between calls.
    direct: Vec<u8>,
    hashed: Hashed,
}

/// An index without a hash.
struct Direct<'a, const N: usize> {
    index: &'a [u8; N],
    rows: &'a Rows,
}

impl<S: Symbol, const N: usize> Find<S> for Direct<'_, N> {
    #[inline]
    fn find(&self, symbol: S) -> &Places {
        &self.rows[usize::from(self.index[symbol.code() as usize % N])]
    }
}

impl Short {
    pub(super) fn new(multiplier: u64) -> Self {
        Self {
            rows: Box::new([[0; 4]; 256]),
            bytes: Box::new([0; 256]),
            direct: Vec::new(),
            hashed: Hashed::new(multiplier),
        }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>()
            + size_of::<Rows>()
            + self.bytes.len()
            + self.direct.capacity()
            + self.hashed.bytes()
    }

    #[cfg(test)]
    pub(super) fn hashed_mut(&mut self) -> &mut Hashed {
        &mut self.hashed
    }

    /// Takes up a pattern of at most [`SHORT`] symbols, all of whose comparisons are with symbols of `text`.
    #[inline]
    pub(super) fn with<S: Symbol>(
        &mut self,
        pattern: &[S],
        text: &[S],
        kernel: impl Kernel<S>,
    ) -> usize {
        if S::IS_BYTE {
            return direct(&mut self.bytes, &mut self.rows, pattern, kernel);
        }
        let all = |symbols: &[S]| symbols.iter().fold(0, |all, symbol| all | symbol.code());
        if (all(pattern) | all(text)) as usize >= DIRECT {
            return self.hashed.with(&mut self.rows, pattern, kernel);
        }
        if self.direct.is_empty() {
            self.direct = vec![0; DIRECT];
        }
        match self.direct.first_chunk_mut::<DIRECT>() {
            Some(index) => direct(index, &mut self.rows, pattern, kernel),
            None => self.hashed.with(&mut self.rows, pattern, kernel),
        }
    }
}

#[inline]
fn direct<S: Symbol, const N: usize>(
    index: &mut [u8; N],
    rows: &mut Rows,
    pattern: &[S],
    kernel: impl Kernel<S>,
) -> usize {
    let enter = |symbol: S, row| core::mem::replace(&mut index[symbol.code() as usize % N], row);
    fill(rows, pattern, kernel.backwards(), enter);
    let result = kernel.run(&Direct { index, rows });
    for symbol in pattern {
        index[symbol.code() as usize % N] = 0;
    }
    result
}

/// The bits of each place.
static BITS: [Places; SHORT] = {
    let mut bits = [[0; 4]; SHORT];
    let mut place = 0;
    while place < SHORT {
        bits[place][place / 64] = 1 << (place % 64);
        bits[place][3 - place / 64] = 1 << (63 - place % 64);
        place += 1;
    }
    bits
};

/// Makes a row for each symbol of the pattern; `enter` gives a symbol a row and returns the one it had, or 0.
#[inline]
pub(super) fn fill<S: Symbol>(
    rows: &mut Rows,
    pattern: &[S],
    backwards: bool,
    enter: impl FnMut(S, u8) -> u8,
) {
    if backwards {
        fill_words::<S, 4>(rows, pattern, enter);
    } else {
        fill_words::<S, 2>(rows, pattern, enter);
    }
}

#[inline]
fn fill_words<S: Symbol, const WORDS: usize>(
    rows: &mut Rows,
    pattern: &[S],
    mut enter: impl FnMut(S, u8) -> u8,
) {
    let mut row = 0;
    for (&symbol, bits) in pattern.iter().zip(&BITS) {
        row += 1;
        let before = rows[usize::from(enter(symbol, row))];
        for word in 0..WORDS {
            rows[usize::from(row)][word] = before[word] | bits[word];
        }
    }
}
