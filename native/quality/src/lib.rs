//! Quality of an answer: promises, refusals, language, completeness, repetition.
#![forbid(unsafe_code)]
