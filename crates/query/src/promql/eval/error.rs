//! Why a query has no answer.

use storage::StoreError;

use crate::promql::parse::ParseErrors;

/// A query failed as a whole. The texts follow Prometheus', which dashboards and
/// alerts on logs look for.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The expression is no PromQL, or not one that can be asked this way.
    #[error("{0}")]
    Parse(#[from] ParseErrors),
    /// The request itself makes no sense, whatever the expression.
    #[error("{0}")]
    Invalid(String),
    /// Its time was up; where it was then.
    #[error("query timed out in {0}")]
    Timeout(&'static str),
    /// Nobody waits for it any more; where it was then.
    #[error("query was canceled in {0}")]
    Canceled(&'static str),
    /// It would hold too many samples.
    #[error("query processing would load too many samples into memory in {0}")]
    TooManySamples(&'static str),
    /// It would evaluate a subquery or a range at too many points.
    #[error(
        "the query would evaluate an expression at {points} points, more than {max}; raise the step or shorten the range"
    )]
    TooManyPoints {
        /// How many it would be.
        points: u64,
        /// The limit.
        max: u64,
    },
    /// It would take too much memory.
    #[error(
        "the query would hold more than {max_bytes} bytes in memory; select fewer series or a shorter range"
    )]
    TooMuchMemory {
        /// The limit.
        max_bytes: u64,
    },
    /// The data do not fit the expression.
    #[error("{0}")]
    Execution(String),
    /// The store failed.
    #[error("expanding series: {0}")]
    Storage(StoreError),
}
