//! Settings of the metric store.

use model::{ByteSize, PromDuration};
use serde::{Deserialize, Serialize};

/// When what is written reaches the disk's surface.
///
/// A crash of the process loses nothing in any mode: an acknowledged sample was
/// handed to the system. The modes differ in what a power failure may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WalSync {
    /// Synced before each acknowledgement: nothing.
    Always,
    /// Synced once a second in the background: the last second.
    #[default]
    Interval,
    /// Synced when the system sees fit.
    Never,
}

/// Settings of the metric store.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How long samples are kept; zero keeps them for ever.
    pub retention_time: PromDuration,
    /// How many bytes of blocks are kept; absent, as many as there are.
    pub retention_size: Option<ByteSize>,
    /// How far behind the newest sample of the store a sample may be and still be
    /// taken out of order; zero takes none.
    pub out_of_order_window: PromDuration,
    /// Whether a zero is stored where a counter says that it started, as under
    /// Prometheus' feature flag `created-timestamp-zero-ingestion`.
    pub created_timestamp_zero_samples: bool,
    /// The time that a block covers when it is cut from the head.
    pub block_duration: PromDuration,
    /// The longest time that a merged block covers.
    pub block_duration_max: PromDuration,
    /// When the log is synced.
    pub wal_sync: WalSync,
    /// At which size a segment of the log is closed.
    pub wal_segment_size_bytes_max: ByteSize,
    /// What may be stored.
    pub limits: LimitsConfig,
}

/// What the store refuses.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Series in memory; zero is no limit, also below.
    pub series_max: usize,
    /// Series in memory of one metric name.
    pub series_per_metric_max: usize,
    /// Labels of a series.
    pub labels_max: usize,
    /// Bytes of a label name.
    pub label_name_bytes_max: usize,
    /// Bytes of a label value.
    pub label_value_bytes_max: usize,
    /// Exemplars in memory; the oldest go first.
    pub exemplars_max: usize,
    /// Metric families whose metadata is kept.
    pub metadata_families_max: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            retention_time: PromDuration::from_secs(15 * 86_400),
            retention_size: None,
            out_of_order_window: PromDuration::from_secs(3600),
            created_timestamp_zero_samples: false,
            block_duration: PromDuration::from_secs(2 * 3600),
            block_duration_max: PromDuration::from_secs(30 * 86_400),
            wal_sync: WalSync::default(),
            wal_segment_size_bytes_max: ByteSize(64 << 20),
            limits: LimitsConfig::default(),
        }
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            series_max: 10_000_000,
            series_per_metric_max: 1_000_000,
            labels_max: 128,
            label_name_bytes_max: 1024,
            label_value_bytes_max: 16 << 10,
            exemplars_max: 100_000,
            metadata_families_max: 50_000,
        }
    }
}

impl Config {
    /// The span of a block in ms; the default where it is zero, which no store can work with.
    pub(crate) fn block_duration_ms(&self) -> i64 {
        match self.block_duration.as_millis().get() {
            ms if ms > 0 => ms,
            _ => Self::default().block_duration.as_millis().get(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_refused_and_an_empty_section_is_the_default() {
        assert_eq!(serde_json::from_str::<Config>("{}").unwrap(), Config::default());
        let config: Config = serde_json::from_str(
            r#"{"retention_time": "30d", "wal_sync": "always", "limits": {"series_max": 5}}"#,
        )
        .unwrap();
        assert_eq!(config.retention_time, PromDuration::from_secs(30 * 86_400));
        assert_eq!((config.wal_sync, config.limits.series_max), (WalSync::Always, 5));
        assert!(serde_json::from_str::<Config>(r#"{"retention": "30d"}"#).is_err());
    }
}
