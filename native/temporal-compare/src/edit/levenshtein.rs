//! Levenshtein distance, 64 cells of a column at a time (Myers 1999, in Hyyrö's form of 2003).
//!
//! A column is kept as the differences between neighbouring cells: one bit for +1, one for -1. The sum of a column's
//! differences is taken once, at the end.

use alloc::vec::Vec;

use super::Symbol;
use super::masks::{Masks, STRIP};
use super::short::{Find, Kernel, Short};
use crate::simd::{can_meet, meet};

/// Vertical differences of a column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    pub plus: u64,
    pub minus: u64,
}

impl Word {
    /// Every cell one more than the one above: the column before the first symbol of the text.
    pub(super) const START: Self = Self { plus: !0, minus: 0 };
}

/// What a word hands to the next one below: carry of the sum, and the horizontal difference of its last row.
#[derive(Clone, Copy)]
pub(super) struct Carry {
    pub sum: bool,
    pub plus: u64,
    pub minus: u64,
}

impl Carry {
    /// The row above the pattern grows with the text (a distance from start to start) ...
    pub(super) const ANCHORED: Self = Self {
        sum: false,
        plus: 1,
        minus: 0,
    };
    /// ... or stays 0 (the pattern may begin anywhere in the text).
    pub(super) const FREE: Self = Self {
        sum: false,
        plus: 0,
        minus: 0,
    };

    #[inline]
    pub(super) fn packed(self) -> u8 {
        u8::from(self.sum) | (self.plus as u8) << 1 | (self.minus as u8) << 2
    }

    #[inline]
    pub(super) fn unpacked(packed: u8) -> Self {
        Self {
            sum: packed & 1 != 0,
            plus: u64::from(packed >> 1 & 1),
            minus: u64::from(packed >> 2 & 1),
        }
    }
}

/// Horizontal differences of a column, before they move down by a row.
#[derive(Clone, Copy)]
pub(super) struct Across {
    sum: bool,
    pub plus: u64,
    pub minus: u64,
    /// Rows where the cell equals the one above and to the left.
    pub diagonal_zero: u64,
}

impl Across {
    #[inline]
    pub(super) fn carry(self) -> Carry {
        Carry {
            sum: self.sum,
            plus: self.plus >> 63,
            minus: self.minus >> 63,
        }
    }
}

/// One column of one word; `swap` marks the rows where a swap of neighbours ends, 0 for plain Levenshtein.
#[inline]
pub(super) fn step(word: &mut Word, equal: u64, swap: u64, carry: Carry) -> Across {
    let Word { plus, minus } = *word;
    let (sum, carry_sum) = (equal & plus).carrying_add(plus, carry.sum);
    let diagonal_zero = (sum ^ plus) | equal | minus | swap;
    let across = Across {
        sum: carry_sum,
        plus: minus | !(diagonal_zero | plus),
        minus: diagonal_zero & plus,
        diagonal_zero,
    };
    let above_plus = across.plus << 1 | carry.plus;
    let above_minus = across.minus << 1 | carry.minus;
    word.plus = above_minus | !(diagonal_zero | above_plus);
    word.minus = above_plus & diagonal_zero;
    across
}

/// The cell below the first `rows` rows, given the one above them.
pub(super) fn descend(above: usize, words: impl IntoIterator<Item = Word>, rows: usize) -> usize {
    let mut cell = above;
    for (index, word) in words.into_iter().enumerate() {
        let left = rows - 64 * index;
        let mask = if left < 64 { (1 << left) - 1 } else { !0 };
        // Every cell is at least 0, so this order never goes below it.
        cell += (word.plus & mask).count_ones() as usize;
        cell -= (word.minus & mask).count_ones() as usize;
    }
    cell
}

/// Distance of a pattern of 1 to 128 symbols and a text that is not shorter.
pub(super) fn short<S: Symbol>(table: &mut Short, pattern: &[S], text: &[S]) -> usize {
    let rows = pattern.len();
    let backwards = rows > 64 && can_meet();
    let kernel = Distance {
        rows,
        text,
        backwards,
    };
    table.with(pattern, text, kernel)
}

struct Distance<'a, S> {
    rows: usize,
    text: &'a [S],
    /// From both ends of the text.
    backwards: bool,
}

impl<S: Symbol> Kernel<S> for Distance<'_, S> {
    fn backwards(&self) -> bool {
        self.backwards
    }

    #[inline]
    fn run(self, places: &impl Find<S>) -> usize {
        if self.rows <= 64 {
            return one_word(places, self.rows, self.text);
        }
        if self.backwards
            && let Some(distance) = meet(self.rows, self.text, |symbol| places.find(symbol))
        {
            return distance;
        }
        two_words(places, self.rows, self.text)
    }
}

