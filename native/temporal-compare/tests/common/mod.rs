//! Oracles that are slow, short and written without a look at the crate, and seeded inputs.
#![allow(dead_code, reason = "each test takes what it needs")]

use midstream_temporal_compare::Cost;

/// A small generator (`SplitMix64`), so that a failure can be repeated.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Integers as floats: every sum is exact, so two right answers are equal to the last bit.
    pub fn whole(&mut self, len: usize) -> Vec<f64> {
        (0..len).map(|_| self.below(64) as f64 - 32.0).collect()
    }

    pub fn real(&mut self, len: usize) -> Vec<f64> {
        (0..len)
            .map(|_| (self.next() >> 11) as f64 / (1u64 << 52) as f64 - 1.0)
            .collect()
    }

    pub fn tokens(&mut self, len: usize, vocabulary: u64) -> Vec<u32> {
        (0..len).map(|_| self.below(vocabulary) as u32).collect()
    }
}

/// Lengths at which words, vectors and strips begin and end.
pub const LENGTHS: [usize; 17] = [
    0, 1, 2, 3, 4, 19, 20, 21, 40, 63, 64, 65, 127, 128, 129, 200, 1000,
];

pub fn cost(a: f64, b: f64, kind: Cost) -> f64 {
    match kind {
        Cost::Squared => (a - b) * (a - b),
        Cost::Absolute => (a - b).abs(),
    }
}

/// The textbook: a full matrix.
pub fn dtw(a: &[f64], b: &[f64], dims: usize, window: usize, kind: Cost) -> f64 {
    let (n, m) = (a.len() / dims, b.len() / dims);
    let mut cells = vec![vec![f64::INFINITY; m + 1]; n + 1];
    cells[0][0] = 0.0;
    for i in 1..=n {
        for j in 1..=m {
            if i.abs_diff(j) <= window {
                let here: f64 = (0..dims)
                    .map(|d| cost(a[(i - 1) * dims + d], b[(j - 1) * dims + d], kind))
                    .sum();
                let best = cells[i - 1][j - 1]
                    .min(cells[i - 1][j])
                    .min(cells[i][j - 1]);
                cells[i][j] = here + best;
            }
        }
    }
    cells[n][m]
}

/// Weighted edit distance by the textbook; `swap` also allows swapping two neighbours (optimal string alignment).
pub fn edit(a: &[u32], b: &[u32], insert: u64, delete: u64, substitute: u64, swap: bool) -> u64 {
    let mut cells = vec![vec![0u64; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            if i == 0 || j == 0 {
                cells[i][j] = i as u64 * delete + j as u64 * insert;
                continue;
            }
            let change = if a[i - 1] == b[j - 1] { 0 } else { substitute };
            let mut best = (cells[i - 1][j - 1] + change)
                .min(cells[i - 1][j] + delete)
                .min(cells[i][j - 1] + insert);
            if swap && i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(cells[i - 2][j - 2] + 1);
            }
            cells[i][j] = best;
        }
    }
    cells[a.len()][b.len()]
}

pub fn lcs(a: &[u32], b: &[u32]) -> usize {
    let mut cells = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            cells[i][j] = if a[i - 1] == b[j - 1] {
                cells[i - 1][j - 1] + 1
            } else {
                cells[i - 1][j].max(cells[i][j - 1])
            };
        }
    }
    cells[a.len()][b.len()]
}
