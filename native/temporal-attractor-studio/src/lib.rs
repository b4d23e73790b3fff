//! Dynamical analysis of time series: embedding, exponents, recurrence, regimes.
