//! A pattern against an unbounded stream, one symbol at a time.

use alloc::vec::Vec;

use super::Symbol;
use super::levenshtein::{Carry, Word, step};
use super::masks::{Masks, Rows};
use crate::error::CompareError;
use crate::seed::seed;

/// Which part of the stream is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Anchor {
    /// The whole stream: the distance of the pattern and all symbols so far.
    Start,
    /// The end of the stream: the least distance of the pattern and any run of symbols that ends here. Small where the
    /// pattern has just been seen, whatever stood before.
    Anywhere,
}

/// Levenshtein distance of a pattern and a growing stream (Myers 1999).
///
/// A push takes time in proportion to the words of 64 symbols of the pattern and allocates nothing.
#[derive(Clone, Debug)]
pub struct EditStream<S> {
    rows: Rows,
    bits: Vec<u64>,
    words: Vec<Word>,
    len: u32,
    anchor: Anchor,
    distance: u64,
    symbols: u64,
    pattern: core::marker::PhantomData<S>,
}

impl<S: Symbol> EditStream<S> {
    /// A stream that has seen nothing yet.
    ///
    /// # Errors
    ///
    /// [`CompareError::Empty`]; [`CompareError::TooLarge`] above 4,096 symbols.
    pub fn new(pattern: &[S], anchor: Anchor) -> Result<Self, CompareError> {
        // The positions of as many different symbols take 2 MiB.
        const LONGEST: usize = 1 << 12;
        if pattern.is_empty() {
            return Err(CompareError::Empty {
                argument: "pattern",
            });
        }
        if pattern.len() > LONGEST {
            return Err(CompareError::TooLarge {
                needed: pattern.len() as u64,
                allowed: LONGEST as u64,
            });
        }
        let mut masks = Masks::new(seed());
        let (rows, bits) = masks.fill(pattern);
        let words = alloc::vec![Word::START; pattern.len().div_ceil(64)];
        let len = pattern.len() as u32;
        let (rows, bits) = (rows.clone(), bits.to_vec());
        let pattern = core::marker::PhantomData;
        Ok(Self {
            rows,
            bits,
            words,
            len,
            anchor,
            distance: u64::from(len),
            symbols: 0,
            pattern,
        })
    }

    /// Takes the next symbol and returns the distance after it.
    #[inline]
    pub fn push(&mut self, symbol: S) -> u64 {
        let from = self.rows.row(symbol.code()) * self.words.len();
        let mut carry = match self.anchor {
            Anchor::Start => Carry::ANCHORED,
            Anchor::Anywhere => Carry::FREE,
        };
        let last = (self.len - 1) % 64;
        let (mut up, mut down) = (0, 0);
        for (word, &equal) in self.words.iter_mut().zip(&self.bits[from..]) {
            let across = step(word, equal, 0, carry);
            carry = across.carry();
            // Of the last word only: the pattern's last row.
            (up, down) = (across.plus >> last & 1, across.minus >> last & 1);
        }
        self.distance = self.distance + up - down;
        self.symbols += 1;
        self.distance
    }

    /// The distance after the last symbol; the pattern's length before the first.
    #[must_use]
    pub fn distance(&self) -> u64 {
        self.distance
    }

    /// Symbols taken so far.
    #[must_use]
    pub fn symbols(&self) -> u64 {
        self.symbols
    }

    /// Forgets the stream, not the pattern.
    pub fn reset(&mut self) {
        self.words.fill(Word::START);
        self.distance = u64::from(self.len);
        self.symbols = 0;
    }

    /// Bytes held; the same from the first symbol to the last.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.rows.bytes() + self.bits.capacity() * 8 + self.words.capacity() * size_of::<Word>()
    }
}
