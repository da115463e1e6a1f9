//! Checkpoint files: the head as a whole, in the place of the segments before it.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::{Disk, DiskFile, frame};

use super::segment::{LogFiles, checkpoint_path};
use super::varint::{Input, Malformed, put_i64, put_u64};

const VERSION: u8 = 2;

const HEADER: u8 = 0;
const SERIES: u8 = 1;
const SHARD_END: u8 = 2;
const LOG_RECORD: u8 = 3;
const END: u8 = 4;

/// Labels repeat so much that the quickest level makes them small.
const ZSTD_LEVEL: i32 = 1;
/// The series of one frame take at most so many bytes before they are packed.
pub(crate) const SERIES_BYTES_MAX: usize = disk::frame::PAYLOAD_BYTES_MAX;

/// A checkpoint under construction; it counts once it is [published](Self::publish).
pub(crate) struct CheckpointWriter {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    number: u64,
    temporary: PathBuf,
    file: BufWriter<Box<dyn DiskFile>>,
    frames: u64,
    payload: Vec<u8>,
    framed: Vec<u8>,
    compressor: zstd::bulk::Compressor<'static>,
    packed: Vec<u8>,
}

/// What a frame of a checkpoint says.
#[derive(Debug, PartialEq)]
pub(crate) enum CheckpointFrame<'a> {
    /// The bounds of the head, in ms.
    Header { in_order_min: i64, newest: i64 },
    /// Series of a shard, as `MemSeries::encode` wrote them, for [`unpack_series`].
    Series { shard: usize, packed: &'a [u8] },
    /// The shard is complete; log records from `sequence` on are not in it.
    ShardEnd { shard: usize, sequence: u64 },
    /// A record as the log has it, of exemplars or metadata.
    LogRecord(&'a [u8]),
    /// The end of a whole checkpoint, with the number of frames before it.
    End { frames: u64 },
}

impl CheckpointWriter {
    /// Begins the checkpoint that covers all segments below `number`.
    pub(crate) fn create(
        disk: Arc<dyn Disk>,
        dir: &Path,
        number: u64,
        in_order_min: i64,
        newest: i64,
    ) -> io::Result<Self> {
        let path = checkpoint_path(dir, number);
        let temporary = disk::file::with_suffix(&path, disk::file::TEMPORARY_SUFFIX);
        let file = BufWriter::with_capacity(1 << 20, disk.create(&temporary)?);
        let mut writer = Self {
            disk,
            dir: dir.to_owned(),
            number,
            temporary,
            file,
            frames: 0,
            payload: Vec::new(),
            framed: Vec::new(),
            compressor: zstd::bulk::Compressor::new(ZSTD_LEVEL)?,
            packed: Vec::new(),
        };
        writer.frame(|payload| {
            payload.extend_from_slice(&[HEADER, VERSION]);
            put_i64(payload, in_order_min);
            put_i64(payload, newest);
        })?;
        Ok(writer)
    }

    /// Writes `series`, of which there are [`SERIES_BYTES_MAX`] bytes at most.
    pub(crate) fn series(&mut self, shard: usize, series: &[u8]) -> io::Result<()> {
        debug_assert!(series.len() <= SERIES_BYTES_MAX, "the caller splits series into frames");
        let mut packed = std::mem::take(&mut self.packed);
        packed.clear();
        packed.resize(zstd::zstd_safe::compress_bound(series.len()), 0);
        let length = self.compressor.compress_to_buffer(series, &mut packed)?;
        packed.truncate(length);
        self.frame(|payload| {
            payload.push(SERIES);
            put_u64(payload, shard as u64);
            payload.extend_from_slice(&packed);
        })?;
        self.packed = packed;
        Ok(())
    }

    pub(crate) fn end_shard(&mut self, shard: usize, sequence: u64) -> io::Result<()> {
        self.frame(|payload| {
            payload.push(SHARD_END);
            put_u64(payload, shard as u64);
            put_u64(payload, sequence);
        })
    }

    pub(crate) fn log_record(&mut self, encode: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        self.frame(|payload| {
            payload.push(LOG_RECORD);
            encode(payload);
        })
    }

    /// Makes the checkpoint count, then removes what it takes the place of.
    pub(crate) fn publish(mut self) -> io::Result<()> {
        let frames = self.frames;
        self.frame(|payload| {
            payload.push(END);
            put_u64(payload, frames);
        })?;
        self.file.flush()?;
        self.file.get_mut().sync()?;
        self.disk.rename(&self.temporary, &checkpoint_path(&self.dir, self.number))?;
        self.disk.sync_dir(&self.dir)?;
        remove_covered(&*self.disk, &self.dir, self.number)
    }

    fn frame(&mut self, encode: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        self.payload.clear();
        encode(&mut self.payload);
        self.framed.clear();
        frame::write(&self.payload, &mut self.framed);
        self.frames += 1;
        self.file.write_all(&self.framed)
    }
}

/// The series of a frame as `MemSeries::encode` wrote them.
pub(crate) fn unpack_series(packed: &[u8]) -> Result<Vec<u8>, Malformed> {
    // The length stands in front, and is believed up to the most that is written.
    let length = zstd::zstd_safe::get_frame_content_size(packed).ok().flatten().ok_or(Malformed)?;
    let length = usize::try_from(length).ok().filter(|length| *length <= SERIES_BYTES_MAX);
    zstd::bulk::decompress(packed, length.ok_or(Malformed)?).map_err(|_| Malformed)
}

/// Removes the files that checkpoint `number` takes the place of.
pub(crate) fn remove_covered(disk: &dyn Disk, dir: &Path, number: u64) -> io::Result<()> {
    let files = LogFiles::list(disk, dir)?;
    for file in files.segments.iter().chain(&files.checkpoints) {
        if file.number < number {
            disk.remove_file(&file.path)?;
        }
    }
    Ok(())
}

impl<'a> CheckpointFrame<'a> {
    pub(crate) fn decode(payload: &'a [u8]) -> Result<Self, Malformed> {
        let mut input = Input(payload);
        match input.byte()? {
            HEADER => {
                if input.byte()? != VERSION {
                    return Err(Malformed);
                }
                Ok(Self::Header { in_order_min: input.i64()?, newest: input.i64()? })
            }
            SERIES => Ok(Self::Series { shard: take_shard(&mut input)?, packed: input.0 }),
            SHARD_END => {
                Ok(Self::ShardEnd { shard: take_shard(&mut input)?, sequence: input.u64()? })
            }
            LOG_RECORD => Ok(Self::LogRecord(input.0)),
            END => Ok(Self::End { frames: input.u64()? }),
            _ => Err(Malformed),
        }
    }
}

fn take_shard(input: &mut Input<'_>) -> Result<usize, Malformed> {
    let shard = input.u64()? as usize;
    if shard < crate::head::SHARDS { Ok(shard) } else { Err(Malformed) }
}
