//! Metrics by OTLP, as senders push them over HTTP.

use std::io::Write;

use serde_json::{Value, json};

use crate::harness::{Answer, Server, now_ms, request};

/// When the request below was sent, in ns: all of its times are within the minute that begins here.
const SDK_TIME_NS: u64 = 1_795_247_335_000_000_000;
/// What the OpenTelemetry SDK for Python sent.
const SDK_REQUEST: &[u8] = include_bytes!("../../crates/receive/testdata/otlp_python_sdk.pb");
const PATHS: [&str; 3] =
    ["/otlp/v1/metrics", "/api/v1/otlp/v1/metrics", "/prometheus/api/v1/otlp/v1/metrics"];

/// A sum of one point, `value` at `time_ms`.
pub(crate) fn sum(name: &str, value: i64, time_ms: i64, temporality: u8) -> Value {
    let nanos = |ms: i64| (ms * 1_000_000).to_string();
    let point = json!({
        "asInt": value.to_string(),
        "timeUnixNano": nanos(time_ms),
        "startTimeUnixNano": nanos(time_ms - 10_000),
        "attributes": [{"key": "http.method", "value": {"stringValue": "GET"}}],
        "exemplars": [{"asDouble": 0.5, "timeUnixNano": nanos(time_ms), "traceId": "5b8efff798038103d269b633813fc60c"}],
    });
    let data =
        json!({"aggregationTemporality": temporality, "isMonotonic": true, "dataPoints": [point]});
    json!({"name": name, "unit": "By", "description": "Bytes.", "sum": data})
}

/// An exponential histogram of one point at `time_ms`: 3 observations in two buckets.
pub(crate) fn exponential_histogram(name: &str, time_ms: i64) -> Value {
    let point = json!({
        "timeUnixNano": (time_ms * 1_000_000).to_string(),
        "count": "3", "sum": 9.5, "scale": 1, "zeroCount": "0",
        "positive": {"offset": 2, "bucketCounts": ["1", "2"]},
    });
    let data = json!({"aggregationTemporality": 2, "dataPoints": [point]});
    json!({"name": name, "exponentialHistogram": data})
}

/// A request of service `cart`, instance `i-1`.
pub(crate) fn body(metrics: &[Value]) -> Vec<u8> {
    let attribute = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
    let attributes = [
        attribute("service.name", "cart"),
        attribute("service.instance.id", "i-1"),
        attribute("host.name", "h1"),
    ];
    let resource =
        json!({"resource": {"attributes": attributes}, "scopeMetrics": [{"metrics": metrics}]});
    json!({"resourceMetrics": [resource]}).to_string().into_bytes()
}

fn post(server: &Server, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    request(server.port(), "POST", path, headers, body).unwrap()
}

/// Pushes metrics, all of which are to be stored.
pub(crate) fn push(server: &Server, metrics: &[Value]) {
    let answer = post(server, PATHS[0], &[JSON], &body(metrics));
    assert_eq!((answer.status, answer.body.as_str()), (200, "{}"));
}

const JSON: (&str, &str) = ("Content-Type", "application/json");
const PROTOBUF: (&str, &str) = ("Content-Type", "application/x-protobuf");

#[test]
fn metrics_arrive_under_names_of_prometheus() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    let now = now_ms();
    for (index, path) in PATHS.into_iter().enumerate() {
        let metric = sum(&format!("io.sent{index}"), 7, now, 2);
        let answer = post(&server, path, &[JSON], &body(&[metric]));
        assert_eq!((answer.status, answer.body.as_str()), (200, "{}"), "{path}");
        let result = server.query(&format!("io_sent{index}_bytes_total"));
        let metric = json!({
            "__name__": format!("io_sent{index}_bytes_total"),
            "http_method": "GET", "instance": "i-1", "job": "cart",
        });
        assert_eq!(result[0]["metric"], metric);
        assert_eq!(result[0]["value"][1], "7");
    }
    assert_eq!(server.query("target_info")[0]["metric"]["host_name"], "h1");
    let joined = server
        .query("io_sent0_bytes_total * on (job, instance) group_left (host_name) target_info");
    assert_eq!(joined[0]["metric"]["host_name"], "h1");
    let metadata = server.get("/api/v1/metadata?metric=io_sent0_bytes_total").json();
    let entry = json!([{"type": "counter", "unit": "bytes", "help": "Bytes."}]);
    assert_eq!(metadata["data"]["io_sent0_bytes_total"], entry);
    let exemplars = server.get("/api/v1/query_exemplars?query=io_sent0_bytes_total").json();
    assert_eq!(
        exemplars["data"][0]["exemplars"][0]["labels"]["trace_id"],
        "5b8efff798038103d269b633813fc60c"
    );
}

