//! Writing a block's index, section by section.
//!
//! Symbols come first and are numbered in their order, so they are all known
//! before the first series; the writer's memory is a few bytes for each label of
//! each series.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use disk::{Disk, DiskFile};
use hashbrown::HashMap;
use model::{Labels, LabelsRef};

use super::INDEX_FILE;
use super::index::{ChunkEntry, MAGIC, SERIES_ALIGN, VERSION};
use crate::error::TsdbError;
use crate::input::{put_str, put_uvarint, put_varint};

/// Lists of postings and of label values begin at multiples of this.
const LIST_ALIGN: usize = 4;

/// An index being written.
pub(super) struct IndexWriter<'a> {
    path: PathBuf,
    file: BufWriter<Box<dyn DiskFile>>,
    /// Where the next byte goes.
    at: u64,
    symbols: HashMap<&'a str, u32>,
    /// The symbols by number.
    texts: Vec<&'a str>,
    contents: Contents,
    /// References of the series by name and value, in the order of series.
    postings: HashMap<(u32, u32), Vec<u32>>,
    all: Vec<u32>,
    entry: Vec<u8>,
}

/// Where the sections begin.
#[derive(Clone, Copy, Debug, Default)]
struct Contents {
    symbols: u64,
    series: u64,
    label_indices: u64,
    label_index_table: u64,
    postings: u64,
    postings_table: u64,
}

impl<'a> IndexWriter<'a> {
    /// Begins the index of a block whose series are among `series`.
    pub(super) fn create(
        disk: &dyn Disk,
        block: &Path,
        series: &'a [Labels],
    ) -> Result<Self, TsdbError> {
        let path = block.join(INDEX_FILE);
        let file = disk.create(&path).map_err(TsdbError::io(&path))?;
        let mut symbols = HashMap::new();
        for (name, value) in series.iter().flat_map(|labels| labels.iter()) {
            symbols.insert(name, 0u32);
            symbols.insert(value, 0);
        }
        let mut texts: Vec<&str> = symbols.keys().copied().collect();
        texts.sort_unstable();
        for (number, text) in texts.iter().enumerate() {
            symbols.insert(text, number as u32);
        }
        let mut writer = Self {
            path,
            file: BufWriter::with_capacity(1 << 20, file),
            at: 0,
            symbols,
            texts,
            contents: Contents::default(),
            postings: HashMap::new(),
            all: Vec::new(),
            entry: Vec::new(),
        };
        writer.put(&MAGIC.to_be_bytes())?;
        writer.put(&[VERSION])?;
        writer.write_symbols()?;
        writer.contents.series = writer.at;
        Ok(writer)
    }

    fn write_symbols(&mut self) -> Result<(), TsdbError> {
        self.contents.symbols = self.at;
        let mut content = (self.texts.len() as u32).to_be_bytes().to_vec();
        self.texts.iter().for_each(|text| put_str(&mut content, text));
        self.write_section(&content, "the text of all labels")
    }

    /// Adds a series with its chunks; series come by labels, each once.
    pub(super) fn add(
        &mut self,
        labels: &LabelsRef,
        chunks: &[ChunkEntry],
    ) -> Result<(), TsdbError> {
        self.align(SERIES_ALIGN)?;
        let reference = u32::try_from(self.at / SERIES_ALIGN as u64)
            .map_err(|_| self.too_large("the section of series"))?;
        let mut entry = std::mem::take(&mut self.entry);
        entry.clear();
        put_uvarint(&mut entry, labels.len() as u64);
        for (name, value) in labels {
            let pair = (self.symbols[name], self.symbols[value]);
            put_uvarint(&mut entry, u64::from(pair.0));
            put_uvarint(&mut entry, u64::from(pair.1));
            self.postings.entry(pair).or_default().push(reference);
        }
        put_chunks(&mut entry, chunks);
        let mut length = Vec::with_capacity(5);
        put_uvarint(&mut length, entry.len() as u64);
        self.put(&length)?;
        self.put(&entry)?;
        self.put(&crc32c::crc32c(&entry).to_be_bytes())?;
        self.entry = entry;
        self.all.push(reference);
        Ok(())
    }

