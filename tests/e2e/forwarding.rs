//! `remote_write`: what was acknowledged arrives elsewhere, whoever crashes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::harness::{Peer, Server, encode, eventually, free_port, has_peer, now_ms, request};
use crate::otlp;
use crate::remote_write::{self, Series};

/// How often the sender is killed.
const CYCLES: u64 = 10;

/// A configuration that sends to `port`.
fn config(dir: &Path, port: u16, more: &str) -> PathBuf {
    let prometheus = dir.join("prometheus.yml");
    let text = format!(
        "global: {{external_labels: {{cluster: c1}}}}\n\
         remote_write: [{{url: 'http://127.0.0.1:{port}/api/v1/write', queue_config: {{batch_send_deadline: 100ms, max_backoff: 200ms}}{more}}}]\n"
    );
    std::fs::write(&prometheus, text).unwrap();
    let file = dir.join("bellwether.yml");
    std::fs::write(&file, "collect: {prometheus: [prometheus.yml], host: false, itself: false}\n")
        .unwrap();
    file
}

/// Pushes samples until told to end or the server dies; the number of the next one.
fn push_until(port: u16, base: i64, from: i64, is_over: &AtomicBool) -> i64 {
    let mut sample = from;
    while !is_over.load(Ordering::Relaxed) {
        let labels = [("__name__", "forward_test"), ("job", "test")];
        let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let samples = vec![(base + sample, sample as f64)];
        let body = remote_write::encode(&[Series { labels, samples }]);
        let headers =
            [("Content-Type", "application/x-protobuf"), ("Content-Encoding", "identity")];
        let answer = request(port, "POST", "/api/v1/write", &headers, &body);
        if !answer.is_ok_and(|answer| answer.status == 204) {
            break;
        }
        sample += 1;
    }
    sample
}

/// Pushes for a while, with a `kill -9` at the end of each cycle; how many were acknowledged.
fn push_and_kill(dir: &Path, config: &Path, base: i64, cycles: u64) -> i64 {
    let mut acknowledged = 0;
    for cycle in 0..cycles {
        let server = Server::start(dir, &["--config", config.to_str().unwrap()]);
        let (port, is_over) = (server.port(), AtomicBool::new(false));
        acknowledged = std::thread::scope(|scope| {
            let writer = scope.spawn(|| push_until(port, base, acknowledged, &is_over));
            std::thread::sleep(Duration::from_millis(30 + cycle * 13 % 150));
            server.kill();
            is_over.store(true, Ordering::Relaxed);
            writer.join().unwrap()
        });
    }
    acknowledged
}

/// The values that are there: 0, 1, 2 and so on, each once.
fn arrived(port: u16) -> Vec<i64> {
    let path = format!("/api/v1/query?query={}", encode("forward_test{cluster=\"c1\"}[1h]"));
    let Ok(answer) = request(port, "GET", &path, &[], &[]) else { return Vec::new() };
    let values = answer.json()["data"]["result"][0]["values"].clone();
    let values = values.as_array().into_iter().flatten();
    values.map(|pair| pair[1].as_str().unwrap().parse().unwrap()).collect()
}

fn assert_all_arrive(port: u16, acknowledged: i64) {
    eventually("what was acknowledged arrives", || arrived(port).len() as i64 >= acknowledged);
    let arrived = arrived(port);
    assert_eq!(arrived, (0..arrived.len() as i64).collect::<Vec<_>>());
}

