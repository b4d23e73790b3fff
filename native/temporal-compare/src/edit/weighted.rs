//! Levenshtein distance with a weight for each kind of edit.

use alloc::vec::Vec;

use super::Symbol;

/// What an edit of the first sequence into the second costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Weights {
    /// Putting in an element.
    pub insert: u32,
    /// Taking out an element.
    pub delete: u32,
    /// Putting one element in place of another.
    pub substitute: u32,
}

impl Default for Weights {
    /// Levenshtein: 1 each.
    fn default() -> Self {
        Self {
            insert: 1,
            delete: 1,
            substitute: 1,
        }
    }
}

/// One row of the textbook's matrix at a time.
pub(super) fn distance<S: Symbol>(row: &mut Vec<u64>, a: &[S], b: &[S], weights: Weights) -> u64 {
    let [insert, delete, substitute] =
        [weights.insert, weights.delete, weights.substitute].map(u64::from);
    row.clear();
    row.extend((0..=b.len() as u64).map(|j| j * insert));
    for symbol in a {
        let mut corner = row[0];
        row[0] += delete;
        let mut left = row[0];
        for (cell, other) in row[1..].iter_mut().zip(b) {
            let change = if symbol == other { 0 } else { substitute };
            left = (corner + change).min(*cell + delete).min(left + insert);
            corner = *cell;
            *cell = left;
        }
    }
    row[b.len()]
}
