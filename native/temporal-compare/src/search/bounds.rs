//! Lower bounds of a distance: cheap, and never above it.
//!
//! Each bound is made a little smaller than it comes out, because its sum rounds differently from that of the distance.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// Least and greatest sample within a radius of each.
#[derive(Clone, Debug, Default)]
pub(super) struct Envelope {
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
    queue: VecDeque<u32>,
}

impl Envelope {
    pub(super) fn bytes(&self) -> usize {
        (self.lower.capacity() + self.upper.capacity()) * 8 + self.queue.capacity() * 4
    }

    /// O(n), whatever the radius (Lemire 2009).
    pub(super) fn fill(&mut self, series: &[f64], radius: usize) {
        slide(
            &mut self.queue,
            &mut self.lower,
            series,
            radius,
            |new, old| new <= old,
        );
        slide(
            &mut self.queue,
            &mut self.upper,
            series,
            radius,
            |new, old| new >= old,
        );
    }
}

/// The extreme sample within the radius of each; the queue holds the candidates, best first.
fn slide(
    queue: &mut VecDeque<u32>,
    out: &mut Vec<f64>,
    series: &[f64],
    radius: usize,
    beats: impl Fn(f64, f64) -> bool,
) {
    queue.clear();
    out.clear();
    out.reserve(series.len());
    let mut next = 0;
    for at in 0..series.len() {
        let end = at.saturating_add(radius).min(series.len() - 1);
        while next <= end {
            while queue
                .back()
                .is_some_and(|&old| beats(series[next], series[old as usize]))
            {
                queue.pop_back();
            }
            queue.push_back(next as u32);
            next += 1;
        }
        while queue
            .front()
            .is_some_and(|&old| (old as usize).saturating_add(radius) < at)
        {
            queue.pop_front();
        }
        // The sample itself is within its radius.
        out.push(
            queue
                .front()
                .map_or(series[at], |&best| series[best as usize]),
        );
    }
}

/// Room for the rounding of a sum of `len` terms, and for that of a path of at most twice as many cells.
pub(super) fn below(bound: f64, len: usize) -> f64 {
    bound * (1.0 - 4.0 * (len as f64 + 2.0) * f64::EPSILON)
}

/// Both ends are on every path (after Kim 2001).
pub(super) fn ends(pattern: &[f64], stretch: &[f64], cost: impl Fn(f64) -> f64) -> f64 {
    let last = pattern.len() - 1;
    let first = cost(pattern[0] - stretch[0]);
    if last == 0 {
        first
    } else {
        first + cost(pattern[last] - stretch[last])
    }
}

/// What the samples stand outside the envelope of the other side (Keogh 2002).
pub(super) fn outside(
    samples: &[f64],
    lower: &[f64],
    upper: &[f64],
    cost: impl Fn(f64) -> f64,
) -> f64 {
    // Independent sums, so that the compiler may use vectors.
    let mut sums = [0.0; 8];
    let beyond = |x: f64, l: f64, u: f64| (x - u).max(l - x).max(0.0);
    let (blocks, rest) = samples.as_chunks::<8>();
    let (lowers, rest_lower) = lower.as_chunks::<8>();
    let (uppers, rest_upper) = upper.as_chunks::<8>();
    for ((x, l), u) in blocks.iter().zip(lowers).zip(uppers) {
        for lane in 0..8 {
            sums[lane] += cost(beyond(x[lane], l[lane], u[lane]));
        }
    }
    let rest = rest.iter().zip(rest_lower).zip(rest_upper);
    rest.map(|((x, l), u)| cost(beyond(*x, *l, *u)))
        .sum::<f64>()
        + sums.iter().sum::<f64>()
}
