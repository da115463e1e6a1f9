//! Native histograms: the same message in both versions.
//!
//! Whether spans and counts fit together is for the store to say
//! ([`Histogram::validate`]); here only numbers are read.

use model::histogram::{BucketSpan, Buckets, CountFlavor, ResetHint};
use model::{Histogram, Timestamp};

use crate::protobuf::{Field, Fields, WireError, zigzag};

/// A histogram with its times.
#[derive(Debug)]
pub(super) struct NativeSample {
    pub(super) timestamp: Timestamp,
    /// When the histogram started; 2.0 only.
    pub(super) start: Option<Timestamp>,
    pub(super) histogram: Histogram,
}

/// Reads a `Histogram` message.
pub(super) fn decode(message: &[u8]) -> Result<NativeSample, WireError> {
    let mut histogram = Histogram::new(0);
    let (mut timestamp, mut start) = (0, 0);
    let (mut negative, mut positive) = (Side::default(), Side::default());
    for field in Fields::of(message) {
        let field = field?;
        match field.number {
            1 => histogram.count = field.varint()? as f64,
            2 => {
                histogram.count = field.double()?;
                histogram.flavor = CountFlavor::Float;
            }
            3 => histogram.sum = field.double()?,
            // A schema that no i8 holds is none that exists; the store refuses the highest.
            4 => histogram.schema = i8::try_from(field.sint64()?).unwrap_or(i8::MAX),
            5 => histogram.zero_threshold = field.double()?,
            6 => histogram.zero_count = field.varint()? as f64,
            7 => histogram.zero_count = field.double()?,
            8 => negative.spans.push(span(field.bytes()?)?),
            9 => negative.add_deltas(&field)?,
            10 => field.each_double(|count| negative.counts.push(count))?,
            11 => positive.spans.push(span(field.bytes()?)?),
            12 => positive.add_deltas(&field)?,
            13 => field.each_double(|count| positive.counts.push(count))?,
            14 => histogram.reset_hint = reset_hint(field.varint()?),
            15 => timestamp = field.int64()?,
            16 => field.each_double(|bound| histogram.custom_bounds.push(bound))?,
            17 => start = field.int64()?,
            _ => {}
        }
    }
    histogram.negative = negative.into_buckets(histogram.flavor);
    histogram.positive = positive.into_buckets(histogram.flavor);
    let start = (start != 0).then_some(Timestamp::from_millis(start));
    Ok(NativeSample { timestamp: Timestamp::from_millis(timestamp), start, histogram })
}

/// The buckets of one sign as they come: integer counts as differences, float counts whole.
#[derive(Default)]
struct Side {
    spans: Vec<BucketSpan>,
    integers: Vec<f64>,
    last: i64,
    counts: Vec<f64>,
}

impl Side {
    fn add_deltas(&mut self, field: &Field<'_>) -> Result<(), WireError> {
        field.each_varint(|delta| {
            self.last = self.last.wrapping_add(zigzag(delta));
            self.integers.push(self.last as f64);
        })
    }

    fn into_buckets(self, flavor: CountFlavor) -> Buckets {
        let counts = match flavor {
            CountFlavor::Integer => self.integers,
            CountFlavor::Float => self.counts,
        };
        Buckets { spans: self.spans, counts }
    }
}

fn span(message: &[u8]) -> Result<BucketSpan, WireError> {
    let mut span = BucketSpan { offset: 0, length: 0 };
    for field in Fields::of(message) {
        let field = field?;
        match field.number {
            1 => span.offset = field.sint64()? as i32,
            2 => span.length = field.varint()? as u32,
            _ => {}
        }
    }
    Ok(span)
}

fn reset_hint(number: u64) -> ResetHint {
    match number {
        1 => ResetHint::Reset,
        2 => ResetHint::NotReset,
        3 => ResetHint::Gauge,
        _ => ResetHint::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::super::proto;
    use super::*;
    use prost::Message;

    #[test]
    fn integer_histograms_come_as_differences() {
        let sample = proto::Histogram {
            count: Some(proto::histogram::Count::Int(7)),
            zero_count: Some(proto::histogram::ZeroCount::Int(1)),
            positive_spans: vec![proto::BucketSpan { offset: 1, length: 3 }],
            positive_deltas: vec![1, 1, 1],
            schema: 3,
            timestamp: 5,
            ..Default::default()
        };
        let decoded = decode(&sample.encode_to_vec()).unwrap();
        assert_eq!(decoded.histogram.positive.counts, [1.0, 2.0, 3.0]);
        assert_eq!(decoded.histogram.validate(), Ok(()));
        assert_eq!((decoded.timestamp, decoded.start), (Timestamp::from_millis(5), None));
    }

    #[test]
    fn float_histograms_and_custom_buckets_come_whole() {
        let sample = proto::Histogram {
            count: Some(proto::histogram::Count::Float(3.5)),
            positive_spans: vec![proto::BucketSpan { offset: 0, length: 2 }],
            positive_counts: vec![1.0, 2.5],
            schema: -53,
            custom_values: vec![0.5],
            reset_hint: 3,
            start_timestamp: 2,
            ..Default::default()
        };
        let decoded = decode(&sample.encode_to_vec()).unwrap();
        let histogram = decoded.histogram;
        assert_eq!(histogram.validate(), Ok(()));
        assert_eq!((histogram.schema, histogram.custom_bounds.as_slice()), (-53, &[0.5][..]));
        assert_eq!(histogram.reset_hint, ResetHint::Gauge);
        assert_eq!(histogram.positive.counts, [1.0, 2.5]);
        assert_eq!(decoded.start, Some(Timestamp::from_millis(2)));
    }

    #[test]
    fn a_schema_that_does_not_exist_is_refused_by_the_store() {
        let sample = proto::Histogram { schema: 300, ..Default::default() };
        assert!(decode(&sample.encode_to_vec()).unwrap().histogram.validate().is_err());
    }
}
