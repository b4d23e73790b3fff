//! Incremental segmenter: sentences and words of a text that is still being written.
//!
//! [`Sentences`] takes text in any pieces and gives the same units as for the whole: sentences of prose, list items, headings, table rows
//! and code fences. A sentence is known to have ended when the first character of the next one shows it, or at the end of the text.
//! Rules of English and Russian; other languages with the same punctuation, and CJK full stops, work by the same means.

#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

mod abbreviations;
mod detector;
mod sentences;
mod units;
mod words;

pub use detector::compile;
pub use sentences::{Kind, MAX_UNIT_BYTES, Sentences, Unit};
pub use units::{Cut, MIN_SENTENCE, Units};
pub use words::{LowerWord, Words, is_cyrillic, stem_hash, word_hash, words};
