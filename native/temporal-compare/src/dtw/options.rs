//! What may be chosen about a distance.

/// Cost of matching two samples; a path's cost is the sum over its cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Cost {
    /// Square of the difference, summed over the dimensions. The root of the distance is never taken.
    #[default]
    Squared,
    /// Absolute difference, summed over the dimensions.
    Absolute,
}

/// Options of a [`Dtw`] call. `DtwOptions::default()`: squared cost, no window, no cutoff.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DtwOptions<T> {
    /// Cost of a cell.
    pub cost: Cost,
    /// Sakoe-Chiba half width: only cells with `|i - j| <= window` may be on the path. At least the difference of the
    /// lengths. `None` = every cell.
    pub window: Option<usize>,
    /// Give up (with `None`) once the distance is known to be above this. At least 0. `None` = never.
    pub cutoff: Option<T>,
    /// Most cells a call may compute, rows times columns inside the window; above it the call is refused at once.
    /// Default 2^28: about a tenth of a second.
    pub max_cells: u64,
    /// Most cells a path may keep, at one float each. Default 2^22: 32 MiB.
    pub max_path_cells: u64,
}

impl<T> DtwOptions<T> {
    /// The defaults with this window.
    #[must_use]
    pub fn with_window(window: usize) -> Self {
        Self {
            window: Some(window),
            ..Self::default()
        }
    }

    /// The defaults with this cutoff.
    #[must_use]
    pub fn with_cutoff(cutoff: T) -> Self {
        Self {
            cutoff: Some(cutoff),
            ..Self::default()
        }
    }
}

impl<T> Default for DtwOptions<T> {
    fn default() -> Self {
        Self {
            cost: Cost::Squared,
            window: None,
            cutoff: None,
            max_cells: 1 << 28,
            max_path_cells: 1 << 22,
        }
    }
}
