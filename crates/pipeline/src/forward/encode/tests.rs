//! Requests, read by messages that are generated from their definition.

use std::sync::Arc;

use model::{Exemplar, Histogram, Labels, MetricKind, Timestamp};
use prost::Message;

use super::*;

#[derive(Clone, PartialEq, prost::Message)]
struct WriteRequest {
    #[prost(message, repeated, tag = "1")]
    timeseries: Vec<TimeSeries>,
    #[prost(message, repeated, tag = "3")]
    metadata: Vec<MetadataV1>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct TimeSeries {
    #[prost(message, repeated, tag = "1")]
    labels: Vec<Label>,
    #[prost(message, repeated, tag = "2")]
    samples: Vec<Sample>,
    #[prost(message, repeated, tag = "3")]
    exemplars: Vec<ExemplarV1>,
    #[prost(message, repeated, tag = "4")]
    histograms: Vec<HistogramMessage>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Label {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    value: String,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
struct Sample {
    #[prost(double, tag = "1")]
    value: f64,
    #[prost(int64, tag = "2")]
    timestamp: i64,
    #[prost(int64, tag = "3")]
    start: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ExemplarV1 {
    #[prost(message, repeated, tag = "1")]
    labels: Vec<Label>,
    #[prost(double, tag = "2")]
    value: f64,
    #[prost(int64, tag = "3")]
    timestamp: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct MetadataV1 {
    #[prost(int32, tag = "1")]
    kind: i32,
    #[prost(string, tag = "2")]
    family: String,
    #[prost(string, tag = "4")]
    help: String,
    #[prost(string, tag = "5")]
    unit: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct HistogramMessage {
    #[prost(uint64, optional, tag = "1")]
    count_int: Option<u64>,
    #[prost(double, optional, tag = "2")]
    count_float: Option<f64>,
    #[prost(double, tag = "3")]
    sum: f64,
    #[prost(sint32, tag = "4")]
    schema: i32,
    #[prost(uint64, optional, tag = "6")]
    zero_count_int: Option<u64>,
    #[prost(message, repeated, tag = "8")]
    negative_spans: Vec<Span>,
    #[prost(sint64, repeated, tag = "9")]
    negative_deltas: Vec<i64>,
    #[prost(message, repeated, tag = "11")]
    positive_spans: Vec<Span>,
    #[prost(sint64, repeated, tag = "12")]
    positive_deltas: Vec<i64>,
    #[prost(double, repeated, tag = "13")]
    positive_counts: Vec<f64>,
    #[prost(int32, tag = "14")]
    reset_hint: i32,
    #[prost(int64, tag = "15")]
    timestamp: i64,
    #[prost(double, repeated, tag = "16")]
    custom_values: Vec<f64>,
    #[prost(int64, tag = "17")]
    start: i64,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
struct Span {
    #[prost(sint32, tag = "1")]
    offset: i32,
    #[prost(uint32, tag = "2")]
    length: u32,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Request {
    #[prost(string, repeated, tag = "4")]
    symbols: Vec<String>,
    #[prost(message, repeated, tag = "5")]
    timeseries: Vec<TimeSeriesV2>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct TimeSeriesV2 {
    #[prost(uint32, repeated, tag = "1")]
    labels_refs: Vec<u32>,
    #[prost(message, repeated, tag = "2")]
    samples: Vec<Sample>,
    #[prost(message, repeated, tag = "3")]
    histograms: Vec<HistogramMessage>,
    #[prost(message, repeated, tag = "4")]
    exemplars: Vec<ExemplarV2>,
    #[prost(message, optional, tag = "5")]
    metadata: Option<MetadataV2>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ExemplarV2 {
    #[prost(uint32, repeated, tag = "1")]
    labels_refs: Vec<u32>,
    #[prost(double, tag = "2")]
    value: f64,
    #[prost(int64, tag = "3")]
    timestamp: i64,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
struct MetadataV2 {
    #[prost(int32, tag = "1")]
    kind: i32,
    #[prost(uint32, tag = "3")]
    help_ref: u32,
    #[prost(uint32, tag = "4")]
    unit_ref: u32,
}

fn batch() -> SampleBatch {
    let at = Timestamp::from_millis;
    let mut batch = SampleBatch::default();
    batch.begin_series(&Labels::from_pairs([("__name__", "skipped")]));
    batch.begin_series(&Labels::from_pairs([("__name__", "rpc_count"), ("job", "a")]));
    batch.set_created(at(3));
    batch.push(at(7), 1.5);
    batch.push(at(8), 0.0);
    let labels = Labels::from_pairs([("trace_id", "a")]);
    batch.push_exemplar(Exemplar { labels, value: 0.5, timestamp: at(6) });
    let mut histogram = Histogram::new(3);
    histogram.positive.push(-1, 2.0);
    histogram.positive.push(0, 1.0);
    histogram.negative.push(4, 5.0);
    (histogram.count, histogram.sum) = (8.0, -2.5);
    batch.push_histogram(at(9), Arc::new(histogram));
    batch
}

fn unpack(body: &[u8]) -> Vec<u8> {
    snap::raw::Decoder::new().decompress_vec(body).unwrap()
}

fn check_histogram(histogram: &HistogramMessage) {
    assert_eq!((histogram.count_int, histogram.count_float), (Some(8), None));
    assert_eq!((histogram.zero_count_int, histogram.sum, histogram.schema), (Some(0), -2.5, 3));
    assert_eq!(histogram.positive_spans, [Span { offset: -1, length: 2 }]);
    assert_eq!(histogram.positive_deltas, [2, -1]);
    assert_eq!((histogram.negative_deltas.as_slice(), histogram.timestamp), (&[5][..], 9));
}

#[test]
fn version_one_is_what_its_definition_says() {
    let body = series(MessageVersion::V1, &batch(), &[1], &MetadataTable::default());
    let request = WriteRequest::decode(&unpack(&body)[..]).unwrap();
    assert_eq!(request.timeseries.len(), 1);
    let series = &request.timeseries[0];
    let labels: Vec<_> =
        series.labels.iter().map(|l| (l.name.as_str(), l.value.as_str())).collect();
    assert_eq!(labels, [("__name__", "rpc_count"), ("job", "a")]);
    let sample = |value, timestamp| Sample { value, timestamp, start: 0 };
    assert_eq!(series.samples, [sample(1.5, 7), sample(0.0, 8)]);
    assert_eq!((series.exemplars[0].value, series.exemplars[0].timestamp), (0.5, 6));
    assert_eq!(series.exemplars[0].labels[0].name, "trace_id");
    check_histogram(&series.histograms[0]);
}

#[test]
fn version_two_is_what_its_definition_says() {
    let metadata = MetadataTable::default();
    metadata.learn(&[MetricMetadata {
        family: "rpc".into(),
        kind: MetricKind::Summary,
        unit: "seconds".into(),
        help: "a".into(),
    }]);
    let body = series(MessageVersion::V2, &batch(), &[1], &metadata);
    let request = Request::decode(&unpack(&body)[..]).unwrap();
    let symbols: Vec<_> = request.symbols.iter().map(String::as_str).collect();
    assert_eq!(symbols, ["", "__name__", "rpc_count", "job", "a", "trace_id", "seconds"]);
    let series = &request.timeseries[0];
    assert_eq!(series.labels_refs, [1, 2, 3, 4]);
    let sample = |value, timestamp| Sample { value, timestamp, start: 3 };
    assert_eq!(series.samples, [sample(1.5, 7), sample(0.0, 8)]);
    assert_eq!(series.exemplars[0].labels_refs, [5, 4]);
    assert_eq!(series.metadata, Some(MetadataV2 { kind: 5, help_ref: 4, unit_ref: 6 }));
    check_histogram(&series.histograms[0]);
    assert_eq!(series.histograms[0].start, 3);
}

#[test]
fn metadata_is_a_request_of_its_own() {
    let entry = MetricMetadata {
        family: "hits".into(),
        kind: MetricKind::Counter,
        unit: "".into(),
        help: "Hits.".into(),
    };
    let request = WriteRequest::decode(&unpack(&metadata(&[entry]))[..]).unwrap();
    let entry = &request.metadata[0];
    assert_eq!((entry.kind, entry.family.as_str(), entry.help.as_str()), (1, "hits", "Hits."));
}

#[test]
fn float_histograms_keep_their_counts() {
    let mut histogram = Histogram::new(-53);
    histogram.flavor = model::histogram::CountFlavor::Float;
    histogram.custom_bounds = vec![1.0];
    histogram.positive.push(0, 0.5);
    let mut batch = SampleBatch::default();
    batch.begin_series(&Labels::from_pairs([("__name__", "x")]));
    batch.push_histogram(Timestamp::from_millis(1), Arc::new(histogram));
    let body = series(MessageVersion::V1, &batch, &[0], &MetadataTable::default());
    let request = WriteRequest::decode(&unpack(&body)[..]).unwrap();
    let histogram = &request.timeseries[0].histograms[0];
    assert_eq!((histogram.count_int, histogram.count_float), (None, Some(0.0)));
    assert_eq!(
        (histogram.positive_counts.as_slice(), histogram.custom_values.as_slice()),
        (&[0.5][..], &[1.0][..])
    );
}
