//! Longest common subsequence, 64 cells of a column at a time (Hyyrö 2004), and one such subsequence.
//!
//! A column is kept as one bit a row: 0 where the length grows by one from the row above.

use alloc::vec::Vec;

use super::Symbol;
use super::masks::{Masks, STRIP};
use super::short::Short;

/// One column of one word; the flag is the carry of the sum, from the word above and to the word below.
#[inline]
fn step(word: &mut u64, equal: u64, carry: bool) -> bool {
    let matches = *word & equal;
    let (sum, carry) = word.carrying_add(matches, carry);
    *word = sum | (*word & !equal);
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
    table.with(pattern, |table| {
        if rows <= 64 {
            let mut word = !0;
            for &symbol in text {
                step(&mut word, table.find(symbol).0, false);
            }
            return length(&[word], rows);
        }
        // One number of 128 bits: the carry between its halves is an instruction.
        let mut word = !0u128;
        for &symbol in text {
            let (upper, lower) = table.find(symbol);
            let equal = u128::from(lower) << 64 | u128::from(upper);
            let matches = word & equal;
            word = word.wrapping_add(matches) | (word & !equal);
        }
        length(&[word as u64, (word >> 64) as u64], rows)
    })
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
