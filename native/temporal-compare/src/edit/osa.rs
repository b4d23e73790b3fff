//! Distance with swaps of neighbours: optimal string alignment, bit-parallel (Hyyrö 2003), and unrestricted Damerau.

use alloc::vec::Vec;

use super::Symbol;
use super::levenshtein::{Carry, Word, descend, step};
use super::masks::{Masks, STRIP};

/// State of one word: the differences, and what a swap needs of the column before.
#[derive(Clone, Copy, Debug)]
pub(super) struct SwapWord {
    word: Word,
    diagonal_zero: u64,
    equal: u64,
}

/// Optimal string alignment of a pattern that is not empty and a text: no part is edited twice. In strips of [`STRIP`]
/// rows, as the plain distance.
pub(super) fn distance<S: Symbol>(
    masks: &mut Masks,
    words: &mut Vec<SwapWord>,
    carries: &mut Vec<u8>,
    pattern: &[S],
    text: &[S],
) -> usize {
    /// The bit beside those of a packed [`Carry`].
    const SWAP: u32 = 3;
    const START: SwapWord = SwapWord {
        word: Word::START,
        diagonal_zero: !0,
        equal: 0,
    };
    carries.clear();
    carries.resize(text.len(), Carry::ANCHORED.packed());
    let mut distance = text.len();
    for strip in pattern.chunks(STRIP) {
        let (rows, bits) = masks.fill(strip);
        words.clear();
        words.resize(strip.len().div_ceil(64), START);
        for (symbol, packed) in text.iter().zip(&mut *carries) {
            let from = rows.row(symbol.code()) * words.len();
            let mut carry = Carry::unpacked(*packed);
            let mut swap_in = u64::from(*packed >> SWAP);
            for (state, &equal) in words.iter_mut().zip(&bits[from..]) {
                // The symbol of this column stands one row up in the pattern, and that of the column before in this row.
                let crossed = !state.diagonal_zero & equal;
                let swap = (crossed << 1 | swap_in) & state.equal;
                swap_in = crossed >> 63;
                let across = step(&mut state.word, equal, swap, carry);
                (state.diagonal_zero, state.equal) = (across.diagonal_zero, equal);
                carry = across.carry();
            }
            *packed = carry.packed() | (swap_in as u8) << SWAP;
        }
        let column = words.iter().map(|state| state.word);
        distance = descend(distance, column, strip.len());
    }
    distance
}

/// Buffers of the unrestricted distance.
#[derive(Clone, Debug, Default)]
pub(super) struct DamerauCells {
    /// The whole matrix: a swap may reach back to any row.
    cells: Vec<u32>,
    /// Number of each symbol of the second sequence.
    numbers: Vec<u32>,
    /// The row in which each symbol of the first sequence was seen last, 0 for never.
    last_row: Vec<u32>,
}

impl DamerauCells {
    pub(super) fn bytes(&self) -> usize {
        (self.cells.capacity() + self.numbers.capacity() + self.last_row.capacity()) * 4
    }

    /// Unrestricted Damerau distance (Lowrance and Wagner 1975): swapped neighbours may be edited again, and others
    /// inserted between them. A metric, which the alignment is not.
    pub(super) fn distance<S: Symbol>(&mut self, masks: &mut Masks, a: &[S], b: &[S]) -> usize {
        let (rows, _) = masks.fill(a);
        let width = b.len() + 1;
        self.numbers.clear();
        self.numbers
            .extend(b.iter().map(|symbol| rows.row(symbol.code()) as u32));
        self.last_row.clear();
        self.last_row.resize(a.len() + 1, 0);
        self.cells.clear();
        self.cells.extend(0..width as u32);
        for (i, symbol) in a.iter().enumerate() {
            let number = rows.row(symbol.code()) as u32;
            self.cells.push(i as u32 + 1);
            let mut last_column = 0;
            for j in 1..width {
                let other = self.numbers[j - 1];
                let above = i * width + j;
                let left = self.cells[above + width - 1];
                let change = u32::from(number != other);
                let mut best = (self.cells[above - 1] + change)
                    .min(self.cells[above] + 1)
                    .min(left + 1);
                let row = self.last_row[other as usize] as usize;
                if row > 0 && last_column > 0 {
                    let before = self.cells[(row - 1) * width + last_column - 1];
                    best = best.min(before + (i - row) as u32 + 1 + (j - last_column - 1) as u32);
                }
                if change == 0 {
                    last_column = j;
                }
                self.cells.push(best);
            }
            self.last_row[number as usize] = i as u32 + 1;
        }
        self.cells[self.cells.len() - 1] as usize
    }
}
