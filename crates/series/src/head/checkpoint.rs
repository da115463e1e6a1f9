//! A series as a checkpoint holds it: all of its state, chunks as they are.

use std::sync::Arc;

use model::LabelsRef;

use super::chunk::OpenChunk;
use super::closed::ClosedChunk;
use super::late::Rare;
use super::series::{LastValue, MemSeries};
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
            chunk.encode(out);
        }
        self.open.encode(out);
        out.push(u8::from(self.rare.is_some()));
        if let Some(rare) = &self.rare {
            rare.encode(out);
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
            series.closed.push(ClosedChunk::decode(input)?);
        }
        series.open = OpenChunk::decode(input)?;
        if input.byte()? != 0 {
            series.rare = Some(Box::new(Rare::decode(input)?));
        }
        Ok((slot, series))
    }
}
