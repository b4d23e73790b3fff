//! Permutation entropy: how evenly the orders of neighbouring samples occur (Bandt, Pompe, Phys.
//! Rev. Lett. 88 (2002) 174102). A cheap signal of novelty, not a verdict: Mackey-Glass at lag 30
//! reaches 0.94, close to red noise.

use alloc::vec;
use alloc::vec::Vec;

use crate::error::{Error, bounded};
#[cfg(not(feature = "std"))]
use crate::math::Math;
use crate::series::check;

/// Largest order; 5! = 120 patterns fit a byte.
pub const MAX_ORDER: usize = 5;
/// Most samples of a window.
const MAX_WINDOW: usize = 1 << 16;
/// Updates after which the running sum is taken anew, so that rounding does not add up.
const REFRESH: u32 = 1 << 16;
/// Factorials up to 5!.
const PATTERNS: [usize; MAX_ORDER + 1] = [1, 1, 2, 6, 24, 120];

/// Number of the order of the samples among all orders (Lehmer's code); equal values count as
/// rising.
#[inline]
fn pattern<const ORDER: usize>(sample: [f64; ORDER]) -> u8 {
    let mut code = 0;
    for place in 0..ORDER {
        let mut smaller = 0;
        for later in place + 1..ORDER {
            smaller += usize::from(sample[later] < sample[place]);
        }
        code = code * (ORDER - place) + smaller;
    }
    code as u8
}

/// The same for samples that lie `delay` apart from `start` on.
#[inline]
fn pattern_at(values: &[f64], start: usize, order: usize, delay: usize) -> u8 {
    let at = |place: usize| values[start + place * delay];
    match order {
        2 => pattern::<2>(core::array::from_fn(at)),
        3 => pattern::<3>(core::array::from_fn(at)),
        4 => pattern::<4>(core::array::from_fn(at)),
        _ => pattern::<5>(core::array::from_fn(at)),
    }
}

/// Permutation entropy of a series, 0 for monotone and 1 for orders that are equally frequent.
///
/// `order`: samples per pattern, 2 to 5; `delay`: samples between them.
///
/// # Errors
///
/// Refuses empty, non-finite and oversized series, settings outside their bounds and series without
/// one whole pattern.
///
/// # Examples
///
/// ```
/// use midstream_temporal_attractor_studio::permutation_entropy;
///
/// let rising: Vec<f64> = (0..100).map(f64::from).collect();
/// assert_eq!(permutation_entropy(&rising, 4, 1)?, 0.0);
/// # Ok::<(), midstream_temporal_attractor_studio::Error>(())
/// ```
pub fn permutation_entropy(values: &[f64], order: usize, delay: usize) -> Result<f64, Error> {
    bounded("order", order, 2, MAX_ORDER)?;
    bounded("delay", delay, 1, values.len().max(1))?;
    check(values, (order - 1) * delay + 1)?;
    let mut counts = [0_u32; PATTERNS[MAX_ORDER]];
    for start in 0..values.len() - (order - 1) * delay {
        counts[usize::from(pattern_at(values, start, order, delay))] += 1;
    }
    let total: u32 = counts.iter().sum();
    let sum: f64 = counts.iter().map(|count| weight(*count)).sum();
    Ok(normalised(sum, total, order))
}

/// c ln c.
fn weight(count: u32) -> f64 {
    let count = f64::from(count);
    if count > 0.0 { count * count.ln() } else { 0.0 }
}

fn normalised(sum: f64, total: u32, order: usize) -> f64 {
    let total = f64::from(total.max(1));
    ((total.ln() - sum / total) / (PATTERNS[order] as f64).ln()).clamp(0.0, 1.0)
}

/// Permutation entropy over the last samples of a stream; constant work and memory per sample.
#[derive(Debug, Clone)]
pub struct PermutationStream {
    order: usize,
    delay: usize,
    /// The last (order - 1) * delay + 1 samples, twice, so that they always lie together.
    samples: Vec<f64>,
    at: usize,
    seen: usize,
    /// Patterns of the window, as a ring.
    patterns: Vec<u8>,
    place: usize,
    counts: [u32; PATTERNS[MAX_ORDER]],
    total: u32,
    /// What the sum gains when a count rises from c to c + 1.
    gains: Vec<f64>,
    /// ln(total), 1 / total and 1 / ln(order!), which change only while the window fills.
    log_total: f64,
    share: f64,
    scale: f64,
    sum: f64,
    updates: u32,
}

