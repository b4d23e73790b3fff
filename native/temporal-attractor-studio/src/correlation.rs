//! Correlation dimension: Grassberger, Procaccia, Physica D 9 (1983) 189, with Theiler's exclusion.

use alloc::vec;
use alloc::vec::Vec;

use crate::embedding::Embedding;
use crate::error::{Error, bounded};
#[cfg(not(feature = "std"))]
use crate::math::Math;
use crate::series::prepared;

/// Most points that are compared with each other (evenly chosen): 2 million pairs.
const POINTS: usize = 2048;
/// Bins per octave of distance and their number: 2^-40 to 2^8 deviations.
const PER_OCTAVE: usize = 4;
const BINS: usize = 48 * PER_OCTAVE;
const OCTAVES_BELOW: usize = 40;
/// The slope is taken where the share of close pairs lies between these: fewer are counting noise,
/// more feel the edge of the attractor.
const HIGHEST: f64 = 0.03;
const FEWEST: f64 = 100.0;
/// Groups of points whose spread gives the error.
const GROUPS: usize = 8;

/// A fitted correlation dimension.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CorrelationDimension {
    /// Slope of ln C(r) over ln r in the scaling range.
    pub dimension: f64,
    /// One standard error, from eight groups of points and the range's two halves. Not the method's
    /// bias, which is a few hundredths at 2,000 points.
    pub error: f64,
    /// Largest distance used, in deviations of the series (maximum norm).
    pub longest: f64,
    /// Smallest distance used.
    pub shortest: f64,
}

/// The correlation dimension of an embedded series. Compares 2,048 points at most.
///
/// # Errors
///
/// Refuses empty, non-finite, constant, oversized and too short series, settings outside their
/// bounds, and ([`Error::Quantised`]) series with too few distinct distances for a slope.
pub fn correlation_dimension(
    values: &[f64],
    embedding: Embedding,
    theiler: usize,
) -> Result<CorrelationDimension, Error> {
    embedding.check()?;
    bounded("theiler", theiler, 0, values.len().max(1))?;
    let series = prepared(values, embedding.span() + 2 * theiler + 256)?;
    let counts = count(&series, embedding, theiler);
    let mut all = [0_u64; BINS];
    for group in &counts {
        for (sum, count) in all.iter_mut().zip(group) {
            *sum += u64::from(*count);
        }
    }
    let (low, high) = range(&all).ok_or(Error::Quantised)?;
    let whole = slope(&all, low, high);
    let spread = counts.iter().map(|group| {
        let group: [u64; BINS] = core::array::from_fn(|bin| u64::from(group[bin]));
        (slope(&group, low, high) - whole).powi(2)
    });
    let variance = spread.sum::<f64>() / (GROUPS * (GROUPS - 1)) as f64;
    let middle = usize::midpoint(low, high);
    let halves = slope(&all, low, middle) - slope(&all, middle, high);
    Ok(CorrelationDimension {
        dimension: whole,
        error: (variance + halves * halves / 4.0).sqrt(),
        longest: distance(high),
        shortest: distance(low),
    })
}

/// Pairs per bin of distance, one histogram for each group of first points.
fn count(series: &[f64], embedding: Embedding, theiler: usize) -> Vec<[u32; BINS]> {
    let points = embedding.points(series.len());
    let step = points.div_ceil(POINTS);
    let kept: Vec<usize> = (0..points).step_by(step).collect();
    // Axis after axis, so that the inner loop runs over neighbouring memory.
    let axes: Vec<Vec<f32>> = (0..embedding.dimension)
        .map(|axis| {
            kept.iter()
                .map(|at| series[at + axis * embedding.delay] as f32)
                .collect()
        })
        .collect();
    let apart = theiler / step + 1;
    let mut counts = vec![[0_u32; BINS]; GROUPS];
    let mut distances = vec![0.0_f32; kept.len()];
    for first in 0..kept.len().saturating_sub(apart) {
        let others = &mut distances[..kept.len() - first - apart];
        others.fill(0.0);
        for axis in &axes {
            let here = axis[first];
            for (most, there) in others.iter_mut().zip(&axis[first + apart..]) {
                let gap = (here - there).abs();
                *most = if gap > *most { gap } else { *most };
            }
        }
        let group = &mut counts[first % GROUPS];
        for distance in others.iter() {
            group[bin(*distance)] += 1;
        }
    }
    counts
}

/// Exponent and the first two bits of the fraction are the bin.
fn bin(distance: f32) -> usize {
    let bits = (distance.to_bits() >> 21) as usize;
    bits.saturating_sub((127 - OCTAVES_BELOW) * PER_OCTAVE)
        .min(BINS - 1)
}

/// Upper end of a bin; within an octave bins are equally wide.
fn distance(bin: usize) -> f64 {
    let octave = (bin / PER_OCTAVE) as f64 - OCTAVES_BELOW as f64;
    octave.exp2() * (1.0 + ((bin % PER_OCTAVE) + 1) as f64 / PER_OCTAVE as f64)
}

/// First and last bin of the scaling range; `None` if it is shorter than an octave.
fn range(counts: &[u64; BINS]) -> Option<(usize, usize)> {
    let total: u64 = counts.iter().sum();
    let (mut sum, mut low, mut high) = (0, None, None);
    for (bin, count) in counts.iter().enumerate() {
        sum += count;
        if bin > 0 && low.is_none() && sum as f64 >= FEWEST {
            low = Some(bin);
        }
        if high.is_none() && sum as f64 > HIGHEST * total as f64 {
            high = Some(bin.saturating_sub(1));
        }
    }
    let (low, high) = (low?, high?);
    (high >= low + PER_OCTAVE).then_some((low, high))
}

/// Slope of the logarithm of the cumulated counts over that of the distance.
fn slope(counts: &[u64; BINS], low: usize, high: usize) -> f64 {
    let mut sum: u64 = counts[..low].iter().sum();
    let (mut xs, mut ys) = (Vec::new(), Vec::new());
    for (bin, count) in counts.iter().enumerate().take(high + 1).skip(low) {
        sum += count;
        if sum > 0 {
            xs.push(distance(bin).ln());
            ys.push((sum as f64).ln());
        }
    }
    let (mean_x, mean_y) = (mean(&xs), mean(&ys));
    let (mut across, mut along) = (0.0, 0.0);
    for (x, y) in xs.iter().zip(&ys) {
        across += (x - mean_x) * (y - mean_y);
        along += (x - mean_x) * (x - mean_x);
    }
    if along > 0.0 { across / along } else { 0.0 }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
