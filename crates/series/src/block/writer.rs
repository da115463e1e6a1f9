//! Writing a block.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::{Disk, DiskFile};
use model::{LabelsRef, SampleColumns, Timestamp};

use super::index_writer::{ChunkKind, ChunkRef, IndexWriter};
use super::meta::{self, BlockMeta};
use super::{BlockError, BlockId};
use crate::codec::{dense, histogram};

/// The name of the index file.
pub const INDEX_FILE: &str = "index";
/// The name of the chunks file.
pub const CHUNKS_FILE: &str = "chunks";
/// The first bytes of the chunks file.
pub const CHUNKS_MAGIC: &[u8; 8] = b"BWCHUNK1";

/// Float samples of a chunk: long, so that the coder's header does not count.
const FLOATS_PER_CHUNK: usize = 8192;
/// Histograms of a chunk.
const HISTOGRAMS_PER_CHUNK: usize = 512;

/// A block being written. Nothing of it is visible until [`BlockWriter::finish`].
pub struct BlockWriter {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    temporary: PathBuf,
    chunks: BufWriter<Box<dyn DiskFile>>,
    offset: u64,
    index: IndexWriter,
    meta: BlockMeta,
    encoded: Vec<u8>,
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
        Ok(Self {
            disk: Arc::clone(disk),
            dir,
            temporary,
            chunks,
            offset: CHUNKS_MAGIC.len() as u64,
            index: IndexWriter::default(),
            meta: BlockMeta {
                version: meta::VERSION,
                id,
                time_min: Timestamp::MAX,
                time_max: Timestamp::MIN,
                series: 0,
                samples: 0,
                chunks: 0,
                level,
                parents,
                first: None,
                resolution_ms: 0,
            },
            encoded: Vec::new(),
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
        let mut chunks = Vec::new();
        let floats = &columns.floats;
        for (times, values) in
            floats.timestamps.chunks(FLOATS_PER_CHUNK).zip(floats.values.chunks(FLOATS_PER_CHUNK))
        {
            self.encoded.clear();
            dense::encode_best(Timestamp::column_as_millis(times), values, &mut self.encoded);
            chunks.push(self.write_chunk(ChunkKind::Floats, times)?);
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
            chunks.push(self.write_chunk(ChunkKind::Histograms, times)?);
        }
        self.meta.series += 1;
        self.meta.samples += columns.len() as u64;
        self.index.add(labels, chunks);
        Ok(())
    }

    fn write_chunk(
        &mut self,
        kind: ChunkKind,
        times: &[Timestamp],
    ) -> Result<ChunkRef, BlockError> {
        let checksum = crc32c::crc32c(&self.encoded).to_le_bytes();
        self.chunks
            .write_all(&self.encoded)
            .and_then(|()| self.chunks.write_all(&checksum))
            .map_err(BlockError::io(self.temporary.join(CHUNKS_FILE)))?;
        let chunk = ChunkRef {
            kind,
            time_min: times[0],
            time_max: times[times.len() - 1],
            samples: times.len() as u32,
            offset: self.offset,
            length: self.encoded.len() as u32,
        };
        self.offset += self.encoded.len() as u64 + 4;
        self.meta.chunks += 1;
        self.meta.time_min = self.meta.time_min.min(chunk.time_min);
        self.meta.time_max = self.meta.time_max.max(chunk.time_max);
        Ok(chunk)
    }

    /// Makes the block durable and visible and returns its directory; `None`
    /// where it has no samples, and then nothing is left of it.
    ///
    /// # Errors
    /// Where the file system fails; the next start clears what is left.
    pub fn finish(self) -> Result<Option<PathBuf>, BlockError> {
        let Self { disk, dir, temporary, chunks, index, meta, .. } = self;
        if meta.series == 0 {
            disk.remove_dir_all(&temporary).map_err(BlockError::io(&temporary))?;
            return Ok(None);
        }
        let path = temporary.join(CHUNKS_FILE);
        let mut file =
            chunks.into_inner().map_err(|error| BlockError::io(&path)(error.into_error()))?;
        file.sync().map_err(BlockError::io(&path))?;
        let meta = serde_json::to_vec_pretty(&meta).expect("a block's meta is plain data");
        for (name, bytes) in [(INDEX_FILE, index.finish()), (meta::FILE, meta)] {
            let path = temporary.join(name);
            disk::file::replace(&*disk, &path, &bytes).map_err(BlockError::io(&path))?;
        }
        disk::file::publish_dir(&*disk, &temporary, &dir).map_err(BlockError::io(&dir))?;
        Ok(Some(dir))
    }
}
