//! What the engine counts about itself.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::{QueryError, QueryOutput};

/// Labels of the counter of queries.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    /// `ok`, or why there was no answer.
    outcome: &'static str,
}

/// Counters of one engine.
#[derive(Debug)]
pub(super) struct QueryMetrics {
    queries: Family<OutcomeLabels, Counter>,
    samples: Counter,
    duration: Histogram,
}

impl Default for QueryMetrics {
    fn default() -> Self {
        Self {
            queries: Family::default(),
            samples: Counter::default(),
            // 1 ms to 2 minutes.
            duration: Histogram::new(exponential_buckets(0.001, 3.2, 11)),
        }
    }
}

impl QueryMetrics {
    /// Shows the counters on a registry.
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "bellwether_queries",
            "PromQL queries, by what became of them",
            self.queries.clone(),
        );
        registry.register(
            "bellwether_query_samples",
            "Samples that PromQL queries looked at",
            self.samples.clone(),
        );
        registry.register(
            "bellwether_query_duration_seconds",
            "How long PromQL queries took, waiting for their turn included",
            self.duration.clone(),
        );
    }

    /// Counts a query.
    pub(super) fn count(&self, result: &Result<QueryOutput, QueryError>, took: Duration) {
        let outcome = match result {
            Ok(output) => {
                self.samples.inc_by(output.stats.samples.total_queryable);
                "ok"
            }
            Err(QueryError::Parse(_) | QueryError::Invalid(_)) => "bad_query",
            Err(QueryError::Timeout(_)) => "timeout",
            Err(QueryError::Canceled(_)) => "canceled",
            Err(
                QueryError::TooManySamples(_)
                | QueryError::TooManyPoints { .. }
                | QueryError::TooMuchMemory { .. }
                | QueryError::Storage(storage::StoreError::TooManySeries { .. }),
            ) => "limit",
            Err(QueryError::Execution(_)) => "execution",
            Err(QueryError::Storage(_)) => "storage",
        };
        self.queries.get_or_create(&OutcomeLabels { outcome }).inc();
        self.duration.observe(took.as_secs_f64());
    }
}
