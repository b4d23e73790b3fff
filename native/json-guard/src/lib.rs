//! Incremental JSON and JSON Schema.
#![forbid(unsafe_code)]