    /// Writes the lists and the table of contents, and makes the file durable.
    pub(super) fn finish(mut self) -> Result<(), TsdbError> {
        let mut postings: Vec<_> = std::mem::take(&mut self.postings).into_iter().collect();
        postings.sort_unstable_by_key(|(pair, _)| *pair);
        let label_indices = self.write_label_indices(&postings)?;
        let lists = self.write_postings(&postings)?;

        self.contents.label_index_table = self.at;
        let mut table = (label_indices.len() as u32).to_be_bytes().to_vec();
        for (name, at) in label_indices {
            table.push(1);
            put_str(&mut table, self.texts[name as usize]);
            put_uvarint(&mut table, at);
        }
        self.write_section(&table, "the table of labels")?;

        self.contents.postings_table = self.at;
        let mut table = (lists.len() as u32).to_be_bytes().to_vec();
        for (pair, at) in lists {
            let text = |symbol: u32| self.texts[symbol as usize];
            let (name, value) = pair.map_or(("", ""), |(name, value)| (text(name), text(value)));
            table.push(2);
            put_str(&mut table, name);
            put_str(&mut table, value);
            put_uvarint(&mut table, at);
        }
        self.write_section(&table, "the table of postings")?;
        self.write_contents()?;
        let Self { path, file, .. } = self;
        file.into_inner()
            .map_err(std::io::IntoInnerError::into_error)
            .and_then(|mut file| file.sync())
            .map_err(TsdbError::io(path))
    }

    /// The values of each name. Prometheus has stopped reading them but other
    /// readers of its blocks expect the section.
    fn write_label_indices(
        &mut self,
        postings: &[((u32, u32), Vec<u32>)],
    ) -> Result<Vec<(u32, u64)>, TsdbError> {
        self.align(LIST_ALIGN)?;
        self.contents.label_indices = self.at;
        let mut places = Vec::new();
        for of_name in postings.chunk_by(|a, b| a.0.0 == b.0.0) {
            self.align(LIST_ALIGN)?;
            places.push((of_name[0].0.0, self.at));
            let mut content = 1u32.to_be_bytes().to_vec();
            content.extend((of_name.len() as u32).to_be_bytes());
            of_name.iter().for_each(|((_, value), _)| content.extend(value.to_be_bytes()));
            self.write_section(&content, "the values of a label")?;
        }
        Ok(places)
    }

    /// The lists of series; `None` stands for the list of all.
    #[expect(clippy::type_complexity, reason = "a list of places, used once")]
    fn write_postings(
        &mut self,
        postings: &[((u32, u32), Vec<u32>)],
    ) -> Result<Vec<(Option<(u32, u32)>, u64)>, TsdbError> {
        self.align(LIST_ALIGN)?;
        self.contents.postings = self.at;
        let all = std::mem::take(&mut self.all);
        let lists = postings.iter().map(|(pair, list)| (Some(*pair), list));
        let mut places = Vec::new();
        for (pair, list) in std::iter::once((None, &all)).chain(lists) {
            self.align(LIST_ALIGN)?;
            places.push((pair, self.at));
            let mut content = (list.len() as u32).to_be_bytes().to_vec();
            list.iter().for_each(|reference| content.extend(reference.to_be_bytes()));
            self.write_section(&content, "a list of series")?;
        }
        Ok(places)
    }

    fn write_contents(&mut self) -> Result<(), TsdbError> {
        let contents = self.contents;
        let mut bytes = Vec::new();
        for offset in [
            contents.symbols,
            contents.series,
            contents.label_indices,
            contents.label_index_table,
            contents.postings,
            contents.postings_table,
        ] {
            bytes.extend(offset.to_be_bytes());
        }
        bytes.extend(crc32c::crc32c(&bytes).to_be_bytes());
        self.put(&bytes)
    }

    /// Writes a section: length, content, checksum.
    fn write_section(&mut self, content: &[u8], what: &'static str) -> Result<(), TsdbError> {
        let length = u32::try_from(content.len()).map_err(|_| self.too_large(what))?;
        self.put(&length.to_be_bytes())?;
        self.put(content)?;
        self.put(&crc32c::crc32c(content).to_be_bytes())
    }

    fn align(&mut self, to: usize) -> Result<(), TsdbError> {
        let missing = self.at.next_multiple_of(to as u64) - self.at;
        self.put(&[0; SERIES_ALIGN][..missing as usize])
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), TsdbError> {
        self.at += bytes.len() as u64;
        self.file.write_all(bytes).map_err(TsdbError::io(&self.path))
    }

    fn too_large(&self, what: &'static str) -> TsdbError {
        TsdbError::TooLarge { path: self.path.clone(), what }
    }
}

fn put_chunks(entry: &mut Vec<u8>, chunks: &[ChunkEntry]) {
    put_uvarint(entry, chunks.len() as u64);
    let mut before: Option<&ChunkEntry> = None;
    for chunk in chunks {
        let (first, last) = (chunk.range.start.as_millis(), chunk.range.end.as_millis());
        match before {
            None => put_varint(entry, first),
            Some(before) => {
                put_uvarint(entry, first.wrapping_sub(before.range.end.as_millis()) as u64);
            }
        }
        put_uvarint(entry, last.wrapping_sub(first) as u64);
        match before {
            None => put_uvarint(entry, chunk.reference),
            Some(before) => {
                put_varint(entry, chunk.reference.wrapping_sub(before.reference) as i64);
            }
        }
        before = Some(chunk);
    }
}
