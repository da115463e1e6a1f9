//! Reading a block.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::{Disk, Map};
use model::{Labels, Matcher, SampleColumns, TimeRange, Timestamp};
use parking_lot::RwLock;
use roaring::RoaringBitmap;
use storage::SelectStats;

use super::index_reader::{ChunkList, IndexReader};
use super::index_writer::{ChunkKind, ChunkRef};
use super::times_file;
use super::tombstones::Tombstones;
use super::writer::{CHUNKS_FILE, CHUNKS_MAGIC, INDEX_FILE};
use super::{BlockError, BlockMeta};
use crate::codec::{DecodeError, histogram, values};
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
    times: Map,
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
        let path = dir.join(times_file::FILE);
        let times = disk.map(&path).map_err(BlockError::io(&path))?;
        if !times.starts_with(times_file::MAGIC) {
            return Err(BlockError::damaged(path, "it holds no times"));
        }
        let tombstones = RwLock::new(Tombstones::read(&**disk, dir)?);
        let size_bytes = disk::file::dir_size_bytes(&**disk, dir).map_err(BlockError::io(dir))?;
        Ok(Self {
            disk: Arc::clone(disk),
            dir: dir.to_owned(),
            meta,
            index,
            chunks,
            times,
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

    /// Hands on the series in `numbers`; see [`IndexReader::each_series`].
    ///
    /// # Errors
    /// Where the index is damaged, and those of `each`.
    pub fn each_series<E: From<BlockError>>(
        &self,
        numbers: &RoaringBitmap,
        each: impl FnMut(u32, Labels, ChunkList) -> Result<(), E>,
    ) -> Result<(), E> {
        self.index.each_series(numbers, each)
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
        self.read_chunks(number, &self.index.chunks(number)?, range, into, stats)
    }

    /// Like [`Block::read`] where the chunks of series `number` were found before.
    ///
    /// # Errors
    /// Where the index is damaged.
    pub fn read_chunks(
        &self,
        number: u32,
        chunks: &ChunkList,
        range: TimeRange,
        into: &mut SampleColumns,
        stats: &mut SelectStats,
    ) -> Result<(), BlockError> {
        let before = Lengths::of(into);
        self.index.each_chunk(chunks, |chunk| {
            if !chunk.times.range().overlaps(&range) {
                stats.chunks_pruned += 1;
                return;
            }
            stats.chunks_read += 1;
            stats.bytes_read += u64::from(chunk.length);
            stats.samples_decoded += u64::from(chunk.times.count);
            let complete = Lengths::of(into);
            if let Err(error) = self.read_chunk(&chunk, into) {
                complete.truncate(into);
                self.metrics.damaged_chunks.inc();
                stats.chunks_damaged += 1;
                tracing::warn!(
                    block = %self.dir.display(), series = number, offset = chunk.offset, %error,
                    "a chunk is damaged and left out"
                );
            }
        })?;
        before.keep_in_range(range, into);
        let tombstones = self.tombstones.read();
        if tombstones.concerns(number) {
            let mut read = before.split_off(into);
            tombstones.apply(number, &mut read);
            append(&read, into);
        }
        Ok(())
    }

    fn read_chunk(&self, chunk: &ChunkRef, into: &mut SampleColumns) -> Result<(), DecodeError> {
        let bytes = super::checked_page(&self.chunks, chunk.offset, chunk.length)?;
        let count = chunk.times.count as usize;
        match chunk.kind {
            ChunkKind::Floats => {
                times_file::read(&self.times, &chunk.times, &mut into.floats.timestamps)?;
                values::decode(bytes, count, &mut into.floats.values)
            }
            ChunkKind::Histograms => {
                let plain = zstd::bulk::decompress(bytes, HISTOGRAM_CHUNK_BYTES_MAX)
                    .map_err(|_| DecodeError::Invalid("compressed chunk"))?;
                histogram::decode(&plain, &mut into.histograms)
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

/// How long columns were at some moment: what lies beyond was read since.
#[derive(Clone, Copy)]
struct Lengths {
    floats: usize,
    histograms: usize,
}

impl Lengths {
    fn of(columns: &SampleColumns) -> Self {
        Self { floats: columns.floats.len(), histograms: columns.histograms.len() }
    }

    /// Forgets what was read since.
    fn truncate(self, columns: &mut SampleColumns) {
        columns.floats.timestamps.truncate(self.floats);
        columns.floats.values.truncate(self.floats);
        columns.histograms.timestamps.truncate(self.histograms);
        columns.histograms.histograms.truncate(self.histograms);
    }

    /// Takes out what was read since.
    fn split_off(self, columns: &mut SampleColumns) -> SampleColumns {
        let mut read = SampleColumns::default();
        read.floats.timestamps = columns.floats.timestamps.split_off(self.floats);
        read.floats.values = columns.floats.values.split_off(self.floats);
        read.histograms.timestamps = columns.histograms.timestamps.split_off(self.histograms);
        read.histograms.histograms = columns.histograms.histograms.split_off(self.histograms);
        read
    }

    /// Forgets what was read since and lies outside of `range`.
    fn keep_in_range(self, range: TimeRange, columns: &mut SampleColumns) {
        let floats = &mut columns.floats;
        let inside = places_in(&floats.timestamps, self.floats, range);
        cut(&mut floats.timestamps, self.floats, inside.clone());
        cut(&mut floats.values, self.floats, inside);
        let histograms = &mut columns.histograms;
        let inside = places_in(&histograms.timestamps, self.histograms, range);
        cut(&mut histograms.timestamps, self.histograms, inside.clone());
        cut(&mut histograms.histograms, self.histograms, inside);
    }
}

/// The places from `from` on whose times lie in `range`.
fn places_in(times: &[Timestamp], from: usize, range: TimeRange) -> Range<usize> {
    let read = &times[from..];
    let start = from + read.partition_point(|time| *time < range.start);
    let end = from + read.partition_point(|time| *time <= range.end);
    start..end.max(start)
}

/// Keeps, of what stands from `from` on, only `kept`.
fn cut<T>(column: &mut Vec<T>, from: usize, kept: Range<usize>) {
    column.truncate(kept.end);
    column.drain(from..kept.start);
}

fn append(read: &SampleColumns, into: &mut SampleColumns) {
    into.floats.timestamps.extend_from_slice(&read.floats.timestamps);
    into.floats.values.extend_from_slice(&read.floats.values);
    into.histograms.timestamps.extend_from_slice(&read.histograms.timestamps);
    into.histograms.histograms.extend_from_slice(&read.histograms.histograms);
}
