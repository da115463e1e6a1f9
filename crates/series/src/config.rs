//! What an operator may choose about the metric store.

use model::{ByteSize, PromDuration};
use serde::{Deserialize, Serialize};

/// The configuration of a [`Store`](crate::Store). All keys are optional.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Blocks whose newest sample is older than this are dropped. Zero keeps them for ever.
    pub retention_time: PromDuration,
    /// While blocks and log take more than this, the oldest block is dropped.
    pub retention_size: Option<ByteSize>,
    /// How far behind the newest sample of the store a sample may be and still
    /// be taken out of order. Zero takes none.
    pub out_of_order_window: PromDuration,
    /// The time that one block spans before compaction.
    pub block_duration: PromDuration,
    /// When the write-ahead log reaches the disk itself.
    pub wal_sync: WalSync,
    /// A segment of the write-ahead log is closed once it is larger than this.
    pub wal_segment_size_bytes_max: ByteSize,
    /// What is refused.
    pub limits: Limits,
}

/// When the write-ahead log is synced to the disk.
///
/// An append is acknowledged once it was handed to the operating system: it
/// survives the end of the process in every mode. The modes differ in what a
/// crash of the machine may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WalSync {
    /// Once a second, in the background: a crash of the machine may take the last second.
    #[default]
    Interval,
    /// Before each append is acknowledged: a crash of the machine takes nothing.
    Always,
    /// Whenever the operating system likes.
    Never,
}

/// What the store refuses. Zero means no limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Series in the head.
    pub series_max: u64,
    /// Series in the head that share a metric name.
    pub series_per_metric_max: u64,
    /// Labels of one series, the metric name included.
    pub labels_max: usize,
    /// Bytes of a label's name.
    pub label_name_bytes_max: usize,
    /// Bytes of a label's value.
    pub label_value_bytes_max: usize,
    /// Exemplars that the store keeps; the oldest make room. Zero keeps none.
    pub exemplars_max: usize,
    /// Metric families whose metadata the store keeps.
    pub metadata_families_max: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            retention_time: PromDuration::from_secs(15 * 24 * 3600),
            retention_size: None,
            out_of_order_window: PromDuration::from_secs(3600),
            block_duration: PromDuration::from_secs(2 * 3600),
            wal_sync: WalSync::default(),
            wal_segment_size_bytes_max: ByteSize(64 << 20),
            limits: Limits::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            series_max: 5_000_000,
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
    /// Zero block durations and such, which no store can work with, replaced by the default.
    pub(crate) fn block_duration_ms(&self) -> i64 {
        match self.block_duration.as_millis().get() {
            ms if ms > 0 => ms,
            _ => Self::default().block_duration.as_millis().get(),
        }
    }
}