/// A column of one word or two: its increases, and the rows without a decrease. In this form fewer operations wait for
/// one another than with both signs as they are: nine instead of eleven from column to column.
macro_rules! columns {
    ($word:ty, $text:expr, $equal:expr, $double:expr) => {{
        let double = $double;
        let (mut plus, mut no_minus): ($word, $word) = (!0, !0);
        for &symbol in $text {
            let equal: $word = $equal(symbol);
            let sum = (equal & plus).wrapping_add(plus);
            let diagonal_zero = (sum ^ plus) | (equal | !no_minus);

            let either = diagonal_zero | plus;
            // The row above the pattern grows with the text: its bit is that of an increase.
            let no_above_plus = double(either, no_minus);
            plus = double(diagonal_zero, plus) | (no_above_plus & !diagonal_zero);
            no_minus = no_above_plus | !diagonal_zero;
        }
        (plus, !no_minus)
    }};
}

fn one_word<S: Symbol>(places: &impl Find<S>, rows: usize, text: &[S]) -> usize {
    let (plus, minus) = columns!(
        u64,
        text,
        |symbol: S| places.find(symbol)[0],
        |x: u64, y: u64| (x & y) << 1
    );
    descend(text.len(), [Word { plus, minus }], rows)
}

/// One number of 128 bits: the carry between its halves is an instruction.
fn two_words<S: Symbol>(places: &impl Find<S>, rows: usize, text: &[S]) -> usize {
    let (plus, minus) = columns!(
        u128,
        text,
        |symbol: S| {
            let [upper, lower, ..] = *places.find(symbol);
            u128::from(lower) << 64 | u128::from(upper)
        },
        |x: u128, y: u128| x.wrapping_add(y).wrapping_sub(x ^ y)
    );
    let word = |shift: u32| Word {
        plus: (plus >> shift) as u64,
        minus: (minus >> shift) as u64,
    };
    descend(text.len(), [word(0), word(64)], rows)
}

/// Distance of a pattern that is not empty and a text, in strips of [`STRIP`] rows: `carries` holds what each column of
/// a strip hands to the strip below.
pub(super) fn long<S: Symbol>(
    masks: &mut Masks,
    words: &mut Vec<Word>,
    carries: &mut Vec<u8>,
    pattern: &[S],
    text: &[S],
) -> usize {
    carries.clear();
    carries.resize(text.len(), Carry::ANCHORED.packed());
    let mut distance = text.len();
    for strip in pattern.chunks(STRIP) {
        let (rows, bits) = masks.fill(strip);
        words.clear();
        words.resize(strip.len().div_ceil(64), Word::START);
        for (symbol, packed) in text.iter().zip(&mut *carries) {
            let from = rows.row(symbol.code()) * words.len();
            let mut carry = Carry::unpacked(*packed);
            for (word, &equal) in words.iter_mut().zip(&bits[from..]) {
                carry = step(word, equal, 0, carry).carry();
            }
            *packed = carry.packed();
        }
        distance = descend(distance, words.iter().copied(), strip.len());
    }
    distance
}

#[cfg(test)]
mod tests {
    use rapidfuzz::distance::levenshtein;

    use super::{Distance, Short, can_meet};

    /// Tokens below `vocabulary`, times `factor`.
    fn tokens(state: &mut u64, len: usize, vocabulary: u64, factor: u32) -> Vec<u32> {
        (0..len)
            .map(|_| {
                *state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
                ((*state >> 33) % vocabulary) as u32 * factor
            })
            .collect()
    }

    #[test]
    fn one_end_and_both_ends_of_the_text_give_the_same_distance() {
        let (mut table, mut state) = (Short::new(0x9E37_79B9_7F4A_7C15), 1);
        for rows in 65..=128 {
            for (len, shift) in [
                (rows, 0),
                (rows, 40),
                (rows + 1, 0),
                (2 * rows, 70),
                (301, 9),
            ] {
                for (vocabulary, factor) in [(2, 1), (4, 1), (60, 1), (60, 1 << 20), (1 << 18, 1)] {
                    let text = tokens(&mut state, len, vocabulary, factor);
                    let mut pattern = tokens(&mut state, rows, vocabulary, factor);
                    // A run in common, moved: the best cut is then far from the middle.
                    let run = (rows - shift.min(rows - 1)).min(len - shift.min(len - rows));
                    let from = shift.min(len - run);
                    pattern[..run].copy_from_slice(&text[from..from + run]);
                    pattern[run / 2] ^= 1;
                    let expected = levenshtein::distance(pattern.clone(), text.clone());
                    for backwards in [false, can_meet()] {
                        let kernel = Distance {
                            rows,
                            text: &text,
                            backwards,
                        };
                        assert_eq!(
                            table.with(&pattern, &text, kernel),
                            expected,
                            "{rows} {len} {shift} {vocabulary} {factor} {backwards}"
                        );
                    }
                }
            }
        }
    }
}
