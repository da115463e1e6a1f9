//! The handler through its route, before a store that remembers.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use axum::response::Response;
use pipeline::Sink;
use prost::Message;
use tower::ServiceExt;

use super::{PrometheusReceiver, proto};
use crate::testing::RememberingStore;

/// The same in both versions.
fn request_v2(metric: &str, timestamp: i64) -> Vec<u8> {
    use proto::v2::{Request, Sample, TimeSeries};
    let sample = |timestamp| Sample { value: 1.0, timestamp, start_timestamp: 0 };
    let series = TimeSeries {
        labels_refs: vec![1, 2, 3, 4],
        samples: vec![sample(timestamp), sample(5)],
        ..Default::default()
    };
    let symbols = ["", "__name__", metric, "job", "a"].map(str::to_owned).to_vec();
    Request { symbols, timeseries: vec![series] }.encode_to_vec()
}

fn request(metric: &str, timestamp: i64) -> Vec<u8> {
    let label = |name: &str, value: &str| proto::Label { name: name.into(), value: value.into() };
    let labels = vec![label("__name__", metric), label("job", "a")];
    let samples = [timestamp, 5].map(|timestamp| proto::Sample { value: 1.0, timestamp }).to_vec();
    let series = proto::TimeSeries { labels, samples, ..Default::default() };
    proto::WriteRequest { timeseries: vec![series], metadata: Vec::new() }.encode_to_vec()
}

async fn send(headers: &[(&str, &str)], body: Vec<u8>) -> (u16, String, Vec<String>) {
    let (response, stored) = post(headers, body).await;
    let status = response.status().as_u16();
    let text = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(text.to_vec()).unwrap(), stored)
}

async fn post(headers: &[(&str, &str)], body: Vec<u8>) -> (Response, Vec<String>) {
    let store = Arc::new(RememberingStore::default());
    let app =
        PrometheusReceiver::new(Arc::new(Sink::new(Arc::clone(&store) as _)), Default::default())
            .router();
    let mut request = Request::builder().method("POST").uri("/api/v1/write");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = app.oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let stored = store.stored();
    (response, stored)
}

fn snappy(plain: &[u8]) -> Vec<u8> {
    snap::raw::Encoder::new().compress_vec(plain).unwrap()
}

#[tokio::test]
async fn good_requests_are_stored_without_a_word() {
    let (status, body, stored) = send(&[], snappy(&request("up", 1))).await;
    assert_eq!((status, body.as_str(), stored.len()), (204, "", 2));
    let headers = [("content-encoding", "identity"), ("content-type", "application/x-protobuf")];
    assert_eq!(send(&headers, request("up", 1)).await.0, 204);
}

#[tokio::test]
async fn what_is_refused_is_named_and_the_rest_is_stored() {
    let (status, body, stored) = send(&[], snappy(&request("up", -1))).await;
    assert_eq!((status, stored), (400, vec![r#"up{job="a"}@5"#.to_owned()]));
    assert!(body.contains(r#"out of bounds: series up{job="a"} at -1"#), "{body}");
}

#[tokio::test]
async fn requests_that_are_none_are_refused() {
    let content_type = "application/x-protobuf;proto=io.prometheus.write.v9.Request";
    for (headers, body, want) in [
        (vec![], b"no snappy".to_vec(), 400),
        (vec![], snappy(b"no protobuf"), 400),
        (vec![("content-encoding", "br")], Vec::new(), 415),
        (vec![("content-type", content_type)], Vec::new(), 415),
        (vec![("content-type", "application/json")], Vec::new(), 415),
        (vec![], b"\xff\xff\xff\xff\x0fbomb".to_vec(), 413),
    ] {
        let (status, text, stored) = send(&headers, body).await;
        assert_eq!((status, stored.len()), (want, 0), "{headers:?}: {text}");
    }
}

const V2: (&str, &str) =
    ("content-type", "application/x-protobuf;proto=io.prometheus.write.v2.Request");

#[tokio::test]
async fn version_two_says_what_was_written() {
    for (timestamp, status, samples) in [(1, 204, "2"), (-1, 400, "1")] {
        let (response, stored) = post(&[V2], snappy(&request_v2("up", timestamp))).await;
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(stored.last().map(String::as_str), Some(r#"up{job="a"}@5"#));
        let header = |kind| {
            response.headers()[format!("x-prometheus-remote-write-{kind}-written")]
                .to_str()
                .unwrap()
        };
        assert_eq!(["samples", "histograms", "exemplars"].map(header), [samples, "0", "0"]);
    }
    let (response, _) = post(&[V2], snappy(b"no protobuf")).await;
    assert_eq!(response.status().as_u16(), 400);
    assert_eq!(response.headers()["x-prometheus-remote-write-samples-written"], "0");
    let (response, _) = post(&[], snappy(&request("up", 1))).await;
    assert!(!response.headers().contains_key("x-prometheus-remote-write-samples-written"));
}
