#![doc = include_str!("../README.md")]
#![deny(unsafe_code)]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod classify;
mod correlation;
mod delay;
mod determinism;
mod dimension;
mod divergence;
mod embedding;
mod error;
mod exponent;
mod fft;
mod lines;
#[cfg(not(feature = "std"))]
mod math;
mod neighbours;
mod permutation;
mod random;
mod recurrence;
mod recurrence_stream;
mod report;
mod series;
#[allow(unsafe_code)] // run-time dispatch and one load, reasons there
mod simd;
mod stationarity;
mod stream;
mod surrogate;
mod verdict;
mod zero_one;

pub use classify::{Classifier, MINIMUM_POINTS, Settings, classify};
pub use correlation::{CorrelationDimension, correlation_dimension};
pub use delay::{delay, mutual_information};
pub use determinism::{Determinism, determinism};
pub use dimension::{dimension, false_neighbours};
pub use embedding::{Embedding, MAX_DIMENSION};
pub use error::Error;
pub use exponent::{Exponent, ExponentSettings, exponent};
pub use permutation::{MAX_ORDER, PermutationStream, permutation_entropy};
pub use recurrence::{MAX_RECURRENCE_POINTS, Recurrence, RecurrenceSettings, recurrence};
pub use recurrence_stream::{RECURRENCE_WINDOW, RecurrenceStream};
pub use report::Report;
pub use series::MAX_POINTS;
pub use stream::{MAX_WINDOW, RegimeStream, Step, StreamSettings};
pub use verdict::{Reason, Verdict};
pub use zero_one::zero_one;
