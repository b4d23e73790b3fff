//! Hallucination signals of an answer's sentences against the context they should rest on.
#![forbid(unsafe_code)]
