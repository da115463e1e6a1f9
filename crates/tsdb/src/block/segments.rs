//! Files of chunks: `chunks/000001` and so on.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::{Disk, DiskFile, Map};

use super::CHUNKS_DIR;
use crate::chunk::{EncodedChunk, Encoding};
use crate::error::{Malformed, TsdbError};
use crate::input::{Input, put_uvarint};

const MAGIC: u32 = 0x85BD_40DD;
const VERSION: u8 = 1;
const HEADER_BYTES: usize = 8;
/// At which size a file is closed, as in Prometheus.
const SEGMENT_BYTES_MAX: u64 = 512 << 20;

/// The files of chunks of a block.
#[derive(Debug)]
pub(super) struct Segments {
    files: Vec<(PathBuf, Map)>,
}

impl Segments {
    pub(super) fn open(disk: &dyn Disk, block: &Path) -> Result<Self, TsdbError> {
        let dir = block.join(CHUNKS_DIR);
        let mut files = Vec::new();
        for entry in disk.list(&dir).map_err(TsdbError::io(&dir))? {
            let name = entry.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            // References count the files: they are numbered without a gap, from one.
            let Ok(number) = name.parse::<usize>() else { continue };
            if number != files.len() + 1 {
                return Err(TsdbError::damaged(&entry.path, 0, "the file before it is missing"));
            }
            let map = disk.map(&entry.path).map_err(TsdbError::io(&entry.path))?;
            check_header(&map).map_err(|error| error.within(&entry.path, 0))?;
            files.push((entry.path, map));
        }
        Ok(Self { files })
    }

    /// The encoding and the bytes of a chunk, and where they are.
    pub(super) fn chunk(&self, reference: u64) -> Result<Located<'_>, TsdbError> {
        let (number, offset) = ((reference >> 32) as usize, reference as u32 as usize);
        let Some((path, file)) = self.files.get(number) else {
            let (path, file) =
                self.files.last().map_or((Path::new(CHUNKS_DIR), 0), |(path, map)| {
                    (path.as_path(), map.len() as u64)
                });
            return Err(TsdbError::damaged(path, file, "the next file of chunks is missing"));
        };
        let read = || {
            let mut input = Input::at(file, offset);
            if offset < HEADER_BYTES {
                return Err(Malformed { at: offset, reason: "no chunk begins here" });
            }
            let length = input.count(1)?;
            let from = input.position();
            let bytes =
                input.take(length.checked_add(1).ok_or(input.fail("a chunk is too long"))?)?;
            if crc32c::crc32c(bytes) != input.be_u32()? {
                return Err(Malformed { at: from, reason: "a chunk's checksum is wrong" });
            }
            let encoding = Encoding::from_byte(bytes[0])
                .ok_or(Malformed { at: from, reason: "a chunk's encoding is not known" })?;
            Ok(Located { encoding, data: &bytes[1..], path, offset: from as u64 + 1 })
        };
        read().map_err(|error: Malformed| error.within(path, 0))
    }

    /// Gives the memory of pages that were read back.
    pub(super) fn release(&self) {
        self.files.iter().for_each(|(_, map)| map.release());
    }
}

/// A chunk in its file.
pub(super) struct Located<'a> {
    pub(super) encoding: Encoding,
    pub(super) data: &'a [u8],
    pub(super) path: &'a Path,
    /// Of the data.
    pub(super) offset: u64,
}

fn check_header(file: &[u8]) -> Result<(), Malformed> {
    let mut input = Input::new(file);
    if input.be_u32()? != MAGIC {
        return Err(Malformed { at: 0, reason: "it is no file of chunks" });
    }
    if input.byte()? != VERSION {
        return Err(Malformed { at: 4, reason: "its version is not known" });
    }
    Ok(())
}

/// Files of chunks being written.
pub(super) struct SegmentWriter {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    /// How many files were begun.
    number: u64,
    file: Option<BufWriter<Box<dyn DiskFile>>>,
    /// Where the next chunk begins.
    offset: u64,
    bytes_max: u64,
    record: Vec<u8>,
}

impl SegmentWriter {
    /// Begins in `block`.
    pub(super) fn create(disk: &Arc<dyn Disk>, block: &Path) -> Result<Self, TsdbError> {
        let dir = block.join(CHUNKS_DIR);
        disk.create_dir_all(&dir).map_err(TsdbError::io(&dir))?;
        let disk = Arc::clone(disk);
        let record = Vec::new();
        Ok(Self {
            disk,
            dir,
            number: 0,
            file: None,
            offset: 0,
            bytes_max: SEGMENT_BYTES_MAX,
            record,
        })
    }

    #[cfg(test)]
    pub(super) fn with_bytes_max(mut self, bytes_max: u64) -> Self {
        self.bytes_max = bytes_max;
        self
    }

    /// Writes a chunk and returns the reference to it.
    pub(super) fn write(&mut self, chunk: &EncodedChunk) -> Result<u64, TsdbError> {
        self.record.clear();
        put_uvarint(&mut self.record, chunk.data.len() as u64);
        let from = self.record.len();
        self.record.push(chunk.encoding.as_byte());
        self.record.extend_from_slice(&chunk.data);
        let checksum = crc32c::crc32c(&self.record[from..]);
        self.record.extend(checksum.to_be_bytes());
        if self.file.is_none() || self.offset + self.record.len() as u64 > self.bytes_max {
            self.begin_file()?;
        }
        let reference = (self.number - 1) << 32 | self.offset;
        let path = self.path();
        let file = self.file.as_mut().expect("a file was begun where there was none");
        file.write_all(&self.record).map_err(TsdbError::io(path))?;
        self.offset += self.record.len() as u64;
        Ok(reference)
    }

    /// Makes all that was written durable.
    pub(super) fn finish(&mut self) -> Result<(), TsdbError> {
        let path = self.path();
        if let Some(file) = self.file.take() {
            file.into_inner()
                .map_err(std::io::IntoInnerError::into_error)
                .and_then(|mut file| file.sync())
                .map_err(TsdbError::io(path))?;
        }
        self.disk.sync_dir(&self.dir).map_err(TsdbError::io(&self.dir))
    }

    fn begin_file(&mut self) -> Result<(), TsdbError> {
        if self.file.is_some() {
            self.finish()?;
        }
        self.number += 1;
        let path = self.path();
        let file = self.disk.create(&path).map_err(TsdbError::io(&path))?;
        let mut file = BufWriter::with_capacity(1 << 20, file);
        let mut header = [0; HEADER_BYTES];
        header[..4].copy_from_slice(&MAGIC.to_be_bytes());
        header[4] = VERSION;
        file.write_all(&header).map_err(TsdbError::io(path))?;
        self.file = Some(file);
        self.offset = HEADER_BYTES as u64;
        Ok(())
    }

    fn path(&self) -> PathBuf {
        self.dir.join(format!("{:06}", self.number))
    }
}
