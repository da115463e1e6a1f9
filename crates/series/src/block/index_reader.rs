//! Reading a block's index in place.
//!
//! Opening checks the whole file against its checksum and reads the table of
//! contents; everything else is decoded from the mapped file when it is asked for.

use std::path::{Path, PathBuf};

use disk::{Disk, Map};
use fst::{IntoStreamer, Streamer};
use hashbrown::HashMap;
use model::{Labels, LabelsBuilder};
use parking_lot::Mutex;
use roaring::RoaringBitmap;

use super::index_writer::{
    ChunkKind, ChunkRef, GROUP_SERIES, MAGIC, POSTINGS_BITMAP, POSTINGS_GAPS, POSTINGS_RUNS,
};
use super::times_file::{self, TimesEntry};
use super::{BlockError, damaged_by};
use crate::codec::DecodeError;
use crate::codec::varint::{read, read_signed, take};
use crate::index::Postings;

/// The bytes behind the table of contents: its offset and the checksum.
const FOOTER_BYTES: usize = 12;
/// How many label values are kept decoded.
const VALUES_KEPT_MAX: usize = 1024;

/// An open index.
#[derive(Debug)]
pub struct IndexReader {
    path: PathBuf,
    map: Map,
    names: Vec<Name>,
    series_len: usize,
    series_start: usize,
    groups_start: usize,
    times_start: usize,
    times_len: usize,
    /// Values by number of name and place: series that follow one another share most.
    values: Mutex<HashMap<(u64, u64), Box<str>>>,
}

#[derive(Debug)]
struct Name {
    name: Box<str>,
    postings: usize,
    fst: usize,
    end: usize,
}

