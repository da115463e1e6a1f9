//! What tests of queries and rules are made of.
//!
//! [`series_notation`] writes series down, [`memory_store`] keeps them, and
//! [`script`] runs files of expressions with their expected results (the
//! conformance suite in `testdata/promql`).

pub mod compare;
pub mod memory_store;
pub mod script;
pub mod series_notation;
