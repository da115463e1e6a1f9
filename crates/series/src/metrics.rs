//! What the store counts about itself.

use std::fmt;
use std::sync::{Arc, Weak};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeLabelSet, EncodeLabelValue, EncodeMetric, LabelValueEncoder,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use storage::{AppendOutcome, RejectReason};

use crate::store::StoreCore;

/// Counters of one store. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct StoreMetrics {
    /// Samples stored.
    pub ingested_samples: Counter,
    /// Exemplars stored.
    pub ingested_exemplars: Counter,
    /// Samples and exemplars refused.
    pub rejected_samples: Family<ReasonLabels, Counter>,
    /// Blocks cut from the head.
    pub blocks_cut: Counter,
    /// Runs of compaction that merged something or failed to.
    pub compactions: Family<OutcomeLabels, Counter>,
    /// Blocks removed by retention.
    pub blocks_retired: Counter,
    /// Background work that failed; it is tried again.
    pub maintenance_failures: Counter,
    /// Damaged records of the log that were skipped at start-up.
    pub wal_damaged_records: Counter,
    /// Chunks of blocks that could not be read.
    pub damaged_chunks: Counter,
    /// Checkpoints written.
    pub wal_checkpoints: Counter,
}

/// Labels of the counter of refused samples.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ReasonLabels {
    /// As [`RejectReason::as_str`].
    pub reason: &'static str,
}

/// Labels of the counter of compactions.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OutcomeLabels {
    /// How it ended.
    pub outcome: Outcome,
}

/// How work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It is done.
    Success,
    /// It failed and will be tried again.
    Failure,
}

impl EncodeLabelValue for Outcome {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
        .encode(encoder)
    }
}

impl StoreMetrics {
    /// Counts what became of a batch.
    pub(crate) fn count_append(&self, outcome: &AppendOutcome) {
        self.ingested_samples.inc_by(outcome.samples_appended);
        self.ingested_exemplars.inc_by(outcome.exemplars_appended);
        if outcome.rejections.is_empty() {
            return;
        }
        for reason in RejectReason::ALL {
            let count = outcome.rejections.count(reason);
            if count > 0 {
                let labels = ReasonLabels { reason: reason.as_str() };
                self.rejected_samples.get_or_create(&labels).inc_by(count);
            }
        }
    }

    /// Counts a compaction.
    pub(crate) fn count_compaction(&self, outcome: Outcome) {
        self.compactions.get_or_create(&OutcomeLabels { outcome }).inc();
    }

    /// Adds what was counted, and what `store` is asked for at each scrape.
    pub(crate) fn register(&self, registry: &mut Registry, store: &Arc<StoreCore>) {
        // Counters that are there from the start show their first increase.
        for reason in RejectReason::ALL {
            drop(self.rejected_samples.get_or_create(&ReasonLabels { reason: reason.as_str() }));
        }
        for outcome in [Outcome::Success, Outcome::Failure] {
            drop(self.compactions.get_or_create(&OutcomeLabels { outcome }));
        }
        let mut counter = |name: &str, help: &str, counter: &Counter| {
            registry.register(format!("bellwether_{name}"), help, counter.clone());
        };
        counter("ingested_samples", "Samples stored", &self.ingested_samples);
        counter("ingested_exemplars", "Exemplars stored", &self.ingested_exemplars);
        counter("blocks_cut", "Blocks cut from memory", &self.blocks_cut);
        counter("blocks_retired", "Blocks removed by retention", &self.blocks_retired);
        counter(
            "maintenance_failures",
            "Background work of the store that failed and is tried again",
            &self.maintenance_failures,
        );
        counter(
            "wal_damaged_records",
            "Damaged records of the write-ahead log that were skipped",
            &self.wal_damaged_records,
        );
        counter(
            "damaged_chunks",
            "Chunks of blocks that could not be read and were left out",
            &self.damaged_chunks,
        );
        counter("wal_checkpoints", "Checkpoints of the head", &self.wal_checkpoints);
        registry.register(
            "bellwether_rejected_samples",
            "Samples and exemplars refused",
            self.rejected_samples.clone(),
        );
        registry.register(
            "bellwether_compactions",
            "Compactions of blocks",
            self.compactions.clone(),
        );
        registry.register_collector(Box::new(StateCollector { store: Arc::downgrade(store) }));
    }
}

/// Reads the store's state when it is scraped.
#[derive(Debug)]
struct StateCollector {
    store: Weak<StoreCore>,
}

impl Collector for StateCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Some(store) = self.store.upgrade() else { return Ok(()) };
        let state = store.metric_state();
        for (name, help, value) in state.gauges {
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            gauge.encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)?;
        }
        for (name, help, value) in state.counters {
            let counter = ConstCounter::new(value);
            counter.encode(encoder.encode_descriptor(name, help, None, MetricType::Counter)?)?;
        }
        let mut family = encoder.encode_descriptor(
            "bellwether_storage_bytes",
            "Bytes on disk",
            None,
            MetricType::Gauge,
        )?;
        for (part, bytes) in state.storage_bytes {
            let gauge = ConstGauge::new(i64::try_from(bytes).unwrap_or(i64::MAX));
            gauge.encode(family.encode_family(&[("part", part)])?)?;
        }
        Ok(())
    }
}

/// What the store is asked for at each scrape: name, help, value.
pub(crate) struct MetricState {
    pub(crate) gauges: Vec<(&'static str, &'static str, u64)>,
    pub(crate) counters: Vec<(&'static str, &'static str, u64)>,
    /// By part.
    pub(crate) storage_bytes: Vec<(&'static str, u64)>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Config, Store};

    #[test]
    fn everything_is_shown_under_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(Config::default(), dir.path()).unwrap();
        let mut registry = Registry::default();
        store.register_metrics(&mut registry);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        for name in [
            "bellwether_ingested_samples_total 0",
            "bellwether_rejected_samples_total{reason=\"too_old\"} 0",
            "bellwether_compactions_total{outcome=\"success\"} 0",
            "bellwether_head_series 0",
            "bellwether_head_chunks 0",
            "bellwether_head_series_created_total 0",
            "bellwether_storage_bytes{part=\"wal\"}",
            "bellwether_storage_bytes{part=\"blocks\"}",
            "bellwether_wal_records_total 0",
        ] {
            assert!(text.contains(name), "{name} is missing in\n{text}");
        }
    }
}
