//! Distances and pattern search over time series and token sequences.
#![deny(unsafe_code)]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod dtw;
mod edit;
mod error;
mod real;
mod seed;
mod simd;

pub use dtw::{Cost, Dtw, DtwOptions, SeriesList};
pub use edit::{Anchor, Edit, EditStream, Measure, Symbol, Weights};
pub use error::CompareError;
pub use real::Real;
pub use simd::Isa;
