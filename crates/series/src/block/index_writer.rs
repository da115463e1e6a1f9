//! Writing a block's index.
//!
//! Series are collected as numbers of interned strings, so that the writer's
//! memory is a few dozen bytes a series. Layout in `docs/format/block.md`.

use hashbrown::HashMap;
use model::{LabelsRef, Timestamp};
use roaring::RoaringBitmap;

use super::times_file::TimesEntry;
use crate::codec::varint::{write, write_signed};

/// The first bytes of an index.
pub const MAGIC: &[u8; 8] = b"BWINDEX1";
/// How many series a group has: one is found by walking through its group.
pub const GROUP_SERIES: usize = 32;
/// The most labels of a series that is written as what differs from the one before.
pub const DIFFERENCE_LABELS_MAX: usize = 60;

/// Postings as gaps between series numbers.
pub const POSTINGS_GAPS: u64 = 0;
/// Postings as runs of series numbers: gap, length less one.
pub const POSTINGS_RUNS: u64 = 1;
/// Postings as a serialised roaring bitmap.
pub const POSTINGS_BITMAP: u64 = 2;

/// What a chunk holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChunkKind {
    /// Float samples.
    Floats,
    /// Native histogram samples.
    Histograms,
}

/// Where a chunk is and what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkRef {
    /// What it holds.
    pub kind: ChunkKind,
    /// Its times.
    pub times: TimesEntry,
    /// Where its bytes begin.
    pub offset: u64,
    /// How many bytes, without the checksum behind them.
    pub length: u32,
}

impl ChunkRef {
    /// The time of its first sample.
    pub fn time_min(&self) -> Timestamp {
        self.times.first
    }
}

/// A chunk that was written behind the one before.
#[derive(Clone, Copy, Debug)]
pub struct NewChunk {
    /// What it holds.
    pub kind: ChunkKind,
    /// The number of its column of times.
    pub times: u32,
    /// How many bytes, without the checksum behind them.
    pub length: u32,
}

/// Collects series, in the order of their labels, and then writes the index.
#[derive(Debug, Default)]
pub struct IndexWriter {
    names: HashMap<Box<str>, u32>,
    values: Vec<Values>,
    /// Numbers of name and value, series behind series.
    pairs: Vec<(u32, u32)>,
    chunks: Vec<NewChunk>,
    /// Where the pairs and chunks of each series end.
    series: Vec<(usize, usize)>,
}

/// The values of one label name.
#[derive(Debug, Default)]
struct Values {
    numbers: HashMap<Box<str>, u32>,
    /// By number: the series that have the value.
    postings: Vec<Vec<u32>>,
}

impl IndexWriter {
    /// Adds a series with its chunks, which stand behind those of the series before.
    pub fn add(&mut self, labels: &LabelsRef, chunks: &[NewChunk]) {
        let series = self.series.len() as u32;
        for (name, value) in labels.iter() {
            let next = self.names.len() as u32;
            let name = number_of(&mut self.names, name, next);
            if name == next {
                self.values.push(Values::default());
            }
            let values = &mut self.values[name as usize];
            let next = values.postings.len() as u32;
            let value = number_of(&mut values.numbers, value, next);
            if value == next {
                values.postings.push(Vec::new());
            }
            values.postings[value as usize].push(series);
            self.pairs.push((name, value));
        }
        self.chunks.extend_from_slice(chunks);
        self.series.push((self.pairs.len(), self.chunks.len()));
    }

    /// The bytes of the index; `chunks_start` is where the first chunk begins.
    pub fn finish(self, chunks_start: u64, times: &[TimesEntry]) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        let mut toc = Vec::new();
        let ids = write_labels(&self.names, &self.values, &mut out, &mut toc);
        let series_start = out.len();
        let groups = self.write_series(&ids, chunks_start, &mut out);
        let groups_start = out.len();
        groups.iter().for_each(|offset| {
            out.extend_from_slice(&((offset - series_start) as u64).to_le_bytes());
        });
        let times_start = out.len();
        times.iter().for_each(|entry| entry.write(&mut out));
        for number in [self.series.len(), series_start, groups_start, times_start, times.len()] {
            write(number as u64, &mut toc);
        }
        let toc_start = out.len() as u64;
        out.extend_from_slice(&toc);
        out.extend_from_slice(&toc_start.to_le_bytes());
        let checksum = crc32c::crc32c(&out);
        out.extend_from_slice(&checksum.to_le_bytes());
        out
    }

    /// Writes the series in groups and returns where each group begins.
    fn write_series(&self, ids: &LabelIds, chunks_start: u64, out: &mut Vec<u8>) -> Vec<usize> {
        let mut groups = Vec::with_capacity(self.series.len() / GROUP_SERIES + 1);
        let mut offset = chunks_start;
        let mut last: Vec<(u64, u64)> = Vec::new();
        let mut times = 0;
        let (mut pairs_start, mut chunks_begin) = (0, 0);
        for (number, (pairs_end, chunks_end)) in self.series.iter().enumerate() {
            if number % GROUP_SERIES == 0 {
                groups.push(out.len());
                write(offset, out);
                last.clear();
                times = 0;
            }
            let pairs: Vec<_> =
                self.pairs[pairs_start..*pairs_end].iter().map(|pair| ids.of(*pair)).collect();
            let chunks = &self.chunks[chunks_begin..*chunks_end];
            write_pairs(&last, &pairs, out);
            write_chunks(chunks, &mut times, out);
            offset += chunks.iter().map(|chunk| u64::from(chunk.length) + 4).sum::<u64>();
            last = pairs;
            (pairs_start, chunks_begin) = (*pairs_end, *chunks_end);
        }
        groups
    }
}