#[test]
fn nothing_acknowledged_is_lost_on_the_way_to_prometheus() {
    if !has_peer("prometheus") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (port, base) = (free_port(), now_ms() - 1_800_000);
    let config = config(dir.path(), port, "");
    // First nobody listens, so that everything waits on disk; then the peer is there.
    let acknowledged = push_and_kill(&dir.path().join("ours"), &config, base, CYCLES);
    assert!(acknowledged > CYCLES as i64, "only {acknowledged} samples were pushed");
    let mut command = Command::new("prometheus");
    std::fs::write(dir.path().join("peer.yml"), "global: {}\n").unwrap();
    command
        .arg(format!("--config.file={}", dir.path().join("peer.yml").display()))
        .arg(format!("--storage.tsdb.path={}", dir.path().join("peer").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .arg("--web.enable-remote-write-receiver");
    let _peer = Peer::start(&mut command, port, "/-/ready");
    let server = Server::start(&dir.path().join("ours"), &["--config", config.to_str().unwrap()]);
    assert_all_arrive(port, acknowledged);
    let metrics = server.get("/metrics").body;
    let sent =
        metrics.lines().find(|line| line.starts_with("prometheus_remote_storage_samples_total"));
    assert!(sent.is_some_and(|line| line.contains(&format!(":{port}/"))), "{sent:?}");
}

#[test]
fn nothing_acknowledged_is_lost_between_two_of_us() {
    let dir = tempfile::tempdir().unwrap();
    let other = dir.path().join("other");
    // Version 2.0, and the receiver is killed too.
    let receiver = Server::start(&other, &[]);
    let (port, base) = (receiver.port(), now_ms() - 1_800_000);
    let config = config(dir.path(), port, ", protobuf_message: io.prometheus.write.v2.Request");
    let ours = dir.path().join("ours");
    let acknowledged = std::thread::scope(|scope| {
        let pushing = scope.spawn(|| push_and_kill(&ours, &config, base, CYCLES));
        let mut receiver = Some(receiver);
        while !pushing.is_finished() {
            std::thread::sleep(Duration::from_millis(700));
            receiver.take().unwrap().kill();
            receiver = Some(Server::start_on(port, &other, &[]));
        }
        drop(receiver);
        pushing.join().unwrap()
    });
    let _receiver = Server::start_on(port, &other, &[]);
    let _sender = Server::start(&ours, &["--config", config.to_str().unwrap()]);
    assert_all_arrive(port, acknowledged);
}

#[test]
fn a_reload_changes_who_is_sent_to() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Server::start(&dir.path().join("other"), &[]);
    let file = config(dir.path(), free_port(), "");
    let server = Server::start(&dir.path().join("ours"), &["--config", file.to_str().unwrap()]);
    let base = now_ms() - 60_000;
    config(dir.path(), receiver.port(), ", headers: {X-Test: a}");
    let reload = || request(server.port(), "POST", "/-/reload", &[], &[]).unwrap();
    assert_eq!(reload().status, 200);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| push_until(server.port(), base, 0, &is_over));
        eventually("samples arrive at the other", || arrived(receiver.port()).len() > 5);
        is_over.store(true, Ordering::Relaxed);
    });
    // A file that can't be meant changes nothing.
    config(dir.path(), receiver.port(), ", headers: {Content-Type: a}");
    let refused = reload();
    assert_eq!(refused.status, 500, "{}", refused.body);
    assert!(refused.body.contains("reserved header"), "{}", refused.body);
}

#[test]
fn histograms_exemplars_and_metadata_arrive_too() {
    let dir = tempfile::tempdir().unwrap();
    let receiver = Server::start(&dir.path().join("other"), &[]);
    let more = ", protobuf_message: io.prometheus.write.v2.Request, send_exemplars: true";
    let file = config(dir.path(), receiver.port(), more);
    let server = Server::start(&dir.path().join("ours"), &["--config", file.to_str().unwrap()]);
    let now = now_ms();
    otlp::push(&server, &[otlp::exponential_histogram("size", now), otlp::sum("hits", 7, now, 2)]);
    eventually("both arrive", || {
        let arrived = receiver.query("{job=\"cart\", cluster=\"c1\"}");
        arrived.as_array().is_some_and(|arrived| arrived.len() == 3)
    });
    let histogram = |server: &Server| server.query("size")[0]["histogram"][1].clone();
    assert_eq!(histogram(&receiver), histogram(&server));
    let exemplars = receiver.get("/api/v1/query_exemplars?query=hits_bytes_total").json();
    let trace = &exemplars["data"][0]["exemplars"][0]["labels"]["trace_id"];
    assert_eq!(trace, "5b8efff798038103d269b633813fc60c");
    let metadata = receiver.get("/api/v1/metadata?metric=hits_bytes_total").json();
    assert_eq!(metadata["data"]["hits_bytes_total"][0]["help"], "Bytes.");
}

#[test]
fn prometheus_takes_our_histograms_and_exemplars() {
    if !has_peer("prometheus") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let peer = Peer::prometheus(
        dir.path(),
        "global: {}\n",
        &[
            "--web.enable-remote-write-receiver",
            "--enable-feature=native-histograms,exemplar-storage",
        ],
    );
    let more = ", send_exemplars: true, send_native_histograms: true";
    let file = config(dir.path(), peer.port(), more);
    let server = Server::start(&dir.path().join("ours"), &["--config", file.to_str().unwrap()]);
    let now = now_ms();
    otlp::push(&server, &[otlp::exponential_histogram("size", now), otlp::sum("hits", 7, now, 2)]);
    let ask = |path: &str| request(peer.port(), "GET", path, &[], &[]).unwrap().json();
    let size = || ask("/api/v1/query?query=size")["data"]["result"].clone();
    eventually("the histogram arrives", || !size().as_array().unwrap().is_empty());
    let counts = |histogram: &serde_json::Value| {
        (
            histogram["count"].clone(),
            histogram["sum"].clone(),
            histogram["buckets"].as_array().map(Vec::len),
        )
    };
    let ours = server.query("size")[0]["histogram"][1].clone();
    assert_eq!(counts(&size()[0]["histogram"][1]), counts(&ours));
    let exemplars = ask("/api/v1/query_exemplars?query=hits_bytes_total&start=0&end=9999999999");
    let trace = &exemplars["data"][0]["exemplars"][0]["labels"]["trace_id"];
    assert_eq!(trace, "5b8efff798038103d269b633813fc60c");
}
