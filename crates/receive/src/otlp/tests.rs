//! Whole requests, through the decoders and through the route.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::Request as HttpRequest;
use axum::response::Response;
use model::SampleBatch;
use pipeline::Sink;
use proptest::prelude::*;
use serde_json::Value;
use tower::ServiceExt;

use super::config::OtlpConfig;
use super::delta::{DeltaSums, Limits};
use super::message::{ITEMS_MAX, Request};
use super::translate::{Translated, translate};
use super::{OtlpReceiver, json, wire};
use crate::testing::RememberingStore;

/// What the OpenTelemetry SDK for Python 1.45 sent.
const SDK_REQUEST: &[u8] = include_bytes!("../../testdata/otlp_python_sdk.pb");

fn translated(request: &Request<'_>, config: &OtlpConfig) -> Translated {
    translate(request, config, &DeltaSums::new(Limits::default())).unwrap()
}

fn translated_json(text: &str, config: &OtlpConfig) -> Translated {
    let body: Value = serde_json::from_str(text).unwrap();
    translated(&json::decode(&body, ITEMS_MAX).unwrap(), config)
}

/// A line for each sample and exemplar, and for what each family means.
fn show(batch: &SampleBatch) -> String {
    let mut out = String::new();
    for series in batch.series() {
        for (at, value) in series.timestamps.iter().zip(series.values) {
            let created = series.created.map(|at| format!(" created {at}")).unwrap_or_default();
            writeln!(out, "{} {value} @{at}{created}", series.labels).unwrap();
        }
        for (at, histogram) in series.histograms {
            let buckets: Vec<_> = histogram.positive.iter().collect();
            writeln!(
                out,
                "{} schema {} count {} sum {} buckets {buckets:?} @{at}",
                series.labels, histogram.schema, histogram.count, histogram.sum
            )
            .unwrap();
        }
        for exemplar in series.exemplars {
            writeln!(out, "  {} {} @{}", exemplar.labels, exemplar.value, exemplar.timestamp)
                .unwrap();
        }
    }
    for metadata in batch.metadata() {
        writeln!(
            out,
            "# {} {} [{}] {}",
            metadata.family, metadata.kind, metadata.unit, metadata.help
        )
        .unwrap();
    }
    out
}

