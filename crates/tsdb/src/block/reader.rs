//! Reading a block.

use std::path::{Path, PathBuf};

use disk::Disk;
use model::{Labels, SampleColumns, TimeRange};

use super::BlockMeta;
use super::index::{ChunkEntry, Index};
use super::segments::Segments;
use super::tombstones::Tombstones;
use crate::chunk;
use crate::error::{Damage, TsdbError};
use crate::select::{Selection, normalise};

/// How many series are read until the memory of what was read is given back.
const SERIES_PER_RELEASE: usize = 1 << 14;

/// An open block of Prometheus.
#[derive(Debug)]
pub struct Block {
    dir: PathBuf,
    meta: BlockMeta,
    index: Index,
    segments: Segments,
    tombstones: Tombstones,
}

impl Block {
    /// Opens the block in `dir`.
    ///
    /// # Errors
    /// Where a file can't be read, or meta, index or tombstones are damaged.
    /// Damaged series and chunks are found when they are read.
    pub fn open(disk: &dyn Disk, dir: &Path) -> Result<Self, TsdbError> {
        Ok(Self {
            dir: dir.to_owned(),
            meta: BlockMeta::read(disk, dir)?,
            index: Index::open(disk, dir)?,
            segments: Segments::open(disk, dir)?,
            tombstones: Tombstones::read(disk, dir)?,
        })
    }

    /// Its directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What it says of itself.
    pub fn meta(&self) -> &BlockMeta {
        &self.meta
    }

    /// The number of its series.
    pub fn series_len(&self) -> usize {
        self.index.series_len()
    }

    /// Hands each wanted series that has samples to `each`, by labels, without
    /// what was deleted. What is damaged is left out and added to `damage`.
    ///
    /// # Errors
    /// Those of `each`.
    pub fn visit<E>(
        &self,
        want: &Selection,
        damage: &mut Damage,
        mut each: impl FnMut(&Labels, &SampleColumns) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut columns = SampleColumns::default();
        let mut last: Option<Labels> = None;
        for number in 0..self.index.series_len() {
            if number % SERIES_PER_RELEASE == SERIES_PER_RELEASE - 1 {
                self.index.release();
                self.segments.release();
            }
            let series = match self.index.series(number) {
                Ok(series) => series,
                Err(error) => {
                    damage.add(error);
                    continue;
                }
            };
            if last.as_ref().is_some_and(|last| *last >= series.labels) {
                let path = self.dir.join(super::INDEX_FILE);
                let at = self.index.reference(number) * super::index::SERIES_ALIGN as u64;
                damage.add(TsdbError::damaged(&path, at, "a series is not in the order of labels"));
                continue;
            }
            if want.matches(&series.labels) {
                columns.clear();
                self.read(number, &series.chunks, want.range, &mut columns, damage);
                if !columns.is_empty() {
                    each(&series.labels, &columns)?;
                }
            }
            last = Some(series.labels);
        }
        Ok(())
    }

    fn read(
        &self,
        number: usize,
        chunks: &[ChunkEntry],
        range: TimeRange,
        into: &mut SampleColumns,
        damage: &mut Damage,
    ) {
        for chunk in chunks.iter().filter(|chunk| chunk.range.overlaps(&range)) {
            let (floats, histograms) = (into.floats.len(), into.histograms.len());
            if let Err(error) = self.read_chunk(chunk, into, histograms) {
                into.floats.timestamps.truncate(floats);
                into.floats.values.truncate(floats);
                into.histograms.timestamps.truncate(histograms);
                into.histograms.histograms.truncate(histograms);
                damage.add(error);
            }
        }
        let deleted = self.tombstones.of(self.index.reference(number));
        normalise(into, |at| range.contains(at) && !deleted.iter().any(|range| range.contains(at)));
    }

    fn read_chunk(
        &self,
        chunk: &ChunkEntry,
        into: &mut SampleColumns,
        histograms: usize,
    ) -> Result<(), TsdbError> {
        let located = self.segments.chunk(chunk.reference)?;
        chunk::decode(located.encoding, located.data, into)
            .map_err(|error| error.within(located.path, located.offset))?;
        if into.histograms.histograms[histograms..].iter().any(|h| h.validate().is_err()) {
            let reason = "a native histogram contradicts itself";
            return Err(TsdbError::damaged(located.path, located.offset, reason));
        }
        Ok(())
    }
}
