//! Writing a block.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::{Disk, DiskFile};
use model::{LabelsRef, Millis, SampleColumns, Timestamp};

use super::index_writer::{ChunkKind, IndexWriter, NewChunk};
use super::meta::{self, BlockMeta};
use super::times_file::{self, TimesWriter};
use super::{BlockError, BlockId};
use crate::codec::{histogram, values};

/// The name of the index file.
pub const INDEX_FILE: &str = "index";
/// The name of the chunks file.
pub const CHUNKS_FILE: &str = "chunks";
/// The first bytes of the chunks file.
pub const CHUNKS_MAGIC: &[u8; 8] = b"BWCHUNK1";

/// The most float samples of a chunk: long, so that the coder's header does not count.
const FLOATS_PER_CHUNK: usize = 8192;
/// Where a series has more samples, chunks end at midnight if they have so many:
/// the series of a target then share their times again, whenever they began.
const FLOATS_UNTIL_MIDNIGHT: usize = 512;
const DAY: Millis = Millis::from_secs(86_400);
/// Histograms of a chunk.
const HISTOGRAMS_PER_CHUNK: usize = 512;

/// A block being written. Nothing of it is visible until [`BlockWriter::finish`].
pub struct BlockWriter {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    temporary: PathBuf,
    chunks: BufWriter<Box<dyn DiskFile>>,
    times: TimesWriter,
    index: IndexWriter,
    meta: BlockMeta,
    encoded: Vec<u8>,
    series_chunks: Vec<NewChunk>,
}

impl BlockWriter {
    /// Begins a block in `parent`.
    ///
    /// # Errors
    /// Where the file system fails.
    pub fn create(
        disk: &Arc<dyn Disk>,
        parent: &Path,
        level: u32,
        parents: Vec<BlockId>,
    ) -> Result<Self, BlockError> {
        let id = BlockId::generate();
        let dir = parent.join(id.as_str());
        let temporary = disk::file::with_suffix(&dir, disk::file::TEMPORARY_SUFFIX);
        disk.create_dir_all(&temporary).map_err(BlockError::io(&temporary))?;
        let path = temporary.join(CHUNKS_FILE);
        let file = disk.create(&path).map_err(BlockError::io(&path))?;
        let mut chunks = BufWriter::with_capacity(1 << 20, file);
        chunks.write_all(CHUNKS_MAGIC).map_err(BlockError::io(&path))?;
        let path = temporary.join(times_file::FILE);
        let times = disk.create(&path).and_then(TimesWriter::new).map_err(BlockError::io(&path))?;
        Ok(Self {
            disk: Arc::clone(disk),
            dir,
            temporary,
            chunks,
            times,
            index: IndexWriter::default(),
            meta: BlockMeta::empty(id, level, parents),
            encoded: Vec::new(),
            series_chunks: Vec::new(),
        })
    }

    /// Says under which name the oldest of the data was first written.
    pub fn with_first(mut self, first: Option<BlockId>) -> Self {
        self.meta.first = first;
        self
    }

    /// Adds a series; they come in the order of their labels, each once. One
    /// without samples is left out.
    ///
    /// # Errors
    /// Where the file system fails.
    pub fn add(&mut self, labels: &LabelsRef, columns: &SampleColumns) -> Result<(), BlockError> {
        if columns.is_empty() {
            return Ok(());
        }
        self.series_chunks.clear();
        let mut times = columns.floats.timestamps.as_slice();
        let mut floats = columns.floats.values.as_slice();
        while !times.is_empty() {
            let (chunk_times, later_times) = times.split_at(chunk_len(times));
            let (chunk_values, later_values) = floats.split_at(chunk_times.len());
            self.encoded.clear();
            values::encode(chunk_values, &mut self.encoded);
            self.write_chunk(ChunkKind::Floats, chunk_times)?;
            (times, floats) = (later_times, later_values);
        }
        let histograms = &columns.histograms;
        for (times, values) in histograms
            .timestamps
            .chunks(HISTOGRAMS_PER_CHUNK)
            .zip(histograms.histograms.chunks(HISTOGRAMS_PER_CHUNK))
        {
            let mut plain = Vec::new();
            histogram::encode(times, values, &mut plain);
            self.encoded = zstd::bulk::compress(&plain, 3)
                .map_err(BlockError::io(self.temporary.join(CHUNKS_FILE)))?;
            self.write_chunk(ChunkKind::Histograms, times)?;
        }
        self.meta.series += 1;
        self.meta.samples += columns.len() as u64;
        self.index.add(labels, &self.series_chunks);
        Ok(())
    }

