//! A real Prometheus reads our samples and answers queries from them as we do.

use serde_json::Value;

use crate::harness::{Peer, Server, encode, has_peer, now_ms, request};
use crate::remote_write::{self, Series};

/// The distance of samples, in ms.
const STEP_MS: i64 = 15_000;
const SAMPLES: i64 = 240;

const QUERIES: [&str; 12] = [
    "read_total",
    "read_total{job=\"a\"}",
    "read_total{job!=\"a\"}",
    "read_total{job=~\"a|b\"}",
    "read_total{job!~\"a|b\"}",
    "rate(read_total[2m])",
    "sum by (job) (read_total)",
    "max_over_time(read_gauge[10m])",
    "read_gauge{cluster=\"c1\"}",
    "read_gauge{cluster=\"c2\"}",
    "count(read_gauge offset 10m)",
    "absent(read_none)",
];

fn series(start: i64) -> Vec<Series> {
    let mut all = Vec::new();
    for (number, job) in ["a", "b", "c", "d"].into_iter().cycle().take(40).enumerate() {
        let number = number as i64;
        for metric in ["read_total", "read_gauge"] {
            let value = |sample: i64| match metric {
                "read_total" => (sample * (number + 1)) as f64,
                _ => ((sample * 37 + number * 11) % 101) as f64 / 7.0,
            };
            let pairs = [("__name__", metric), ("job", job), ("n", &number.to_string())];
            let labels = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
            let samples = (0..SAMPLES).map(|sample| (start + sample * STEP_MS, value(sample)));
            all.push(Series { labels, samples: samples.collect() });
        }
    }
    all
}

/// The result of a query without external labels, sorted.
fn result(port: u16, path: &str) -> Vec<String> {
    let answer = request(port, "GET", path, &[], &[]).unwrap();
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    let mut result = answer.json()["data"]["result"].clone();
    for series in result.as_array_mut().into_iter().flatten() {
        if let Some(metric) = series["metric"].as_object_mut() {
            metric.remove("cluster");
        }
    }
    let mut lines: Vec<_> = result.as_array().into_iter().flatten().map(Value::to_string).collect();
    lines.sort();
    lines
}

#[test]
fn a_real_prometheus_reads_us() {
    if !has_peer("prometheus") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let server =
        Server::with_prometheus_yml(dir.path(), "global: {external_labels: {cluster: c1}}\n");
    let start = (now_ms() / STEP_MS - SAMPLES) * STEP_MS;
    let headers = [("Content-Encoding", "snappy"), ("Content-Type", "application/x-protobuf")];
    let body = remote_write::encode_snappy(&series(start));
    let answer = request(server.port(), "POST", "/api/v1/write", &headers, &body).unwrap();
    assert_eq!(answer.status, 204, "{}", answer.body);
    let config = format!(
        "remote_read: [{{url: 'http://127.0.0.1:{}/api/v1/read', read_recent: true}}]\n",
        server.port()
    );
    let peer = Peer::prometheus(dir.path(), &config, &[]);
    let (from, to) = (start / 1000 + 1207, start / 1000 + SAMPLES * 15 - 8);
    for query in QUERIES {
        // Our own series have no external labels at home, but all have them abroad.
        let at_home = query.replace("{cluster=\"c1\"}", "");
        for times in
            [format!("query?time={to}"), format!("query_range?start={from}&end={to}&step=105")]
        {
            let path = |query: &str| format!("/api/v1/{times}&query={}", encode(query));
            let ours = result(server.port(), &path(&at_home));
            assert_eq!(result(peer.port(), &path(query)), ours, "{query} {times}");
            let is_empty = query.contains("c2");
            assert_eq!(ours.is_empty(), is_empty, "{query}");
        }
    }
    // Debian's version 2 asks for samples; version 3 would ask for streams of chunks.
    let metrics = server.get("/metrics").body;
    let asked = "bellwether_remote_read_requests_total{outcome=\"sampled\"}";
    assert!(metrics.lines().any(|line| line.starts_with(asked)), "{metrics}");
}