/// A series in the index: its labels by number, and where its chunks are described.
struct Entry<'a> {
    pairs: Vec<(u64, u64)>,
    /// What the entries before tell of the chunks.
    chunks: ChunkCursor,
    rest: &'a [u8],
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
        let (names, numbers) = read_toc(&mut &*toc).map_err(damaged_by(path))?;
        let [series_len, series_start, groups_start, times_start, times_len] = numbers;
        map.release();
        Ok(Self {
            path: path.to_owned(),
            map,
            names,
            series_len,
            series_start,
            groups_start,
            times_start,
            times_len,
            values: Mutex::default(),
        })
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
        while let Some((value, place)) = values.next() {
            if let Ok(value) = std::str::from_utf8(value) {
                each(value, &self.postings(name, place.value()));
            }
        }
    }

    /// The labels of series `number`.
    ///
    /// # Errors
    /// Where the entry is damaged, which the checksum makes a bug.
    pub fn labels(&self, number: u32) -> Result<Labels, BlockError> {
        let entry = self.entry(number)?;
        self.labels_of(&entry.pairs).map_err(damaged_by(&self.path))
    }

    /// The chunks of series `number`, by time.
    ///
    /// # Errors
    /// As [`IndexReader::labels`].
    pub fn chunks(&self, number: u32) -> Result<Vec<ChunkRef>, BlockError> {
        let Entry { mut chunks, mut rest, .. } = self.entry(number)?;
        let mut found = Vec::new();
        chunks
            .read(&mut rest, |kind, times, offset, length| {
                let times = self.times(times).ok_or(DecodeError::Invalid("column of times"))?;
                found.push(ChunkRef { kind, times, offset, length });
                Ok(())
            })
            .map_err(damaged_by(&self.path))?;
        Ok(found)
    }

    fn entry(&self, number: u32) -> Result<Entry<'_>, BlockError> {
        self.find_entry(number).map_err(|error| {
            BlockError::damaged(&self.path, format!("series {number} is unreadable: {error}"))
        })
    }

    /// Walks through the group of series `number` up to it.
    fn find_entry(&self, number: u32) -> Result<Entry<'_>, DecodeError> {
        let number = number as usize;
        if number >= self.series_len {
            return Err(DecodeError::Invalid("number of a series"));
        }
        let group = self.u64_at(self.groups_start + number / GROUP_SERIES * 8);
        let start = group.and_then(|group| self.series_start.checked_add(group as usize));
        let mut rest = start
            .and_then(|start| self.map.get(start..self.groups_start))
            .ok_or(DecodeError::Truncated)?;
        let mut chunks = ChunkCursor { offset: read(&mut rest)?, times: 0 };
        let mut pairs = Vec::new();
        for _ in 0..number % GROUP_SERIES {
            read_pairs(&mut rest, &mut pairs)?;
            chunks.read(&mut rest, |_, _, _, _| Ok(()))?;
        }
        read_pairs(&mut rest, &mut pairs)?;
        Ok(Entry { pairs, chunks, rest })
    }

    fn labels_of(&self, pairs: &[(u64, u64)]) -> Result<Labels, DecodeError> {
        let mut labels = LabelsBuilder::default();
        let mut values = self.values.lock();
        for pair in pairs {
            let name = self.names.get(pair.0 as usize).ok_or(DecodeError::Invalid("label name"))?;
            if let Some(value) = values.get(pair) {
                labels.set(&name.name, value);
                continue;
            }
            let value = self.fst(name).and_then(|fst| fst.get_key(pair.1));
            let value = value.and_then(|value| String::from_utf8(value).ok());
            let value = value.ok_or(DecodeError::Invalid("label value"))?;
            labels.set(&name.name, &value);
            if values.len() == VALUES_KEPT_MAX {
                values.clear();
            }
            values.insert(*pair, value.into());
        }
        Ok(labels.build())
    }

    fn times(&self, number: u32) -> Option<TimesEntry> {
        let number = Some(number as usize).filter(|number| *number < self.times_len)?;
        let at = self.times_start.checked_add(number.checked_mul(times_file::ENTRY_BYTES)?)?;
        let bytes = self.map.get(at..at.checked_add(times_file::ENTRY_BYTES)?)?;
        Some(TimesEntry::read(bytes.try_into().ok()?))
    }

    fn name(&self, name: &str) -> Option<&Name> {
        let at = self.names.binary_search_by(|entry| entry.name.as_ref().cmp(name)).ok()?;
        Some(&self.names[at])
    }

    fn fst(&self, name: &Name) -> Option<fst::raw::Fst<&[u8]>> {
        fst::raw::Fst::new(self.map.get(name.fst..name.end)?).ok()
    }

    fn postings(&self, name: &Name, place: u64) -> RoaringBitmap {
        let mut all = Union::default();
        self.read_postings(name, place, &mut all);
        all.finish()
    }

    /// Adds the postings at `place`. The checksum was right when the block was
    /// opened, so what is not readable is a bug, and adds nothing.
    fn read_postings(&self, name: &Name, place: u64, all: &mut Union) {
        let read = name.postings.checked_add(place as usize).and_then(|start| {
            let mut bytes = self.map.get(start..name.fst)?;
            all.add(&mut bytes, self.series_len as u32).ok()
        });
        debug_assert!(read.is_some(), "a checked index has readable postings");
    }

    fn u64_at(&self, at: usize) -> Option<u64> {
        let bytes = self.map.get(at..at.checked_add(8)?)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    }
}

impl Postings for IndexReader {
    fn all(&self) -> RoaringBitmap {
        let mut all = RoaringBitmap::new();
        all.insert_range(0..self.series_len as u32);
        all
    }

    fn of_pair(&self, name: &str, value: &str) -> RoaringBitmap {
        let Some(name) = self.name(name) else { return RoaringBitmap::new() };
        let place = self.fst(name).and_then(|fst| fst.get(value));
        place.map(|place| self.postings(name, place.value())).unwrap_or_default()
    }

    fn of_values(
        &self,
        name: &str,
        prefix: &str,
        accept: &mut dyn FnMut(&str) -> bool,
    ) -> RoaringBitmap {
        let mut all = Union::default();
        let Some(name) = self.name(name) else { return all.finish() };
        let Some(fst) = self.fst(name) else { return all.finish() };
        let mut values = fst.range().ge(prefix).into_stream();
        while let Some((value, place)) = values.next() {
            if !value.starts_with(prefix.as_bytes()) {
                break;
            }
            if std::str::from_utf8(value).is_ok_and(&mut *accept) {
                self.read_postings(name, place.value(), &mut all);
            }
        }
        all.finish()
    }
}

/// Postings of many values becoming one set: short ones are collected and
/// sorted once, which is cheaper than a bitmap for each.
#[derive(Default)]
struct Union {
    set: RoaringBitmap,
    numbers: Vec<u32>,
}

