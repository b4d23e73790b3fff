//! Hashed n-gram linear models: features, training, calibration, a compact file format, inference without allocation.
//!
//! One text (a sentence, usually) becomes a set of hashed features: character 3- to 5-grams and word 1- and 2-grams of its normalised
//! form. A [`Model`] has one row of 8-bit weights for each label and a calibrated probability. Sources: Weinberger et al. 2009 (feature
//! hashing), Duchi et al. 2011 (`AdaGrad`), Platt 1999 (calibration).

#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

mod features;
mod fold;
pub mod metrics;
mod model;
mod once;
mod repeats;
mod train;

pub use features::{Features, MAX_FEATURES, MAX_TEXT_BYTES};
pub use fold::{Folded, fold};
pub use model::{Model, ModelError};
pub use train::{Example, Training, train};
