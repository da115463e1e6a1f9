//! What a scraper gets, through the route.

use axum::body::{Body, to_bytes};
use axum::http::Request;
use model::SampleBatch;
use model::sample::STALE_NAN;
use prost::Message;
use storage::AppendOptions;
use tower::ServiceExt;

use super::protobuf::MetricFamily;
use super::*;
use ::query::testing::memory_store::MemoryStore;

fn histogram(count: f64) -> Arc<Histogram> {
    let mut histogram = Histogram::new(0);
    histogram.positive.push(1, count - 1.0);
    histogram.positive.push(2, 1.0);
    histogram.count = count;
    Arc::new(histogram)
}

/// A store with a series of each kind; times are ms before now.
fn federation() -> Federation {
    let (store, now) = (MemoryStore::new(), Timestamp::now());
    let mut batch = SampleBatch::default();
    let mut series = |pairs: &[(&str, &str)], samples: &[(i64, f64)]| {
        batch.begin_series(&Labels::from_pairs(pairs.iter().copied()));
        for (ago, value) in samples {
            batch.push(now - Millis::new(*ago), *value);
        }
    };
    series(
        &[("__name__", "up"), ("job", "b"), ("instance", "x:1")],
        &[(20_000, 0.0), (9_000, 1.0)],
    );
    series(&[("__name__", "up"), ("job", "a\"\\"), ("cluster", "own")], &[(8_000, 1e6)]);
    series(&[("__name__", "old"), ("job", "b")], &[(301_000, 1.0)]);
    series(&[("__name__", "gone"), ("job", "b")], &[(20_000, 1.0), (10_000, STALE_NAN)]);
    series(&[("__name__", "a.b"), ("x.y", "1"), ("job", "b")], &[(7_000, 2.0)]);
    batch.begin_series(&Labels::from_pairs([("__name__", "rpc"), ("job", "b")]));
    batch.push_histogram(now - Millis::new(6_000), histogram(4.0));
    store.append(&batch, &AppendOptions::default()).unwrap();
    let external = Labels::from_pairs([("cluster", "c1"), ("region", "r1")]);
    Federation { store: Arc::new(store), external_labels: Arc::new(move || external.clone()) }
}

async fn get(query: &str, accept: &str) -> (u16, String, Vec<u8>) {
    let uri = format!("/federate?{query}");
    let request = Request::builder().uri(uri).header("accept", accept).body(Body::empty()).unwrap();
    let response = federation().router().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec();
    (status, content_type, body)
}

/// The text without timestamps, which differ by run.
async fn text(query: &str, accept: &str) -> String {
    let (status, _, body) = get(query, accept).await;
    assert_eq!(status, 200);
    let text = String::from_utf8(body).unwrap();
    text.lines()
        .map(|line| if line.starts_with('#') { line } else { line.rsplit_once(' ').unwrap().0 })
        .fold(String::new(), |out, line| out + line + "\n")
}

const ALL: &str = "match[]=%7Bjob%3D~%22.%2B%22%7D";

#[tokio::test]
async fn series_come_by_name_with_external_labels() {
    assert_eq!(
        text(&format!("match[]=up&{ALL}"), "").await,
        r##"# TYPE a_b untyped
a_b{job="b",x_y="1",cluster="c1",region="r1",instance=""} 2
# TYPE up untyped
up{cluster="own",job="a\"\\",region="r1",instance=""} 1e+06
up{instance="x:1",job="b",cluster="c1",region="r1"} 1
"##
    );
}

#[tokio::test]
async fn names_are_quoted_for_those_who_read_that() {
    let text =
        text("match[]=%7B%22a.b%22%7D", "text/plain;version=1.0.0;escaping=allow-utf-8").await;
    assert_eq!(
        text,
        "# TYPE \"a.b\" untyped\n{\"a.b\",job=\"b\",\"x.y\"=\"1\",cluster=\"c1\",region=\"r1\",instance=\"\"} 2\n"
    );
}

#[tokio::test]
async fn protobuf_has_histograms_too() {
    let accept = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,text/plain;version=0.0.4;q=0.3,*/*;q=0.1";
    let (status, content_type, body) = get(ALL, accept).await;
    assert_eq!(status, 200);
    assert!(content_type.starts_with("application/vnd.google.protobuf"), "{content_type}");
    let mut families = Vec::new();
    let mut rest = &body[..];
    while !rest.is_empty() {
        families.push(MetricFamily::decode_length_delimited(&mut rest).unwrap());
    }
    let names: Vec<_> =
        families.iter().map(|f| (f.name.as_str(), f.kind, f.metric.len())).collect();
    assert_eq!(names, [("a.b", 3, 1), ("rpc", 4, 1), ("up", 3, 2)]);
    let native = families[1].metric[0].histogram.as_ref().unwrap();
    assert_eq!((native.sample_count, native.sample_count_float), (Some(4), None));
    assert_eq!((native.positive_delta.as_slice(), native.schema), (&[3, -2][..], Some(0)));
}

#[tokio::test]
async fn no_selector_is_nothing_and_a_bad_one_an_error() {
    assert_eq!(text("", "").await, "");
    let (status, content_type, body) = get("match[]=up&match[]=%7B", "").await;
    assert_eq!((status, content_type.as_str()), (400, "text/plain; charset=utf-8"));
    assert!(String::from_utf8(body).unwrap().contains("parse error"));
}
