//! Dynamical analysis of time series: embedding, exponents, recurrence, regimes.
#![forbid(unsafe_code)]

mod classify;
mod delay;
mod determinism;
mod dimension;
mod divergence;
mod embedding;
mod error;
mod exponent;
mod fft;
mod lines;
mod neighbours;
mod random;
mod series;
mod simd;
mod stationarity;
mod surrogate;
mod verdict;
mod zero_one;

pub use classify::{Classifier, MINIMUM_POINTS, Report, Settings, classify};
pub use delay::{delay, mutual_information};
pub use determinism::{Determinism, determinism};
pub use dimension::{dimension, false_neighbours};
pub use embedding::{Embedding, MAX_DIMENSION};
pub use error::Error;
pub use exponent::{Exponent, ExponentSettings, exponent};
pub use series::MAX_POINTS;
pub use verdict::{Reason, Verdict};
pub use zero_one::zero_one;
