//! What the store says of itself.

use std::sync::atomic::{AtomicU64, Ordering};

use storage::StoreStatus;

use super::Store;
use crate::metrics::MetricState;

impl Store {
    pub(super) fn report_status(&self, top: usize) -> StoreStatus {
        let [series_by_metric, values_by_label, bytes_by_label, series_by_pair] =
            self.head.with_index(|index| index.cardinality(top));
        StoreStatus {
            head: self.head.status(),
            wal_bytes: self.wal_size_bytes(),
            replay: self.replay,
            series_by_metric,
            values_by_label,
            bytes_by_label,
            series_by_pair,
            ..StoreStatus::default()
        }
    }
}

impl Store {
    /// What a scrape of the store's own metrics reads.
    pub(crate) fn metric_state(&self) -> MetricState {
        let head = self.head.status();
        let wal = self.wal.stats();
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        MetricState {
            gauges: vec![
                ("bellwether_head_series", "Series in memory", head.series),
                ("bellwether_head_chunks", "Chunks in memory", head.chunks),
                ("bellwether_head_chunk_bytes", "Bytes of chunks in memory", head.chunk_bytes),
            ],
            counters: vec![
                (
                    "bellwether_head_series_created",
                    "Series that were new to the head",
                    self.head.series_created(),
                ),
                ("bellwether_wal_records", "Records logged", count(&wal.records)),
                ("bellwether_wal_written_bytes", "Bytes logged", count(&wal.written_bytes)),
                (
                    "bellwether_wal_writes",
                    "Writes to the log; fewer than batches where appends share one",
                    count(&wal.writes),
                ),
                (
                    "bellwether_wal_write_failures",
                    "Writes to the log that failed",
                    count(&wal.write_failures),
                ),
                ("bellwether_wal_syncs", "Syncs of the log", count(&wal.syncs)),
            ],
            storage_bytes: vec![("wal", self.wal_size_bytes()), ("blocks", 0)],
        }
    }

    /// Bytes of the log on disk; what can't be read counts as none.
    pub(super) fn wal_size_bytes(&self) -> u64 {
        disk::file::dir_size_bytes(&self.wal_dir).unwrap_or(0)
    }
}
