//! Distances and pattern search over time series and token sequences.