#[test]
fn delta_points_become_a_counter() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    let start = now_ms() - 50_000;
    for step in 0..5 {
        push(&server, &[sum("delta", 3, start + step * 10_000, 1)]);
    }
    assert_eq!(server.query("delta_bytes_total")[0]["value"][1], "15");
    assert_eq!(server.query("increase(delta_bytes_total[1m])").as_array().unwrap().len(), 1);
    let metrics = server.get("/metrics").body;
    assert!(metrics.contains("bellwether_otlp_delta_streams 1"), "{metrics}");
}

/// The captured request as if it were sent now.
fn sdk_request() -> Vec<u8> {
    let mut body = SDK_REQUEST.to_vec();
    let shift = now_ms() as u64 * 1_000_000 - SDK_TIME_NS;
    for at in 0..body.len() - 8 {
        let word: &mut [u8; 8] = (&mut body[at..at + 8]).try_into().unwrap();
        let time = u64::from_le_bytes(*word);
        if (SDK_TIME_NS..SDK_TIME_NS + 60_000_000_000).contains(&time) {
            *word = (time + shift).to_le_bytes();
        }
    }
    body
}

#[test]
fn a_real_sdk_is_understood() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&sdk_request()).unwrap();
    let packed = gzip.finish().unwrap();
    let answer = post(&server, PATHS[0], &[PROTOBUF, ("Content-Encoding", "gzip")], &packed);
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    let names = server.get("/api/v1/label/__name__/values").json()["data"].to_string();
    for name in [
        "http_requests_total",
        "queue_length",
        "rpc_duration_seconds_bucket",
        "size_bytes",
        "temperature_celsius",
        "target_info",
    ] {
        assert!(names.contains(&format!("\"{name}\"")), "{name}: {names}");
    }
}

#[test]
fn what_is_wrong_is_told_and_the_rest_is_stored() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    let metrics = [sum("vague", 1, now_ms(), 0), sum("good", 1, now_ms(), 2)];
    let answer = post(&server, PATHS[0], &[JSON], &body(&metrics));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["partialSuccess"]["rejectedDataPoints"], "1");
    assert_eq!(server.query("good_bytes_total")[0]["value"][1], "1");
    // A gigabyte of zeros in a megabyte.
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let zeros = vec![0; 1 << 20];
    (0..1024).for_each(|_| gzip.write_all(&zeros).unwrap());
    let bomb = gzip.finish().unwrap();
    for (headers, body, status) in [
        (vec![PROTOBUF, ("Content-Encoding", "gzip")], bomb.as_slice(), 413),
        (vec![PROTOBUF], b"\xff\xff", 400),
        (vec![JSON], b"{\"resourceMetrics\":", 400),
        (vec![("Content-Type", "text/csv")], b"", 415),
    ] {
        let answer = post(&server, PATHS[0], &headers, body);
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    let metrics = server.get("/metrics").body;
    for line in [
        "bellwether_receive_requests_total{protocol=\"otlp_protobuf\",outcome=\"refused\"} 2",
        "bellwether_receive_requests_total{protocol=\"otlp_json\",outcome=\"partial\"} 1",
        "bellwether_receive_refused_total{protocol=\"otlp_json\"} 1",
    ] {
        assert!(metrics.contains(line), "{line} is missing in\n{metrics}");
    }
}