#[test]
fn what_an_sdk_sends_is_understood() {
    let Translated { batch, rejected } =
        translated(&wire::decode(SDK_REQUEST, ITEMS_MAX).unwrap(), &OtlpConfig::default());
    assert_eq!(rejected.count, 0, "{rejected:?}");
    // Times differ by run; everything else is as the program measured it.
    let shown = show(&batch);
    let lines: Vec<_> = shown.lines().map(|line| line.split(" @").next().unwrap()).collect();
    let job = r#"instance="i-1", job="shop/cart""#;
    let wanted = [
        format!(r#"http_requests_total{{http_method="GET", {job}}} 3"#),
        format!(r#"http_requests_total{{http_method="POST", {job}}} 1"#),
        format!("queue_length{{{job}}} 3"),
        format!("rpc_duration_seconds_sum{{{job}}} 2.75"),
        format!("rpc_duration_seconds_count{{{job}}} 4"),
        format!(r#"rpc_duration_seconds_bucket{{{job}, le="0.1"}} 1"#),
        format!(r#"rpc_duration_seconds_bucket{{{job}, le="0.5"}} 3"#),
        format!(r#"rpc_duration_seconds_bucket{{{job}, le="1"}} 3"#),
        format!(r#"rpc_duration_seconds_bucket{{{job}, le="+Inf"}} 4"#),
        format!(r#"temperature_celsius{{{job}, room="a"}} 21.5"#),
        format!(r#"target_info{{host_name="h1", {job}}} 1"#),
        "# http_requests_total counter [] Requests served.".to_owned(),
        "# queue_length gauge [] ".to_owned(),
        "# rpc_duration_seconds histogram [seconds] How long.".to_owned(),
        "# size_bytes histogram [bytes] ".to_owned(),
        "# temperature_celsius gauge [celsius] ".to_owned(),
    ];
    for line in &wanted {
        assert!(lines.contains(&line.as_str()), "{line} is missing in\n{shown}");
    }
    let native = batch.series().find(|series| !series.histograms.is_empty()).unwrap();
    let histogram = &native.histograms[0].1;
    assert_eq!(native.labels.metric_name(), Some("size_bytes"));
    assert_eq!((histogram.count, histogram.sum, histogram.validate()), (3.0, 1101.0, Ok(())));
    assert_eq!(lines.len(), wanted.len() + 1, "{shown}");
}

const JSON_REQUEST: &str = r#"{"resourceMetrics":[{
  "resource":{"attributes":[
    {"key":"service.name","value":{"stringValue":"cart"}},
    {"key":"zone","value":{"stringValue":"z1"}}]},
  "unknownField":{"a":[1,2]},
  "scopeMetrics":[{"scope":{"name":"lib","version":"2"},"metrics":[
    {"name":"hits","unit":"1","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[
      {"asInt":"7","timeUnixNano":"2000000000","startTimeUnixNano":"1000000000",
       "attributes":[{"key":"a.b","value":{"intValue":"4"}}],
       "exemplars":[{"timeUnixNano":"1500000000","asDouble":1,"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174"}]},
      {"flags":1,"timeUnixNano":3000000000}]}},
    {"name":"lag","unit":"s","histogram":{"aggregationTemporality":"AGGREGATION_TEMPORALITY_CUMULATIVE","dataPoints":[
      {"timeUnixNano":"2000000000","count":"3","sum":4.5,"bucketCounts":["1","0","2"],"explicitBounds":[0.5,2.5],
       "exemplars":[{"timeUnixNano":"1900000000","asDouble":3.5,"filteredAttributes":[{"key":"u","value":{"boolValue":true}}]}]}]}},
    {"name":"size","exponentialHistogram":{"aggregationTemporality":2,"dataPoints":[
      {"timeUnixNano":"2000000000","count":"3","sum":9,"scale":1,"zeroCount":"1","positive":{"offset":2,"bucketCounts":["1","1"]}}]}},
    {"name":"quota","summary":{"dataPoints":[
      {"timeUnixNano":"2000000000","count":"2","sum":3,"quantileValues":[{"quantile":0.5,"value":1},{"quantile":1,"value":"NaN"}]}]}},
    {"name":"empty"},
    {"name":"vague","sum":{"dataPoints":[{"asInt":"1"},{"asInt":"2"}]}},
    {"name":"coarse","exponentialHistogram":{"aggregationTemporality":2,"dataPoints":[{"scale":-11}]}},
    {"name":"odd","histogram":{"aggregationTemporality":2,"dataPoints":[{"bucketCounts":["1"],"explicitBounds":[1]}]}},
    {"name":"void","gauge":{"dataPoints":[{"timeUnixNano":"2000000000"}]}}
  ]}]}]}"#;

#[test]
fn json_says_the_same_as_protobuf_could() {
    let Translated { batch, rejected } = translated_json(JSON_REQUEST, &OtlpConfig::default());
    let shown = show(&batch);
    let expected = r#"hits_total{a_b="4", job="cart"} 7 @2000 created 1000
  {span_id="eee19b7ec3c1b174", trace_id="5b8efff798038103d269b633813fc60c"} 1 @1500
hits_total{job="cart"} NaN @3000
lag_seconds_sum{job="cart"} 4.5 @2000
lag_seconds_count{job="cart"} 3 @2000
lag_seconds_bucket{job="cart", le="0.5"} 1 @2000
lag_seconds_bucket{job="cart", le="2.5"} 1 @2000
lag_seconds_bucket{job="cart", le="+Inf"} 3 @2000
  {u="true"} 3.5 @1900
size{job="cart"} schema 1 count 3 sum 9 buckets [(3, 1.0), (4, 1.0)] @2000
quota_sum{job="cart"} 3 @2000
quota_count{job="cart"} 2 @2000
quota{job="cart", quantile="0.5"} 1 @2000
quota{job="cart", quantile="1"} NaN @2000
target_info{job="cart", zone="z1"} 1 @2000
target_info{job="cart", zone="z1"} 1 @3000
"#;
    let samples: String =
        shown.split_inclusive('\n').filter(|line| !line.starts_with('#')).collect();
    assert_eq!(samples, expected);
    let stale = batch
        .series()
        .find(|series| series.timestamps.first().is_some_and(|at| at.as_millis() == 3000));
    assert!(
        model::sample::is_stale_nan(stale.unwrap().values[0]),
        "a point without value ends its series"
    );
    let reasons = rejected.reasons.join("\n");
    assert_eq!(rejected.count, 6, "{reasons}");
    for part in [
        "\"empty\" has no data",
        "\"vague\" says neither",
        "scale -11",
        "1 bucket counts do not fit 1 bounds",
        "void",
    ] {
        assert!(reasons.contains(part), "{part}: {reasons}");
    }
}

#[test]
fn configuration_changes_names_and_labels() {
    let config: OtlpConfig = serde_json::from_value(serde_json::json!({
        "translation_strategy": "NoTranslation",
        "promote_resource_attributes": ["zone"],
        "promote_scope_metadata": true,
        "convert_histograms_to_nhcb": true,
    }))
    .unwrap();
    let shown = show(&translated_json(JSON_REQUEST, &config).batch);
    for line in [
        r#"hits{"a.b"="4", job="cart", otel_scope_name="lib", otel_scope_version="2", zone="z1"} 7 @2000 created 1000"#,
        r#"lag{job="cart", otel_scope_name="lib", otel_scope_version="2", zone="z1"} schema -53 count 3 sum 4.5 buckets [(0, 1.0), (2, 2.0)] @2000"#,
    ] {
        assert!(shown.contains(line), "{line} is missing in\n{shown}");
    }
}

fn delta(value: u64, time_s: u64, temporality: u8) -> String {
    format!(
        r#"{{"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[{{"name":"hits","sum":{{"aggregationTemporality":{temporality},
        "isMonotonic":true,"dataPoints":[{{"asInt":"{value}","timeUnixNano":"{time_s}000000000","startTimeUnixNano":"1000000000"}}]}}}}]}}]}}]}}"#
    )
}

