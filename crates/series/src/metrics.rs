//! The store's own metrics.

use std::sync::Weak;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use storage::{AppendOutcome, RejectReason};

use crate::Store;

/// What the store counts as it works.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    ingested_samples: Counter,
    ingested_exemplars: Counter,
    rejected_samples: Family<ReasonLabel, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabel {
    reason: &'static str,
}

impl Metrics {
    pub(crate) fn count_append(&self, outcome: &AppendOutcome) {
        self.ingested_samples.inc_by(outcome.samples_appended);
        self.ingested_exemplars.inc_by(outcome.exemplars_appended);
        if outcome.rejections.is_empty() {
            return;
        }
        for reason in RejectReason::ALL {
            let count = outcome.rejections.count(reason);
            if count > 0 {
                let label = ReasonLabel { reason: reason.as_str() };
                self.rejected_samples.get_or_create(&label).inc_by(count);
            }
        }
    }

    /// Adds what was counted, and what `store` is asked for at each scrape.
    pub(crate) fn register(&self, registry: &mut Registry, store: Weak<Store>) {
        for reason in RejectReason::ALL {
            // A counter that is there from the start shows its first increase.
            drop(self.rejected_samples.get_or_create(&ReasonLabel { reason: reason.as_str() }));
        }
        registry.register(
            "bellwether_ingested_samples",
            "Samples stored",
            self.ingested_samples.clone(),
        );
        registry.register(
            "bellwether_ingested_exemplars",
            "Exemplars stored",
            self.ingested_exemplars.clone(),
        );
        registry.register(
            "bellwether_rejected_samples",
            "Samples and exemplars that were refused",
            self.rejected_samples.clone(),
        );
        registry.register_collector(Box::new(StateCollector { store }));
    }
}

/// Reads the store's state when it is scraped.
#[derive(Debug)]
struct StateCollector {
    store: Weak<Store>,
}

impl Collector for StateCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let Some(store) = self.store.upgrade() else { return Ok(()) };
        let mut gauge = |name: &str, help: &str, value: u64| {
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
        };
        let head = store.head_status();
        gauge("bellwether_head_series", "Series in memory", head.series)?;
        gauge("bellwether_head_chunks", "Chunks in memory", head.chunks)?;
        gauge("bellwether_head_chunk_bytes", "Bytes of the chunks in memory", head.chunk_bytes)?;
        let created = ConstCounter::new(store.head_series_created());
        created.encode(encoder.encode_descriptor(
            "bellwether_head_series_created",
            "Series that were new to the head",
            None,
            created.metric_type(),
        )?)
    }
}
