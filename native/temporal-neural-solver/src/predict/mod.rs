//! Predictors of the next symbol and the next value, and the chance that a rule will be broken.
//!
//! Only what beat persistence (and, for symbols, the n-gram) on held-out streams is here; `cargo bench --bench bakeoff`
//! runs the contest, in which the losers still take part. All are online, deterministic, and of fixed size.

mod forecast;
mod ngram;
mod smoothing;

pub use forecast::Forecast;
pub use ngram::{Guess, Ngram};
pub use smoothing::{Ewma, HoltWinters};