#[test]
fn delta_points_add_up() {
    let sums = DeltaSums::new(Limits::default());
    let config = OtlpConfig::default();
    let send = |value, time_s| {
        let body: Value = serde_json::from_str(&delta(value, time_s, 1)).unwrap();
        translate(&json::decode(&body, ITEMS_MAX).unwrap(), &config, &sums).unwrap()
    };
    assert!(show(&send(3, 10).batch).starts_with("hits_total 3 @10000 created 1000\n"));
    assert!(show(&send(4, 20).batch).starts_with("hits_total 7 @20000 created 1000\n"));
    let late = send(5, 15);
    assert_eq!((late.batch.series_len(), late.rejected.count), (0, 1));
    assert!(show(&send(1, 30).batch).starts_with("hits_total 8 @30000"));
}

#[test]
fn a_sparse_clock_does_not_flood_target_info() {
    let at = |time: &str| format!(r#"{{"asInt":"1","timeUnixNano":"{time}"}}"#);
    let body = format!(
        r#"{{"resourceMetrics":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"a"}}}},{{"key":"b","value":{{"boolValue":true}}}}]}},
        "scopeMetrics":[{{"metrics":[{{"name":"x","gauge":{{"dataPoints":[{},{}]}}}}]}}]}}]}}"#,
        at("0"),
        at("1795000000000000000")
    );
    let batch = translated_json(&body, &OtlpConfig::default()).batch;
    let info = batch.series().last().unwrap();
    assert_eq!(info.labels.metric_name(), Some("target_info"));
    assert_eq!(info.timestamps.len(), 101);
}

#[test]
fn one_item_too_many_is_refused() {
    let body: Value = serde_json::from_str(&delta(1, 1, 2)).unwrap();
    // Resource, scope, metric, point.
    assert!(json::decode(&body, 4).is_ok());
    assert!(matches!(json::decode(&body, 3), Err(json::JsonFault::OverBudget(_))));
    let items = (1..).find(|items| wire::decode(SDK_REQUEST, *items).is_ok()).unwrap();
    assert!(items > 30);
    let fault = wire::decode(SDK_REQUEST, items - 1).unwrap_err();
    assert!(matches!(fault, wire::WireFault::OverBudget(_)), "{fault}");
}

#[test]
fn deep_nesting_is_refused() {
    let nested = (0..40).fold(r#"{"intValue":"1"}"#.to_owned(), |inner, _| {
        format!(r#"{{"arrayValue":{{"values":[{inner}]}}}}"#)
    });
    let body = format!(
        r#"{{"resourceMetrics":[{{"resource":{{"attributes":[{{"key":"a","value":{nested}}}]}}}}]}}"#
    );
    let body: Value = serde_json::from_str(&body).unwrap();
    assert!(matches!(json::decode(&body, ITEMS_MAX), Err(json::JsonFault::Nesting)));
    // The same as protobuf: an AnyValue in an ArrayValue in an AnyValue, and so on.
    let field = |number: u8, bytes: &[u8]| {
        let mut out = vec![number << 3 | 2, bytes.len() as u8 | 0x80, (bytes.len() >> 7) as u8];
        out.extend_from_slice(bytes);
        out
    };
    let nested = (0..40).fold(Vec::new(), |inner, _| field(5, &field(1, &inner)));
    let body = field(1, &field(1, &field(1, &field(2, &nested))));
    assert_eq!(wire::decode(&body, ITEMS_MAX), Err(wire::WireFault::Nesting));
}

