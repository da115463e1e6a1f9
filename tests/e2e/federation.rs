//! A real Prometheus scrapes `/federate`.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::{Peer, Server, encode, eventually, has_peer, now_ms, request};
use crate::otlp;
use crate::remote_write::{self, Series};

/// A configuration with nothing to scrape, so that what is there stays as it is.
const OURS: &str = "global: {external_labels: {cluster: c1}}\n";

fn push(server: &Server, series: &[Series]) {
    let headers = [("Content-Encoding", "snappy"), ("Content-Type", "application/x-protobuf")];
    let body = remote_write::encode_snappy(series);
    let answer = request(server.port(), "POST", "/api/v1/write", &headers, &body).unwrap();
    assert_eq!(answer.status, 204, "{}", answer.body);
}

fn series(labels: &[(&str, &str)], samples: &[(i64, f64)]) -> Series {
    let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Series { labels: labels.collect(), samples: samples.to_vec() }
}

fn query(peer: &Peer, expr: &str) -> Vec<Value> {
    let path = format!("/api/v1/query?query={}", encode(expr));
    let answer = request(peer.port(), "GET", &path, &[], &[]).unwrap();
    answer.json()["data"]["result"].as_array().cloned().unwrap_or_default()
}

#[test]
fn a_real_prometheus_federates_us() {
    if !has_peer("prometheus") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let server = Server::with_prometheus_yml(dir.path(), OURS);
    let now = now_ms();
    push(
        &server,
        &[
            series(&[("__name__", "app_up"), ("job", "a"), ("instance", "x:1")], &[(now, 1.0)]),
            series(&[("__name__", "app_up"), ("job", "b\"\\\n")], &[(now, 0.5)]),
            series(&[("__name__", "app_old"), ("job", "a")], &[(now - 301_000, 1.0)]),
        ],
    );
    let config = format!(
        "scrape_configs: [{{job_name: federate, scrape_interval: 1s, honor_labels: true, metrics_path: /federate, \
         params: {{'match[]': ['{{job=~\".+\"}}', 'app_up']}}, static_configs: [{{targets: ['127.0.0.1:{}']}}]}}]\n",
        server.port()
    );
    let peer = Peer::prometheus(dir.path(), &config, &[]);
    eventually("our series are there", || query(&peer, "app_up").len() == 2);
    let labels: BTreeSet<String> =
        query(&peer, "app_up").iter().map(|sample| sample["metric"].to_string()).collect();
    // Labels are ours; one without an instance does not get that of the scrape.
    assert_eq!(
        labels.into_iter().collect::<Vec<_>>(),
        [
            r#"{"__name__":"app_up","cluster":"c1","instance":"x:1","job":"a"}"#,
            r#"{"__name__":"app_up","cluster":"c1","job":"b\"\\\n"}"#,
        ]
    );
    assert_eq!(query(&peer, "app_up == 0.5").len(), 1);
    assert!(query(&peer, "app_old").is_empty());
    // Our own metrics come too, all of them.
    let ours =
        server.query("count({job=\"bellwether\"})")[0]["value"][1].as_str().map(str::to_owned);
    let count = "count({job=\"bellwether\",cluster=\"c1\"})";
    eventually("as many as we have", || {
        query(&peer, count).first().is_some_and(|n| n["value"][1].as_str() >= ours.as_deref())
    });
}

#[test]
fn histograms_are_federated_in_protobuf() {
    if !has_peer("prometheus") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let server = Server::with_prometheus_yml(dir.path(), OURS);
    otlp::push(&server, &[otlp::exponential_histogram("size", now_ms())]);
    let config = format!(
        "scrape_configs: [{{job_name: federate, scrape_interval: 1s, honor_labels: true, metrics_path: /federate, \
         params: {{'match[]': ['{{job=~\".+\"}}']}}, static_configs: [{{targets: ['127.0.0.1:{}']}}]}}]\n",
        server.port()
    );
    let peer = Peer::prometheus(dir.path(), &config, &["--enable-feature=native-histograms"]);
    eventually("the histogram is there", || {
        query(&peer, "histogram_count(size{cluster=\"c1\",job=\"cart\"}) == 3").len() == 1
    });
    // Bounds are computed by either side, and version 2 rounds them in another way.
    let counts = |result: &Value| {
        let histogram = &result["histogram"][1];
        let buckets = histogram["buckets"].as_array().into_iter().flatten();
        let counts: Vec<_> = buckets.map(|bucket| bucket[3].to_string()).collect();
        (counts, histogram["sum"].clone())
    };
    assert_eq!(counts(&query(&peer, "size")[0]), counts(&server.query("size")[0]));
    assert!(!query(&peer, "up{job=\"bellwether\"}").is_empty(), "floats come in protobuf too");
}
