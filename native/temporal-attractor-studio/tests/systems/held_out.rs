//! Systems that no threshold was chosen on.
