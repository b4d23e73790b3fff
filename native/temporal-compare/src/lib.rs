#![doc = include_str!("../README.md")]
#![deny(unsafe_code)]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod cache;
mod dtw;
mod edit;
mod error;
mod order;
mod real;
mod search;
mod seed;
mod simd;

pub use cache::{CacheStatistics, CachedCompare};
pub use dtw::{Cost, Dtw, DtwOptions, SeriesList};
pub use edit::{Anchor, Edit, EditStream, Measure, Symbol, Weights};
pub use error::CompareError;
pub use order::{Event, OrderCheck, OrderStatistics, TemporalSequence, check_order, deltas};
pub use real::Real;
pub use search::{
    PatternBank, PatternMatch, PatternSearch, PatternStream, SearchOptions, SearchWork, StreamMatch,
};
pub use simd::Isa;