impl Union {
    /// Takes one postings list off the front of `bytes`.
    fn add(&mut self, bytes: &mut &[u8], series_len: u32) -> Result<(), DecodeError> {
        let header = read(bytes)?;
        let mut next = 0u32;
        let advance = |bytes: &mut &[u8], next: u32| -> Result<u32, DecodeError> {
            let number = u64::from(next).saturating_add(read(bytes)?);
            let number = u32::try_from(number).ok().filter(|number| *number < series_len);
            number.ok_or(DecodeError::Invalid("number of a series"))
        };
        match header & 3 {
            POSTINGS_GAPS => {
                for _ in 0..header >> 2 {
                    let number = advance(bytes, next)?;
                    self.numbers.push(number);
                    next = number + 1;
                }
            }
            POSTINGS_RUNS => {
                for _ in 0..header >> 2 {
                    let first = advance(bytes, next)?;
                    let more = u32::try_from(read(bytes)?).ok();
                    let last = more.and_then(|more| first.checked_add(more));
                    let last = last.filter(|last| *last < series_len);
                    let last = last.ok_or(DecodeError::Invalid("run of series"))?;
                    if last - first < 8 {
                        self.numbers.extend(first..=last);
                    } else {
                        self.set.insert_range(first..=last);
                    }
                    next = last + 1;
                }
            }
            POSTINGS_BITMAP => {
                self.set |= RoaringBitmap::deserialize_from(&mut *bytes)
                    .map_err(|_| DecodeError::Invalid("set of series"))?;
            }
            _ => return Err(DecodeError::Invalid("kind of postings")),
        }
        Ok(())
    }

    fn finish(mut self) -> RoaringBitmap {
        self.numbers.sort_unstable();
        if self.set.is_empty() {
            self.numbers.into_iter().collect()
        } else {
            self.set.extend(self.numbers);
            self.set
        }
    }
}

/// Reads the labels of a series over those of the one before.
fn read_pairs(rest: &mut &[u8], pairs: &mut Vec<(u64, u64)>) -> Result<(), DecodeError> {
    let mut mask = read(rest)?;
    if mask == 0 {
        pairs.clear();
        for _ in 0..read(rest)? {
            pairs.push((read(rest)?, read(rest)?));
        }
        return Ok(());
    }
    while mask != 0 {
        let place = mask.trailing_zeros() as usize;
        let pair = pairs.get_mut(place).ok_or(DecodeError::Invalid("label"))?;
        pair.1 = pair.1.wrapping_add(read_signed(rest)? as u64);
        mask &= mask - 1;
    }
    Ok(())
}

/// What the chunks before tell of the next: where it begins, which times it has.
struct ChunkCursor {
    offset: u64,
    times: u32,
}

impl ChunkCursor {
    /// Reads the chunks of a series: `each` is called with kind, column of times,
    /// offset and length.
    fn read(
        &mut self,
        rest: &mut &[u8],
        mut each: impl FnMut(ChunkKind, u32, u64, u32) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let mut expected = self.times;
        for number in 0..read(rest)? {
            let tagged = read_signed(rest)?;
            let kind = if tagged & 1 == 0 { ChunkKind::Floats } else { ChunkKind::Histograms };
            let times = u32::try_from(i64::from(expected).wrapping_add(tagged >> 1))
                .map_err(|_| DecodeError::Invalid("column of times"))?;
            let length = u32::try_from(read(rest)?)
                .map_err(|_| DecodeError::Invalid("length of a chunk"))?;
            each(kind, times, self.offset, length)?;
            self.offset = self.offset.wrapping_add(u64::from(length) + 4);
            expected = times.wrapping_add(1);
            if number == 0 {
                self.times = times;
            }
        }
        Ok(())
    }
}

fn read_toc(toc: &mut &[u8]) -> Result<(Vec<Name>, [usize; 5]), DecodeError> {
    let mut names = Vec::new();
    for _ in 0..read(toc)? {
        let length = read(toc)? as usize;
        let name = std::str::from_utf8(take(toc, length)?)
            .map_err(|_| DecodeError::Invalid("label name"))?;
        let mut number = || read(toc).map(|number| number as usize);
        let (_values_len, postings, fst, end) = (number()?, number()?, number()?, number()?);
        names.push(Name { name: name.into(), postings, fst, end });
    }
    let mut number = || read(toc).map(|number| number as usize);
    Ok((names, [number()?, number()?, number()?, number()?, number()?]))
}
