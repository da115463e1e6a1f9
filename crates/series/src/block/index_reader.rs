//! Reading a block's index in place.
//!
//! Opening checks the whole file against its checksum and reads the table of
//! contents; everything else is decoded from the mapped file when it is asked for.

use std::ops::Range;
use std::path::{Path, PathBuf};

use disk::{Disk, Map};
use fst::{IntoStreamer, Streamer};
use model::{Labels, LabelsBuilder, Timestamp};
use roaring::RoaringBitmap;

use super::index_writer::{ChunkKind, ChunkRef, MAGIC, POSTINGS_BITMAP, POSTINGS_SHORT};
use super::{BlockError, damaged_by};
use crate::codec::DecodeError;
use crate::codec::varint::{read, read_signed, take, take_byte};
use crate::index::Postings;

/// The bytes behind the table of contents: its offset and the checksum.
const FOOTER_BYTES: usize = 12;

/// An open index.
#[derive(Debug)]
pub struct IndexReader {
    path: PathBuf,
    map: Map,
    names: Vec<Name>,
    series_len: usize,
    series: usize,
    offsets: usize,
}

#[derive(Debug)]
struct Name {
    name: Box<str>,
    values_len: usize,
    fst: Range<usize>,
    postings: usize,
    offsets: usize,
}

impl IndexReader {
    /// Opens and checks the file at `path`.
    ///
    /// # Errors
    /// Where it can't be read or is damaged.
    pub fn open(disk: &dyn Disk, path: &Path) -> Result<Self, BlockError> {
        let map = disk.map(path).map_err(BlockError::io(path))?;
        let damaged = |reason: &str| BlockError::damaged(path, reason);
        if map.len() < MAGIC.len() + FOOTER_BYTES || !map.starts_with(MAGIC) {
            return Err(damaged("it is no index"));
        }
        let (body, checksum) = map.split_at(map.len() - 4);
        if crc32c::crc32c(body).to_le_bytes() != checksum {
            return Err(damaged("its checksum is wrong"));
        }
        let (body, toc_start) = body.split_at(body.len() - 8);
        let toc_start =
            u64::from_le_bytes(toc_start.try_into().expect("eight bytes were split off"));
        let toc = body.get(toc_start as usize..).ok_or_else(|| damaged("it has no contents"))?;
        let (names, [series_len, series, offsets]) =
            read_toc(&mut &*toc).map_err(damaged_by(path))?;
        Ok(Self { path: path.to_owned(), map, names, series_len, series, offsets })
    }

    /// The number of series.
    pub fn series_len(&self) -> usize {
        self.series_len
    }

    /// The label names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| name.name.as_ref())
    }

    /// Calls `each` with every value of label `name` and its postings, sorted by value.
    pub fn each_value(&self, name: &str, mut each: impl FnMut(&str, &RoaringBitmap)) {
        let Some(name) = self.name(name) else { return };
        let Some(fst) = self.fst(name) else { return };
        let mut values = fst.stream().into_stream();
        while let Some((value, number)) = values.next() {
            if let Ok(value) = std::str::from_utf8(value) {
                each(value, &self.postings(name, number.value() as usize));
            }
        }
    }

    /// The labels of series `number`.
    ///
    /// # Errors
    /// Where the entry is damaged, which the checksum makes a bug.
    pub fn labels(&self, number: u32) -> Result<Labels, BlockError> {
        let mut entry = self.entry(number)?;
        self.read_labels(&mut entry).map_err(damaged_by(&self.path))
    }

    /// The chunks of series `number`, by time.
    ///
    /// # Errors
    /// As [`IndexReader::labels`].
    pub fn chunks(&self, number: u32) -> Result<Vec<ChunkRef>, BlockError> {
        let mut entry = self.entry(number)?;
        read_chunks(&mut entry).map_err(damaged_by(&self.path))
    }

    fn entry(&self, number: u32) -> Result<&[u8], BlockError> {
        let at = self.offsets + number as usize * 4;
        let bounds = self.u32_at(at).zip(self.u32_at(at + 4));
        bounds
            .filter(|_| (number as usize) < self.series_len)
            .and_then(|(from, to)| self.map.get(self.series + from..self.series + to))
            .ok_or_else(|| BlockError::damaged(&self.path, format!("series {number} is missing")))
    }

    fn read_labels(&self, entry: &mut &[u8]) -> Result<Labels, DecodeError> {
        let mut labels = LabelsBuilder::default();
        for _ in 0..read(entry)? {
            let (name, value) = (read(entry)?, read(entry)?);
            let name = self.names.get(name as usize).ok_or(DecodeError::Invalid("label name"))?;
            let value = self.fst(name).and_then(|fst| fst.get_key(value));
            let value = value.ok_or(DecodeError::Invalid("label value"))?;
            let value =
                String::from_utf8(value).map_err(|_| DecodeError::Invalid("label value"))?;
            labels.set(&name.name, &value);
        }
        Ok(labels.build())
    }

    fn name(&self, name: &str) -> Option<&Name> {
        let at = self.names.binary_search_by(|entry| entry.name.as_ref().cmp(name)).ok()?;
        Some(&self.names[at])
    }

    fn fst(&self, name: &Name) -> Option<fst::raw::Fst<&[u8]>> {
        fst::raw::Fst::new(self.map.get(name.fst.clone())?).ok()
    }

    fn postings(&self, name: &Name, value: usize) -> RoaringBitmap {
        self.read_postings(name, value).unwrap_or_default()
    }

    fn read_postings(&self, name: &Name, value: usize) -> Option<RoaringBitmap> {
        if value >= name.values_len {
            return None;
        }
        let at = name.offsets + value * 4;
        let (from, to) = (self.u32_at(at)?, self.u32_at(at + 4)?);
        let mut bytes = self.map.get(name.postings + from..name.postings + to)?;
        match take_byte(&mut bytes).ok()? {
            POSTINGS_BITMAP => RoaringBitmap::deserialize_from(bytes).ok(),
            POSTINGS_SHORT => {
                let mut postings = RoaringBitmap::new();
                let mut number = 0u32;
                while !bytes.is_empty() {
                    number = number.checked_add(u32::try_from(read(&mut bytes).ok()?).ok()?)?;
                    postings.insert(number);
                }
                Some(postings)
            }
            _ => None,
        }
    }

    fn u32_at(&self, at: usize) -> Option<usize> {
        let bytes = self.map.get(at..at + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
    }
}

