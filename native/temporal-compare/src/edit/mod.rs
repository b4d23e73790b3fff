//! Edit distances and common subsequences of bytes, code points and tokens.

mod hashed;
mod lcs;
mod levenshtein;
mod masks;
mod osa;
mod short;
mod stream;
mod symbol;
mod weighted;
mod workspace;

pub use stream::{Anchor, EditStream};
pub use symbol::Symbol;
pub use weighted::Weights;
pub use workspace::{Edit, Measure};
