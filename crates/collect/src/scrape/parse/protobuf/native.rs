//! The native half of a histogram message.

use model::Histogram;
use model::histogram::{
    BucketSpan, Buckets, CountFlavor, EXPONENTIAL_SCHEMA_MAX, HistogramError, ResetHint,
};

use super::proto;

/// The finest schema that the specification reserves; finer than 8 is folded to 8.
const RESERVED_SCHEMA_MAX: i32 = 52;

/// Whether the message has a native half. A native histogram without
/// observations says so by a zero threshold or an empty span.
pub(super) fn is_native(histogram: &proto::Histogram) -> bool {
    !histogram.positive_span.is_empty()
        || !histogram.negative_span.is_empty()
        || histogram.zero_threshold > 0.0
        || histogram.zero_count > 0
        || histogram.zero_count_float > 0.0
}

/// The native half.
///
/// # Errors
/// Where spans and counts do not fit, counts are negative or do not add up, or
/// the schema is not exponential.
pub(super) fn native(message: &proto::Histogram, is_gauge: bool) -> Result<Histogram, String> {
    let schema = i8::try_from(message.schema)
        .ok()
        .filter(|_| message.schema <= RESERVED_SCHEMA_MAX)
        .ok_or_else(|| format!("unknown native histogram schema {}", message.schema))?;
    let is_float = message.sample_count_float > 0.0 || message.zero_count_float > 0.0;
    let mut histogram = Histogram::new(schema.min(EXPONENTIAL_SCHEMA_MAX));
    histogram.sum = message.sample_sum;
    histogram.zero_threshold = message.zero_threshold;
    histogram.reset_hint = if is_gauge { ResetHint::Gauge } else { ResetHint::Unknown };
    let (positive, negative) = if is_float {
        histogram.flavor = CountFlavor::Float;
        histogram.count = message.sample_count_float;
        histogram.zero_count = message.zero_count_float;
        (message.positive_count.clone(), message.negative_count.clone())
    } else {
        histogram.flavor = CountFlavor::Integer;
        histogram.count = message.sample_count as f64;
        histogram.zero_count = message.zero_count as f64;
        (absolute(&message.positive_delta), absolute(&message.negative_delta))
    };
    histogram.positive = Buckets { spans: spans(&message.positive_span), counts: positive };
    histogram.negative = Buckets { spans: spans(&message.negative_span), counts: negative };
    histogram.validate().map_err(|error: HistogramError| error.to_string())?;
    if schema > EXPONENTIAL_SCHEMA_MAX {
        histogram.schema = schema;
        histogram.reduce_resolution(EXPONENTIAL_SCHEMA_MAX);
    }
    Ok(histogram)
}

fn spans(spans: &[proto::BucketSpan]) -> Vec<BucketSpan> {
    spans.iter().map(|span| BucketSpan { offset: span.offset, length: span.length }).collect()
}

fn absolute(deltas: &[i64]) -> Vec<f64> {
    let sums = deltas.iter().scan(0i64, |sum, delta| {
        *sum = sum.wrapping_add(*delta);
        Some(*sum as f64)
    });
    sums.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> proto::Histogram {
        proto::Histogram {
            sample_count: 7,
            sample_sum: 12.5,
            schema: 3,
            zero_threshold: 0.5,
            zero_count: 1,
            positive_span: vec![
                proto::BucketSpan { offset: -1, length: 2 },
                proto::BucketSpan { offset: 3, length: 1 },
            ],
            positive_delta: vec![2, -1, 2],
            ..Default::default()
        }
    }

    #[test]
    fn integers_come_as_differences() {
        let histogram = native(&message(), false).unwrap();
        let buckets: Vec<_> = histogram.positive.iter().collect();
        assert_eq!(buckets, [(-1, 2.0), (0, 1.0), (4, 3.0)]);
        assert_eq!((histogram.count, histogram.zero_count, histogram.sum), (7.0, 1.0, 12.5));
        assert_eq!((histogram.flavor, histogram.schema), (CountFlavor::Integer, 3));
        assert_eq!(histogram.reset_hint, ResetHint::Unknown);
    }

    #[test]
    fn floats_come_as_they_are() {
        let message = proto::Histogram {
            sample_count_float: 2.75,
            zero_count_float: 0.25,
            negative_span: vec![proto::BucketSpan { offset: 2, length: 2 }],
            negative_count: vec![1.5, 1.0],
            ..Default::default()
        };
        let histogram = native(&message, true).unwrap();
        assert_eq!(histogram.negative.iter().collect::<Vec<_>>(), [(2, 1.5), (3, 1.0)]);
        assert_eq!((histogram.flavor, histogram.count), (CountFlavor::Float, 2.75));
        assert_eq!(histogram.reset_hint, ResetHint::Gauge);
    }

    #[test]
    fn finer_schemas_are_folded() {
        let histogram = native(&proto::Histogram { schema: 10, ..message() }, false).unwrap();
        // At a quarter of the resolution, bucket i becomes ceil(i / 4).
        assert_eq!(histogram.schema, 8);
        assert_eq!(histogram.positive.iter().collect::<Vec<_>>(), [(0, 3.0), (1, 3.0)]);
        histogram.validate().unwrap();
    }

    #[test]
    fn faults_are_named() {
        for (message, reason) in [
            (proto::Histogram { schema: -5, ..message() }, "schema"),
            (proto::Histogram { schema: 53, ..message() }, "schema"),
            (proto::Histogram { schema: -53, ..message() }, "custom"),
            (proto::Histogram { sample_count: 8, ..message() }, "8"),
            (proto::Histogram { positive_delta: vec![1], ..message() }, "span"),
            (proto::Histogram { positive_delta: vec![1, -2, 1], ..message() }, "negative"),
        ] {
            let error = native(&message, false).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
    }
}
