//! Answers that are kept.

mod compare;
mod content;
mod lru;

pub use compare::{CacheStatistics, CachedCompare};
