//! Incremental segmenter: sentences and words of a text that is still being written.
#![forbid(unsafe_code)]
