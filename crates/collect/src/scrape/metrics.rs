//! What scraping counts about itself.

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// Why a scrape failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureCause {
    /// The target could not be reached, was too slow, or said no.
    Fetch,
    /// Its body was malformed.
    Parse,
    /// Its body was over a limit.
    Limit,
    /// The store could not take it.
    Store,
}

impl EncodeLabelValue for FailureCause {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
        let text = match self {
            Self::Fetch => "fetch",
            Self::Parse => "parse",
            Self::Limit => "limit",
            Self::Store => "store",
        };
        EncodeLabelValue::encode(&text, encoder)
    }
}

/// Labels of the failure counter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct FailureLabels {
    /// Why.
    pub cause: FailureCause,
}

/// Counters of all jobs together.
#[derive(Clone, Debug, Default)]
pub struct ScrapeMetrics {
    /// Scrapes that were tried.
    pub scrapes: Counter,
    /// Scrapes that failed.
    pub failures: Family<FailureLabels, Counter>,
    /// Samples that the store refused.
    pub rejected_samples: Counter,
    /// Targets over a job's `target_limit`: the job is then not scraped.
    pub target_limit_hits: Counter,
}

impl ScrapeMetrics {
    /// Shows the counters on a registry.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("bellwether_scrapes", "Scrapes that were tried", self.scrapes.clone());
        registry.register(
            "bellwether_scrape_failures",
            "Scrapes that failed, by cause",
            self.failures.clone(),
        );
        registry.register(
            "bellwether_scrape_rejected_samples",
            "Scraped samples that the store refused",
            self.rejected_samples.clone(),
        );
        registry.register(
            "bellwether_scrape_target_limit_hits",
            "Times that a job had more targets than its target_limit",
            self.target_limit_hits.clone(),
        );
    }

    /// Counts a failure.
    pub fn failed(&self, cause: FailureCause) {
        self.failures.get_or_create(&FailureLabels { cause }).inc();
    }
}
