//! What an [`Engine`](super::Engine) is allowed to do.

use std::time::Duration;

use model::Millis;

/// Settings and limits of a PromQL engine; the defaults are Prometheus'.
#[derive(Clone, Debug, PartialEq)]
pub struct EngineConfig {
    /// How long after its sample a series still has a value, where no query says otherwise.
    pub lookback: Millis,
    /// The longest that a query may take, waiting for its turn included.
    pub timeout: Duration,
    /// The most samples that one query may hold in memory at a time.
    pub samples_max: u64,
    /// The most series that one selector may match.
    pub series_max: usize,
    /// The most evaluation points of one expression, subqueries included. (The
    /// 11,000 points of `query_range` are a rule of the HTTP API.)
    pub points_max: usize,
    /// The most bytes, estimated, that one query may hold at a time.
    pub memory_bytes_max: u64,
    /// The most queries that run at once; others wait for a turn.
    pub concurrent_max: usize,
    /// Whether what Prometheus calls experimental is allowed.
    pub experimental: bool,
    /// The step of a subquery that names none.
    pub subquery_step: Millis,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            lookback: Millis::from_secs(5 * 60),
            timeout: Duration::from_secs(2 * 60),
            samples_max: 50_000_000,
            series_max: 1_000_000,
            points_max: 5_000_000,
            memory_bytes_max: 2 << 30,
            concurrent_max: 20,
            experimental: false,
            subquery_step: Millis::from_secs(60),
        }
    }
}
