//! Costs of a byte.
fn main() {}