/// The number of `text`; `next`, from now on, where it has none.
fn number_of(numbers: &mut HashMap<Box<str>, u32>, text: &str, next: u32) -> u32 {
    if let Some(number) = numbers.get(text) {
        return *number;
    }
    numbers.insert(text.into(), next);
    next
}

/// What names and values are called in the file: a name by its place in the
/// order of names, a value by where its postings begin.
struct LabelIds {
    names: Vec<u64>,
    values: Vec<Vec<u64>>,
}

impl LabelIds {
    fn of(&self, (name, value): (u32, u32)) -> (u64, u64) {
        (self.names[name as usize], self.values[name as usize][value as usize])
    }
}

/// Writes, for each name in order, the postings of its values in order and the
/// automaton from values to where their postings begin.
fn write_labels(
    names: &HashMap<Box<str>, u32>,
    values: &[Values],
    out: &mut Vec<u8>,
    toc: &mut Vec<u8>,
) -> LabelIds {
    let mut sorted: Vec<_> = names.iter().collect();
    sorted.sort();
    let mut ids = LabelIds { names: vec![0; values.len()], values: vec![Vec::new(); values.len()] };
    write(sorted.len() as u64, toc);
    for (rank, (name, number)) in sorted.into_iter().enumerate() {
        let values = &values[*number as usize];
        let postings_start = out.len();
        let mut ordered: Vec<_> = values.numbers.iter().collect();
        ordered.sort();
        let mut offsets = vec![0; ordered.len()];
        let mut fst = fst::MapBuilder::memory();
        for (value, number) in ordered {
            let offset = (out.len() - postings_start) as u64;
            offsets[*number as usize] = offset;
            fst.insert(value.as_bytes(), offset).expect("values are sorted and distinct");
            write_postings(&values.postings[*number as usize], out);
        }
        let fst_start = out.len();
        out.extend_from_slice(&fst.into_inner().expect("writing to memory does not fail"));
        write(name.len() as u64, toc);
        toc.extend_from_slice(name.as_bytes());
        for number in [offsets.len(), postings_start, fst_start, out.len()] {
            write(number as u64, toc);
        }
        ids.names[*number as usize] = rank as u64;
        ids.values[*number as usize] = offsets;
    }
    ids
}

/// Writes rising series numbers in the smallest of three ways.
fn write_postings(postings: &[u32], out: &mut Vec<u8>) {
    let mut gaps = Vec::new();
    let mut runs = Vec::new();
    let mut runs_len = 0;
    let mut next = 0;
    for run in postings.chunk_by(|a, b| a + 1 == *b) {
        runs_len += 1;
        write(u64::from(run[0] - next), &mut runs);
        write(run.len() as u64 - 1, &mut runs);
        write(u64::from(run[0] - next), &mut gaps);
        gaps.extend(std::iter::repeat_n(0, run.len() - 1));
        next = run[run.len() - 1] + 1;
    }
    if runs.len() <= gaps.len() {
        write(runs_len << 2 | POSTINGS_RUNS, out);
        out.extend_from_slice(&runs);
        return;
    }
    let bitmap = RoaringBitmap::from_sorted_iter(postings.iter().copied())
        .expect("series are added with rising numbers");
    if bitmap.serialized_size() < gaps.len() {
        write(POSTINGS_BITMAP, out);
        bitmap.serialize_into(out).expect("writing to memory does not fail");
    } else {
        write((postings.len() as u64) << 2 | POSTINGS_GAPS, out);
        out.extend_from_slice(&gaps);
    }
}

/// Writes the labels of a series: a set of bits for those that differ from the
/// series before, which has the same names, or 0 and all of them.
fn write_pairs(last: &[(u64, u64)], pairs: &[(u64, u64)], out: &mut Vec<u8>) {
    let has_same_names = pairs.len() == last.len()
        && pairs.len() <= DIFFERENCE_LABELS_MAX
        && pairs.iter().zip(last).all(|(a, b)| a.0 == b.0);
    let differing = pairs.iter().zip(last).enumerate().filter(|(_, (new, old))| new.1 != old.1);
    let mask = if has_same_names {
        differing.clone().fold(0u64, |mask, (place, _)| mask | 1 << place)
    } else {
        0
    };
    if mask != 0 {
        write(mask, out);
        for (_, (new, old)) in differing {
            write_signed(new.1.wrapping_sub(old.1) as i64, out);
        }
    } else {
        write(0, out);
        write(pairs.len() as u64, out);
        for (name, value) in pairs {
            write(*name, out);
            write(*value, out);
        }
    }
}

/// Writes the chunks of a series. `times` is the column of the first chunk of the
/// series before, which a target's series share; later chunks mostly have the next.
fn write_chunks(chunks: &[NewChunk], times: &mut u32, out: &mut Vec<u8>) {
    write(chunks.len() as u64, out);
    let mut expected = *times;
    for chunk in chunks {
        let kind = match chunk.kind {
            ChunkKind::Floats => 0,
            ChunkKind::Histograms => 1,
        };
        write_signed((i64::from(chunk.times) - i64::from(expected)) << 1 | kind, out);
        write(u64::from(chunk.length), out);
        expected = chunk.times + 1;
    }
    if let Some(first) = chunks.first() {
        *times = first.times;
    }
}
