//! The account of a query, part by part: what was read and what it has cost.

use std::time::Duration;

use storage::SelectStats;

/// One part of a query's expression and what its evaluation has cost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExplainNode {
    /// The part, as it was written.
    pub expr: String,
    /// How long it took, its own parts included.
    pub duration: Duration,
    /// The series that it gave.
    pub series: u64,
    /// The points in time at which it was evaluated.
    pub points: u64,
    /// What the store read for it; only for selectors.
    pub select: Option<SelectStats>,
    /// How deep it lies in the expression; the whole is at 0.
    pub depth: usize,
}

/// The parts of a query, each before the parts that it consists of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explain {
    /// The parts.
    pub nodes: Vec<ExplainNode>,
}
