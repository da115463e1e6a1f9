//! Cutting the head: its old samples become blocks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::Disk;
use model::{LabelsRef, Millis, SampleColumns, TimeRange, Timestamp};
use storage::StoreError;

use super::StoreCore;
use crate::block::BlockWriter;
use crate::head::{CapturedSeries, EmptySeries};

impl StoreCore {
    /// The newest bound of a block that all samples in order have passed: the
    /// head takes them up to half a block behind the newest.
    pub(super) fn cut_bound(&self) -> Option<Timestamp> {
        let newest = self.head.bounds_ms().1;
        (newest > i64::MIN).then(|| {
            let block = self.block_duration();
            (Timestamp::from_millis(newest) - Millis::new(block.get() / 2)).align_down(block)
        })
    }

    /// Cuts the head where a block's time is over. Late samples wait for the
    /// next cut, so that they don't each become a block.
    /// The caller holds `maintenance`.
    pub(super) fn cut_if_due(&self) -> Result<(), StoreError> {
        let Some(bound) = self.cut_bound() else { return Ok(()) };
        if bound.as_millis() <= self.head.bounds_ms().0 {
            return Ok(());
        }
        if self.head.oldest().is_none_or(|oldest| oldest >= bound) {
            self.head.raise_in_order_min(bound);
            return Ok(());
        }
        self.cut(bound)
    }

    /// Moves all samples before `bound` from the head into blocks, then
    /// shortens the log. The caller holds `maintenance`.
    pub(super) fn cut(&self, bound: Timestamp) -> Result<(), StoreError> {
        self.head.raise_in_order_min(bound);
        self.move_to_blocks(bound, EmptySeries::Dropped)?;
        self.checkpoint()
    }

    /// Moves all samples into blocks and shortens the log: the store shuts down.
    pub(super) fn flush(&self) -> Result<(), StoreError> {
        let _exclusive = self.maintenance.lock();
        self.wal.flush().map_err(|error| StoreError::io("flush the write-ahead log", error))?;
        let moved = self.move_to_blocks(Timestamp::MAX, EmptySeries::Kept);
        self.checkpoint()?;
        moved
    }

    /// Moves the samples before `before` into blocks; the log still has them.
    pub(super) fn move_to_blocks(
        &self,
        before: Timestamp,
        empty: EmptySeries,
    ) -> Result<(), StoreError> {
        let mut set = BlockSetWriter::new(&self.disk, &self.blocks_dir, self.block_duration());
        let written = (|| {
            for (_, series) in self.head.sorted_series() {
                if let Some(taken) = self.head.begin_cut(series, before) {
                    set.add(&taken)?;
                }
            }
            set.finish()
        })();
        match written.and_then(|dirs| {
            self.publish_blocks(&dirs, &[])?;
            Ok(dirs.len())
        }) {
            Ok(count) => {
                self.metrics.blocks_cut.inc_by(count as u64);
                self.head.end_cut(empty);
                Ok(())
            }
            Err(error) => {
                self.head.abandon_cut();
                Err(error)
            }
        }
    }

    /// Copies all of the head into blocks in `parent`.
    pub(super) fn copy_head(&self, parent: &Path) -> Result<(), StoreError> {
        let mut set = BlockSetWriter::new(&self.disk, parent, self.block_duration());
        for (_, series) in self.head.sorted_series() {
            if let Some(captured) = self.head.capture_one(series, TimeRange::ALL) {
                set.add(&captured)?;
            }
        }
        set.finish().map(drop)
    }
}

/// Writes series, one by one, to one block for each span of time.
pub(super) struct BlockSetWriter<'a> {
    disk: &'a Arc<dyn Disk>,
    parent: &'a Path,
    block: Millis,
    /// By the start of their span.
    writers: BTreeMap<Timestamp, BlockWriter>,
    all: SampleColumns,
    part: SampleColumns,
}

impl<'a> BlockSetWriter<'a> {
    pub(super) fn new(disk: &'a Arc<dyn Disk>, parent: &'a Path, block: Millis) -> Self {
        Self {
            disk,
            parent,
            block,
            writers: BTreeMap::new(),
            all: SampleColumns::default(),
            part: SampleColumns::default(),
        }
    }

    fn add(&mut self, series: &CapturedSeries) -> Result<(), StoreError> {
        let mut all = std::mem::take(&mut self.all);
        all.clear();
        series.read(TimeRange::ALL, &mut all);
        let added = self.add_columns(&series.labels, &all);
        self.all = all;
        added
    }

    /// Adds the samples of a series; series come by labels.
    pub(super) fn add_columns(
        &mut self,
        labels: &LabelsRef,
        all: &SampleColumns,
    ) -> Result<(), StoreError> {
        let (mut floats, mut histograms) = (0, 0);
        loop {
            let next =
                [all.floats.timestamps.get(floats), all.histograms.timestamps.get(histograms)];
            let Some(first) = next.into_iter().flatten().min() else { return Ok(()) };
            let start = first.align_down(self.block);
            let end = start + self.block;
            self.part.clear();
            let until = floats + all.floats.timestamps[floats..].partition_point(|t| *t < end);
            let column = &all.floats;
            self.part.floats.timestamps.extend_from_slice(&column.timestamps[floats..until]);
            self.part.floats.values.extend_from_slice(&column.values[floats..until]);
            floats = until;
            let column = &all.histograms;
            let until = histograms + column.timestamps[histograms..].partition_point(|t| *t < end);
            self.part.histograms.timestamps.extend(&column.timestamps[histograms..until]);
            self.part
                .histograms
                .histograms
                .extend_from_slice(&column.histograms[histograms..until]);
            histograms = until;
            let writer = match self.writers.entry(start) {
                std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
                std::collections::btree_map::Entry::Vacant(entry) => {
                    entry.insert(BlockWriter::create(self.disk, self.parent, 1, Vec::new())?)
                }
            };
            writer.add(labels, &self.part)?;
        }
    }

    /// Makes the blocks durable and returns their directories. Where one fails,
    /// none is left.
    pub(super) fn finish(&mut self) -> Result<Vec<PathBuf>, StoreError> {
        let mut dirs = Vec::new();
        for (_, writer) in std::mem::take(&mut self.writers) {
            match writer.finish() {
                Ok(dir) => dirs.extend(dir),
                Err(error) => {
                    for dir in &dirs {
                        disk::file::remove_dir(&**self.disk, dir).unwrap_or_else(|error| {
                            tracing::warn!(block = %dir.display(), %error, "unable to remove a block of a failed cut");
                        });
                    }
                    return Err(error.into());
                }
            }
        }
        Ok(dirs)
    }
}
