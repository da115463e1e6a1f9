//! Reading a block.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::{Disk, Map};
use model::{Labels, Matcher, SampleColumns, TimeRange};
use parking_lot::RwLock;
use roaring::RoaringBitmap;
use storage::SelectStats;

use super::index_reader::IndexReader;
use super::index_writer::{ChunkKind, ChunkRef};
use super::tombstones::Tombstones;
use super::writer::{CHUNKS_FILE, CHUNKS_MAGIC, INDEX_FILE};
use super::{BlockError, BlockMeta};
use crate::codec::{dense, histogram};
use crate::index::resolve;
use crate::metrics::StoreMetrics;

/// An uncompressed histogram chunk is at most this large; beyond is damage.
const HISTOGRAM_CHUNK_BYTES_MAX: usize = 64 << 20;

/// An open block.
#[derive(Debug)]
pub struct Block {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    meta: BlockMeta,
    index: IndexReader,
    chunks: Map,
    size_bytes: u64,
    tombstones: RwLock<Tombstones>,
    metrics: StoreMetrics,
}

impl Block {
    /// Opens the block in `dir`.
    ///
    /// # Errors
    /// Where a file can't be read, or meta, index or tombstones are damaged.
    /// Damaged chunks are found when they are read.
    pub fn open(
        disk: &Arc<dyn Disk>,
        dir: &Path,
        metrics: StoreMetrics,
    ) -> Result<Self, BlockError> {
        let meta = BlockMeta::read(&**disk, dir)?;
        let index = IndexReader::open(&**disk, &dir.join(INDEX_FILE))?;
        let path = dir.join(CHUNKS_FILE);
        let chunks = disk.map(&path).map_err(BlockError::io(&path))?;
        if !chunks.starts_with(CHUNKS_MAGIC) {
            return Err(BlockError::damaged(path, "it holds no chunks"));
        }
        let tombstones = RwLock::new(Tombstones::read(&**disk, dir)?);
        let size_bytes = disk::file::dir_size_bytes(&**disk, dir).map_err(BlockError::io(dir))?;
        Ok(Self {
            disk: Arc::clone(disk),
            dir: dir.to_owned(),
            meta,
            index,
            chunks,
            size_bytes,
            tombstones,
            metrics,
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

    /// Its bytes on disk.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Its index.
    pub fn index(&self) -> &IndexReader {
        &self.index
    }

    /// Whether something of it is deleted.
    pub fn has_tombstones(&self) -> bool {
        !self.tombstones.read().is_empty()
    }

    /// The series that match.
    pub fn find(&self, matchers: &[Matcher]) -> RoaringBitmap {
        resolve(&self.index, matchers)
    }

    /// The labels of series `number`.
    ///
    /// # Errors
    /// Where the index is damaged.
    pub fn labels(&self, number: u32) -> Result<Labels, BlockError> {
        self.index.labels(number)
    }

    /// Appends the samples of series `number` in `range` to `into`, by time. A
    /// damaged chunk is left out, counted and logged: the rest is worth having.
    ///
    /// # Errors
    /// Where the index is damaged.
    pub fn read(
        &self,
        number: u32,
        range: TimeRange,
        into: &mut SampleColumns,
        stats: &mut SelectStats,
    ) -> Result<(), BlockError> {
        let mut columns = SampleColumns::default();
        for chunk in self.index.chunks(number)? {
            if !TimeRange::new(chunk.time_min, chunk.time_max).overlaps(&range) {
                stats.chunks_pruned += 1;
                continue;
            }
            stats.chunks_read += 1;
            stats.bytes_read += u64::from(chunk.length);
            stats.samples_decoded += u64::from(chunk.samples);
            if let Err(reason) = self.read_chunk(&chunk, &mut columns) {
                self.metrics.damaged_chunks.inc();
                tracing::warn!(
                    block = %self.dir.display(), series = number, offset = chunk.offset, reason,
                    "a chunk is damaged and left out"
                );
            }
        }
        self.tombstones.read().apply(number, &mut columns);
        append_in_range(&columns, range, into);
        Ok(())
    }

    fn read_chunk(&self, chunk: &ChunkRef, into: &mut SampleColumns) -> Result<(), &'static str> {
        let from = chunk.offset as usize;
        let to = from.saturating_add(chunk.length as usize);
        let bytes = self.chunks.get(from..to).ok_or("it is not in the file")?;
        let checksum = self.chunks.get(to..to.saturating_add(4)).ok_or("it is not in the file")?;
        if crc32c::crc32c(bytes).to_le_bytes() != checksum {
            return Err("its checksum is wrong");
        }
        match chunk.kind {
            ChunkKind::Floats => dense::decode_best(bytes, &mut into.floats)
                .map_err(|_| "its samples can't be decoded"),
            ChunkKind::Histograms => {
                let plain = zstd::bulk::decompress(bytes, HISTOGRAM_CHUNK_BYTES_MAX)
                    .map_err(|_| "it can't be decompressed")?;
                histogram::decode(&plain, &mut into.histograms)
                    .map_err(|_| "its samples can't be decoded")
            }
        }
    }

    /// Hides samples of `series` in `range`, durably.
    ///
    /// # Errors
    /// Where the file system fails; then nothing is hidden.
    pub fn delete(&self, series: RoaringBitmap, range: TimeRange) -> Result<(), BlockError> {
        if series.is_empty() {
            return Ok(());
        }
        let mut tombstones = self.tombstones.write();
        let mut changed = tombstones.clone();
        changed.add(range, series);
        changed.write(&*self.disk, &self.dir)?;
        *tombstones = changed;
        Ok(())
    }
}

/// Appends what of `columns` lies in `range`.
fn append_in_range(columns: &SampleColumns, range: TimeRange, into: &mut SampleColumns) {
    let inside = |times: &[model::Timestamp]| {
        let from = times.partition_point(|time| *time < range.start);
        from..times.partition_point(|time| *time <= range.end).max(from)
    };
    let floats = inside(&columns.floats.timestamps);
    into.floats.timestamps.extend_from_slice(&columns.floats.timestamps[floats.clone()]);
    into.floats.values.extend_from_slice(&columns.floats.values[floats]);
    let histograms = inside(&columns.histograms.timestamps);
    into.histograms
        .timestamps
        .extend_from_slice(&columns.histograms.timestamps[histograms.clone()]);
    into.histograms.histograms.extend_from_slice(&columns.histograms.histograms[histograms]);
}
