//! What may be chosen about a search, and what it tells.

use crate::dtw::Cost;

/// Options of [`PatternSearch::find`](super::PatternSearch::find). `SearchOptions::default()`: the best match, squared
/// cost, no window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SearchOptions {
    /// Most matches to find. At least 1.
    pub k: usize,
    /// Largest distance of a match. At least 0. `None` = any.
    pub max_distance: Option<f64>,
    /// Two matches start at least this many samples apart. `None` = half the pattern, rounded up.
    pub exclusion: Option<usize>,
    /// Cost of a cell.
    pub cost: Cost,
    /// Sakoe-Chiba half width of the distance. `None` = every cell. 0 = plain Euclidean.
    pub window: Option<usize>,
    /// Most cells that bounds and distances may compute; above it the search is refused. Default 2^32: a second or two.
    pub max_cells: u64,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self {
            k: 1,
            max_distance: None,
            exclusion: None,
            cost: Cost::Squared,
            window: None,
            max_cells: 1 << 32,
        }
    }
}

/// A stretch of the series as long as the pattern.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PatternMatch {
    /// Index of its first sample.
    pub start: usize,
    /// Its distance from the pattern, as [`Dtw::distance`](crate::Dtw::distance) gives it.
    pub distance: f64,
}

/// How far the stretches got: each count is at most the one before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SearchWork {
    /// Stretches of the series.
    pub stretches: u64,
    /// Those whose ends alone did not rule them out.
    pub bounded: u64,
    /// Distances begun, some more than once.
    pub distances: u64,
    /// Cells of bounds and distances.
    pub cells: u64,
}
