//! What is broken, hostile or too much: a clear answer, a counter, nothing good lost.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use crate::harness::{Server, encode, eventually, request};
use crate::remote_write::{self, Series};

/// A target that answers every request with these bytes.
struct Target {
    port: u16,
}

impl Target {
    fn start(answer: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut lines = BufReader::new(&stream).lines();
                while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
                let _ = (&stream).write_all(&answer);
            }
        });
        Self { port }
    }

    /// Answers with a body that is packed with gzip.
    fn packed(body: &[u8]) -> Self {
        Self::saying(&format!("{TEXT}\r\nContent-Encoding: gzip"), body)
    }

    fn saying(content_type: &str, body: &[u8]) -> Self {
        let mut answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        )
        .into_bytes();
        answer.extend_from_slice(body);
        Self::start(answer)
    }
}

const TEXT: &str = "text/plain; version=0.0.4";

#[test]
fn targets_that_misbehave_are_down_and_say_why() {
    let big = "a".repeat(200_000);
    let cases = [
        ("malformed", Target::saying(TEXT, b"good 1\nbad{ 2\n"), "line 2: label set is not closed"),
        ("not_utf8", Target::saying(TEXT, b"good{a=\"\xff\xfe\"} 1\n"), "UTF-8"),
        ("unknown", Target::saying("application/json", b"{}"), "application/json"),
        ("none", Target::saying("", b"good 1\n"), "Content-Type"),
        ("big", Target::saying(TEXT, format!("# {big}\ngood 1\n").as_bytes()), "body size limit"),
        ("bomb", Target::packed(&gzip(&vec![b'#'; 100 << 20])), "body size limit"),
        ("error", Target::start(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n".to_vec()), "503"),
        ("cut", Target::start(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\ngood".to_vec()), ""),
        ("garbage", Target::start(vec![0, 1, 2, 3]), ""),
    ];
    let mut config = "global: {scrape_interval: 1s}\nscrape_configs:\n".to_owned();
    for (job, target, _) in &cases {
        config.push_str(&format!(
            "- {{job_name: {job}, body_size_limit: 100KB, static_configs: [{{targets: ['127.0.0.1:{}']}}]}}\n",
            target.port
        ));
    }
    let dir = tempfile::tempdir().unwrap();
    let server = Server::with_prometheus_yml(dir.path(), &config);
    eventually("all were tried", || {
        server.query("up").as_array().is_some_and(|up| up.len() == cases.len() + 2)
    });
    for (job, _, reason) in &cases {
        let targets = server.get(&format!("/api/v1/targets?scrapePool={job}")).json();
        let target = &targets["data"]["activeTargets"][0];
        let error = target["lastError"].as_str().unwrap();
        assert_eq!(target["health"], "down", "{job}: {error}");
        assert!(!error.is_empty() && error.contains(reason), "{job}: {error}");
    }
    assert_eq!(server.query("good"), serde_json::json!([]), "a broken body counts for nothing");
    let healthy = server.query("up{job=~\"node|bellwether\"} == 1");
    assert_eq!(healthy.as_array().unwrap().len(), 2, "the others are unharmed");
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn bombs_and_oversized_bodies_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    let write = |headers: &[(&str, &str)], body: &[u8]| {
        request(server.port(), "POST", "/api/v1/write", headers, body).unwrap()
    };
    let snappy = [("Content-Encoding", "snappy"), ("Content-Type", "application/x-protobuf")];
    // A header that claims four gigabytes.
    let answer = write(&snappy, &[0xff, 0xff, 0xff, 0xff, 0x0f, 0x00]);
    assert_eq!(answer.status / 100, 4, "{}", answer.body);
    let answer = write(&snappy, b"not snappy at all");
    assert_eq!(answer.status, 400, "{}", answer.body);
    let answer = write(&[("Content-Type", "text/plain")], b"up 1");
    assert_eq!(answer.status, 415, "{}", answer.body);
    // Each encoding unpacks to more than is allowed from a few kilobytes.
    let zeros = vec![0; 129 << 20];
    let bombs = [("gzip", gzip(&zeros)), ("zstd", zstd::bulk::compress(&zeros, 1).unwrap())];
    for (encoding, bomb) in &bombs {
        assert!(bomb.len() < 1 << 20);
        let headers = [("Content-Encoding", *encoding), ("Content-Type", "application/x-protobuf")];
        let answer = write(&headers, bomb);
        assert_eq!(answer.status, 413, "{encoding}: {}", answer.body);
    }
    let refused =
        "bellwether_receive_requests_total{protocol=\"remote_write_v1\",outcome=\"refused\"} 4";
    let metrics = server.get("/metrics").body;
    assert!(metrics.contains(refused), "{metrics}");
    // A body that claims to be larger than any may be is refused before it is sent.
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    stream
        .write_all(b"POST /api/v1/write HTTP/1.1\r\nHost: a\r\nContent-Encoding: snappy\r\nContent-Type: application/x-protobuf\r\nContent-Length: 99999999999\r\n\r\n")
        .unwrap();
    let mut answer = [0; 64];
    let count = stream.read(&mut answer).unwrap();
    assert!(String::from_utf8_lossy(&answer[..count]).contains(" 413 "));
    assert_eq!(server.get("/-/healthy").status, 200);
}

#[test]
fn good_series_of_a_bad_request_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now_ms = now.as_millis() as i64;
    let series = |pairs: &[(&str, &str)], at: i64| Series {
        labels: pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
        samples: vec![(at, 1.0)],
    };
    let body = remote_write::encode_snappy(&[
        series(&[("__name__", "good"), ("n", "1")], now_ms),
        series(&[("__name__", "bad"), ("a", "1"), ("a", "2")], now_ms),
        series(&[("a", "nameless")], now_ms),
        series(&[("__name__", "far_future")], now_ms + 86_400_000 * 400),
        series(&[("__name__", "good"), ("n", "2")], now_ms),
    ]);
    let headers = [("Content-Encoding", "snappy"), ("Content-Type", "application/x-protobuf")];
    let answer = request(server.port(), "POST", "/api/v1/write", &headers, &body).unwrap();
    assert_eq!(answer.status, 400, "{}", answer.body);
    for reason in ["far_future", "stands twice", "missing metric name"] {
        assert!(answer.body.contains(reason), "{}", answer.body);
    }
    assert_eq!(server.query("good").as_array().map(Vec::len), Some(2));
    for name in ["bad", "far_future", "{a=\"nameless\"}"] {
        assert_eq!(server.query(name), serde_json::json!([]), "{name}");
    }
    let metrics = server.get("/metrics").body;
    let refused = "bellwether_receive_refused_total{protocol=\"remote_write_v1\"} 3";
    assert!(metrics.contains(refused), "{metrics}");
    // The store's window ends an hour behind its newest sample.
    let body =
        remote_write::encode_snappy(&[series(&[("__name__", "far_past")], now_ms - 86_400_000)]);
    let answer = request(server.port(), "POST", "/api/v1/write", &headers, &body).unwrap();
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert!(answer.body.contains("far_past"), "{}", answer.body);
    assert_eq!(server.query("far_past[2d]"), serde_json::json!([]));
}

#[test]
fn exploding_cardinality_ends_at_a_limit_and_is_shown() {
    let dir = tempfile::tempdir().unwrap();
    let config = "collect: {host: false, itself: false}\n\
                  storage: {series: {limits: {series_max: 100, series_per_metric_max: 60}}}\n";
    let server = Server::with_config(dir.path(), config);
    let headers = [("Content-Encoding", "snappy"), ("Content-Type", "application/x-protobuf")];
    let write = |name: &str, count: i64, value: f64| {
        let at = crate::harness::now_ms();
        let series = |index: i64| Series {
            labels: [("__name__", name.to_owned()), ("user", index.to_string())]
                .map(|(name, value)| (name.to_owned(), value))
                .to_vec(),
            samples: vec![(at, value)],
        };
        let body = remote_write::encode_snappy(&(0..count).map(series).collect::<Vec<_>>());
        request(server.port(), "POST", "/api/v1/write", &headers, &body).unwrap()
    };
    let answer = write("exploding", 500, 1.0);
    assert_eq!(answer.status, 400);
    assert!(answer.body.starts_with("440 samples or series were refused"), "{}", answer.body);
    assert!(answer.body.contains("exploding"), "{}", answer.body);
    let answer = write("another", 50, 1.0);
    assert_eq!(answer.status, 400, "{}", answer.body);
    // What is known goes on.
    assert!(write("exploding", 500, 2.0).body.starts_with("440 samples"));
    let count = |expr: &str| server.query(expr)[0]["value"][1].as_str().unwrap().to_owned();
    assert_eq!(count("count(exploding == 2)"), "60");
    assert_eq!(count("count(another)"), "40");
    let status = server.get("/api/v1/status/tsdb").json()["data"].clone();
    assert_eq!(
        status["seriesCountByMetricName"][0],
        serde_json::json!({"name": "exploding", "value": 60})
    );
    let label = &status["labelValueCountByLabelName"][0];
    assert_eq!(label["name"], "user", "the label that explodes is named: {label}");
    let metrics = server.get("/metrics").body;
    let counted =
        metrics.lines().filter(|line| line.starts_with("bellwether_rejected_samples_total{"));
    let sum: f64 =
        counted.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum();
    assert_eq!(sum, 890.0, "{metrics}");
}

#[test]
fn queries_of_death_end() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    eventually("there are samples", || server.query("up").as_array().unwrap().len() == 2);
    let ask =
        |expr: &str, rest: &str| server.get(&format!("/api/v1/query?query={}{rest}", encode(expr)));
    let deep = format!("{}1{}", "(".repeat(20_000), ")".repeat(20_000));
    let answer = request(
        server.port(),
        "POST",
        "/api/v1/query",
        &[("Content-Type", "application/x-www-form-urlencoded")],
        format!("query={}", encode(&deep)).as_bytes(),
    );
    assert_eq!(answer.unwrap().status, 400, "an expression nested too deep");
    let answer = ask("count_over_time({__name__=~\".+\"}[1y:1s])", "&timeout=1s");
    assert!([422, 503].contains(&answer.status), "{} {}", answer.status, answer.body);
    let answer = ask("{__name__=~\"(a+)+$\"}", "");
    assert_eq!(answer.status, 200, "no expression backtracks: {}", answer.body);
    let answer = ask("{__name__=~\"((((a{100}){100}){100}){100})\"}", "");
    assert_eq!(answer.status, 400, "an expression that would fill memory");
    assert!(answer.body.contains("error"), "{}", answer.body);
    assert_eq!(server.query("up").as_array().map(Vec::len), Some(2), "it still answers");
}

#[test]
fn queries_over_a_limit_are_refused_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let config =
        "query: {samples_max: 20000, series_max: 300, points_max: 50000, experimental: false}\n";
    let server = Server::with_config(dir.path(), config);
    eventually("there are samples", || server.query("up").as_array().unwrap().len() == 2);
    for (expr, rest, status, kind, message) in [
        ("{__name__=~\".+\"}", "", 422, "execution", "300"),
        ("up[1h:1ms]", "", 422, "execution", "points"),
        ("vector(1)[10h:1s]", "", 422, "execution", "too many samples"),
        ("up", "&timeout=0.0000001", 503, "timeout", "query timed out"),
        ("up", "&timeout=soon", 400, "bad_data", "timeout"),
        ("mad_over_time(up[5m])", "", 400, "bad_data", "is not enabled"),
    ] {
        let answer = server.get(&format!("/api/v1/query?query={}{rest}", encode(expr)));
        assert_eq!(answer.status, status, "{expr}{rest}: {}", answer.body);
        let error = answer.json();
        assert_eq!(error["errorType"], kind, "{expr}{rest}: {error}");
        assert!(error["error"].as_str().unwrap().contains(message), "{expr}{rest}: {error}");
    }
    let metrics = server.get("/metrics").body;
    for counted in [
        "bellwether_queries_total{outcome=\"limit\"} 3",
        "bellwether_queries_total{outcome=\"bad_query\"} 1",
        "bellwether_queries_total{outcome=\"timeout\"}",
    ] {
        assert!(metrics.contains(counted), "{counted}: {metrics}");
    }
}

#[test]
fn a_query_that_would_fill_the_memory_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::with_config(dir.path(), "query: {memory_max: 100KB}\n");
    eventually("there are samples", || server.query("up").as_array().unwrap().len() == 2);
    let answer = server.get("/api/v1/query?query=vector(1)[10h:1s]");
    assert_eq!((answer.status, &answer.json()["errorType"]), (422, &"execution".into()));
    assert!(answer.body.contains("102400 bytes in memory"), "{}", answer.body);
    assert_eq!(server.query("up").as_array().map(Vec::len), Some(2), "smaller ones are answered");
}

