//! The edit distance of all phrases and the end of a text at once: Myers' bit-parallel step (1999), one word a phrase.
//!
//! A phrase stands in the high bits of its word, so that its last row is bit 63 for all of them; the rows below match
//! every symbol and so are 0, which is where an occurrence may begin. `midstream-temporal-compare` has the same step for
//! one pattern of any length, with a search for the symbol in each: for 16 phrases the searches cost more than the steps.

use std::collections::HashMap;

/// Rows of all phrases' symbols.
#[derive(Clone, Debug)]
pub(crate) struct Masks {
    lanes: usize,
    /// Row of a symbol; 0: no phrase has it.
    ascii: [u16; 128],
    others: HashMap<u32, u16>,
    /// `lanes` words a row: where the symbol stands in each phrase.
    equal: Vec<u64>,
    /// Rows of phrases, in their words.
    own: Vec<u64>,
    max_edits: Vec<i64>,
    lens: Vec<i64>,
}

/// Vertical differences of each phrase, and how far its distance is below what is allowed.
#[derive(Clone, Debug)]
pub(crate) struct Bank {
    plus: Vec<u64>,
    minus: Vec<u64>,
    /// `max_edits` - distance: negative where the phrase is not near.
    slack: Vec<i64>,
}

impl Masks {
    /// Phrases of 1 to 64 symbols with the edits that they allow.
    pub(crate) fn new(phrases: &[(Vec<u32>, usize)]) -> Self {
        let lanes = phrases.len();
        let own: Vec<u64> = phrases
            .iter()
            .map(|(symbols, _)| u64::MAX << (64 - symbols.len()))
            .collect();
        let mut masks = Self {
            lanes,
            ascii: [0; 128],
            others: HashMap::new(),
            equal: own.iter().map(|own| !own).collect(),
            own,
            max_edits: phrases
                .iter()
                .map(|(_, edits)| i64::from(*edits as u32))
                .collect(),
            lens: phrases
                .iter()
                .map(|(text, _)| i64::from(text.len() as u32))
                .collect(),
        };
        for (lane, (symbols, _)) in phrases.iter().enumerate() {
            for (at, &symbol) in symbols.iter().enumerate() {
                let row = masks.row_or_new(symbol);
                masks.equal[row * lanes + lane] |= 1 << (64 - symbols.len() + at);
            }
        }
        masks
    }

    fn row_or_new(&mut self, symbol: u32) -> usize {
        let known = self.row(symbol);
        if known > 0 {
            return known;
        }
        // At most 64 phrases of 64 symbols.
        let row = self.equal.len() / self.lanes;
        match self.ascii.get_mut(symbol as usize) {
            Some(place) => *place = row as u16,
            None => drop(self.others.insert(symbol, row as u16)),
        }
        self.equal.extend(self.own.iter().map(|own| !own));
        row
    }

    #[inline]
    fn row(&self, symbol: u32) -> usize {
        let row = match self.ascii.get(symbol as usize) {
            Some(row) => *row,
            None => self.others.get(&symbol).copied().unwrap_or(0),
        };
        row.into()
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.equal.len() * 8 + self.lanes * 24 + self.others.capacity() * 8
    }
}

impl Bank {
    /// At the start of a text.
    pub(crate) fn new(masks: &Masks) -> Self {
        Self {
            plus: masks.own.clone(),
            minus: vec![0; masks.lanes],
            slack: core::iter::zip(&masks.max_edits, &masks.lens)
                .map(|(most, len)| most - len)
                .collect(),
        }
    }

    /// Takes the next symbol; whether any phrase is near after it.
    #[inline]
    pub(crate) fn push(&mut self, masks: &Masks, symbol: u32) -> bool {
        let lanes = masks.lanes;
        let equal = &masks.equal[masks.row(symbol) * lanes..][..lanes];
        let plus = &mut self.plus[..lanes];
        let minus = &mut self.minus[..lanes];
        let slack = &mut self.slack[..lanes];
        let mut all_negative = -1_i64;
        for lane in 0..lanes {
            let (eq, pv, mv) = (equal[lane], plus[lane], minus[lane]);
            let zero = ((eq & pv).wrapping_add(pv) ^ pv) | eq | mv;
            let up = mv | !(zero | pv);
            let down = zero & pv;
            slack[lane] += (down >> 63).cast_signed() - (up >> 63).cast_signed();
            all_negative &= slack[lane];
            plus[lane] = (down << 1) | !(zero | (up << 1));
            minus[lane] = (up << 1) & zero;
        }
        all_negative >= 0
    }

    /// Whether a phrase is near at the newest symbol.
    #[inline]
    pub(crate) fn is_near(&self, lane: usize) -> bool {
        self.slack[lane] >= 0
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        (self.plus.len() + self.minus.len() + self.slack.len()) * 8
    }
}
