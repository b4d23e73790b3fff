//! The evidence for a verdict.

use crate::determinism::Determinism;
use crate::embedding::Embedding;
use crate::exponent::Exponent;
use crate::verdict::Verdict;

/// Largest ratio of forecast errors at which there is a rule. Chaotic systems of the tuning table
/// reach 0.37, random processes fall to 0.42 (a walk summed twice).
pub(crate) const RULE: f64 = 0.4;
/// Smallest ratio at which there is none.
pub(crate) const NO_RULE: f64 = 0.6;
/// Least rise, in nats, of a divergence that counts as exponential.
pub(crate) const RISE: f64 = 0.8;
/// Least fit of the divergence curve.
pub(crate) const FIT: f64 = 0.9;
/// Least ratio of the curve's late slope to its early one.
pub(crate) const STRAIGHT: f64 = 0.5;

/// The verdict and what it rests on. Fields are `None` where the verdict did not need them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Report {
    /// What the series is.
    pub verdict: Verdict,
    /// Points that were looked at.
    pub points: usize,
    /// Delay and dimension that were used.
    pub embedding: Option<Embedding>,
    /// Pairs at most this many samples apart were no neighbours.
    pub theiler: Option<usize>,
    /// Share of the variance that the best fold leaves.
    pub fold_error: Option<f64>,
    /// Mean square error of a sum of lines, continued, in shares of the variance.
    pub line_error: Option<f64>,
    /// The surrogate test.
    pub determinism: Option<Determinism>,
    /// Scaled distance of the two halves' distributions; above 1.95 they differ.
    pub drift: Option<f64>,
    /// The fitted exponent.
    pub exponent: Option<Exponent>,
    /// K of the 0-1 test.
    pub zero_one: Option<f64>,
}

impl Report {
    pub(crate) fn new(points: usize) -> Self {
        Self {
            verdict: Verdict::FixedPoint,
            points,
            embedding: None,
            theiler: None,
            fold_error: None,
            line_error: None,
            determinism: None,
            drift: None,
            exponent: None,
            zero_one: None,
        }
    }

    /// How far the evidence lies inside the gates of its verdict, 0 to 1: the weakest margin, not a
    /// probability. 0 for inconclusive.
    pub fn confidence(&self) -> f64 {
        let ratio = self.determinism.map(|test| test.ratio);
        let margin = match self.verdict {
            Verdict::FixedPoint => 1.0,
            Verdict::Periodic { .. } => 1.0 - self.fold_error.unwrap_or(1.0),
            Verdict::Quasiperiodic => ratio.map_or_else(
                || 1.0 - self.line_error.unwrap_or(1.0),
                |ratio| 1.0 - ratio / NO_RULE,
            ),
            Verdict::Stochastic => {
                ratio.map_or(0.0, |ratio| (ratio - RULE) / (2.0 * (NO_RULE - RULE)))
            }
            Verdict::Chaotic { .. } => self.chaotic_margin(),
            Verdict::Inconclusive { .. } => 0.0,
        };
        margin.clamp(0.0, 1.0)
    }

    /// Full marks: half the ratio, twice the rise, a straight line.
    fn chaotic_margin(&self) -> f64 {
        let (Some(test), Some(found)) = (self.determinism, self.exponent) else {
            return 0.0;
        };
        let rule = (NO_RULE - test.ratio) / (NO_RULE - RULE / 2.0);
        let rise = found.rise / (2.0 * RISE);
        let fit = (found.r_squared - FIT / 2.0) / (1.0 - FIT / 2.0);
        let straight = found.straightness / (2.0 * STRAIGHT);
        let sign = found.low / found.lambda;
        rule.min(rise).min(fit).min(straight).min(sign)
    }
}
