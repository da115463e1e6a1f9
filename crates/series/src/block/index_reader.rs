//! Reading a block's index in place.
//!
//! Opening checks the whole file against its checksum and reads the table of
//! contents; everything else is decoded from the mapped file when it is asked for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::{Disk, Map};
use fst::{IntoStreamer, Streamer};
use hashbrown::HashMap;
use model::Labels;
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
const VALUES_KEPT_MAX: usize = 8192;

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
    values: Mutex<HashMap<(u64, u64), Arc<str>>>,
}

#[derive(Debug)]
struct Name {
    name: Box<str>,
    postings: usize,
    fst: usize,
    end: usize,
}

/// Where the chunks of a series are described, found once and read from often.
#[derive(Clone, Copy, Debug)]
pub struct ChunkList {
    /// Where the description begins in the index.
    start: usize,
    /// What the series before tell.
    cursor: ChunkCursor,
}

/// A walk through the series of an index, forward only.
struct Walk<'a> {
    index: &'a IndexReader,
    /// The number of the series that `rest` begins with.
    next: u32,
    rest: &'a [u8],
    cursor: ChunkCursor,
    /// The labels of the series before, by number.
    pairs: Vec<(u64, u64)>,
    /// The labels of the last series that was asked for: numbers, name, value.
    texts: Vec<((u64, u64), &'a str, Arc<str>)>,
    scratch: String,
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
        let (labels, _) =
            Walk::new(self).to(number).map_err(|error| self.unreadable(number, error))?;
        Ok(labels)
    }

    /// Hands on the series in `numbers`: its number, its labels, where its chunks
    /// are described. It ends early where `each` fails.
    ///
    /// # Errors
    /// As [`IndexReader::labels`], and those of `each`.
    pub fn each_series<E: From<BlockError>>(
        &self,
        numbers: &RoaringBitmap,
        mut each: impl FnMut(u32, Labels, ChunkList) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut walk = Walk::new(self);
        for number in numbers {
            let (labels, chunks) =
                walk.to(number).map_err(|error| self.unreadable(number, error))?;
            each(number, labels, chunks)?;
        }
        Ok(())
    }

    /// Where the chunks of series `number` are described.
    ///
    /// # Errors
    /// As [`IndexReader::labels`].
    pub fn chunks(&self, number: u32) -> Result<ChunkList, BlockError> {
        Walk::new(self).chunks_of(number).map_err(|error| self.unreadable(number, error))
    }

    /// Hands on the chunks of a series, by time.
    ///
    /// # Errors
    /// As [`IndexReader::labels`].
    pub fn each_chunk(
        &self,
        list: &ChunkList,
        mut each: impl FnMut(ChunkRef),
    ) -> Result<(), BlockError> {
        let mut rest = self.map.get(list.start..self.groups_start).unwrap_or_default();
        let mut cursor = list.cursor;
        let read = cursor.read(&mut rest, |kind, times, offset, length| {
            let times = self.times(times).ok_or(DecodeError::Invalid("column of times"))?;
            each(ChunkRef { kind, times, offset, length });
            Ok(())
        });
        read.map_err(damaged_by(&self.path))
    }

    fn unreadable(&self, number: u32, error: DecodeError) -> BlockError {
        BlockError::damaged(&self.path, format!("series {number} is unreadable: {error}"))
    }

    /// The text of a value.
    fn value(&self, name: &Name, pair: (u64, u64)) -> Result<Arc<str>, DecodeError> {
        let mut values = self.values.lock();
        if let Some(value) = values.get(&pair) {
            return Ok(Arc::clone(value));
        }
        let value = self.fst(name).and_then(|fst| fst.get_key(pair.1));
        let value = value.and_then(|value| String::from_utf8(value).ok());
        let value: Arc<str> = value.ok_or(DecodeError::Invalid("label value"))?.into();
        if values.len() == VALUES_KEPT_MAX {
            values.clear();
        }
        values.insert(pair, Arc::clone(&value));
        Ok(value)
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

impl<'a> Walk<'a> {
    /// A walk that has not begun.
    fn new(index: &'a IndexReader) -> Self {
        Self {
            index,
            next: u32::MAX,
            rest: &[],
            cursor: ChunkCursor::default(),
            pairs: Vec::new(),
            texts: Vec::new(),
            scratch: String::new(),
        }
    }

    /// Goes to series `number`, which lies behind the one before, and reads it.
    fn to(&mut self, number: u32) -> Result<(Labels, ChunkList), DecodeError> {
        let list = self.chunks_of(number)?;
        Ok((self.labels()?, list))
    }

    /// Goes to series `number` and past its labels.
    fn chunks_of(&mut self, number: u32) -> Result<ChunkList, DecodeError> {
        let (number_at, next) = (number as usize, self.next as usize);
        let is_within = !next.is_multiple_of(GROUP_SERIES)
            && next <= number_at
            && next / GROUP_SERIES == number_at / GROUP_SERIES;
        if !is_within {
            self.begin_group(number_at)?;
        }
        while self.next < number {
            read_pairs(&mut self.rest, &mut self.pairs)?;
            self.skip_chunks()?;
        }
        read_pairs(&mut self.rest, &mut self.pairs)?;
        let start = self.index.groups_start - self.rest.len();
        let list = ChunkList { start, cursor: self.cursor };
        self.skip_chunks()?;
        Ok(list)
    }

    fn begin_group(&mut self, number: usize) -> Result<(), DecodeError> {
        let index = self.index;
        if number >= index.series_len {
            return Err(DecodeError::Invalid("number of a series"));
        }
        let group = index.u64_at(index.groups_start + number / GROUP_SERIES * 8);
        let start = group.and_then(|group| index.series_start.checked_add(group as usize));
        self.rest = start
            .and_then(|start| index.map.get(start..index.groups_start))
            .ok_or(DecodeError::Truncated)?;
        self.cursor = ChunkCursor { offset: read(&mut self.rest)?, times: 0 };
        self.pairs.clear();
        self.next = (number - number % GROUP_SERIES) as u32;
        Ok(())
    }

    fn skip_chunks(&mut self) -> Result<(), DecodeError> {
        self.next += 1;
        self.cursor.read(&mut self.rest, |_, _, _, _| Ok(()))
    }

    /// The labels of the series that was read last. Only those that differ from
    /// the last time are looked up.
    fn labels(&mut self) -> Result<Labels, DecodeError> {
        self.texts.truncate(self.pairs.len());
        for (place, pair) in self.pairs.iter().enumerate() {
            if self.texts.get(place).is_some_and(|(known, ..)| known == pair) {
                continue;
            }
            let name = self.index.names.get(pair.0 as usize);
            let name = name.ok_or(DecodeError::Invalid("label name"))?;
            let text = (*pair, name.name.as_ref(), self.index.value(name, *pair)?);
            match self.texts.get_mut(place) {
                Some(known) => *known = text,
                None => self.texts.push(text),
            }
        }
        let pairs = self.texts.iter().map(|(_, name, value)| (*name, value.as_ref()));
        let labels = Labels::from_sorted_pairs(pairs, &mut self.scratch);
        labels.ok_or(DecodeError::Invalid("order of labels"))
    }
}

/// What the chunks before tell of the next: where it begins, which times it has.
#[derive(Clone, Copy, Debug, Default)]
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