#[test]
fn a_request_that_is_cut_short_is_none_or_smaller() {
    for end in 1..SDK_REQUEST.len() {
        assert!(wire::decode(&SDK_REQUEST[..end], ITEMS_MAX).is_err(), "{end}");
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(request) = wire::decode(&bytes, ITEMS_MAX) {
            translated(&request, &OtlpConfig::default());
        }
    }

    #[test]
    fn no_flipped_byte_panics(at in 0..SDK_REQUEST.len(), byte in any::<u8>()) {
        let mut body = SDK_REQUEST.to_vec();
        body[at] = byte;
        if let Ok(request) = wire::decode(&body, ITEMS_MAX) {
            translated(&request, &OtlpConfig::default());
        }
    }

    #[test]
    fn no_json_panics(at in 0..JSON_REQUEST.len(), part in r#"(null|[0-9]{1,20}|-1|"x"|\[\]|\{\})"#) {
        // Another value at the colon that follows.
        let Some(colon) = JSON_REQUEST[at..].find(':').map(|found| at + found + 1) else { return Ok(()) };
        let end = colon + JSON_REQUEST[colon..].find([',', '}', ']']).unwrap();
        let text = format!("{}{part}{}", &JSON_REQUEST[..colon], &JSON_REQUEST[end..]);
        if let Ok(body) = serde_json::from_str(&text)
            && let Ok(request) = json::decode(&body, ITEMS_MAX)
        {
            translated(&request, &OtlpConfig::default());
        }
    }
}

async fn post(headers: &[(&str, &str)], body: Vec<u8>) -> (Response, usize) {
    let store = Arc::new(RememberingStore::default());
    let sink = Arc::new(Sink::new(Arc::clone(&store) as _));
    let app = OtlpReceiver::new(sink, OtlpConfig::default(), Default::default()).router();
    let mut request = HttpRequest::builder().method("POST").uri("/v1/metrics");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = app.oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    (response, store.stored().len())
}

async fn send(headers: &[(&str, &str)], body: Vec<u8>) -> (u16, String, usize) {
    let (response, stored) = post(headers, body).await;
    let status = response.status().as_u16();
    let text = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8_lossy(&text).into_owned(), stored)
}

const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");
const PROTOBUF: (&str, &str) = ("content-type", "application/x-protobuf");

#[tokio::test]
async fn requests_are_answered_in_their_own_encoding() {
    assert_eq!(send(&[JSON], delta(1, 1, 2).into()).await, (200, "{}".to_owned(), 1));
    let (status, body, stored) = send(&[PROTOBUF], SDK_REQUEST.to_vec()).await;
    assert_eq!((status, body.as_str()), (200, ""));
    assert!(stored > 10);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), Default::default());
    gzip.write_all(SDK_REQUEST).unwrap();
    let packed = gzip.finish().unwrap();
    let (status, _, unpacked) = send(&[PROTOBUF, ("content-encoding", "gzip")], packed).await;
    assert_eq!((status, unpacked), (200, stored));
}

#[tokio::test]
async fn what_is_refused_is_told_and_the_rest_is_stored() {
    let (status, body, stored) = send(&[JSON], JSON_REQUEST.into()).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, stored > 10), (200, true));
    assert_eq!(body["partialSuccess"]["rejectedDataPoints"], "6");
    let message = body["partialSuccess"]["errorMessage"].as_str().unwrap();
    assert!(message.contains("vague"), "{message}");
}

#[tokio::test]
async fn requests_that_are_none_are_refused() {
    for (headers, body, want, part) in [
        (vec![JSON], b"{".to_vec(), 400, "\"code\":3"),
        (vec![JSON], br#"{"resourceMetrics":3}"#.to_vec(), 400, "resourceMetrics must be an array"),
        (vec![PROTOBUF], b"no protobuf".to_vec(), 400, "no OTLP metrics request"),
        (vec![PROTOBUF, ("content-encoding", "br")], Vec::new(), 415, "br"),
        (vec![PROTOBUF, ("content-encoding", "gzip")], b"x".to_vec(), 400, "unpacked"),
        (vec![("content-type", "text/plain")], Vec::new(), 415, "known"),
        (vec![], Vec::new(), 415, "known"),
        (vec![PROTOBUF], vec![0; super::handler::BODY_BYTES_MAX + 1], 413, "larger than"),
    ] {
        let (status, text, stored) = send(&headers, body).await;
        assert_eq!((status, stored), (want, 0), "{headers:?}: {text}");
        assert!(text.contains(part), "{text}");
    }
}

#[tokio::test]
async fn a_store_that_fails_is_tried_again() {
    let sink = Arc::new(Sink::new(Arc::new(RememberingStore::failing()) as _));
    let app = OtlpReceiver::new(sink, OtlpConfig::default(), Default::default()).router();
    let request =
        HttpRequest::builder().method("POST").uri("/v1/metrics").header(PROTOBUF.0, PROTOBUF.1);
    let response = app.oneshot(request.body(Body::from(SDK_REQUEST)).unwrap()).await.unwrap();
    assert_eq!(response.status().as_u16(), 503);
}
