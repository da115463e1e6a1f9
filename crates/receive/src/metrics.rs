//! What receivers count about themselves.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// Labels of the counters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OutcomeLabels {
    /// The protocol, such as `remote_write_v1`.
    pub protocol: &'static str,
    /// `stored`, `partial`, `refused` or `failed`.
    pub outcome: &'static str,
}

/// Labels of what is counted by protocol alone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ProtocolLabels {
    /// The protocol, such as `remote_write_v1`.
    pub protocol: &'static str,
}

/// Counters of all receivers together; clones share them.
#[derive(Clone, Debug, Default)]
pub struct ReceiveMetrics {
    requests: Family<OutcomeLabels, Counter>,
    refused: Family<ProtocolLabels, Counter>,
}

impl ReceiveMetrics {
    /// Shows the counters on a registry.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "bellwether_receive_requests",
            "Requests that pushed data, by protocol and outcome",
            self.requests.clone(),
        );
        registry.register(
            "bellwether_receive_refused",
            "Samples, series, exemplars and data points left out of requests that were stored in part",
            self.refused.clone(),
        );
    }

    /// Counts a request.
    pub fn count(&self, protocol: &'static str, outcome: &'static str) {
        self.requests.get_or_create(&OutcomeLabels { protocol, outcome }).inc();
    }

    /// Counts what was left out of a request.
    pub fn count_refused(&self, protocol: &'static str, count: u64) {
        if count > 0 {
            self.refused.get_or_create(&ProtocolLabels { protocol }).inc_by(count);
        }
    }
}
