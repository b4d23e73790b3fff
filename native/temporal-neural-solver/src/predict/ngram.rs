//! Next symbol from the last few: hashed contexts of orders 1 to 4, the longest trustworthy one speaks (after PPM).

use alloc::vec::Vec;

/// Longest context.
const ORDERS: usize = 4;
/// Contexts per order; with 16 bytes each an [`Ngram`] has 32 KiB (the predictor's budget in facts/temporal.md E).
const CELLS: usize = 512;

#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    /// Upper half of the context's hash: another context in the same cell is not believed.
    check: u32,
    symbol: u32,
    /// Agreements minus disagreements, from 0 up.
    trust: u32,
    seen: u32,
}

/// The expected next symbol.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guess {
    /// The symbol.
    pub symbol: u32,
    /// Share of the context's occurrences that agreed, 0 to 1; smoothed, so never 1.
    pub confidence: f32,
    /// Length of the context that spoke; 0 is persistence: the last symbol again.
    pub order: u8,
}

/// Hashed n-gram predictor of a stream of symbols (letters, event kinds, token ids).
#[derive(Debug, Clone)]
pub struct Ngram {
    cells: Vec<[Cell; CELLS]>,
    /// Hash of the last `n + 1` symbols.
    contexts: [u64; ORDERS],
    last: [u32; ORDERS],
    seed: u64,
}

/// Finaliser of `SplitMix64` (Steele, Lea, Flood 2014).
#[inline]
fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

impl Ngram {
    /// A predictor that has seen nothing. A secret `seed` keeps streams from choosing which contexts share a cell.
    pub fn new(seed: u64) -> Self {
        let cells = alloc::vec![[Cell::default(); CELLS]; ORDERS];
        let mut out = Self {
            cells,
            contexts: [0; ORDERS],
            last: [0; ORDERS],
            seed,
        };
        out.rehash();
        out
    }

    #[inline]
    fn rehash(&mut self) {
        let mut hash = self.seed;
        for (order, context) in self.contexts.iter_mut().enumerate() {
            hash = mix(hash ^ u64::from(self.last[order])).wrapping_add(order as u64);
            *context = hash;
        }
    }

    #[inline]
    fn place(context: u64) -> (usize, u32) {
        ((context as usize) % CELLS, (context >> 32) as u32 | 1)
    }

    /// What comes next.
    #[inline]
    pub fn predict(&self) -> Guess {
        for order in (0..ORDERS).rev() {
            let (at, check) = Self::place(self.contexts[order]);
            let cell = &self.cells[order][at];
            if cell.check == check && cell.trust > 0 {
                let confidence = (cell.trust as f32 + 0.5) / (cell.seen as f32 + 1.5);
                return Guess {
                    symbol: cell.symbol,
                    confidence,
                    order: order as u8 + 1,
                };
            }
        }
        Guess {
            symbol: self.last[0],
            confidence: 0.5,
            order: 0,
        }
    }

    /// Learns that `symbol` came.
    #[inline]
    pub fn observe(&mut self, symbol: u32) {
        for order in 0..ORDERS {
            let (at, check) = Self::place(self.contexts[order]);
            let cell = &mut self.cells[order][at];
            if cell.check != check {
                *cell = Cell {
                    check,
                    symbol,
                    trust: 1,
                    seen: 1,
                };
            } else if cell.symbol == symbol {
                cell.trust += 1;
                cell.seen += 1;
            } else if cell.trust > 0 {
                cell.trust -= 1;
                cell.seen += 1;
            } else {
                *cell = Cell {
                    check,
                    symbol,
                    trust: 1,
                    seen: 1,
                };
            }
            // Old habits fade, and no counter overflows.
            if cell.seen >= 64 {
                cell.seen /= 2;
                cell.trust = cell.trust.div_ceil(2);
            }
        }
        self.last.copy_within(..ORDERS - 1, 1);
        self.last[0] = symbol;
        self.rehash();
    }

    /// A new stream begins: the context is forgotten, what was learnt stays.
    pub fn restart(&mut self) {
        self.last = [0; ORDERS];
        self.rehash();
    }
}
