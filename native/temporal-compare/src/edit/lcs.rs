//! Longest common subsequence, 64 cells of a column at a time (Hyyrö 2004), and one such subsequence.
//!
//! A column is kept as one bit a row: 0 where the length grows by one from the row above.

use alloc::vec::Vec;

use super::Symbol;
use super::masks::{Masks, STRIP};
use super::short::{Find, Kernel, Short};

/// One column of one word; the flag is the carry of the sum, from the word above and to the word below.
#[inline]
fn step(word: &mut u64, equal: u64, carry: bool) -> bool {
    let matches = *word & equal;
    let (sum, carry) = word.carrying_add(matches, carry);
    *word = sum | (*word ^ matches);
    carry
}

/// Rows that grow among the first `rows`.
fn length(words: &[u64], rows: usize) -> usize {
    let mut sum = 0;
    for (index, word) in words.iter().enumerate() {
        let left = rows - 64 * index;
        let mask = if left < 64 { (1 << left) - 1 } else { !0 };
        sum += (!word & mask).count_ones() as usize;
    }
    sum
}

/// Length for a pattern of 1 to 128 symbols and a text.
pub(super) fn short<S: Symbol>(table: &mut Short, pattern: &[S], text: &[S]) -> usize {
    let rows = pattern.len();
    table.with(pattern, text, Length { rows, text })
}

struct Length<'a, S> {
    rows: usize,
    text: &'a [S],
}

impl<S: Symbol> Kernel<S> for Length<'_, S> {
    fn backwards(&self) -> bool {
        false
    }

    #[inline]
    fn run(self, places: &impl Find<S>) -> usize {
        let mut words = [!0; 2];
        if self.rows <= 64 {
            for &symbol in self.text {
                step(&mut words[0], places.find(symbol)[0], false);
            }
            return length(&words[..1], self.rows);
        }
        let mut column = |symbol| {
            let [upper, lower, ..] = *places.find(symbol);
            let carry = step(&mut words[0], upper, false);
            step(&mut words[1], lower, carry);
        };
        // Two at a time: what the loop itself costs is a sixth of a column.
        let (twos, rest) = self.text.as_chunks::<2>();
        for &[one, other] in twos {
            column(one);
            column(other);
        }
        rest.iter().copied().for_each(column);
        length(&words, self.rows)
    }
}

/// Length for a pattern that is not empty and a text, in strips of [`STRIP`] rows: `carries` holds what each column of a
/// strip hands to the strip below.
pub(super) fn long<S: Symbol>(
    masks: &mut Masks,
    words: &mut Vec<u64>,
    carries: &mut Vec<u8>,
    pattern: &[S],
    text: &[S],
) -> usize {
    carries.clear();
    carries.resize(text.len(), 0);
    let mut sum = 0;
    for strip in pattern.chunks(STRIP) {
        let (rows, bits) = masks.fill(strip);
        words.clear();
        words.resize(strip.len().div_ceil(64), !0);
        for (symbol, carry) in text.iter().zip(&mut *carries) {
            let from = rows.row(symbol.code()) * words.len();
            *carry = u8::from(column(words, &bits[from..], *carry != 0));
        }
        sum += length(words, strip.len());
    }
    sum
}

#[inline]
fn column(words: &mut [u64], equal: &[u64], mut carry: bool) -> bool {
    for (word, &equal) in words.iter_mut().zip(equal) {
        carry = step(word, equal, carry);
    }
    carry
}

/// Pairs of indices of one longest common subsequence, last pair first. `trace` holds all columns of all strips.
pub(super) fn pairs<S: Symbol>(
    masks: &mut Masks,
    trace: &mut Vec<u64>,
    carries: &mut Vec<u8>,
    pattern: &[S],
    text: &[S],
    mut found: impl FnMut(usize, usize),
) {
    let columns = text.len() + 1;
    carries.clear();
    carries.resize(text.len(), 0);
    trace.clear();
    trace.resize(pattern.len().div_ceil(64) * columns, !0);
    let mut from = 0;
    for strip in pattern.chunks(STRIP) {
        let width = strip.len().div_ceil(64);
        let (rows, bits) = masks.fill(strip);
        for (at, symbol) in text.iter().enumerate() {
            let (before, here) = trace[from + at * width..].split_at_mut(width);
            let here = &mut here[..width];
            here.copy_from_slice(before);
            let equal = &bits[rows.row(symbol.code()) * width..];
            carries[at] = u8::from(column(here, equal, carries[at] != 0));
        }
        from += width * columns;
    }
    let grows = |i: usize, j: usize| {
        let (strip, row) = ((i - 1) / STRIP, (i - 1) % STRIP);
        let width = (pattern.len() - strip * STRIP).min(STRIP).div_ceil(64);
        let word = strip * (STRIP / 64) * columns + j * width + row / 64;
        trace[word] >> (row % 64) & 1 == 0
    };
    let (mut i, mut j) = (pattern.len(), text.len());
    while i > 0 && j > 0 {
        if !grows(i, j) {
            i -= 1;
        } else if grows(i, j - 1) {
            // Both columns grow here, so the symbol of this column adds nothing.
            j -= 1;
        } else {
            i -= 1;
            j -= 1;
            found(i, j);
        }
    }
}
