//! The object that callers keep.

use alloc::vec::Vec;

use super::levenshtein::Word;
use super::masks::Masks;
use super::osa::{self, DamerauCells, SwapWord};
use super::short::{SHORT, Short};
use super::{Symbol, Weights, lcs, levenshtein, weighted};
use crate::error::CompareError;
use crate::seed::seed;

/// Most symbols of a sequence.
pub(super) const MAX_LEN: usize = 1 << 26;

/// Default bound of the work of a call: about half a second.
const MAX_STEPS: u64 = 1 << 27;

/// Default bound of what a call may keep to find its way back: 32 MiB.
const MAX_TRACE_BYTES: u64 = 1 << 25;

/// What [`Edit::similarity`] is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Measure {
    /// 1 - Levenshtein distance / longer length.
    Levenshtein,
    /// 1 - distance with swaps / longer length.
    Osa,
    /// 2 * common subsequence / sum of the lengths.
    CommonSubsequence,
}

/// Computes edit distances; keep one for each thread, so that repeated calls allocate nothing.
///
/// All calls take bytes, code points (`char`) or tokens (`u32`), and count those.
#[derive(Clone, Debug)]
pub struct Edit {
    short: Short,
    masks: Masks,
    words: Vec<Word>,
    bits: Vec<u64>,
    carries: Vec<u8>,
    swaps: Vec<SwapWord>,
    damerau: DamerauCells,
    row: Vec<u64>,
    points: [Vec<char>; 2],
    max_steps: u64,
    max_trace_bytes: u64,
}

impl Default for Edit {
    fn default() -> Self {
        Self::new()
    }
}

impl Edit {
    /// A workspace; it begins with tables of 17 KiB. The first code points or tokens below 2^18 add an index of 256 KiB.
    #[must_use]
    pub fn new() -> Self {
        Self {
            short: Short::new(seed()),
            masks: Masks::new(seed()),
            words: Vec::new(),
            bits: Vec::new(),
            carries: Vec::new(),
            swaps: Vec::new(),
            damerau: DamerauCells::default(),
            row: Vec::new(),
            points: [Vec::new(), Vec::new()],
            max_steps: MAX_STEPS,
            max_trace_bytes: MAX_TRACE_BYTES,
        }
    }

    /// With other bounds: `max_steps` single cells (weighted, Damerau) or words of 64 cells (all others) a call, and
    /// `max_trace_bytes` for the matrix that a subsequence or a Damerau distance needs. Defaults: 2^27 and 32 MiB.
    #[must_use]
    pub fn with_bounds(max_steps: u64, max_trace_bytes: u64) -> Self {
        Self {
            max_steps,
            max_trace_bytes,
            ..Self::new()
        }
    }

