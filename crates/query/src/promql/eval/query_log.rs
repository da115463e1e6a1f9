//! Telling somebody of each query that ended.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use model::{Millis, Timestamp};
use parking_lot::RwLock;

use super::{QueryError, QueryOutput};

/// A query that ended.
#[derive(Debug)]
pub struct FinishedQuery<'a> {
    /// The expression.
    pub text: &'a str,
    /// The first point.
    pub start: Timestamp,
    /// The last point; the first one of an instant query.
    pub end: Timestamp,
    /// The distance of points; zero for an instant query.
    pub step: Millis,
    /// How long it took, waiting for its turn included.
    pub took: Duration,
    /// What became of it.
    pub result: &'a Result<QueryOutput, QueryError>,
}

/// Is told of each query, on the thread that ran it.
pub type QueryLog = Arc<dyn Fn(&FinishedQuery<'_>) + Send + Sync>;

/// The log in force.
#[derive(Default)]
pub(super) struct CurrentLog(RwLock<Option<QueryLog>>);

impl CurrentLog {
    pub(super) fn set(&self, log: Option<QueryLog>) {
        *self.0.write() = log;
    }

    pub(super) fn tell(&self, query: &FinishedQuery<'_>) {
        let log = self.0.read().clone();
        if let Some(log) = log {
            log(query);
        }
    }
}

impl fmt::Debug for CurrentLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.read().is_some() { "a log" } else { "no log" })
    }
}
