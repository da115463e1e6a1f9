//! Writing protobuf: fields appended to a vector, zero values left out.

use model::histogram::{Buckets, CountFlavor, ResetHint};
use model::{Histogram, Timestamp};

/// A message that is being written.
#[derive(Debug, Default)]
pub(super) struct Message(pub(super) Vec<u8>);

impl Message {
    fn tag(&mut self, number: u32, wire_type: u32) {
        self.varint(u64::from(number << 3 | wire_type));
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    pub(super) fn uint(&mut self, number: u32, value: u64) {
        if value != 0 {
            self.tag(number, 0);
            self.varint(value);
        }
    }

    pub(super) fn int(&mut self, number: u32, value: i64) {
        self.uint(number, value as u64);
    }

    pub(super) fn sint(&mut self, number: u32, value: i64) {
        self.uint(number, zigzag(value));
    }

    pub(super) fn double(&mut self, number: u32, value: f64) {
        if value.to_bits() != 0 {
            self.tag(number, 1);
            self.0.extend_from_slice(&value.to_le_bytes());
        }
    }

    /// A string or bytes, written where empty too.
    pub(super) fn bytes(&mut self, number: u32, bytes: &[u8]) {
        self.tag(number, 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn text(&mut self, number: u32, text: &str) {
        if !text.is_empty() {
            self.bytes(number, text.as_bytes());
        }
    }

    /// A message within; `scratch` keeps its memory between calls.
    pub(super) fn message(
        &mut self,
        number: u32,
        scratch: &mut Self,
        write: impl FnOnce(&mut Self),
    ) {
        scratch.0.clear();
        write(scratch);
        self.bytes(number, &scratch.0);
    }

    pub(super) fn packed_uints(&mut self, number: u32, values: impl IntoIterator<Item = u64>) {
        let mut packed = Self::default();
        values.into_iter().for_each(|value| packed.varint(value));
        if !packed.0.is_empty() {
            self.bytes(number, &packed.0);
        }
    }

    fn packed_doubles(&mut self, number: u32, values: &[f64]) {
        if values.is_empty() {
            return;
        }
        self.tag(number, 2);
        self.varint(values.len() as u64 * 8);
        values.iter().for_each(|value| self.0.extend_from_slice(&value.to_le_bytes()));
    }

    /// The fields of a `Histogram`, which are those of both versions.
    pub(super) fn histogram(&mut self, at: Timestamp, histogram: &Histogram) {
        let is_float = histogram.flavor == CountFlavor::Float;
        self.count(1, histogram.count, is_float);
        self.double(3, histogram.sum);
        self.sint(4, i64::from(histogram.schema));
        self.double(5, histogram.zero_threshold);
        self.count(6, histogram.zero_count, is_float);
        self.buckets(8, &histogram.negative, is_float);
        self.buckets(11, &histogram.positive, is_float);
        self.uint(
            14,
            match histogram.reset_hint {
                ResetHint::Unknown => 0,
                ResetHint::Reset => 1,
                ResetHint::NotReset => 2,
                ResetHint::Gauge => 3,
            },
        );
        self.int(15, at.as_millis());
        self.packed_doubles(16, &histogram.custom_bounds);
    }

    /// One of a pair of fields, written where zero too: it says which kind it is.
    fn count(&mut self, number: u32, count: f64, is_float: bool) {
        if is_float {
            self.tag(number + 1, 1);
            self.0.extend_from_slice(&count.to_le_bytes());
        } else {
            self.tag(number, 0);
            self.varint(count as u64);
        }
    }

    /// Spans, then differences of integer counts or float counts.
    fn buckets(&mut self, number: u32, buckets: &Buckets, is_float: bool) {
        let mut scratch = Self::default();
        for span in &buckets.spans {
            self.message(number, &mut scratch, |message| {
                message.sint(1, i64::from(span.offset));
                message.uint(2, u64::from(span.length));
            });
        }
        if is_float {
            self.packed_doubles(number + 2, &buckets.counts);
            return;
        }
        let mut last = 0;
        let deltas = buckets.counts.iter().map(|count| {
            let delta = *count as i64 - last;
            last = *count as i64;
            zigzag(delta)
        });
        self.packed_uints(number + 1, deltas);
    }
}

fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}
