//! Comparisons whose answers are kept.

use super::content::{Element, Secret, hash, is_kept, keep};
use super::lru::{Key, Lru};
use crate::dtw::{Cost, Dtw, DtwOptions};
use crate::edit::{Edit, Symbol, Weights};
use crate::error::CompareError;
use crate::seed::seed;

/// What a cache has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheStatistics {
    /// Answers that were kept.
    pub hits: u64,
    /// Answers that had to be computed.
    pub misses: u64,
    /// Answers dropped to make room.
    pub evictions: u64,
    /// Answers too large to keep.
    pub oversized: u64,
    /// Answers held.
    pub entries: usize,
    /// Bytes held by them, with what finding them takes.
    pub bytes: usize,
}

/// An [`Edit`] and a [`Dtw`] that remember: least recently used, bounded by bytes.
///
/// The key is a keyed 128-bit hash of both contents, their lengths, the algorithm and its parameters. On a hit the
/// contents themselves are compared too, so no answer is ever that of other sequences. Errors are not kept.
#[derive(Clone, Debug)]
pub struct CachedCompare {
    edit: Edit,
    dtw: Dtw<f64>,
    secret: Secret,
    answers: Lru,
    statistics: CacheStatistics,
}

/// Algorithm and parameters, packed.
#[derive(Clone, Copy)]
struct Method {
    name: u64,
    parameters: [u64; 2],
}

/// Bits of an answer of `None`: no finite float and no count.
const ABOVE: u64 = u64::MAX;

impl CachedCompare {
    /// An empty cache of at most `max_bytes`, contents and bookkeeping together. An answer about two sequences of 100 tokens takes
    /// about 1 KiB.
    #[must_use]
    pub fn new(max_bytes: usize) -> Self {
        let mut state = seed();
        let secret = core::array::from_fn(|_| {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^ (mixed >> 31)
        });
        Self {
            edit: Edit::new(),
            dtw: Dtw::new(),
            secret: Secret(secret),
            answers: Lru::new(max_bytes),
            statistics: CacheStatistics::default(),
        }
    }

    /// What the cache has done since it was made or cleared.
    #[must_use]
    pub fn statistics(&self) -> CacheStatistics {
        CacheStatistics {
            entries: self.answers.len(),
            bytes: self.answers.bytes(),
            ..self.statistics
        }
    }

    /// Forgets all answers, and what was counted.
    pub fn clear(&mut self) {
        self.answers.clear();
        self.statistics = CacheStatistics::default();
    }

    /// [`Edit::levenshtein`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn levenshtein<S: Symbol>(&mut self, a: &[S], b: &[S]) -> Result<usize, CompareError> {
        self.count(1, a, b, Edit::levenshtein)
    }

    /// [`Edit::osa`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn osa<S: Symbol>(&mut self, a: &[S], b: &[S]) -> Result<usize, CompareError> {
        self.count(2, a, b, Edit::osa)
    }

    /// [`Edit::damerau`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn damerau<S: Symbol>(&mut self, a: &[S], b: &[S]) -> Result<usize, CompareError> {
        self.count(3, a, b, Edit::damerau)
    }

    /// [`Edit::lcs_length`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn lcs_length<S: Symbol>(&mut self, a: &[S], b: &[S]) -> Result<usize, CompareError> {
        self.count(4, a, b, Edit::lcs_length)
    }

    /// [`Edit::weighted`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn weighted<S: Symbol>(
        &mut self,
        a: &[S],
        b: &[S],
        weights: Weights,
    ) -> Result<u64, CompareError> {
        let Weights {
            insert,
            delete,
            substitute,
        } = weights;
        let method = Method {
            name: 5,
            parameters: [
                u64::from(insert) << 32 | u64::from(delete),
                u64::from(substitute),
            ],
        };
        self.answer(method, a, b, |all| all.edit.weighted(a, b, weights))
    }

    /// [`Dtw::distance`]. Options that only bound the work are no part of the key.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn dtw(
        &mut self,
        a: &[f64],
        b: &[f64],
        options: &DtwOptions<f64>,
    ) -> Result<Option<f64>, CompareError> {
        let window = options
            .window
            .map_or(0, |window| (window as u64).saturating_add(1));
        let cutoff = options
            .cutoff
            .map_or(ABOVE, |cutoff| (cutoff + 0.0).to_bits());
        let name = if options.cost == Cost::Squared { 6 } else { 7 };
        let method = Method {
            name,
            parameters: [window, cutoff],
        };
        let bits = self.answer(method, a, b, |all| {
            let distance = all.dtw.distance(a, b, options)?;
            Ok(distance.map_or(ABOVE, f64::to_bits))
        })?;
        Ok((bits != ABOVE).then(|| f64::from_bits(bits)))
    }

    fn count<S: Symbol>(
        &mut self,
        name: u64,
        a: &[S],
        b: &[S],
        compute: impl FnOnce(&mut Edit, &[S], &[S]) -> Result<usize, CompareError>,
    ) -> Result<usize, CompareError> {
        let method = Method {
            name,
            parameters: [0, 0],
        };
        let answer = self.answer(method, a, b, |all| Ok(compute(&mut all.edit, a, b)? as u64))?;
        Ok(answer as usize)
    }

    #[inline]
    fn answer<E: Element>(
        &mut self,
        method: Method,
        a: &[E],
        b: &[E],
        compute: impl FnOnce(&mut Self) -> Result<u64, CompareError>,
    ) -> Result<u64, CompareError> {
        // Longer ones are refused by every method.
        let (Ok(n), Ok(m)) = (u32::try_from(a.len()), u32::try_from(b.len())) else {
            return compute(self);
        };
        let Method {
            name,
            parameters: [first, second],
        } = method;
        let seed = (name << 8 | E::KIND).wrapping_mul(0x9E37_79B9_7F4A_7C15)
            ^ first.rotate_left(24)
            ^ second;
        let key = Key {
            hash: hash(&self.secret, seed, a, b),
            lengths: [n, m],
            method: [name << 8 | E::KIND, first, second],
        };
        let same = |kept: &[u64]| is_kept(kept, a, b);
        if let Some(answer) = self.answers.get(&key, same) {
            self.statistics.hits += 1;
            return Ok(answer);
        }
        self.statistics.misses += 1;
        let answer = compute(self)?;
        match self.answers.insert(key, keep(a, b), answer) {
            Some(dropped) => self.statistics.evictions += dropped as u64,
            None => self.statistics.oversized += 1,
        }
        Ok(answer)
    }
}
