//! What sending alerts to Alertmanagers counts.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Which Alertmanager.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct AlertmanagerLabels {
    /// Where it takes alerts.
    pub(super) alertmanager: String,
}

/// Makes the histogram of request durations.
#[derive(Clone, Copy, Debug)]
pub(super) struct Durations;

impl MetricConstructor<Histogram> for Durations {
    fn new_metric(&self) -> Histogram {
        Histogram::new([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])
    }
}

/// Counters of all Alertmanagers together; clones share them.
#[derive(Clone, Debug)]
pub(super) struct SendMetrics {
    /// Alerts that were taken.
    pub(super) sent: Family<AlertmanagerLabels, Counter>,
    /// Alerts in requests that failed.
    pub(super) errors: Family<AlertmanagerLabels, Counter>,
    /// Alerts that were given up: their request failed, or the queue was full.
    pub(super) dropped: Family<AlertmanagerLabels, Counter>,
    /// Alerts that wait.
    pub(super) queue_length: Family<AlertmanagerLabels, Gauge>,
    /// How long requests take, in seconds.
    pub(super) latency: Family<AlertmanagerLabels, Histogram, Durations>,
    /// Alertmanagers that were found.
    pub(super) discovered: Gauge,
}

impl Default for SendMetrics {
    fn default() -> Self {
        Self {
            sent: Family::default(),
            errors: Family::default(),
            dropped: Family::default(),
            queue_length: Family::default(),
            latency: Family::new_with_constructor(Durations),
            discovered: Gauge::default(),
        }
    }
}

impl SendMetrics {
    /// Forgets an Alertmanager that is gone.
    pub(super) fn forget(&self, labels: &AlertmanagerLabels) {
        self.sent.remove(labels);
        self.errors.remove(labels);
        self.dropped.remove(labels);
        self.queue_length.remove(labels);
        self.latency.remove(labels);
    }

    /// Shows the counters on a registry.
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "bellwether_alerts_sent",
            "Alerts that an Alertmanager took",
            self.sent.clone(),
        );
        registry.register(
            "bellwether_alerts_errors",
            "Alerts in requests to an Alertmanager that failed",
            self.errors.clone(),
        );
        registry.register(
            "bellwether_alerts_dropped",
            "Alerts given up because their request failed or the queue was full",
            self.dropped.clone(),
        );
        registry.register(
            "bellwether_alerts_queue_length",
            "Alerts that wait for an Alertmanager",
            self.queue_length.clone(),
        );
        registry.register(
            "bellwether_alerts_latency_seconds",
            "How long requests to an Alertmanager take",
            self.latency.clone(),
        );
        registry.register(
            "bellwether_alertmanagers_discovered",
            "Alertmanagers elsewhere that hear of alerts",
            self.discovered.clone(),
        );
    }
}
