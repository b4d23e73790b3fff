//! Hashed n-gram linear models: features, training, calibration, a compact file format, inference by the byte.
#![forbid(unsafe_code)]
