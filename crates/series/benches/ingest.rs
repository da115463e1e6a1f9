//! Measures the store: see `main`.
fn main() {}
