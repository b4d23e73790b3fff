//! Delay embedding: one series seen as points (x(t), x(t + delay), ..., x(t + (dimension - 1) delay)).

use crate::error::{Error, bounded};
use crate::series::MAX_POINTS;

/// Largest embedding dimension.
///
/// Twice the dimension of any attractor that a few thousand points can resolve; one AVX2 register
/// of f32, so that a point is copied with one load.
pub const MAX_DIMENSION: usize = 8;

/// How a series becomes points. Both fields at least 1; `dimension` at most [`MAX_DIMENSION`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Embedding {
    /// Samples between two coordinates.
    pub delay: usize,
    /// Coordinates of a point.
    pub dimension: usize,
}

impl Embedding {
    /// Samples between the first and the last coordinate.
    pub fn span(self) -> usize {
        self.delay * (self.dimension - 1)
    }

    /// Points that a series of `length` values gives; 0 if it is too short.
    pub fn points(self, length: usize) -> usize {
        length.saturating_sub(self.span())
    }

    /// Refuses fields outside their bounds.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] names the field.
    pub fn check(self) -> Result<Self, Error> {
        bounded("delay", self.delay, 1, MAX_POINTS / 2)?;
        bounded("dimension", self.dimension, 1, MAX_DIMENSION)?;
        Ok(self)
    }
}
