//! From a `WriteRequest` to a batch.

use std::sync::Arc;

use model::histogram::{BucketSpan, Buckets, CountFlavor, ResetHint};
use model::{
    Exemplar, Histogram, Labels, LabelsBuilder, MetricKind, MetricMetadata, SampleBatch, Timestamp,
};
use prost::Message;

use super::proto::{self, histogram};

/// A body that is no write request.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The bytes are no such message.
    #[error("the body is no remote write request: {0}")]
    Protobuf(#[from] prost::DecodeError),
}

/// A decoded request.
#[derive(Debug, Default)]
pub struct Decoded {
    /// What can be stored.
    pub batch: SampleBatch,
    /// Series that were left out, each with the reason.
    pub invalid: Vec<String>,
}

/// Decodes a request. A series whose labels make no sense is left out and named;
/// the others go on.
///
/// # Errors
/// Where the bytes are no request at all.
pub fn decode(body: &[u8]) -> Result<Decoded, DecodeError> {
    let request = proto::WriteRequest::decode(body)?;
    let mut decoded = Decoded::default();
    let mut scratch = LabelsBuilder::default();
    for series in &request.timeseries {
        match labels(&series.labels, &mut scratch) {
            Ok(labels) => push_series(&mut decoded.batch, &labels, series),
            Err(reason) => decoded.invalid.push(reason),
        }
    }
    for metadata in &request.metadata {
        decoded.batch.push_metadata(MetricMetadata {
            family: metadata.metric_family_name.as_str().into(),
            kind: kind(metadata.kind),
            unit: metadata.unit.as_str().into(),
            help: metadata.help.as_str().into(),
        });
    }
    Ok(decoded)
}

fn push_series(batch: &mut SampleBatch, labels: &Labels, series: &proto::TimeSeries) {
    batch.begin_series(labels);
    for sample in &series.samples {
        batch.push(Timestamp::from_millis(sample.timestamp), sample.value);
    }
    for sample in &series.histograms {
        let timestamp = Timestamp::from_millis(sample.timestamp);
        batch.push_histogram(timestamp, Arc::new(histogram(sample)));
    }
    for exemplar in &series.exemplars {
        let pairs = exemplar.labels.iter().map(|label| (&label.name, &label.value));
        batch.push_exemplar(Exemplar {
            labels: Labels::from_pairs(pairs),
            value: exemplar.value,
            timestamp: Timestamp::from_millis(exemplar.timestamp),
        });
    }
}

fn labels(pairs: &[proto::Label], scratch: &mut LabelsBuilder) -> Result<Labels, String> {
    scratch.clear();
    for label in pairs {
        if label.name.is_empty() {
            return Err(format!("a label name is empty in {}", show(pairs)));
        }
        if scratch.get(&label.name).is_some() {
            return Err(format!("label {:?} stands twice in {}", label.name, show(pairs)));
        }
        scratch.set(&label.name, &label.value);
    }
    let labels = scratch.build();
    match labels.metric_name() {
        Some(_) => Ok(labels),
        None => Err(format!("missing metric name (__name__ label) in {}", show(pairs))),
    }
}

fn show(pairs: &[proto::Label]) -> String {
    let shown: Vec<_> =
        pairs.iter().map(|label| format!("{}={:?}", label.name, label.value)).collect();
    format!("{{{}}}", shown.join(", "))
}

fn kind(kind: i32) -> MetricKind {
    match kind {
        1 => MetricKind::Counter,
        2 => MetricKind::Gauge,
        3 => MetricKind::Histogram,
        4 => MetricKind::GaugeHistogram,
        5 => MetricKind::Summary,
        6 => MetricKind::Info,
        7 => MetricKind::StateSet,
        _ => MetricKind::Unknown,
    }
}

fn histogram(sample: &proto::Histogram) -> Histogram {
    let is_float = matches!(sample.count, Some(histogram::Count::Float(_)));
    let mut histogram = Histogram::new(i8::try_from(sample.schema).unwrap_or(i8::MAX));
    histogram.flavor = if is_float { CountFlavor::Float } else { CountFlavor::Integer };
    histogram.reset_hint = match sample.reset_hint {
        1 => ResetHint::Reset,
        2 => ResetHint::NotReset,
        3 => ResetHint::Gauge,
        _ => ResetHint::Unknown,
    };
    histogram.zero_threshold = sample.zero_threshold;
    histogram.sum = sample.sum;
    histogram.count = match sample.count {
        Some(histogram::Count::Int(count)) => count as f64,
        Some(histogram::Count::Float(count)) => count,
        None => 0.0,
    };
    histogram.zero_count = match sample.zero_count {
        Some(histogram::ZeroCount::Int(count)) => count as f64,
        Some(histogram::ZeroCount::Float(count)) => count,
        None => 0.0,
    };
    histogram.positive =
        buckets(&sample.positive_spans, &sample.positive_deltas, &sample.positive_counts, is_float);
    histogram.negative =
        buckets(&sample.negative_spans, &sample.negative_deltas, &sample.negative_counts, is_float);
    histogram.custom_bounds.clone_from(&sample.custom_values);
    histogram
}

fn buckets(spans: &[proto::BucketSpan], deltas: &[i64], counts: &[f64], is_float: bool) -> Buckets {
    let counts = if is_float {
        counts.to_vec()
    } else {
        let absolute = deltas.iter().scan(0i64, |sum, delta| {
            *sum = sum.wrapping_add(*delta);
            Some(*sum as f64)
        });
        absolute.collect()
    };
    let spans = spans.iter().map(|span| BucketSpan { offset: span.offset, length: span.length });
    Buckets { spans: spans.collect(), counts }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn label(name: &str, value: &str) -> proto::Label {
        proto::Label { name: name.into(), value: value.into() }
    }

    fn request(timeseries: Vec<proto::TimeSeries>) -> Vec<u8> {
        proto::WriteRequest { timeseries, metadata: Vec::new() }.encode_to_vec()
    }

    #[test]
    fn good_series_are_kept_and_bad_ones_named() {
        let sample = proto::Sample { value: 1.5, timestamp: 7 };
        let series =
            |labels| proto::TimeSeries { labels, samples: vec![sample], ..Default::default() };
        let body = request(vec![
            series(vec![label("__name__", "up"), label("job", "a")]),
            series(vec![label("job", "a")]),
            series(vec![label("__name__", "up"), label("x", "1"), label("x", "2")]),
            series(vec![label("__name__", "up"), label("", "1")]),
        ]);
        let decoded = decode(&body).unwrap();
        assert_eq!(decoded.batch.series_len(), 1);
        assert_eq!(decoded.batch.view(0).labels.to_string(), r#"up{job="a"}"#);
        assert_eq!(decoded.batch.view(0).values, [1.5]);
        assert_eq!(decoded.invalid.len(), 3);
        assert!(decoded.invalid[1].contains("\"x\" stands twice"), "{:?}", decoded.invalid);
    }

    #[test]
    fn integer_histograms_come_as_differences() {
        let sample = proto::Histogram {
            count: Some(histogram::Count::Int(7)),
            zero_count: Some(histogram::ZeroCount::Int(1)),
            positive_spans: vec![proto::BucketSpan { offset: 1, length: 3 }],
            positive_deltas: vec![1, 1, 1],
            schema: 3,
            ..Default::default()
        };
        let histogram = super::histogram(&sample);
        assert_eq!(histogram.positive.counts, [1.0, 2.0, 3.0]);
        assert_eq!(histogram.validate(), Ok(()));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = decode(&bytes);
        }
    }
}
