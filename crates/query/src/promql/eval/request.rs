//! What a caller asks of an [`Engine`](super::Engine).

use std::time::Duration;

use model::{Millis, Timestamp};
use storage::Cancel;

/// An expression to evaluate at one point in time.
#[derive(Clone, Debug)]
pub struct InstantQuery {
    /// The expression.
    pub text: String,
    /// When.
    pub time: Timestamp,
    /// How.
    pub options: QueryOptions,
}

/// An expression to evaluate at `start`, `start + step`, … up to `end` (included).
#[derive(Clone, Debug)]
pub struct RangeQuery {
    /// The expression, a scalar or an instant vector.
    pub text: String,
    /// The first point.
    pub start: Timestamp,
    /// No point lies behind it.
    pub end: Timestamp,
    /// The distance of the points; more than zero.
    pub step: Millis,
    /// How.
    pub options: QueryOptions,
}

/// What one query may ask for besides its expression.
#[derive(Clone, Debug, Default)]
pub struct QueryOptions {
    /// Instead of the engine's lookback.
    pub lookback: Option<Millis>,
    /// Instead of the engine's timeout, where shorter.
    pub timeout: Option<Duration>,
    /// Ends the query when nobody waits for it any more.
    pub cancel: Cancel,
    /// The most series to return; more are cut off with a warning. 0 is no limit.
    pub limit: Option<usize>,
    /// Whether to count samples by step.
    pub explain: bool,
}
