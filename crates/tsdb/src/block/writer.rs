//! Writing a block that Prometheus reads.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::{Disk, DiskFile};
use model::{Labels, LabelsRef, SampleColumns, TimeRange, Timestamp};

use super::index::ChunkEntry;
use super::index_writer::IndexWriter;
use super::meta::{self, BlockMeta, BlockStats};
use super::segments::SegmentWriter;
use super::{Ulid, tombstones};
use crate::chunk;
use crate::error::TsdbError;

/// What Prometheus clears at its start: a block that was not finished.
const TEMPORARY_SUFFIX: &str = ".tmp-for-creation";

/// A block being written. Nothing of it is visible until [`BlockWriter::finish`].
pub struct BlockWriter<'a> {
    disk: Arc<dyn Disk>,
    ulid: Ulid,
    dir: PathBuf,
    temporary: PathBuf,
    segments: SegmentWriter,
    index: IndexWriter<'a>,
    range: TimeRange,
    stats: BlockStats,
    entries: Vec<ChunkEntry>,
}

impl<'a> BlockWriter<'a> {
    /// Begins a block in `parent`. All series that will be added are among `series`.
    ///
    /// # Errors
    /// Where the file system fails.
    pub fn create(
        disk: &Arc<dyn Disk>,
        parent: &Path,
        series: &'a [Labels],
    ) -> Result<Self, TsdbError> {
        let ulid = Ulid::generate();
        let dir = parent.join(ulid.as_str());
        let temporary = disk::file::with_suffix(&dir, TEMPORARY_SUFFIX);
        disk.create_dir_all(&temporary).map_err(TsdbError::io(&temporary))?;
        Ok(Self {
            disk: Arc::clone(disk),
            ulid,
            dir,
            segments: SegmentWriter::create(disk, &temporary)?,
            index: IndexWriter::create(&**disk, &temporary, series)?,
            temporary,
            range: TimeRange::new(Timestamp::MAX, Timestamp::MIN),
            stats: BlockStats::default(),
            entries: Vec::new(),
        })
    }

    #[cfg(test)]
    pub(super) fn with_segment_bytes_max(mut self, bytes_max: u64) -> Self {
        self.segments = self.segments.with_bytes_max(bytes_max);
        self
    }

    /// Adds a series; they come in the order of their labels, each once. One
    /// without samples is left out.
    ///
    /// # Errors
    /// Where the file system fails, or the series are more than an index can hold.
    ///
    /// # Panics
    /// Where the series was not among those that [`BlockWriter::create`] got.
    pub fn add(&mut self, labels: &LabelsRef, columns: &SampleColumns) -> Result<(), TsdbError> {
        if columns.is_empty() {
            return Ok(());
        }
        self.entries.clear();
        for chunk in chunk::encode(columns) {
            let reference = self.segments.write(&chunk)?;
            let range = TimeRange::new(chunk.first, chunk.last);
            self.entries.push(ChunkEntry { range, reference });
            self.range.start = self.range.start.min(chunk.first);
            self.range.end = self.range.end.max(chunk.last);
        }
        self.index.add(labels, &self.entries)?;
        self.stats.num_series += 1;
        self.stats.num_chunks += self.entries.len() as u64;
        self.stats.num_samples += columns.len() as u64;
        self.stats.num_float_samples += columns.floats.len() as u64;
        self.stats.num_histogram_samples += columns.histograms.len() as u64;
        Ok(())
    }

    /// Makes the block durable and visible and returns what it says of itself;
    /// `None` where it has no samples, and then nothing is left of it.
    ///
    /// # Errors
    /// Where the file system fails; what is left then is cleared by Prometheus.
    pub fn finish(mut self) -> Result<Option<BlockMeta>, TsdbError> {
        let disk = &*self.disk;
        if self.stats.num_series == 0 {
            disk.remove_dir_all(&self.temporary).map_err(TsdbError::io(&self.temporary))?;
            return Ok(None);
        }
        self.segments.finish()?;
        self.index.finish()?;
        let meta = BlockMeta::new(self.ulid, self.range, self.stats);
        for (name, bytes) in
            [(tombstones::FILE, tombstones::empty()), (meta::FILE, meta.to_bytes())]
        {
            let path = self.temporary.join(name);
            write_synced(disk, &path, &bytes).map_err(TsdbError::io(&path))?;
        }
        disk::file::publish_dir(disk, &self.temporary, &self.dir)
            .map_err(TsdbError::io(&self.dir))?;
        Ok(Some(meta))
    }
}

/// Writes a file of a directory that is not visible yet.
fn write_synced(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file: Box<dyn DiskFile> = disk.create(path)?;
    std::io::Write::write_all(&mut file, bytes)?;
    file.sync()
}
