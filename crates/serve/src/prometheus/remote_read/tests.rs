//! Requests through the route, answers read by the generated messages.

use axum::http::Request as HttpRequest;
use model::{Histogram, SampleBatch, Timestamp};
use proptest::prelude::*;
use prost::Message;
use storage::AppendOptions;
use tower::ServiceExt;

use super::proto::{ChunkedReadResponse, LabelMatcher, Query, ReadRequest, ReadResponse};
use super::*;
use ::query::testing::memory_store::MemoryStore;

const SERIES: i64 = 3;
const SAMPLES: i64 = 300;

/// Three float series of 300 samples, and a histogram.
fn app(limits: Limits) -> Router {
    let store = MemoryStore::new();
    let mut batch = SampleBatch::default();
    for series in 0..SERIES {
        let pairs = [("__name__", "up".to_owned()), ("job", format!("j{series}"))];
        batch.begin_series(&Labels::from_pairs(pairs));
        for sample in 0..SAMPLES {
            batch.push(Timestamp::from_millis(1000 * sample), (series * sample) as f64);
        }
    }
    batch.begin_series(&Labels::from_pairs([("__name__", "rpc"), ("cluster", "own")]));
    let mut histogram = Histogram::new(1);
    histogram.positive.push(4, 2.0);
    histogram.positive.push(5, 1.0);
    histogram.count = 3.0;
    batch.push_histogram(Timestamp::from_millis(5000), Arc::new(histogram));
    store.append(&batch, &AppendOptions::default()).unwrap();
    let external = Labels::from_pairs([("cluster", "c1")]);
    RemoteRead::new(Arc::new(store), Arc::new(move || external.clone()), limits).router()
}

fn matcher(kind: i32, name: &str, value: &str) -> LabelMatcher {
    LabelMatcher { kind, name: name.to_owned(), value: value.to_owned() }
}

fn request(types: &[i32], matchers: Vec<LabelMatcher>) -> ReadRequest {
    let query = Query { start_timestamp_ms: 0, end_timestamp_ms: 1_000_000, matchers, hints: None };
    ReadRequest { queries: vec![query], accepted_response_types: types.to_vec() }
}