impl PermutationStream {
    /// A stream whose entropy covers the last `window` patterns.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`]: `order` 2 to 5, `delay` 1 to 65,536, `window` 2 to 65,536.
    pub fn new(order: usize, delay: usize, window: usize) -> Result<Self, Error> {
        bounded("order", order, 2, MAX_ORDER)?;
        bounded("delay", delay, 1, MAX_WINDOW)?;
        bounded("window", window, 2, MAX_WINDOW)?;
        Ok(Self {
            order,
            delay,
            samples: vec![0.0; 2 * ((order - 1) * delay + 1)],
            at: 0,
            seen: 0,
            patterns: vec![0; window],
            place: 0,
            counts: [0; PATTERNS[MAX_ORDER]],
            total: 0,
            gains: (0..window as u32)
                .map(|count| weight(count + 1) - weight(count))
                .collect(),
            log_total: 0.0,
            share: 1.0,
            scale: 1.0 / (PATTERNS[order] as f64).ln(),
            sum: 0.0,
            updates: 0,
        })
    }

    /// Takes one sample; the entropy of the window, once it holds a pattern.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] with the number of samples taken so far; the sample is not taken.
    pub fn push(&mut self, value: f64) -> Result<Option<f64>, Error> {
        if !value.is_finite() {
            return Err(Error::NotFinite { index: self.seen });
        }
        let length = self.samples.len() / 2;
        self.samples[self.at] = value;
        self.samples[self.at + length] = value;
        self.at = if self.at + 1 == length {
            0
        } else {
            self.at + 1
        };
        self.seen += 1;
        if self.seen < length {
            return Ok(None);
        }
        // `at` is the oldest sample now.
        let code = pattern_at(&self.samples, self.at, self.order, self.delay);
        self.replace(code);
        let entropy = (self.log_total - self.sum * self.share) * self.scale;
        Ok(Some(entropy.clamp(0.0, 1.0)))
    }

    /// Puts a pattern into the window and takes the oldest out of a full one.
    #[inline]
    fn replace(&mut self, code: u8) {
        let old = core::mem::replace(&mut self.patterns[self.place], code);
        self.place = if self.place + 1 == self.patterns.len() {
            0
        } else {
            self.place + 1
        };
        if self.total as usize == self.patterns.len() {
            let count = &mut self.counts[usize::from(old)];
            *count -= 1;
            self.sum -= self.gains[*count as usize];
        } else {
            self.total += 1;
            self.log_total = f64::from(self.total).ln();
            self.share = 1.0 / f64::from(self.total);
        }
        let count = &mut self.counts[usize::from(code)];
        self.sum += self.gains[*count as usize];
        *count += 1;
        self.updates += 1;
        if self.updates == REFRESH {
            self.updates = 0;
            self.sum = self.counts.iter().map(|count| weight(*count)).sum();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn every_order_has_its_own_number() {
        for order in 2..=MAX_ORDER {
            let mut seen = [false; PATTERNS[MAX_ORDER]];
            for number in 0..order.pow(order as u32) {
                let mut digits = [0.0; MAX_ORDER];
                let mut rest = number;
                for slot in digits.iter_mut().take(order) {
                    *slot = (rest % order) as f64;
                    rest /= order;
                }
                seen[usize::from(pattern_at(&digits, 0, order, 1))] = true;
            }
            let distinct = seen.iter().filter(|seen| **seen).count();
            assert_eq!(distinct, PATTERNS[order]);
            assert!(seen[..distinct].iter().all(|seen| *seen), "order {order}");
        }
    }

    #[test]
    fn the_stream_says_what_the_batch_says_on_every_window() {
        let mut random = Random::new(2);
        let values: Vec<f64> = (0..700).map(|_| random.below(50) as f64).collect();
        for (order, delay, window) in [(3, 1, 40), (4, 3, 100), (5, 2, 333), (2, 1, 2)] {
            let Ok(mut stream) = PermutationStream::new(order, delay, window) else {
                panic!("settings are within bounds");
            };
            for (now, value) in values.iter().enumerate() {
                let found = stream.push(*value);
                let span = (order - 1) * delay;
                let start = (now + 1).saturating_sub(window + span);
                let batch = permutation_entropy(&values[start..=now], order, delay);
                match (found, batch) {
                    (Ok(Some(a)), Ok(b)) => assert!((a - b).abs() < 1e-9, "{a} {b} at {now}"),
                    (Ok(None), Err(_)) => {}
                    other => panic!("{other:?} at {now}"),
                }
            }
        }
    }
}
