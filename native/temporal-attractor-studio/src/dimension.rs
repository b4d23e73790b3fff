//! Automatic embedding dimension: the share of false nearest neighbours.
//!
//! Kennel, Brown, Abarbanel, Phys. Rev. A 45 (1992) 3403, both criteria: a neighbour is false if
//! one more coordinate moves it away by more than `STRETCH` times its distance, or if the pair is
//! then further apart than `SIZE` deviations of the series.

use alloc::vec::Vec;

use crate::embedding::{Embedding, MAX_DIMENSION};
use crate::error::{Error, bounded};
use crate::neighbours::Neighbours;
use crate::series::prepared;

/// Kennel's first threshold; he finds 10 to 50 equivalent on clean data, noise wants the low end.
const STRETCH: f32 = 10.0;
/// Kennel's second threshold.
const SIZE: f32 = 2.0;
/// A dimension is enough if at most this share of neighbours is false.
const ENOUGH: f64 = 0.05;
/// Points that are asked; 400 give the share of 0.05 to within 0.011.
const ASKED: usize = 400;

/// Share of false neighbours for each dimension 1, 2, ..., up to `most`.
///
/// # Errors
///
/// Refuses empty, non-finite, constant and oversized series, settings outside their bounds, and
/// series with fewer than 64 points left in the highest dimension plus one.
pub fn false_neighbours(
    values: &[f64],
    delay: usize,
    theiler: usize,
    most: usize,
) -> Result<Vec<f64>, Error> {
    bounded("most", most, 1, MAX_DIMENSION)?;
    bounded("delay", delay, 1, values.len().max(2) / 2)?;
    let series = prepared(values, 64 + delay * most)?;
    let series: Vec<f32> = series.iter().map(|value| *value as f32).collect();
    let mut tree = Neighbours::default();
    Ok((1..=most)
        .map(|dimension| share(&mut tree, &series, Embedding { delay, dimension }, theiler))
        .collect())
}

/// The share in one dimension; 1 if nobody has a neighbour.
fn share(tree: &mut Neighbours, series: &[f32], embedding: Embedding, theiler: usize) -> f64 {
    // The next coordinate must exist for every point.
    let count = embedding
        .points(series.len())
        .saturating_sub(embedding.delay);
    tree.build(series, embedding, count);
    let next = embedding.delay * embedding.dimension;
    let (mut asked, mut wrong) = (0_u32, 0_u32);
    for time in (0..count).step_by((count / ASKED).max(1)) {
        let found = tree.nearest(series, time, theiler);
        if !found.exists() {
            continue;
        }
        let gap = series[time + next] - series[found.index as usize + next];
        let (near, moved) = (found.distance, gap * gap);
        // A neighbour at distance 0 is false only if it moves by more than rounding.
        let stretched = moved > STRETCH * STRETCH * near.max(1e-10);
        asked += 1;
        wrong += u32::from(stretched || near + moved > SIZE * SIZE);
    }
    if asked == 0 {
        1.0
    } else {
        f64::from(wrong) / f64::from(asked)
    }
}

/// The first dimension with at most 5 % false neighbours, else the one with the fewest.
pub(crate) fn select(
    tree: &mut Neighbours,
    series: &[f32],
    delay: usize,
    theiler: usize,
    most: usize,
) -> usize {
    let (mut best, mut least) = (1, f64::INFINITY);
    for dimension in 1..=most.min(MAX_DIMENSION) {
        let embedding = Embedding { delay, dimension };
        if embedding.points(series.len()) < 64 + delay {
            break;
        }
        let share = share(tree, series, embedding, theiler);
        if share < least {
            (best, least) = (dimension, share);
        }
        if share <= ENOUGH {
            break;
        }
    }
    best
}

/// The smallest dimension, up to `most`, in which at most 5 % of nearest neighbours are false; if
/// there is none (noise), the one with the fewest.
///
/// # Errors
///
/// As [`false_neighbours`].
pub fn dimension(
    values: &[f64],
    delay: usize,
    theiler: usize,
    most: usize,
) -> Result<usize, Error> {
    bounded("most", most, 1, MAX_DIMENSION)?;
    bounded("delay", delay, 1, values.len().max(2) / 2)?;
    let series = prepared(values, 64 + delay * most)?;
    let series: Vec<f32> = series.iter().map(|value| *value as f32).collect();
    Ok(select(
        &mut Neighbours::default(),
        &series,
        delay,
        theiler,
        most,
    ))
}