async fn post(limits: Limits, body: Vec<u8>) -> (u16, String, Vec<u8>) {
    let request = HttpRequest::builder().method("POST").uri("/api/v1/read").body(Body::from(body));
    let response = app(limits).oneshot(request.unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    let body = to_bytes(response.into_body(), 1 << 24).await.unwrap().to_vec();
    (status, content_type, body)
}

fn pack(plain: &[u8]) -> Vec<u8> {
    snap::raw::Encoder::new().compress_vec(plain).unwrap()
}

async fn read(limits: Limits, request: &ReadRequest) -> (u16, String, Vec<u8>) {
    post(limits, pack(&request.encode_to_vec())).await
}

/// The frames of a streamed answer, each checked.
fn frames(mut body: &[u8]) -> Vec<ChunkedReadResponse> {
    let mut frames = Vec::new();
    while !body.is_empty() {
        let length = prost::encoding::decode_varint(&mut body).unwrap() as usize;
        let (checksum, rest) = body.split_first_chunk::<4>().unwrap();
        let (message, rest) = rest.split_at(length);
        assert_eq!(u32::from_be_bytes(*checksum), crc32c::crc32c(message));
        frames.push(ChunkedReadResponse::decode(message).unwrap());
        body = rest;
    }
    frames
}

fn show(labels: &[proto::Label]) -> String {
    let pairs: Vec<_> =
        labels.iter().map(|label| format!("{}={}", label.name, label.value)).collect();
    pairs.join(",")
}

#[tokio::test]
async fn samples_come_at_once() {
    let up = request(&[], vec![matcher(0, "__name__", "up"), matcher(3, "job", "j0|x")]);
    let (status, content_type, body) = read(Limits::default(), &up).await;
    assert_eq!((status, content_type.as_str()), (200, "application/x-protobuf"));
    let plain = snap::raw::Decoder::new().decompress_vec(&body).unwrap();
    let response = ReadResponse::decode(&plain[..]).unwrap();
    let series = &response.results[0].timeseries;
    assert_eq!(series.len(), 2);
    assert_eq!(show(&series[1].labels), "__name__=up,cluster=c1,job=j2");
    assert_eq!(series[1].samples.len(), SAMPLES as usize);
    assert_eq!((series[1].samples[7].timestamp, series[1].samples[7].value), (7000, 14.0));
}

#[tokio::test]
async fn external_labels_are_added_and_asked_for() {
    for (value, want) in
        [("c1", vec!["__name__=rpc,cluster=own", "__name__=up,cluster=c1,job=j0"]), ("c2", vec![])]
    {
        let matchers = vec![matcher(0, "cluster", value), matcher(2, "job", "|j0")];
        let (_, _, body) = read(Limits::default(), &request(&[0], matchers)).await;
        let plain = snap::raw::Decoder::new().decompress_vec(&body).unwrap();
        let response = ReadResponse::decode(&plain[..]).unwrap();
        let labels: Vec<_> =
            response.results[0].timeseries.iter().map(|series| show(&series.labels)).collect();
        assert_eq!(labels, want, "{value}");
    }
}

#[tokio::test]
async fn chunks_come_in_frames() {
    let up = request(&[1, 0], vec![matcher(0, "__name__", "up")]);
    let (status, content_type, body) = read(Limits::default(), &up).await;
    assert_eq!(status, 200);
    assert_eq!(
        content_type,
        "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse"
    );
    let whole = frames(&body);
    assert_eq!(whole.len(), SERIES as usize, "a frame for each series");
    let chunks = &whole[1].chunked_series[0].chunks;
    let spans: Vec<_> = chunks.iter().map(|c| (c.min_time_ms, c.max_time_ms, c.encoding)).collect();
    assert_eq!(spans, [(0, 119_000, 1), (120_000, 239_000, 1), (240_000, 299_000, 1)]);
    assert_eq!(chunks[0].data[..2], 120u16.to_be_bytes());

    let small = Limits { frame_bytes_max: 1, ..Limits::default() };
    let split = frames(&read(small, &up).await.2);
    assert_eq!(split.len(), 3 * SERIES as usize, "a frame for each chunk");
    let joined: Vec<_> =
        split.iter().flat_map(|frame| frame.chunked_series[0].chunks.clone()).collect();
    let at_once: Vec<_> =
        whole.iter().flat_map(|frame| frame.chunked_series[0].chunks.clone()).collect();
    assert_eq!(joined, at_once);
}

#[tokio::test]
async fn histograms_come_both_ways() {
    let rpc = |types: &[i32]| request(types, vec![matcher(0, "__name__", "rpc")]);
    let streamed = frames(&read(Limits::default(), &rpc(&[1])).await.2);
    assert_eq!(streamed[0].chunked_series[0].chunks[0].encoding, 2);
    let (_, _, body) = read(Limits::default(), &rpc(&[0])).await;
    let plain = snap::raw::Decoder::new().decompress_vec(&body).unwrap();
    let response = ReadResponse::decode(&plain[..]).unwrap();
    let histogram = &response.results[0].timeseries[0].histograms[0];
    assert_eq!((histogram.schema, histogram.timestamp), (1, 5000));
    assert_eq!(histogram.positive_deltas, [2, -1]);
}

#[tokio::test]
async fn limits_hold() {
    let all = (SERIES * SAMPLES) as usize;
    let up = request(&[0], vec![matcher(0, "__name__", "up")]);
    for (samples_max, want) in [(all, 200), (all - 1, 400)] {
        let (status, _, body) = read(Limits { samples_max, ..Limits::default() }, &up).await;
        assert_eq!(status, want, "{}", String::from_utf8_lossy(&body));
    }
    for kind in [0, 1] {
        let up = request(&[kind], vec![matcher(0, "__name__", "up")]);
        let (status, _, body) = read(Limits { series_max: 2, ..Limits::default() }, &up).await;
        let body = String::from_utf8_lossy(&body);
        assert!(status == 400 && body.contains("more than 2 series"), "{status} {body}");
    }
}

#[tokio::test]
async fn requests_that_are_none_are_refused() {
    let bad_matcher = request(&[], vec![matcher(2, "a", "(")]);
    let bad_kind = request(&[], vec![matcher(7, "a", "b")]);
    let bad_types = request(&[5], vec![]);
    for (body, want, part) in [
        (b"no snappy".to_vec(), 400, "unpacked"),
        (pack(b"no protobuf"), 400, "no remote read request"),
        (pack(&bad_matcher.encode_to_vec()), 400, "regular expression"),
        (pack(&bad_kind.encode_to_vec()), 400, "unknown type 7"),
        (
            pack(&bad_types.encode_to_vec()),
            400,
            "does not support any of the requested response types",
        ),
        (b"\xff\xff\xff\xff\x0fbomb".to_vec(), 413, "larger than"),
        (vec![0; REQUEST_BYTES_MAX + 1], 413, "larger than"),
    ] {
        let (status, _, body) = post(Limits::default(), body).await;
        let body = String::from_utf8_lossy(&body);
        assert!(status == want && body.contains(part), "{status} {body}");
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
        let _ = request::ReadRequest::decode(&bytes);
        let _ = unpack(&bytes, true);
    }
}
