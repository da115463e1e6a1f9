//! A series as a checkpoint holds it: all of its state, chunks as they are.

use std::sync::Arc;

use model::{Histogram, LabelsRef, TimeRange, Timestamp};

use super::chunk::OpenChunk;
use super::series::{ClosedChunk, LastValue, MemSeries, Rare};
use crate::codec::histogram;
use crate::wal::varint::{Input, Malformed, put_f64, put_i64, put_str, put_u64};

const LAST_IS_FLOAT: u8 = 0;
const LAST_IS_HISTOGRAM: u8 = 1;

impl MemSeries {
    /// Appends the series, which stands in `slot`, to `out`.
    pub(super) fn encode(&self, slot: u32, out: &mut Vec<u8>) {
        put_u64(out, u64::from(slot));
        put_str(out, self.labels.encoded());
        put_i64(out, self.last_timestamp);
        match &self.last_value {
            LastValue::Float(bits) => {
                out.push(LAST_IS_FLOAT);
                put_f64(out, f64::from_bits(*bits));
            }
            LastValue::Histogram(histogram) => {
                out.push(LAST_IS_HISTOGRAM);
                histogram::encode_single(histogram, out);
            }
        }
        put_u64(out, self.closed.len() as u64);
        for chunk in &self.closed {
            put_i64(out, chunk.range.start.as_millis());
            put_i64(out, chunk.range.end.as_millis());
            put_u64(out, u64::from(chunk.count));
            put_u64(out, chunk.bytes.len() as u64);
            out.extend_from_slice(&chunk.bytes);
        }
        self.open.encode(out);
        out.push(u8::from(self.rare.is_some()));
        if let Some(rare) = &self.rare {
            put_histograms(out, &rare.histograms);
            put_u64(out, rare.late_floats.len() as u64);
            for (timestamp, value) in &rare.late_floats {
                put_i64(out, *timestamp);
                put_f64(out, *value);
            }
            put_histograms(out, &rare.late_histograms);
        }
    }

    /// Reads a series and its slot.
    pub(super) fn decode(input: &mut Input<'_>) -> Result<(u32, Self), Malformed> {
        let slot = input.u32()?;
        let labels = LabelsRef::from_encoded(input.str()?).map_err(|_| Malformed)?;
        let mut series = Self::new(labels.series_hash(), labels.to_labels());
        series.last_timestamp = input.i64()?;
        series.last_value = match input.byte()? {
            LAST_IS_FLOAT => LastValue::Float(input.f64()?.to_bits()),
            LAST_IS_HISTOGRAM => {
                LastValue::Histogram(Arc::new(histogram::decode_single(&mut input.0)?))
            }
            _ => return Err(Malformed),
        };
        let closed = input.count()?;
        series.closed.reserve_exact(closed);
        for _ in 0..closed {
            let start = Timestamp::from_millis(input.i64()?);
            let end = Timestamp::from_millis(input.i64()?);
            let count = input.u32()?;
            let length = input.count()?;
            let bytes = Arc::from(input.bytes(length)?);
            series.closed.push(ClosedChunk { range: TimeRange::new(start, end), count, bytes });
        }
        series.open = OpenChunk::decode(input)?;
        if input.byte()? != 0 {
            let mut rare = Rare { histograms: take_histograms(input)?, ..Rare::default() };
            rare.late_floats = (0..input.count()?)
                .map(|_| Ok((input.i64()?, input.f64()?)))
                .collect::<Result<_, Malformed>>()?;
            rare.late_histograms = take_histograms(input)?;
            series.rare = Some(Box::new(rare));
        }
        Ok((slot, series))
    }
}

fn put_histograms(out: &mut Vec<u8>, column: &[(i64, Arc<Histogram>)]) {
    put_u64(out, column.len() as u64);
    for (timestamp, histogram) in column {
        put_i64(out, *timestamp);
        histogram::encode_single(histogram, out);
    }
}

fn take_histograms(input: &mut Input<'_>) -> Result<Vec<(i64, Arc<Histogram>)>, Malformed> {
    (0..input.count()?)
        .map(|_| Ok((input.i64()?, Arc::new(histogram::decode_single(&mut input.0)?))))
        .collect()
}
