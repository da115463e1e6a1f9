//! Reading a block's index.
//!
//! Of its sections, the symbols and the list of all series are read when it is
//! opened; a series is read when it is asked for. Postings of single labels are
//! not needed, for an import walks over all series.

use std::path::{Path, PathBuf};

use disk::{Disk, Map};
use model::{Labels, LabelsBuilder, TimeRange, Timestamp};

use super::INDEX_FILE;
use crate::error::{Malformed, TsdbError};
use crate::input::Input;

pub(super) const MAGIC: u32 = 0xBAAA_D700;
pub(super) const VERSION: u8 = 2;
pub(super) const HEADER_BYTES: usize = 5;
/// The table of contents: six offsets and a checksum.
pub(super) const CONTENTS_BYTES: usize = 6 * 8 + 4;
/// Series begin at multiples of this, which their references count.
pub(super) const SERIES_ALIGN: usize = 16;

/// An open index.
#[derive(Debug)]
pub(super) struct Index {
    path: PathBuf,
    map: Map,
    /// Where each symbol begins: its length, then its bytes.
    symbols: Vec<u32>,
    /// Where the bytes that `symbols` counts from begin.
    symbols_at: usize,
    /// References to all series, by labels.
    series: Vec<u32>,
}

/// A series and where its samples are.
#[derive(Clone, Debug)]
pub(super) struct SeriesEntry {
    pub(super) labels: Labels,
    /// By time.
    pub(super) chunks: Vec<ChunkEntry>,
}

/// A chunk of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChunkEntry {
    pub(super) range: TimeRange,
    /// For [`super::segments::Segments::chunk`].
    pub(super) reference: u64,
}

impl Index {
    pub(super) fn open(disk: &dyn Disk, block: &Path) -> Result<Self, TsdbError> {
        let path = block.join(INDEX_FILE);
        let map = disk.map(&path).map_err(TsdbError::io(&path))?;
        if map.len() >= HEADER_BYTES && map[..4] == MAGIC.to_be_bytes() && map[4] != VERSION {
            let (version, supported) = (u32::from(map[4]), u32::from(VERSION));
            return Err(TsdbError::Version { path, version, supported });
        }
        let mut index = Self { path, map, symbols: Vec::new(), symbols_at: 0, series: Vec::new() };
        index.load().map_err(|error| error.within(&index.path, 0))?;
        Ok(index)
    }

    fn load(&mut self) -> Result<(), Malformed> {
        let map = &self.map;
        if Input::new(map).be_u32()? != MAGIC {
            return Err(Malformed { at: 0, reason: "it is no index" });
        }
        let at = map.len().saturating_sub(CONTENTS_BYTES).max(HEADER_BYTES);
        let mut contents = Input::at(map, at);
        let offsets: [u64; 6] = {
            let mut offsets = [0; 6];
            for offset in &mut offsets {
                *offset = contents.be_u64()?;
            }
            offsets
        };
        if crc32c::crc32c(&map[at..at + CONTENTS_BYTES - 4]) != contents.be_u32()? {
            return Err(Malformed { at, reason: "the checksum of its contents is wrong" });
        }
        let [symbols, _series, _label_indices, _label_index_table, _postings, postings_table] =
            offsets;
        (self.symbols, self.symbols_at) = load_symbols(map, symbols)?;
        let all = find_all_postings(map, postings_table)?;
        self.series = load_postings(map, all)?;
        Ok(())
    }

    /// The number of series.
    pub(super) fn series_len(&self) -> usize {
        self.series.len()
    }

    /// The reference of series `number`, as tombstones name it.
    pub(super) fn reference(&self, number: usize) -> u64 {
        u64::from(self.series[number])
    }

    /// Series `number`, counted by labels.
    pub(super) fn series(&self, number: usize) -> Result<SeriesEntry, TsdbError> {
        let at = self.series[number] as usize * SERIES_ALIGN;
        self.read_series(at).map_err(|error| error.within(&self.path, 0))
    }

    fn read_series(&self, at: usize) -> Result<SeriesEntry, Malformed> {
        let mut input = Input::at(&self.map, at);
        let length = input.count(1)?;
        let from = input.position();
        let content = input.take(length)?;
        if crc32c::crc32c(content) != input.be_u32()? {
            return Err(Malformed { at: from, reason: "a series' checksum is wrong" });
        }
        // Places within the content are told as places within the file.
        let moved = |error: Malformed| Malformed { at: error.at + from, ..error };
        self.parse_series(content).map_err(moved)
    }

