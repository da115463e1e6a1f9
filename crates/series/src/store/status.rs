//! What the store says of itself.

use std::sync::atomic::{AtomicU64, Ordering};

use storage::{BlockStatus, StoreStatus};

use super::StoreCore;
use crate::metrics::MetricState;

impl StoreCore {
    pub(super) fn report_status(&self, top: usize) -> StoreStatus {
        let [series_by_metric, values_by_label, bytes_by_label, series_by_pair] =
            self.head.with_index(|index| index.cardinality(top));
        StoreStatus {
            head: self.head.status(),
            blocks: self.block_statuses(),
            blocks_bytes: self.blocks_size_bytes(),
            wal_bytes: self.wal_size_bytes(),
            replay: self.replay,
            series_by_metric,
            values_by_label,
            bytes_by_label,
            series_by_pair,
        }
    }
}

impl StoreCore {
    /// What a scrape of the store's own metrics reads.
    pub(crate) fn metric_state(&self) -> MetricState {
        let head = self.head.status();
        let wal = self.wal.stats();
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        MetricState {
            gauges: vec![
                ("bellwether_head_series", "Series in memory", head.series),
                ("bellwether_head_chunks", "Chunks in memory", head.chunks),
                ("bellwether_blocks", "Blocks in use", self.blocks.read().len() as u64),
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
            storage_bytes: vec![
                ("wal", self.wal_size_bytes()),
                ("blocks", self.blocks_size_bytes()),
            ],
        }
    }

    fn block_statuses(&self) -> Vec<BlockStatus> {
        let mut blocks: Vec<_> = self
            .blocks()
            .iter()
            .map(|block| BlockStatus {
                id: block.meta().id.to_string(),
                range: block.meta().range(),
                series: block.meta().series,
                samples: block.meta().samples,
                bytes: block.size_bytes(),
                level: block.meta().level,
            })
            .collect();
        blocks.sort_by_key(|block| block.range.start);
        blocks
    }

    /// Bytes of the log on disk; what can't be read counts as none.
    pub(super) fn wal_size_bytes(&self) -> u64 {
        disk::file::dir_size_bytes(&*self.disk, &self.wal_dir).unwrap_or(0)
    }
}
