//! Writing a block's index.

use std::collections::BTreeMap;

use model::{LabelsRef, Timestamp};
use roaring::RoaringBitmap;

use crate::codec::varint::{write, write_signed};

/// The first bytes of an index.
pub const MAGIC: &[u8; 8] = b"BWINDEX1";
/// Postings of at most this many series are written as differences.
const SHORT_POSTINGS_MAX: u64 = 24;

/// Postings as differences of series numbers.
pub const POSTINGS_SHORT: u8 = 0;
/// Postings as a serialised roaring bitmap.
pub const POSTINGS_BITMAP: u8 = 1;

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
    /// The time of its first sample.
    pub time_min: Timestamp,
    /// The time of its last sample.
    pub time_max: Timestamp,
    /// Its samples.
    pub samples: u32,
    /// Where its bytes begin.
    pub offset: u64,
    /// How many bytes, without the checksum behind them.
    pub length: u32,
}

/// Collects series, in the order of their labels, and then writes the index.
#[derive(Debug, Default)]
pub struct IndexWriter {
    names: BTreeMap<Box<str>, BTreeMap<Box<str>, RoaringBitmap>>,
    series: Vec<(Box<str>, Vec<ChunkRef>)>,
}

impl IndexWriter {
    /// Adds a series.
    pub fn add(&mut self, labels: &LabelsRef, chunks: Vec<ChunkRef>) {
        let number = self.series.len() as u32;
        for (name, value) in labels.iter() {
            if !self.names.contains_key(name) {
                self.names.insert(name.into(), BTreeMap::new());
            }
            let values = self.names.get_mut(name).expect("the name was just inserted");
            match values.get_mut(value) {
                Some(postings) => {
                    postings.insert(number);
                }
                None => {
                    values.insert(value.into(), RoaringBitmap::from_iter([number]));
                }
            }
        }
        self.series.push((labels.encoded().into(), chunks));
    }

    /// The bytes of the index.
    pub fn finish(self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        let mut toc = Vec::new();
        write(self.names.len() as u64, &mut toc);
        for (name, values) in &self.names {
            write(name.len() as u64, &mut toc);
            toc.extend_from_slice(name.as_bytes());
            write_values(values, &mut out, &mut toc);
        }
        let value_numbers = number_values(&self.names);
        let mut offsets = Vec::with_capacity(self.series.len() + 1);
        let series_start = out.len();
        for (labels, chunks) in &self.series {
            offsets.push((out.len() - series_start) as u32);
            let labels = LabelsRef::from_encoded(labels).expect("labels were encoded by the model");
            write_series(labels, &value_numbers, chunks, &mut out);
        }
        offsets.push((out.len() - series_start) as u32);
        let offsets_start = out.len();
        offsets.iter().for_each(|offset| out.extend_from_slice(&offset.to_le_bytes()));
        write(self.series.len() as u64, &mut toc);
        write(series_start as u64, &mut toc);
        write(offsets_start as u64, &mut toc);
        let toc_start = out.len() as u64;
        out.extend_from_slice(&toc);
        out.extend_from_slice(&toc_start.to_le_bytes());
        let checksum = crc32c::crc32c(&out);
        out.extend_from_slice(&checksum.to_le_bytes());
        out
    }
}

type ValueNumbers<'a> = BTreeMap<&'a str, (u64, BTreeMap<&'a str, u64>)>;

fn number_values(
    names: &BTreeMap<Box<str>, BTreeMap<Box<str>, RoaringBitmap>>,
) -> ValueNumbers<'_> {
    let mut numbered = ValueNumbers::new();
    for (name_number, (name, values)) in (0..).zip(names) {
        let values = values.keys().zip(0..).map(|(value, number)| (&**value, number));
        numbered.insert(name, (name_number, values.collect()));
    }
    numbered
}

/// One label name: its values as an automaton to their numbers, their postings,
/// and where each postings list begins.
fn write_values(values: &BTreeMap<Box<str>, RoaringBitmap>, out: &mut Vec<u8>, toc: &mut Vec<u8>) {
    let pairs = values.keys().zip(0u64..).map(|(value, number)| (value.as_bytes(), number));
    let fst = fst::Map::from_iter(pairs).expect("values are sorted and distinct").into_fst();
    let fst_start = out.len();
    out.extend_from_slice(fst.as_bytes());
    let postings_start = out.len();
    let mut offsets = Vec::with_capacity(values.len() + 1);
    for postings in values.values() {
        offsets.push((out.len() - postings_start) as u32);
        write_postings(postings, out);
    }
    offsets.push((out.len() - postings_start) as u32);
    let offsets_start = out.len();
    offsets.iter().for_each(|offset| out.extend_from_slice(&offset.to_le_bytes()));
    for number in [values.len(), fst_start, postings_start, offsets_start] {
        write(number as u64, toc);
    }
}

fn write_postings(postings: &RoaringBitmap, out: &mut Vec<u8>) {
    if postings.len() > SHORT_POSTINGS_MAX {
        out.push(POSTINGS_BITMAP);
        postings.serialize_into(out).expect("writing to memory does not fail");
        return;
    }
    out.push(POSTINGS_SHORT);
    let mut last = 0;
    for number in postings {
        write(u64::from(number - last), out);
        last = number;
    }
}

fn write_series(
    labels: &LabelsRef,
    numbers: &ValueNumbers<'_>,
    chunks: &[ChunkRef],
    out: &mut Vec<u8>,
) {
    write(labels.len() as u64, out);
    for (name, value) in labels.iter() {
        let (name_number, values) = &numbers[name];
        write(*name_number, out);
        write(values[value], out);
    }
    write(chunks.len() as u64, out);
    let mut last_time = 0;
    for chunk in chunks {
        out.push(match chunk.kind {
            ChunkKind::Floats => 0,
            ChunkKind::Histograms => 1,
        });
        write_signed(chunk.time_min.as_millis().wrapping_sub(last_time), out);
        write(chunk.time_max.as_millis().wrapping_sub(chunk.time_min.as_millis()) as u64, out);
        write(u64::from(chunk.samples), out);
        write(chunk.offset, out);
        write(u64::from(chunk.length), out);
        last_time = chunk.time_max.as_millis();
    }
}
