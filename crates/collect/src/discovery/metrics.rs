//! What discovery counts about itself.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Which kind of discovery: `file`, `kubernetes`…
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct MechanismLabels {
    /// Its name.
    pub mechanism: &'static str,
}

/// Which job.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct JobLabels {
    /// Its name.
    pub job: String,
}

/// Counters of all jobs together.
#[derive(Clone, Debug, Default)]
pub struct DiscoveryMetrics {
    /// Targets found, before relabelling.
    pub discovered_targets: Family<JobLabels, Gauge>,
    /// Updates that mechanisms sent.
    pub received_updates: Family<MechanismLabels, Counter>,
    /// Looks for targets that failed.
    pub refresh_failures: Family<MechanismLabels, Counter>,
    /// Updates handed on to a job's pool.
    pub updates: Family<JobLabels, Counter>,
}

impl DiscoveryMetrics {
    /// Forgets a job that is gone.
    pub fn forget(&self, job: &str) {
        let labels = JobLabels { job: job.to_owned() };
        self.discovered_targets.remove(&labels);
        self.updates.remove(&labels);
    }

    /// Shows the counters on a registry.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "bellwether_sd_discovered_targets",
            "Targets found by service discovery, before relabelling",
            self.discovered_targets.clone(),
        );
        registry.register(
            "bellwether_sd_received_updates",
            "Updates that discovery mechanisms sent",
            self.received_updates.clone(),
        );
        registry.register(
            "bellwether_sd_refresh_failures",
            "Looks for targets that failed; those found before stay",
            self.refresh_failures.clone(),
        );
        registry.register(
            "bellwether_sd_updates",
            "Updates of targets handed on to scraping",
            self.updates.clone(),
        );
    }
}
