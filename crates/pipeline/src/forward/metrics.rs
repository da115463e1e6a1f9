//! What forwarding counts, under Prometheus' names, so that its dashboards and
//! alerts for remote write go on working.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Labels of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct EndpointLabels {
    remote_name: String,
    url: String,
}

/// Labels of what is dropped.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DropLabels {
    remote_name: String,
    url: String,
    reason: &'static str,
}

/// Makes the histogram of request durations.
#[derive(Clone, Copy, Debug)]
struct Durations;

impl MetricConstructor<Histogram> for Durations {
    fn new_metric(&self) -> Histogram {
        Histogram::new([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 60.0])
    }
}

type Counters = Family<EndpointLabels, Counter>;
type Gauges = Family<EndpointLabels, Gauge>;
type FloatGauges = Family<EndpointLabels, Gauge<f64, AtomicU64>>;

/// The metrics of all endpoints; clones share them.
#[derive(Clone, Debug)]
pub struct ForwardMetrics {
    samples: Counters,
    histograms: Counters,
    exemplars: Counters,
    metadata: Counters,
    samples_failed: Counters,
    histograms_failed: Counters,
    exemplars_failed: Counters,
    metadata_failed: Counters,
    samples_retried: Counters,
    samples_dropped: Family<DropLabels, Counter>,
    bytes: Counters,
    pending: Gauges,
    shards: Gauges,
    shards_max: Gauges,
    disk_bytes: Gauges,
    highest: Gauge<f64, AtomicU64>,
    highest_sent: FloatGauges,
    duration: Family<EndpointLabels, Histogram, Durations>,
}

impl Default for ForwardMetrics {
    fn default() -> Self {
        Self {
            samples: Family::default(),
            histograms: Family::default(),
            exemplars: Family::default(),
            metadata: Family::default(),
            samples_failed: Family::default(),
            histograms_failed: Family::default(),
            exemplars_failed: Family::default(),
            metadata_failed: Family::default(),
            samples_retried: Family::default(),
            samples_dropped: Family::default(),
            bytes: Family::default(),
            pending: Family::default(),
            shards: Family::default(),
            shards_max: Family::default(),
            disk_bytes: Family::default(),
            highest: Gauge::default(),
            highest_sent: Family::default(),
            duration: Family::new_with_constructor(Durations),
        }
    }
}

impl ForwardMetrics {
    /// Shows everything on a registry.
    pub fn register(&self, registry: &mut Registry) {
        let storage = registry.sub_registry_with_prefix("prometheus_remote_storage");
        storage.register("samples", "Samples sent, refused ones included", self.samples.clone());
        storage.register("histograms", "Native histograms sent", self.histograms.clone());
        storage.register("exemplars", "Exemplars sent", self.exemplars.clone());
        storage.register("metadata", "Entries of metadata sent", self.metadata.clone());
        let failed = "that the other side refused for good";
        for (name, what, counters) in [
            ("samples_failed", "Samples", &self.samples_failed),
            ("histograms_failed", "Native histograms", &self.histograms_failed),
            ("exemplars_failed", "Exemplars", &self.exemplars_failed),
            ("metadata_failed", "Entries of metadata", &self.metadata_failed),
        ] {
            storage.register(name, format!("{what} {failed}"), counters.clone());
        }
        storage.register(
            "samples_retried",
            "Samples whose request failed and was sent again",
            self.samples_retried.clone(),
        );
        storage.register(
            "samples_dropped",
            "Samples that were given up before they were sent, by reason",
            self.samples_dropped.clone(),
        );
        storage.register("bytes", "Bytes of requests with samples, packed", self.bytes.clone());
        storage.register("samples_pending", "Samples that wait on disk", self.pending.clone());
        storage.register("shards", "Requests in flight at a time", self.shards.clone());
        storage.register("shards_max", "The most there may be", self.shards_max.clone());
        storage.register("queue_disk_bytes", "Bytes of the queue on disk", self.disk_bytes.clone());
        storage.register(
            "highest_timestamp_in_seconds",
            "The newest sample that was offered, in seconds since the epoch",
            self.highest.clone(),
        );
        storage.register(
            "queue_highest_sent_timestamp_seconds",
            "The newest sample that was sent, in seconds since the epoch",
            self.highest_sent.clone(),
        );
        storage.register(
            "sent_batch_duration_seconds",
            "How long requests with samples took",
            self.duration.clone(),
        );
    }

