//! What a series can be said to be.

/// The regime of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// The series does not move, or has come to rest in its first half.
    FixedPoint,
    /// One waveform repeats. With fewer than about six samples to a repetition it cannot be told
    /// from the torus of a map unless it is a whole number of samples.
    Periodic {
        /// Samples of one repetition; not always a whole number.
        period: f64,
    },
    /// Several lines whose frequencies have no common period in the series.
    Quasiperiodic,
    /// A rule, and neighbours that separate exponentially.
    Chaotic {
        /// Nats per sample. Measurement noise lowers it: with noise it is a lower bound.
        lambda: f64,
        /// Lower end of a 95 % interval for the fit.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// Neighbours forecast no better than those of a surrogate with the same spectrum and values.
    Stochastic,
    /// None of these can be told apart from another; the reason says what is missing.
    Inconclusive {
        /// What stood in the way.
        reason: Reason,
    },
}

/// Why there is no verdict.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reason {
    /// More points are needed.
    TooShort {
        /// So many.
        minimum: usize,
    },
    /// The motion has returned too rarely for neighbours to mean anything.
    FewCycles {
        /// Times that it went through its mean and back.
        cycles: usize,
        /// Times that are needed.
        minimum: usize,
    },
    /// The two halves do not draw from the same values: a drift, a switch or a transient.
    NonStationary {
        /// Scaled distance of their distributions; 1.95 is the bound.
        drift: f64,
    },
    /// Neighbours forecast somewhat, not clearly, better than those of surrogates.
    WeakRule {
        /// Ratio of the errors; 0.4 and 0.6 are the bounds.
        ratio: f64,
    },
    /// There is a rule, but the divergence of neighbours has no straight part.
    NoScaling,
    /// Too many values are equal for distances to mean anything.
    Quantised,
}
