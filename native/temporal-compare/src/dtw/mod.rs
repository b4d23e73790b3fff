//! Dynamic time warping, exact.

mod checks;
mod options;
mod path;
mod pruned;
mod workspace;

pub(crate) use checks::check_series;
pub use options::{Cost, DtwOptions};
pub use workspace::{Dtw, SeriesList};
