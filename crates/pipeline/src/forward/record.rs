//! How samples stand in the queue: a batch as bytes and back.
//!
//! `docs/format/forward.md` draws the bytes. Series keep their encoded label
//! set, so that reading is a check and a copy.

use std::sync::Arc;

use model::histogram::{BucketSpan, Buckets, CountFlavor, ResetHint};
use model::{Exemplar, Histogram, LabelsRef, SampleBatch, SeriesView, Timestamp};

/// The version of the layout, the first byte of each record.
const VERSION: u8 = 1;

/// A record is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a record of the forwarding queue is malformed")]
pub struct RecordError;

/// Begins a record in `out`, which comes empty.
pub(super) fn begin(out: &mut Vec<u8>) {
    out.push(VERSION);
}

/// Appends a series under other labels.
pub(super) fn push_series(
    labels: &LabelsRef,
    series: &SeriesView<'_>,
    parts: Parts,
    out: &mut Vec<u8>,
) {
    let histograms = if parts.histograms { series.histograms } else { &[] };
    let exemplars = if parts.exemplars { series.exemplars } else { &[] };
    put_text(labels.encoded(), out);
    put_int(series.created.map_or(0, Timestamp::as_millis), out);
    put_uint(series.timestamps.len() as u64, out);
    for (at, value) in series.timestamps.iter().zip(series.values) {
        put_int(at.as_millis(), out);
        put_float(*value, out);
    }
    put_uint(histograms.len() as u64, out);
    for (at, histogram) in histograms {
        put_int(at.as_millis(), out);
        put_histogram(histogram, out);
    }
    put_uint(exemplars.len() as u64, out);
    for exemplar in exemplars {
        put_text(exemplar.labels.encoded(), out);
        put_float(exemplar.value, out);
        put_int(exemplar.timestamp.as_millis(), out);
    }
}

/// What of a series is written beside its floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) histograms: bool,
    pub(super) exemplars: bool,
}

/// Appends a record's series to `batch`.
///
/// # Errors
/// Where the bytes are no record; `batch` may then hold some of its series.
pub fn decode(record: &[u8], batch: &mut SampleBatch) -> Result<(), RecordError> {
    let mut reader = Reader(record);
    if reader.byte()? != VERSION {
        return Err(RecordError);
    }
    while !reader.0.is_empty() {
        let labels = reader.text()?;
        batch.begin_series(LabelsRef::from_encoded(labels).map_err(|_| RecordError)?);
        let created = reader.int()?;
        if created != 0 {
            batch.set_created(Timestamp::from_millis(created));
        }
        for _ in 0..reader.uint()? {
            let at = reader.timestamp()?;
            batch.push(at, reader.float()?);
        }
        for _ in 0..reader.uint()? {
            let at = reader.timestamp()?;
            batch.push_histogram(at, Arc::new(reader.histogram()?));
        }
        for _ in 0..reader.uint()? {
            let labels = LabelsRef::from_encoded(reader.text()?).map_err(|_| RecordError)?;
            let (labels, value) = (labels.to_labels(), reader.float()?);
            batch.push_exemplar(Exemplar { labels, value, timestamp: reader.timestamp()? });
        }
    }
    Ok(())
}

fn put_histogram(histogram: &Histogram, out: &mut Vec<u8>) {
    out.push(match histogram.flavor {
        CountFlavor::Integer => 0,
        CountFlavor::Float => 1,
    });
    out.push(match histogram.reset_hint {
        ResetHint::Unknown => 0,
        ResetHint::Reset => 1,
        ResetHint::NotReset => 2,
        ResetHint::Gauge => 3,
    });
    put_int(i64::from(histogram.schema), out);
    for number in [histogram.zero_threshold, histogram.zero_count, histogram.count, histogram.sum] {
        put_float(number, out);
    }
    for buckets in [&histogram.positive, &histogram.negative] {
        put_uint(buckets.spans.len() as u64, out);
        for span in &buckets.spans {
            put_int(i64::from(span.offset), out);
            put_uint(u64::from(span.length), out);
        }
        put_floats(&buckets.counts, out);
    }
    put_floats(&histogram.custom_bounds, out);
}

fn put_floats(floats: &[f64], out: &mut Vec<u8>) {
    put_uint(floats.len() as u64, out);
    floats.iter().for_each(|float| put_float(*float, out));
}

fn put_float(value: f64, out: &mut Vec<u8>) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put_text(text: &str, out: &mut Vec<u8>) {
    put_uint(text.len() as u64, out);
    out.extend_from_slice(text.as_bytes());
}

fn put_int(value: i64, out: &mut Vec<u8>) {
    put_uint((value << 1 ^ value >> 63) as u64, out);
}