    fn parse_series(&self, content: &[u8]) -> Result<SeriesEntry, Malformed> {
        let mut input = Input::new(content);
        let mut labels = LabelsBuilder::default();
        let mut last_name = "";
        for place in 0..input.count(2)? {
            let (name, value) = (input.uvarint_u32()?, input.uvarint_u32()?);
            let (name, value) = (self.symbol(name, &input)?, self.symbol(value, &input)?);
            if place > 0 && name <= last_name {
                return Err(input.fail("a series' labels are not in order"));
            }
            labels.set(name, value);
            last_name = name;
        }
        let count = input.count(3)?;
        let mut chunks: Vec<ChunkEntry> = Vec::with_capacity(count);
        let (mut time, mut reference) = (0i64, 0i64);
        for place in 0..count {
            let first = if place == 0 {
                input.varint()?
            } else {
                // Written as unsigned, but it wraps where chunks overlap.
                time.wrapping_add(input.uvarint()? as i64)
            };
            time = first.wrapping_add(input.uvarint()? as i64);
            reference = if place == 0 {
                input.uvarint()? as i64
            } else {
                reference.wrapping_add(input.varint()?)
            };
            let range = TimeRange::new(Timestamp::from_millis(first), Timestamp::from_millis(time));
            chunks.push(ChunkEntry { range, reference: reference as u64 });
        }
        Ok(SeriesEntry { labels: labels.build(), chunks })
    }

    fn symbol(&self, number: u32, asked_at: &Input<'_>) -> Result<&str, Malformed> {
        let at = self.symbols.get(number as usize);
        let at = at.ok_or_else(|| asked_at.fail("a label names a symbol that is not there"))?;
        Input::at(&self.map, self.symbols_at + *at as usize).str()
    }

    /// Gives the memory of pages that were read back.
    pub(super) fn release(&self) {
        self.map.release();
    }
}

/// The content of a section behind its length, with a checksum behind it.
fn section(map: &[u8], offset: u64) -> Result<(usize, &[u8]), Malformed> {
    let at = usize::try_from(offset).unwrap_or(usize::MAX);
    let mut input = Input::at(map, at);
    let length = input.be_u32()? as usize;
    let from = input.position();
    let content = input.take(length)?;
    if crc32c::crc32c(content) != input.be_u32()? {
        return Err(Malformed { at: from, reason: "a section's checksum is wrong" });
    }
    Ok((from, content))
}

/// Where each symbol begins, and what that is counted from.
fn load_symbols(map: &[u8], offset: u64) -> Result<(Vec<u32>, usize), Malformed> {
    let (from, content) = section(map, offset)?;
    let mut input = Input::new(content);
    let parse = |input: &mut Input<'_>| {
        let count = input.be_u32()? as usize;
        if count > content.len() {
            return Err(input.fail("a count is larger than what follows"));
        }
        let mut symbols = Vec::with_capacity(count);
        for _ in 0..count {
            symbols.push(input.position() as u32);
            input.str()?;
        }
        Ok(symbols)
    };
    let symbols =
        parse(&mut input).map_err(|error: Malformed| Malformed { at: error.at + from, ..error })?;
    Ok((symbols, from))
}

/// Where the postings of all series are: those of the empty name and value.
fn find_all_postings(map: &[u8], offset: u64) -> Result<u64, Malformed> {
    let (from, content) = section(map, offset)?;
    let mut input = Input::new(content);
    let mut find = || {
        for _ in 0..input.be_u32()? {
            if input.byte()? != 2 {
                return Err(input.fail("an entry of the table of postings has not two texts"));
            }
            let (name, value) = (input.str()?, input.str()?);
            let offset = input.uvarint()?;
            if name.is_empty() && value.is_empty() {
                return Ok(offset);
            }
        }
        Err(input.fail("the list of all series is missing"))
    };
    find().map_err(|error: Malformed| Malformed { at: error.at + from, ..error })
}

fn load_postings(map: &[u8], offset: u64) -> Result<Vec<u32>, Malformed> {
    let (from, content) = section(map, offset)?;
    let mut input = Input::new(content);
    let count = input.be_u32()? as usize;
    if content.len() - 4 != count.saturating_mul(4) {
        return Err(Malformed { at: from, reason: "the list of all series is cut short" });
    }
    (0..count).map(|_| input.be_u32()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn framed(content: &[u8]) -> Vec<u8> {
        let mut bytes = (content.len() as u32).to_be_bytes().to_vec();
        bytes.extend_from_slice(content);
        bytes.extend(crc32c::crc32c(content).to_be_bytes());
        bytes
    }

    /// Small numbers are more likely: they are counts and lengths that fit.
    fn hostile() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![3 => 0u8..4, 1 => any::<u8>()];
        proptest::collection::vec(byte, 0..60)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// Sections whose checksum is right and whose content is not.
        #[test]
        fn hostile_sections_are_errors_within_the_file(content in hostile()) {
            let bytes = framed(&content);
            let mut faults = Vec::new();
            faults.extend(load_symbols(&bytes, 0).err());
            faults.extend(find_all_postings(&bytes, 0).err());
            faults.extend(load_postings(&bytes, 0).err());
            let index = Index {
                path: PathBuf::from("index"),
                map: Map::from(framed(&[0, 0, 0, 2, 1, b'a', 1, b'b'])),
                symbols: vec![4, 6],
                symbols_at: 4,
                series: Vec::new(),
            };
            faults.extend(index.parse_series(&content).err());
            for fault in faults {
                prop_assert!(fault.at <= bytes.len(), "{fault:?}");
            }
        }
    }
}
