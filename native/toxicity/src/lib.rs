//! Toxicity of a text by category, sentence by sentence.
#![forbid(unsafe_code)]
