//! Delimited `io.prometheus.client.MetricFamily` messages.

use model::histogram::{Buckets, CountFlavor, ResetHint};
use model::{Histogram, LabelsRef};
use prost::Message;

use super::{Newest, Value, written_labels};

const UNTYPED: i32 = 3;
const HISTOGRAM: i32 = 4;
const GAUGE_HISTOGRAM: i32 = 5;

/// Writes all samples; one family may have floats and histograms, which then
/// are two messages.
pub(super) fn encode(samples: &[Newest], external: &LabelsRef) -> Vec<u8> {
    let mut out = Vec::new();
    let mut family: Option<MetricFamily> = None;
    for sample in samples {
        let name = sample.labels.metric_name().unwrap_or("");
        let kind = kind(&sample.value);
        if family.as_ref().is_none_or(|family| family.name != name || family.kind != kind) {
            finish(family.take(), &mut out);
            family = Some(MetricFamily { name: name.to_owned(), kind, metric: Vec::new() });
        }
        if let Some(family) = &mut family {
            family.metric.push(metric(sample, external));
        }
    }
    finish(family, &mut out);
    out
}

fn finish(family: Option<MetricFamily>, out: &mut Vec<u8>) {
    if let Some(family) = family {
        family.encode_length_delimited(out).expect("a vector grows");
    }
}

fn kind(value: &Value) -> i32 {
    match value {
        Value::Float(_) => UNTYPED,
        Value::Histogram(histogram) if histogram.reset_hint == ResetHint::Gauge => GAUGE_HISTOGRAM,
        Value::Histogram(_) => HISTOGRAM,
    }
}

fn metric(sample: &Newest, external: &LabelsRef) -> Metric {
    let label = written_labels(&sample.labels, external)
        .map(|(name, value)| LabelPair { name: name.to_owned(), value: value.to_owned() });
    let mut metric = Metric {
        label: label.collect(),
        timestamp_ms: Some(sample.at.as_millis()),
        ..Metric::default()
    };
    match &sample.value {
        Value::Float(value) => metric.untyped = Some(Untyped { value: Some(*value) }),
        Value::Histogram(histogram) => metric.histogram = Some(native(histogram)),
    }
    metric
}

fn native(histogram: &Histogram) -> NativeHistogram {
    let is_float = histogram.flavor == CountFlavor::Float;
    let whole = |count: f64| (!is_float).then_some(count as u64);
    let float = |count: f64| is_float.then_some(count);
    let counts = |buckets: &Buckets| if is_float { buckets.counts.clone() } else { Vec::new() };
    let deltas = |buckets: &Buckets| if is_float { Vec::new() } else { deltas(&buckets.counts) };
    let spans = |buckets: &Buckets| {
        let spans = buckets.spans.iter();
        spans
            .map(|span| BucketSpan { offset: Some(span.offset), length: Some(span.length) })
            .collect()
    };
    NativeHistogram {
        sample_count: whole(histogram.count),
        sample_sum: Some(histogram.sum),
        sample_count_float: float(histogram.count),
        schema: Some(i32::from(histogram.schema)),
        zero_threshold: Some(histogram.zero_threshold),
        zero_count: whole(histogram.zero_count),
        zero_count_float: float(histogram.zero_count),
        negative_span: spans(&histogram.negative),
        negative_delta: deltas(&histogram.negative),
        negative_count: counts(&histogram.negative),
        positive_span: spans(&histogram.positive),
        positive_delta: deltas(&histogram.positive),
        positive_count: counts(&histogram.positive),
    }
}

fn deltas(counts: &[f64]) -> Vec<i64> {
    let mut last = 0;
    counts
        .iter()
        .map(|count| {
            let delta = *count as i64 - last;
            last = *count as i64;
            delta
        })
        .collect()
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct MetricFamily {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(int32, tag = "3")]
    pub(super) kind: i32,
    #[prost(message, repeated, tag = "4")]
    pub(super) metric: Vec<Metric>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Metric {
    #[prost(message, repeated, tag = "1")]
    pub(super) label: Vec<LabelPair>,
    #[prost(message, optional, tag = "5")]
    pub(super) untyped: Option<Untyped>,
    #[prost(int64, optional, tag = "6")]
    pub(super) timestamp_ms: Option<i64>,
    #[prost(message, optional, tag = "7")]
    pub(super) histogram: Option<NativeHistogram>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct LabelPair {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(string, tag = "2")]
    pub(super) value: String,
}

/// A value of zero is written too: this is a message of proto2.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(super) struct Untyped {
    #[prost(double, optional, tag = "1")]
    pub(super) value: Option<f64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct NativeHistogram {
    #[prost(uint64, optional, tag = "1")]
    pub(super) sample_count: Option<u64>,
    #[prost(double, optional, tag = "2")]
    pub(super) sample_sum: Option<f64>,
    #[prost(double, optional, tag = "4")]
    pub(super) sample_count_float: Option<f64>,
    #[prost(sint32, optional, tag = "5")]
    pub(super) schema: Option<i32>,
    #[prost(double, optional, tag = "6")]
    pub(super) zero_threshold: Option<f64>,
    #[prost(uint64, optional, tag = "7")]
    pub(super) zero_count: Option<u64>,
    #[prost(double, optional, tag = "8")]
    pub(super) zero_count_float: Option<f64>,
    #[prost(message, repeated, tag = "9")]
    pub(super) negative_span: Vec<BucketSpan>,
    #[prost(sint64, repeated, packed = "false", tag = "10")]
    pub(super) negative_delta: Vec<i64>,
    #[prost(double, repeated, packed = "false", tag = "11")]
    pub(super) negative_count: Vec<f64>,
    #[prost(message, repeated, tag = "12")]
    pub(super) positive_span: Vec<BucketSpan>,
    #[prost(sint64, repeated, packed = "false", tag = "13")]
    pub(super) positive_delta: Vec<i64>,
    #[prost(double, repeated, packed = "false", tag = "14")]
    pub(super) positive_count: Vec<f64>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(super) struct BucketSpan {
    #[prost(sint32, optional, tag = "1")]
    pub(super) offset: Option<i32>,
    #[prost(uint32, optional, tag = "2")]
    pub(super) length: Option<u32>,
}