#[test]
fn a_query_ends_when_its_client_goes() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::with_config(dir.path(), "collect: {host: false, itself: false}\n");
    let (now, hour) = (crate::harness::now_ms(), 3_600_000);
    let series = |index: i64| Series {
        labels: [("__name__", "long".to_owned()), ("i", index.to_string())]
            .map(|(name, value)| (name.to_owned(), value))
            .to_vec(),
        samples: (0..240).map(|step| (now - hour + step * 15_000, (step % 7) as f64)).collect(),
    };
    let headers = [("Content-Encoding", "snappy"), ("Content-Type", "application/x-protobuf")];
    let body = remote_write::encode_snappy(&(0..50).map(series).collect::<Vec<_>>());
    let answer = request(server.port(), "POST", "/api/v1/write", &headers, &body).unwrap();
    assert_eq!(answer.status, 204, "{}", answer.body);
    // Sorts nearly two thousand samples for each of ten thousand steps of fifty series.
    let path = format!(
        "/api/v1/query_range?query={}&start={}&end={}&step=0.1",
        encode("sum(quantile_over_time(0.5, long[30m:1s]))"),
        now / 1000 - 1000,
        now / 1000
    );
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_millis(300))).unwrap();
    let mut answer = [0; 512];
    if let Ok(count) = stream.read(&mut answer) {
        panic!("answered too early: {}", String::from_utf8_lossy(&answer[..count]));
    }
    drop(stream);
    let canceled = "bellwether_queries_total{outcome=\"canceled\"} 1";
    eventually("it is cancelled", || server.get("/metrics").body.contains(canceled));
}

#[test]
fn what_people_type_at_a_shell_is_understood() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    eventually("both targets are stored", || server.query("up").as_array().unwrap().len() == 2);
    let answer = server.get("/api/v1/query?query=up{job=\"node\"}>=0");
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.json()["data"]["result"].as_array().map(Vec::len), Some(1));
}