    pub(super) fn of_endpoint(&self, remote_name: &str, url: &str) -> EndpointMetrics {
        let labels = EndpointLabels { remote_name: remote_name.to_owned(), url: url.to_owned() };
        EndpointMetrics { all: self.clone(), labels }
    }
}

/// How much of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) samples: u64,
    pub(super) histograms: u64,
    pub(super) exemplars: u64,
}

/// Why samples are given up before they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DropReason {
    /// The disk's share is used up.
    QueueFull,
    /// The queue could not be written.
    DiskError,
    /// A record could not be read again.
    Damaged,
    /// Older than the configuration allows.
    TooOld,
}

impl DropReason {
    const fn as_str(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::DiskError => "disk_error",
            Self::Damaged => "damaged",
            Self::TooOld => "too_old",
        }
    }
}

/// The metrics of one endpoint.
#[derive(Clone, Debug)]
pub(super) struct EndpointMetrics {
    all: ForwardMetrics,
    labels: EndpointLabels,
}

impl EndpointMetrics {
    pub(super) fn sent(&self, counts: Counts, bytes: usize, newest_secs: f64) {
        let labels = &self.labels;
        self.all.samples.get_or_create(labels).inc_by(counts.samples);
        self.all.histograms.get_or_create(labels).inc_by(counts.histograms);
        self.all.exemplars.get_or_create(labels).inc_by(counts.exemplars);
        self.all.bytes.get_or_create(labels).inc_by(bytes as u64);
        let newest = self.all.highest_sent.get_or_create(labels);
        newest.set(newest_secs.max(newest.get()));
    }

    pub(super) fn failed(&self, counts: Counts) {
        let labels = &self.labels;
        self.all.samples_failed.get_or_create(labels).inc_by(counts.samples);
        self.all.histograms_failed.get_or_create(labels).inc_by(counts.histograms);
        self.all.exemplars_failed.get_or_create(labels).inc_by(counts.exemplars);
    }

    pub(super) fn retried(&self, counts: Counts) {
        let samples = counts.samples + counts.histograms;
        self.all.samples_retried.get_or_create(&self.labels).inc_by(samples);
    }

    pub(super) fn dropped(&self, reason: DropReason, samples: u64) {
        if samples > 0 {
            let EndpointLabels { remote_name, url } = self.labels.clone();
            let labels = DropLabels { remote_name, url, reason: reason.as_str() };
            self.all.samples_dropped.get_or_create(&labels).inc_by(samples);
        }
    }

    pub(super) fn metadata(&self, entries: u64, is_sent: bool) {
        let counters = if is_sent { &self.all.metadata } else { &self.all.metadata_failed };
        counters.get_or_create(&self.labels).inc_by(entries);
    }

    pub(super) fn took(&self, seconds: f64) {
        self.all.duration.get_or_create(&self.labels).observe(seconds);
    }

    pub(super) fn queue(&self, samples: u64, disk_bytes: u64) {
        self.all.pending.get_or_create(&self.labels).set(samples as i64);
        self.all.disk_bytes.get_or_create(&self.labels).set(disk_bytes as i64);
    }

    pub(super) fn shards(&self, now: usize, max: usize) {
        self.all.shards.get_or_create(&self.labels).set(now as i64);
        self.all.shards_max.get_or_create(&self.labels).set(max as i64);
    }

    pub(super) fn offered(&self, newest_secs: f64) {
        let highest = &self.all.highest;
        highest.set(newest_secs.max(highest.get()));
    }

    #[cfg(test)]
    pub(super) fn dropped_for(&self, reason: DropReason) -> u64 {
        let EndpointLabels { remote_name, url } = self.labels.clone();
        let labels = DropLabels { remote_name, url, reason: reason.as_str() };
        self.all.samples_dropped.get_or_create(&labels).get()
    }

    #[cfg(test)]
    pub(super) fn sent_and_failed(&self) -> (u64, u64) {
        (
            self.all.samples.get_or_create(&self.labels).get(),
            self.all.samples_failed.get_or_create(&self.labels).get(),
        )
    }
}