fn put_uint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8, RecordError> {
        let (byte, rest) = self.0.split_first().ok_or(RecordError)?;
        self.0 = rest;
        Ok(*byte)
    }

    fn uint(&mut self) -> Result<u64, RecordError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(RecordError)
    }

    fn int(&mut self) -> Result<i64, RecordError> {
        let value = self.uint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn timestamp(&mut self) -> Result<Timestamp, RecordError> {
        self.int().map(Timestamp::from_millis)
    }

    fn float(&mut self) -> Result<f64, RecordError> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(RecordError)?;
        self.0 = rest;
        Ok(f64::from_le_bytes(*bytes))
    }

    fn text(&mut self) -> Result<&'a str, RecordError> {
        let length = usize::try_from(self.uint()?).map_err(|_| RecordError)?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(RecordError)?;
        self.0 = rest;
        str::from_utf8(bytes).map_err(|_| RecordError)
    }

    /// A list whose items take a byte at least, so that no length is believed
    /// beyond what is there.
    fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, RecordError>,
    ) -> Result<Vec<T>, RecordError> {
        let length = usize::try_from(self.uint()?).map_err(|_| RecordError)?;
        if length > self.0.len() {
            return Err(RecordError);
        }
        (0..length).map(|_| item(self)).collect()
    }

    fn histogram(&mut self) -> Result<Histogram, RecordError> {
        let flavor = match self.byte()? {
            0 => CountFlavor::Integer,
            1 => CountFlavor::Float,
            _ => return Err(RecordError),
        };
        let reset_hint = match self.byte()? {
            0 => ResetHint::Unknown,
            1 => ResetHint::Reset,
            2 => ResetHint::NotReset,
            3 => ResetHint::Gauge,
            _ => return Err(RecordError),
        };
        let schema = i8::try_from(self.int()?).map_err(|_| RecordError)?;
        Ok(Histogram {
            flavor,
            reset_hint,
            schema,
            zero_threshold: self.float()?,
            zero_count: self.float()?,
            count: self.float()?,
            sum: self.float()?,
            positive: self.buckets()?,
            negative: self.buckets()?,
            custom_bounds: self.list(Self::float)?,
        })
    }

    fn buckets(&mut self) -> Result<Buckets, RecordError> {
        let spans = self.list(|reader| {
            let offset = i32::try_from(reader.int()?).map_err(|_| RecordError)?;
            let length = u32::try_from(reader.uint()?).map_err(|_| RecordError)?;
            Ok(BucketSpan { offset, length })
        })?;
        Ok(Buckets { spans, counts: self.list(Self::float)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Labels;
    use proptest::prelude::*;

    const ALL: Parts = Parts { histograms: true, exemplars: true };

    fn encode(batch: &SampleBatch, parts: Parts) -> Vec<u8> {
        let mut out = Vec::new();
        begin(&mut out);
        for series in batch.series() {
            push_series(series.labels, &series, parts, &mut out);
        }
        out
    }

    fn show(batch: &SampleBatch) -> Vec<String> {
        batch.series().map(|series| format!("{series:?}")).collect()
    }

    fn batch(values: &[(i64, f64)]) -> SampleBatch {
        let mut batch = SampleBatch::default();
        let mut histogram = Histogram::new(-53);
        histogram.custom_bounds = vec![0.5, 1.5];
        histogram.positive.push(0, 2.0);
        histogram.negative.push(7, 1.5);
        histogram.flavor = CountFlavor::Float;
        histogram.reset_hint = ResetHint::Gauge;
        for name in ["a", "b"] {
            batch.begin_series(&Labels::from_pairs([("__name__", name), ("job", "ä")]));
            batch.set_created(Timestamp::from_millis(77));
            for (at, value) in values {
                batch.push(Timestamp::from_millis(*at), *value);
                batch.push_histogram(Timestamp::from_millis(*at), Arc::new(histogram.clone()));
                batch.push_exemplar(Exemplar {
                    labels: Labels::from_pairs([("trace_id", "x")]),
                    value: *value,
                    timestamp: Timestamp::from_millis(*at),
                });
            }
        }
        batch
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(values in proptest::collection::vec((any::<i64>(), -1e9..1e9f64), 0..20)) {
            let written = batch(&values);
            let mut read = SampleBatch::default();
            decode(&encode(&written, ALL), &mut read).unwrap();
            prop_assert_eq!(show(&read), show(&written));
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = decode(&bytes, &mut SampleBatch::default());
        }

        #[test]
        fn a_flipped_byte_is_read_or_refused(at in 0usize..200, byte in any::<u8>()) {
            let mut record = encode(&batch(&[(1, 2.0)]), ALL);
            let at = at % record.len();
            record[at] = byte;
            let _ = decode(&record, &mut SampleBatch::default());
        }
    }

    #[test]
    fn a_record_that_is_cut_short_is_refused() {
        let record = encode(&batch(&[(1, 2.0)]), ALL);
        let ends = (1..record.len())
            .filter(|end| decode(&record[..*end], &mut SampleBatch::default()).is_ok());
        // Between two series it is a shorter record, and before the first an empty one.
        assert_eq!(ends.count(), 2);
    }

    #[test]
    fn parts_may_be_left_out() {
        let record = encode(&batch(&[(1, 2.0)]), Parts { histograms: false, exemplars: false });
        let mut read = SampleBatch::default();
        decode(&record, &mut read).unwrap();
        assert!(read.series().all(|s| s.histograms.is_empty() && s.exemplars.is_empty()));
        assert_eq!(read.samples_len(), 2);
    }
}
