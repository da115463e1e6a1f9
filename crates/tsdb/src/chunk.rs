//! Chunks: a run of samples of one series, and the encodings of Prometheus.
//!
//! Each chunk begins with its number of samples (16 bits, big-endian). What an
//! encoding does not say of a sample is filled in as Prometheus does.

mod bits;
mod float_histogram;
mod integer_histogram;
mod layout;
mod reset_header;
mod run;
mod xor;

use std::ops::Range;

use model::histogram::CountFlavor;
use model::{HistogramColumn, SampleColumns, Timestamp};

use self::layout::Layout;
use self::reset_header::ResetHeader;
use crate::error::Malformed;
use crate::input::Input;

/// The most samples of a chunk that is written, as in Prometheus.
pub const SAMPLES_PER_CHUNK: usize = 120;

/// How a chunk's bytes are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Floats.
    Xor,
    /// Native histograms with integer counts.
    Histogram,
    /// Native histograms with float counts.
    FloatHistogram,
}

impl Encoding {
    /// The encoding that a chunk's byte names.
    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Xor),
            2 => Some(Self::Histogram),
            3 => Some(Self::FloatHistogram),
            _ => None,
        }
    }

    /// The byte that names this encoding, in files and in remote read.
    pub const fn as_byte(self) -> u8 {
        match self {
            Self::Xor => 1,
            Self::Histogram => 2,
            Self::FloatHistogram => 3,
        }
    }
}

/// A chunk to be written.
#[derive(Clone, Debug)]
pub struct EncodedChunk {
    /// How its bytes are to be read.
    pub encoding: Encoding,
    /// Its bytes.
    pub data: Vec<u8>,
    /// The time of its first sample.
    pub first: Timestamp,
    /// The time of its last sample.
    pub last: Timestamp,
}

/// Appends the samples of a chunk to `into`, as they stand in it.
pub(crate) fn decode(
    encoding: Encoding,
    data: &[u8],
    into: &mut SampleColumns,
) -> Result<(), Malformed> {
    match encoding {
        Encoding::Xor => xor::decode(data, &mut into.floats),
        Encoding::Histogram => integer_histogram::decode(data, &mut into.histograms),
        Encoding::FloatHistogram => float_histogram::decode(data, &mut into.histograms),
    }
}

/// The chunks of a series' samples, by time. None overlap: a series that changes
/// its kind has chunks of both kinds in turn.
pub fn encode(columns: &SampleColumns) -> Vec<EncodedChunk> {
    let (floats, histograms) = (&columns.floats, &columns.histograms);
    let mut chunks = Vec::new();
    let (mut float, mut histogram) = (0, 0);
    loop {
        let next_histogram = histograms.timestamps.get(histogram).copied();
        let until = float + before(&floats.timestamps[float..], next_histogram);
        encode_floats(&floats.timestamps[float..until], &floats.values[float..until], &mut chunks);
        float = until;
        let next_float = floats.timestamps.get(float).copied();
        let until = histogram + before(&histograms.timestamps[histogram..], next_float);
        encode_histograms(histograms, histogram..until, &mut chunks);
        histogram = until;
        if float == floats.len() && histogram == histograms.len() {
            return chunks;
        }
    }
}

/// How many of `times` lie before `bound`; all where there is none.
fn before(times: &[Timestamp], bound: Option<Timestamp>) -> usize {
    bound.map_or(times.len(), |bound| times.partition_point(|time| *time <= bound))
}

fn encode_floats(times: &[Timestamp], values: &[f64], chunks: &mut Vec<EncodedChunk>) {
    let values = values.chunks(SAMPLES_PER_CHUNK);
    for (times, values) in times.chunks(SAMPLES_PER_CHUNK).zip(values) {
        chunks.push(EncodedChunk::new(Encoding::Xor, xor::encode(times, values), times));
    }
}

fn encode_histograms(
    column: &HistogramColumn,
    range: Range<usize>,
    chunks: &mut Vec<EncodedChunk>,
) {
    let mut from = range.start;
    while from < range.end {
        let until = from + run::length(&column.histograms[from..range.end]);
        let (times, run) = (&column.timestamps[from..until], &column.histograms[from..until]);
        let last = from.checked_sub(1).map(|last| &*column.histograms[last]);
        let header = ResetHeader::of(&run[0], last);
        let layout = Layout::of(run);
        let (encoding, data) = match run[0].flavor {
            CountFlavor::Integer => {
                (Encoding::Histogram, integer_histogram::encode(header, &layout, times, run))
            }
            CountFlavor::Float => {
                (Encoding::FloatHistogram, float_histogram::encode(header, &layout, times, run))
            }
        };
        chunks.push(EncodedChunk::new(encoding, data, times));
        from = until;
    }
}

impl EncodedChunk {
    fn new(encoding: Encoding, data: Vec<u8>, times: &[Timestamp]) -> Self {
        let (first, last) = (times[0], times[times.len() - 1]);
        Self { encoding, data, first, last }
    }
}

/// The number of samples that a chunk begins with.
fn sample_count(data: &[u8]) -> Result<u16, Malformed> {
    Input::new(data).be_u16()
}

#[cfg(test)]
mod tests;