    fn write_chunk(&mut self, kind: ChunkKind, times: &[Timestamp]) -> Result<(), BlockError> {
        let checksum = crc32c::crc32c(&self.encoded).to_le_bytes();
        self.chunks
            .write_all(&self.encoded)
            .and_then(|()| self.chunks.write_all(&checksum))
            .map_err(BlockError::io(self.temporary.join(CHUNKS_FILE)))?;
        let column =
            self.times.add(times).map_err(BlockError::io(self.temporary.join(times_file::FILE)))?;
        let length = self.encoded.len() as u32;
        self.series_chunks.push(NewChunk { kind, times: column, length });
        self.meta.chunks += 1;
        self.meta.time_min = self.meta.time_min.min(times[0]);
        self.meta.time_max = self.meta.time_max.max(times[times.len() - 1]);
        Ok(())
    }

    /// Makes the block durable and visible and returns its directory; `None`
    /// where it has no samples, and then nothing is left of it.
    ///
    /// # Errors
    /// Where the file system fails; the next start clears what is left.
    pub fn finish(self) -> Result<Option<PathBuf>, BlockError> {
        let Self { disk, dir, temporary, chunks, times, index, meta, .. } = self;
        if meta.series == 0 {
            disk.remove_dir_all(&temporary).map_err(BlockError::io(&temporary))?;
            return Ok(None);
        }
        let path = temporary.join(CHUNKS_FILE);
        chunks
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error)
            .and_then(|mut file| file.sync())
            .map_err(BlockError::io(&path))?;
        let columns = times.finish().map_err(BlockError::io(temporary.join(times_file::FILE)))?;
        let index = index.finish(CHUNKS_MAGIC.len() as u64, &columns);
        let meta = meta.to_bytes();
        for (name, bytes) in [(INDEX_FILE, index), (meta::FILE, meta)] {
            let path = temporary.join(name);
            write_synced(&*disk, &path, &bytes).map_err(BlockError::io(&path))?;
        }
        disk::file::publish_dir(&*disk, &temporary, &dir).map_err(BlockError::io(&dir))?;
        Ok(Some(dir))
    }
}

/// Writes a file of a directory that is not visible yet.
fn write_synced(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = disk.create(path)?;
    file.write_all(bytes)?;
    file.sync()
}

/// How many of a series' samples, which begin with `times`, make the next chunk.
fn chunk_len(times: &[Timestamp]) -> usize {
    let Some(full) = times.get(..FLOATS_PER_CHUNK).filter(|full| full.len() < times.len()) else {
        return times.len();
    };
    let midnight = full[full.len() - 1].align_down(DAY);
    match full.partition_point(|time| *time < midnight) {
        before if before >= FLOATS_UNTIL_MIDNIGHT => before,
        _ => full.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(step_ms: i64, start_ms: i64, count: i64) -> Vec<Timestamp> {
        (0..count).map(|i| Timestamp::from_millis(start_ms + i * step_ms)).collect()
    }

    #[test]
    fn chunks_end_at_midnight_where_there_are_more() {
        assert_eq!(chunk_len(&every(15_000, 0, 8192)), 8192, "all fit into one");
        assert_eq!(chunk_len(&every(15_000, 0, 9000)), 5760);
        assert_eq!(chunk_len(&every(15_000, 43_200_000, 9000)), 2880, "half a day is left");
        assert_eq!(chunk_len(&every(15_000, 86_400_000 - 15_000, 20_000)), 5761);
        assert_eq!(chunk_len(&every(1, 0, 20_000)), 8192, "midnight is far away");
        assert_eq!(chunk_len(&every(1_000, 86_400_000 - 100_000, 20_000)), 8192);
    }
}