impl Postings for IndexReader {
    fn all(&self) -> RoaringBitmap {
        (0..self.series_len as u32).collect()
    }

    fn of_pair(&self, name: &str, value: &str) -> RoaringBitmap {
        let Some(name) = self.name(name) else { return RoaringBitmap::new() };
        let number = self.fst(name).and_then(|fst| fst.get(value));
        number.map(|number| self.postings(name, number.value() as usize)).unwrap_or_default()
    }

    fn of_values(
        &self,
        name: &str,
        prefix: &str,
        accept: &mut dyn FnMut(&str) -> bool,
    ) -> RoaringBitmap {
        let mut all = RoaringBitmap::new();
        let Some(name) = self.name(name) else { return all };
        let Some(fst) = self.fst(name) else { return all };
        let mut values = fst.range().ge(prefix).into_stream();
        while let Some((value, number)) = values.next() {
            if !value.starts_with(prefix.as_bytes()) {
                break;
            }
            if std::str::from_utf8(value).is_ok_and(&mut *accept) {
                all |= self.postings(name, number.value() as usize);
            }
        }
        all
    }
}

fn read_toc(toc: &mut &[u8]) -> Result<(Vec<Name>, [usize; 3]), DecodeError> {
    let mut names = Vec::new();
    for _ in 0..read(toc)? {
        let length = read(toc)? as usize;
        let name = std::str::from_utf8(take(toc, length)?)
            .map_err(|_| DecodeError::Invalid("label name"))?;
        let mut number = || read(toc).map(|number| number as usize);
        let (values_len, fst, postings, offsets) = (number()?, number()?, number()?, number()?);
        names.push(Name { name: name.into(), values_len, fst: fst..postings, postings, offsets });
    }
    let mut number = || read(toc).map(|number| number as usize);
    Ok((names, [number()?, number()?, number()?]))
}

fn read_chunks(entry: &mut &[u8]) -> Result<Vec<ChunkRef>, DecodeError> {
    for _ in 0..read(entry)? {
        read(entry)?;
        read(entry)?;
    }
    let count = read(entry)?;
    let mut chunks = Vec::new();
    let mut last = 0i64;
    for _ in 0..count {
        let kind = match take_byte(entry)? {
            0 => ChunkKind::Floats,
            1 => ChunkKind::Histograms,
            _ => return Err(DecodeError::Invalid("kind of chunk")),
        };
        let min = last.wrapping_add(read_signed(entry)?);
        last = min.wrapping_add(read(entry)? as i64);
        chunks.push(ChunkRef {
            kind,
            time_min: Timestamp::from_millis(min),
            time_max: Timestamp::from_millis(last),
            samples: read(entry)? as u32,
            offset: read(entry)?,
            length: read(entry)? as u32,
        });
    }
    Ok(chunks)
}