    /// Bytes that the buffers hold.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.short.bytes()
            + self.masks.bytes()
            + self.words.capacity() * size_of::<Word>()
            + self.carries.capacity()
            + self.swaps.capacity() * size_of::<SwapWord>()
            + (self.bits.capacity() + self.row.capacity()) * 8
            + self.damerau.bytes()
            + self
                .points
                .iter()
                .map(|points| points.capacity() * 4)
                .sum::<usize>()
    }

    /// Least number of insertions, deletions and substitutions. A metric.
    ///
    /// # Errors
    ///
    /// [`CompareError::TooLarge`].
    pub fn levenshtein<S: Symbol>(&mut self, a: &[S], b: &[S]) -> Result<usize, CompareError> {
        let (pattern, text, _) = core(a, b);
        self.check_words(pattern.len(), text.len())?;
        if pattern.is_empty() {
            return Ok(text.len());
        }
        if pattern.len() <= SHORT {
            return Ok(levenshtein::short(&mut self.short, pattern, text));
        }
        Ok(levenshtein::long(
            &mut self.masks,
            &mut self.words,
            &mut self.carries,
            pattern,
            text,
        ))
    }

    /// [`Edit::levenshtein`] over the code points of two texts, as they are: nothing is normalised.
    ///
    /// # Errors
    ///
    /// [`CompareError::TooLarge`].
    pub fn levenshtein_text(&mut self, a: &str, b: &str) -> Result<usize, CompareError> {
        if a.is_ascii() && b.is_ascii() {
            return self.levenshtein(a.as_bytes(), b.as_bytes());
        }
        self.check(a.len(), b.len(), 0)?;
        let mut points = core::mem::take(&mut self.points);
        for (points, text) in points.iter_mut().zip([a, b]) {
            points.clear();
            points.extend(text.chars());
        }
        let distance = self.levenshtein(&points[0], &points[1]);
        self.points = points;
        distance
    }

    /// As [`Edit::levenshtein`], and a swap of two neighbours is one edit; no part is edited twice ("optimal string
    /// alignment"). No metric: the triangle inequality can fail.
    ///
    /// # Errors
    ///
    /// [`CompareError::TooLarge`].
    pub fn osa<S: Symbol>(&mut self, a: &[S], b: &[S]) -> Result<usize, CompareError> {
        let (pattern, text, _) = core(a, b);
        self.check_words(pattern.len(), text.len())?;
        if pattern.is_empty() {
            return Ok(text.len());
        }
        Ok(osa::distance(
            &mut self.masks,
            &mut self.swaps,
            &mut self.carries,
            pattern,
            text,
        ))
    }

    /// As [`Edit::osa`], but swapped neighbours may be edited again. A metric.
    ///
    /// # Errors
    ///
    /// [`CompareError::TooLarge`].
    pub fn damerau<S: Symbol>(&mut self, a: &[S], b: &[S]) -> Result<usize, CompareError> {
        let (pattern, text, _) = core(a, b);
        self.check_cells(pattern.len(), text.len())?;
        self.check_trace((pattern.len() as u64 + 1) * (text.len() as u64 + 1) * 4)?;
        if pattern.is_empty() {
            return Ok(text.len());
        }
        Ok(self.damerau.distance(&mut self.masks, pattern, text))
    }

    /// Least total weight of the edits that turn `a` into `b`. Symmetric only if `insert` equals `delete`.
    ///
    /// # Errors
    ///
    /// [`CompareError::TooLarge`].
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
        if insert == delete && substitute == insert {
            return Ok(self.levenshtein(a, b)? as u64 * u64::from(insert));
        }
        if insert == delete && u64::from(substitute) >= 2 * u64::from(insert) {
            // A substitution is never cheaper than a deletion and an insertion.
            let common = self.lcs_length(a, b)?;
            return Ok((a.len() + b.len() - 2 * common) as u64 * u64::from(insert));
        }
        self.check_cells(a.len(), b.len())?;
        Ok(weighted::distance(&mut self.row, a, b, weights))
    }

    /// Length of the longest common subsequence.
    ///
    /// # Errors
    ///
    /// [`CompareError::TooLarge`].
    pub fn lcs_length<S: Symbol>(&mut self, a: &[S], b: &[S]) -> Result<usize, CompareError> {
        let (pattern, text, trimmed) = core(a, b);
        self.check_words(pattern.len(), text.len())?;
        if pattern.is_empty() {
            return Ok(trimmed.both());
        }
        if pattern.len() <= SHORT {
            return Ok(trimmed.both() + lcs::short(&mut self.short, pattern, text));
        }
        Ok(trimmed.both()
            + lcs::long(
                &mut self.masks,
                &mut self.bits,
                &mut self.carries,
                pattern,
                text,
            ))
    }

    /// One longest common subsequence: `pairs` receives the index in `a` and the index in `b` of each element.
    ///
    /// # Errors
    ///
    /// [`CompareError::TooLarge`], also when the way back would take more than `max_trace_bytes`.
    pub fn lcs<S: Symbol>(
        &mut self,
        a: &[S],
        b: &[S],
        pairs: &mut Vec<(u32, u32)>,
    ) -> Result<usize, CompareError> {
        pairs.clear();
        let (pattern, text, trimmed) = core(a, b);
        self.check_words(pattern.len(), text.len())?;
        self.check_trace(pattern.len().div_ceil(64) as u64 * 8 * (text.len() as u64 + 1))?;
        let swapped = a.len() > b.len();
        let front = trimmed.front as u32;
        for at in (0..trimmed.back as u32).rev() {
            pairs.push((
                a.len() as u32 - trimmed.back as u32 + at,
                b.len() as u32 - trimmed.back as u32 + at,
            ));
        }
        if !pattern.is_empty() {
            lcs::pairs(
                &mut self.masks,
                &mut self.bits,
                &mut self.carries,
                pattern,
                text,
                |i, j| {
                    let (i, j) = (front + i as u32, front + j as u32);
                    pairs.push(if swapped { (j, i) } else { (i, j) });
                },
            );
        }
        pairs.extend((0..front).rev().map(|at| (at, at)));
        pairs.reverse();
        Ok(pairs.len())
    }

    /// Likeness from 0 (nothing in common) to 1 (equal); two empty sequences are equal.
    ///
    /// # Errors
    ///
    /// [`CompareError::TooLarge`].
    pub fn similarity<S: Symbol>(
        &mut self,
        a: &[S],
        b: &[S],
        measure: Measure,
    ) -> Result<f64, CompareError> {
        let longer = a.len().max(b.len());
        if longer == 0 {
            return Ok(1.0);
        }
        Ok(match measure {
            Measure::Levenshtein => 1.0 - self.levenshtein(a, b)? as f64 / longer as f64,
            Measure::Osa => 1.0 - self.osa(a, b)? as f64 / longer as f64,
            Measure::CommonSubsequence => {
                2.0 * self.lcs_length(a, b)? as f64 / (a.len() + b.len()) as f64
            }
        })
    }

    fn check_words(&self, pattern: usize, text: usize) -> Result<(), CompareError> {
        self.check(pattern, text, pattern.div_ceil(64) as u64 * text as u64)
    }

    fn check_cells(&self, a: usize, b: usize) -> Result<(), CompareError> {
        self.check(a, b, a as u64 * b as u64)
    }

    fn check(&self, a: usize, b: usize, steps: u64) -> Result<(), CompareError> {
        let longest = a.max(b);
        if longest > MAX_LEN {
            return Err(CompareError::TooLarge {
                needed: longest as u64,
                allowed: MAX_LEN as u64,
            });
        }
        if steps > self.max_steps {
            return Err(CompareError::TooLarge {
                needed: steps,
                allowed: self.max_steps,
            });
        }
        Ok(())
    }

    fn check_trace(&self, bytes: u64) -> Result<(), CompareError> {
        if bytes > self.max_trace_bytes {
            return Err(CompareError::TooLarge {
                needed: bytes,
                allowed: self.max_trace_bytes,
            });
        }
        Ok(())
    }
}

/// Symbols that both sequences begin and end with.
#[derive(Clone, Copy)]
struct Trimmed {
    front: usize,
    back: usize,
}

impl Trimmed {
    fn both(self) -> usize {
        self.front + self.back
    }
}

/// The shorter and the longer sequence without what they begin and end with in common: it changes no distance here.
#[inline]
fn core<'a, S: Symbol>(a: &'a [S], b: &'a [S]) -> (&'a [S], &'a [S], Trimmed) {
    let (mut pattern, mut text) = if a.len() > b.len() { (b, a) } else { (a, b) };
    let front = pattern.iter().zip(text).take_while(|(x, y)| x == y).count();
    (pattern, text) = (&pattern[front..], &text[front..]);
    let back = pattern
        .iter()
        .rev()
        .zip(text.iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    (pattern, text) = (&pattern[..pattern.len() - back], &text[..text.len() - back]);
    (pattern, text, Trimmed { front, back })
}
