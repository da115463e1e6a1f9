//! What a query has cost, phase by phase.

use std::time::Duration;

use model::Timestamp;
use storage::SelectStats;

use crate::engine::Explain;

/// Timings and samples of one query; the names are those of Prometheus' `stats` JSON.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueryStats {
    /// How long each phase took.
    pub timings: QueryTimings,
    /// How many samples were touched.
    pub samples: SampleStats,
    /// What the store read, and what it could leave out.
    pub select: SelectStats,
    /// Series that the selectors matched.
    pub series_selected: u64,
    /// The largest estimate of bytes held at a time.
    pub peak_memory_bytes: u64,
    /// What each part has cost; only where the query asked to explain.
    pub explain: Option<Explain>,
}

/// How long each phase of a query took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueryTimings {
    /// Preparing, evaluating and sorting.
    pub eval_total: Duration,
    /// Sorting the answer.
    pub result_sort: Duration,
    /// Finding the series of all selectors.
    pub query_preparation: Duration,
    /// Reading samples and computing.
    pub inner_eval: Duration,
    /// Waiting for a turn.
    pub exec_queue: Duration,
    /// All of it.
    pub exec_total: Duration,
}

/// How many samples a query touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SampleStats {
    /// Samples that the evaluation looked at, counted anew for each step.
    pub total_queryable: u64,
    /// The most samples held in memory at a time.
    pub peak: u64,
    /// The samples of each step; only where the query asked to explain.
    pub per_step: Vec<(Timestamp, u64)>,
}
