//! Where a pattern occurs in a series: all of it at once, or as it arrives.

mod bank;
mod bounds;
mod options;
mod patterns;
mod spring;

pub use bank::PatternBank;
pub use options::{PatternMatch, SearchOptions, SearchWork};
pub use patterns::PatternSearch;
pub use spring::{PatternStream, StreamMatch};
