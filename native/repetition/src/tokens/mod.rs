//! Loops of tokens: the same period tracking as for text, where a provider's tokens or [`Pieces`] are at hand.

mod content;
mod detector;
mod follow;
mod pieces;
mod settings;

pub use content::{Content, Prior};
pub use detector::{TokenLoop, TokenLoops};
pub use pieces::{Piece, PieceKind, Pieces};
pub use settings::{MAX_TOKEN_PERIOD, MIN_COPIES, MIN_TOKENS, TokenSettings};
