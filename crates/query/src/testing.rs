//! What tests of queries and rules are made of.
//!
//! [`series_notation`] writes series down, [`memory_store`] keeps them,
//! [`script`] runs files of expressions with their expected results (the
//! conformance suite in `testdata/promql`), and [`rules_test`] runs promtool's
//! unit tests for rules, which `bellwether test rules` offers to users.

pub mod compare;
pub mod memory_store;
pub mod rules_test;
pub mod script;
pub mod series_notation;
