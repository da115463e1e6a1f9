//! History moves from a real Prometheus to us and back: the answers stay the same.
//!
//! The peer gets blocks (by promtool) and, on top, samples and native histograms
//! that are only in its write-ahead log when it is killed.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::harness::{Peer, Server, binary, encode, free_port, has_peer, request};
use crate::remote_write::{self, Series};

/// The distance of samples, in ms. Queries are evaluated 7 s beside them, so that
/// it doesn't matter whether a range includes its left end.
const STEP_MS: i64 = 15_000;
/// Samples in blocks, and behind them only in the log.
const BLOCK_HOURS: i64 = 20;
const LOG_MINUTES: i64 = 40;
/// 36 series in blocks and log and a late one, less what is deleted of four: five
/// hours of the blocks and ten minutes of the log.
const FLOAT_SAMPLES: usize = 36 * (4800 + 160) + 160 - 4 * (1200 + 41);
/// Sums may be added up in another order.
const TOLERANCE: f64 = 1e-11;

const QUERIES: [&str; 16] = [
    "moved_total",
    "moved_gauge",
    "count(moved_total) by (job)",
    "rate(moved_total[5m])",
    "sum(increase(moved_total[1h])) by (job)",
    "avg_over_time(moved_gauge[30m])",
    "count_over_time(moved_odd{job=\"api\"}[2h])",
    "max_over_time(moved_odd[10m])",
    "moved_late",
    "sum_over_time(moved_late[20m])",
    "moved_native",
    "histogram_count(sum(rate(moved_native[5m])))",
    "histogram_count(moved_native)",
    "histogram_sum(moved_native)",
    "moved_native_float",
    "histogram_fraction(0, 2, moved_native_float)",
];

fn prometheus(data: &Path) -> Peer {
    let port = free_port();
    let config = data.parent().unwrap().join("prometheus.yml");
    std::fs::write(&config, "storage: {tsdb: {out_of_order_time_window: 3h}}\n").unwrap();
    let mut command = Command::new("prometheus");
    command
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.tsdb.path={}", data.display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .arg("--web.enable-remote-write-receiver")
        .arg("--web.enable-admin-api")
        .arg("--enable-feature=native-histograms")
        // Debian's takes the lock only where it is asked to.
        .arg("--storage.tsdb.use-lockfile");
    Peer::start(&mut command, port, "/-/ready")
}

fn run(program: impl AsRef<std::ffi::OsStr>, args: &[&str]) -> Output {
    let output = Command::new(program).args(args).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {error}");
    output
}

/// The command fails and says why.
#[track_caller]
fn refused(args: &[&str], reason: &str) {
    let output = Command::new(binary()).args(args).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && error.contains(reason), "{args:?}: {error}");
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn history_moves_from_prometheus_to_us_and_back() {
    if !has_peer("prometheus") || !has_peer("promtool") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let text = |name: &str| path(name).display().to_string();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
    let log_start = (now / STEP_MS) * STEP_MS - LOG_MINUTES * 60_000;
    let block_start = log_start - (BLOCK_HOURS + 3) * 3_600_000;

    let original = make_history(dir.path(), block_start, log_start);

    // To us, twice: the second time there is nothing left to do.
    let import = ["import", "prometheus", &text("theirs"), "--data-dir", &text("ours")];
    let summary = stdout(&run(binary(), &import));
    assert!(summary.starts_with("Imported "), "{summary}");
    let again = stdout(&run(binary(), &import));
    assert!(again.starts_with("Imported 0 samples "), "{again}");

    let server = Server::start(&path("ours"), &[]);
    let imported = answers(server.port(), block_start, log_start);
    server.terminate();
    compare(&imported, &original);

    // And back, without what the server has measured of itself.
    let export = [
        "export",
        "prometheus",
        &text("back"),
        "--data-dir",
        &text("ours"),
        "--match",
        "{__name__=~\"moved_.+\"}",
        "--block-duration",
        "6h",
    ];
    let exported = stdout(&run(binary(), &export));
    assert!(exported.starts_with("Exported "), "{exported}");
    check_with_promtool(&text("back"), &text("theirs"));
    let peer = prometheus(&path("back"));
    compare(&answers(peer.port(), block_start, log_start), &original);
    drop(peer);

    // What was exported can be imported: nothing got lost on the way.
    let back = ["import", "prometheus", &text("back"), "--data-dir", &text("ours")];
    let known = stdout(&run(binary(), &back));
    assert!(known.starts_with("Imported 0 samples "), "{known}");
}

/// Makes `theirs`, the data directory of a Prometheus that was killed, and returns
/// what it answered.
fn make_history(dir: &Path, block_start: i64, log_start: i64) -> Vec<(String, Value)> {
    let theirs = dir.join("theirs");
    std::fs::create_dir(&theirs).unwrap();
    let samples = BLOCK_HOURS * 3_600_000 / STEP_MS;
    let history = series(block_start, samples);
    let openmetrics = dir.join("history.txt");
    std::fs::write(&openmetrics, openmetrics_text(&history)).unwrap();
    run(
        "promtool",
        &[
            "tsdb",
            "create-blocks-from",
            "openmetrics",
            &openmetrics.display().to_string(),
            &theirs.display().to_string(),
        ],
    );
    let peer = prometheus(&theirs);
    let samples = LOG_MINUTES * 60_000 / STEP_MS;
    let mut requests = vec![remote_write::encode(&series(log_start, samples))];
    requests[0].extend(native_histograms(log_start, samples));
    requests.extend(late_samples(log_start, samples).map(|late| remote_write::encode(&[late])));
    for body in requests {
        let body = snap::raw::Encoder::new().compress_vec(&body).unwrap();
        let headers = [("Content-Encoding", "snappy"), ("Content-Type", "application/x-protobuf")];
        let answer = request(peer.port(), "POST", "/api/v1/write", &headers, &body).unwrap();
        assert_eq!(answer.status / 100, 2, "{}", answer.body);
    }
    // Deleted over the end of the blocks and the beginning of the log.
    let deleted = format!(
        "/api/v1/admin/tsdb/delete_series?match[]={}&start={}&end={}",
        encode("moved_gauge{job=\"api\"}"),
        block_start / 1000 + 15 * 3600,
        log_start / 1000 + 600
    );
    let answer = request(peer.port(), "POST", &deleted, &[], &[]).unwrap();
    assert_eq!(answer.status, 204, "{}", answer.body);
    let has_log_of_late_samples = std::fs::read_dir(theirs.join("wbl")).unwrap().count() > 0;
    assert!(has_log_of_late_samples);
    let original = answers(peer.port(), block_start, log_start);
    let (from, to) = (theirs.display().to_string(), dir.join("ours").display().to_string());
    refused(&["import", "prometheus", &from, "--data-dir", &to], "in use by a running Prometheus");
    assert!(std::fs::read_dir(&theirs).unwrap().count() > 5, "several blocks and a log");
    // Dropping kills it: the samples of the log are nowhere else.
    drop(peer);
    original
}

/// Counters, gauges and odd values of two jobs.
fn series(start: i64, samples: i64) -> Vec<Series> {
    let mut all = Vec::new();
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 1e-300, 0.1];
    for instance in 0..12i64 {
        let labels = |name: &str| {
            let job = if instance % 3 == 0 { "api" } else { "web" };
            [("__name__", name), ("job", job), ("instance", &format!("höst-{instance}"))]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec()
        };
        let of = |name: &str, value: &dyn Fn(i64) -> f64| Series {
            labels: labels(name),
            samples: (0..samples).map(|i| (start + i * STEP_MS, value(i))).collect(),
        };
        all.push(of("moved_total", &|i| 1e6 + (i * (7 + instance)) as f64));
        all.push(of("moved_gauge", &|i| ((i * 31 + instance * 17) % 97) as f64 / 8.0 - 5.0));
        let value = odd[instance as usize % odd.len()];
        all.push(of("moved_odd", &|i| if i % 20 < 10 { value } else { i as f64 }));
    }
    all
}

/// The samples of one series in three requests: the newest, then older ones, then
/// those between them.
fn late_samples(start: i64, samples: i64) -> [Series; 3] {
    let part = |kept: fn(i64, i64) -> bool| Series {
        labels: vec![("__name__".to_owned(), "moved_late".to_owned())],
        samples: (0..samples)
            .filter(|i| kept(*i, samples))
            .map(|i| (start + i * STEP_MS, (i * i % 71) as f64))
            .collect(),
    };
    [
        part(|i, samples| i >= samples / 2),
        part(|i, samples| i < samples / 2 && i % 2 == 0),
        part(|i, samples| i < samples / 2 && i % 2 == 1),
    ]
}

fn openmetrics_text(all: &[Series]) -> String {
    let mut text = String::new();
    for name in ["moved_total", "moved_gauge", "moved_odd"] {
        let family = name.trim_end_matches("_total");
        let kind = if family == name { "gauge" } else { "counter" };
        text.push_str(&format!("# TYPE {family} {kind}\n"));
        for series in all.iter().filter(|series| series.labels[0].1 == name) {
            let labels: Vec<_> = series.labels[1..]
                .iter()
                .map(|(name, value)| format!("{name}=\"{value}\""))
                .collect();
            for (time, value) in &series.samples {
                let value = if value.is_infinite() {
                    format!("{}Inf", if *value > 0.0 { '+' } else { '-' })
                } else {
                    value.to_string()
                };
                let labels = labels.join(",");
                text.push_str(&format!("{name}{{{labels}}} {value} {}\n", *time as f64 / 1000.0));
            }
        }
    }
    text + "# EOF\n"
}

/// Series of native histograms as the fields of a remote write request: integer
/// ones whose buckets get more and that restart once, and float ones.
fn native_histograms(start: i64, samples: i64) -> Vec<u8> {
    let mut request = Vec::new();
    for name in ["moved_native", "moved_native_float"] {
        let mut message = Vec::new();
        for (label, value) in [("__name__", name), ("job", "api")] {
            let mut pair = Vec::new();
            field(1, label.as_bytes(), &mut pair);
            field(2, value.as_bytes(), &mut pair);
            field(1, &pair, &mut message);
        }
        for i in 0..samples {
            let histogram = histogram(start + i * STEP_MS, i % 100 + 10, name.ends_with("float"));
            field(4, &histogram, &mut message);
        }
        field(1, &message, &mut request);
    }
    request
}

/// A histogram of schema 1 with `n` observations in each of a few buckets; a
/// further span appears with the time.
fn histogram(time: i64, n: i64, is_float: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let counts = if n > 40 { vec![n, 2 * n, n, n - 40] } else { vec![n, 2 * n, n] };
    let zero = n / 2;
    let total = counts.iter().sum::<i64>() + zero;
    if is_float {
        double(2, total as f64 / 4.0, &mut out);
    } else {
        integer(1, total as u64, &mut out);
    }
    double(3, n as f64 * 7.5, &mut out);
    integer(4, zigzag(1), &mut out);
    double(5, 0.001, &mut out);
    if is_float {
        double(7, zero as f64 / 4.0, &mut out);
    } else {
        integer(6, zero as u64, &mut out);
    }
    let spans: &[(i64, u64)] = if n > 40 { &[(-1, 3), (4, 1)] } else { &[(-1, 3)] };
    for (offset, length) in spans {
        let mut span = Vec::new();
        integer(1, zigzag(*offset), &mut span);
        integer(2, *length, &mut span);
        field(11, &span, &mut out);
    }
    if is_float {
        let counts: Vec<u8> =
            counts.iter().flat_map(|count| (*count as f64 / 4.0).to_le_bytes()).collect();
        field(13, &counts, &mut out);
    } else {
        let mut deltas = Vec::new();
        let mut last = 0;
        for count in counts {
            varint(zigzag(count - last), &mut deltas);
            last = count;
        }
        field(12, &deltas, &mut out);
    }
    integer(15, time as u64, &mut out);
    out
}

fn field(number: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(number << 3 | 2);
    varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

fn integer(number: u8, value: u64, out: &mut Vec<u8>) {
    out.push(number << 3);
    varint(value, out);
}

fn double(number: u8, value: f64, out: &mut Vec<u8>) {
    out.push(number << 3 | 1);
    out.extend_from_slice(&value.to_le_bytes());
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// What a server answers to all queries, over the blocks and over the log.
fn answers(port: u16, block_start: i64, log_start: i64) -> Vec<(String, Value)> {
    let block_end = block_start + BLOCK_HOURS * 3_600_000;
    let log_end = log_start + LOG_MINUTES * 60_000;
    let mut all = Vec::new();
    for query in QUERIES {
        let secs = |millis: i64| millis / 1000 + 7;
        let query_text = encode(query);
        let mut paths =
            vec![format!("/api/v1/query?time={}&query={query_text}", secs(log_end - 10 * STEP_MS))];
        for (start, end, step) in [(block_start, block_end, 1500), (log_start, log_end, 60)] {
            paths.push(format!(
                "/api/v1/query_range?start={}&end={}&step={step}&query={query_text}",
                secs(start),
                secs(end)
            ));
        }
        for path in paths {
            let answer = request(port, "GET", &path, &[], &[]).unwrap();
            assert_eq!(answer.status, 200, "{query}: {}", answer.body);
            let mut result = answer.json()["data"]["result"].as_array().unwrap().clone();
            result.sort_by_key(|series| series["metric"].to_string());
            let is_only_in_log = query.contains("native") || query.contains("late");
            let is_of_blocks = path.contains("step=1500");
            assert_eq!(result.is_empty(), is_only_in_log && is_of_blocks, "{query} by {path}");
            all.push((format!("{query} by {path}"), Value::from(result)));
        }
    }
    all
}

fn compare(ours: &[(String, Value)], theirs: &[(String, Value)]) {
    for ((query, ours), (_, theirs)) in ours.iter().zip(theirs) {
        assert!(is_close(ours, theirs), "{query}\n{}", first_difference(ours, theirs));
    }
}

/// What of two answers differs first, short enough to be read.
fn first_difference(ours: &Value, theirs: &Value) -> String {
    let children = |value: &Value| -> Vec<Value> {
        match value {
            Value::Array(items) => items.clone(),
            Value::Object(fields) => fields.values().cloned().collect(),
            _ => Vec::new(),
        }
    };
    let (inner_ours, inner_theirs) = (children(ours), children(theirs));
    let differing = inner_ours.iter().zip(&inner_theirs).find(|(a, b)| !is_close(a, b));
    match differing {
        Some((ours, theirs)) if inner_ours.len() == inner_theirs.len() => {
            first_difference(ours, theirs)
        }
        _ => {
            let shown = |value: &Value| value.to_string().chars().take(300).collect::<String>();
            format!("  ours   {}\n  theirs {}", shown(ours), shown(theirs))
        }
    }
}

fn is_close(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_close(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, value)| b.get(key).is_some_and(|other| is_close(value, other)))
        }
        (Value::String(a), Value::String(b)) if a != b => {
            match (a.parse::<f64>(), b.parse::<f64>()) {
                (Ok(a), Ok(b)) => (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()).max(1.0),
                _ => false,
            }
        }
        _ => a == b,
    }
}

/// promtool lists, analyses and dumps what we wrote, and finds the samples of the original.
fn check_with_promtool(back: &str, theirs: &str) {
    let list = stdout(&run("promtool", &["tsdb", "list", back]));
    let blocks: Vec<&str> =
        list.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    assert!(blocks.len() >= 4, "{list}");
    for block in blocks {
        let analysis = stdout(&run("promtool", &["tsdb", "analyze", back, block]));
        assert!(analysis.contains("\nSeries: 3"), "36 or 38 series: {analysis}");
        assert!(analysis.contains("Highest cardinality metric names"), "{analysis}");
    }
    let dump = |dir: &str| {
        let dump = run("promtool", &["tsdb", "dump", "--match", "{__name__=~'moved_.+'}", dir]);
        stdout(&dump).lines().map(str::to_owned).collect::<BTreeSet<String>>()
    };
    let (ours, theirs) = (dump(back), dump(theirs));
    assert_eq!(ours.len(), FLOAT_SAMPLES);
    // promtool passes over what is in the log and older than a block of late samples.
    assert!(theirs.len() > FLOAT_SAMPLES * 9 / 10, "{}", theirs.len());
    let lost = theirs.difference(&ours).next();
    assert!(lost.is_none(), "{lost:?}");
}

#[test]
fn what_is_asked_for_moves_and_nothing_else() {
    if !has_peer("promtool") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let text = |name: &str| dir.path().join(name).display().to_string();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
    let start = now / 3600 * 3600 - 30 * 3600;
    let mut history = "# TYPE moved gauge\n".to_owned();
    for series in ["a", "b", "c"] {
        for minute in 0..24 * 60 {
            history
                .push_str(&format!("moved{{s=\"{series}\"}} {minute} {}\n", start + minute * 60));
        }
    }
    std::fs::write(text("history.txt"), history + "# EOF\n").unwrap();
    let (file, theirs, ours) = (text("history.txt"), text("theirs"), text("ours"));
    run("promtool", &["tsdb", "create-blocks-from", "openmetrics", &file, &theirs]);
    let (from, to) = ((start + 3600).to_string(), (start + 2 * 3600 - 60).to_string());
    let import = ["import", "prometheus", &theirs, "--data-dir", &ours];
    let wanted = [
        "--match",
        "moved{s=\"a\"}",
        "--match",
        "{s=\"b\"}",
        "--min-time",
        &from,
        "--max-time",
        &to,
    ];
    let summary = stdout(&run(binary(), &[&import[..], &wanted].concat()));
    assert!(summary.starts_with("Imported 120 samples "), "{summary}");
    // The rest of it later, and all of it out again.
    let summary = stdout(&run(binary(), &import));
    assert!(summary.starts_with("Imported 4,200 samples "), "{summary}");
    assert!(summary.contains("; 120 were already there"), "{summary}");
    let back = text("back");
    let export = ["export", "prometheus", &back, "--data-dir", &ours];
    let exported = stdout(&run(binary(), &[&export[..], &wanted].concat()));
    assert!(exported.starts_with("Exported 120 samples "), "{exported}");

    refused(&export, "already holds data of Prometheus");
    refused(&["import", "prometheus", &ours, "--data-dir", &ours], "holds no blocks");
    refused(&["import", "prometheus", &text("none")], "No such file");
    let server = Server::start(&dir.path().join("ours"), &[]);
    refused(&import, "in use by another process");
    drop(server);
    // A damaged block is told, and the others come in.
    let block = std::fs::read_dir(&theirs).unwrap().next().unwrap().unwrap().path();
    std::fs::write(block.join("index"), "not an index, whatever it says").unwrap();
    refused(
        &["import", "prometheus", &theirs, "--data-dir", &text("other")],
        "index is damaged at byte 0",
    );
    let server = Server::start(&dir.path().join("other"), &[]);
    let count = server.query("count(count_over_time(moved[40h]))");
    assert_eq!(count[0]["value"][1], "3", "{count}");
}

#[test]
fn what_is_older_than_retention_is_left_out_and_told() {
    if !has_peer("promtool") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let text = |name: &str| dir.path().join(name).display().to_string();
    let history = "# TYPE moved gauge\nmoved 1 1600000000\nmoved 2 1600000060\n# EOF\n";
    std::fs::write(text("history.txt"), history).unwrap();
    let (file, theirs) = (text("history.txt"), text("theirs"));
    run("promtool", &["tsdb", "create-blocks-from", "openmetrics", &file, &theirs]);
    let import = ["import", "prometheus", &theirs, "--data-dir", &text("ours")];
    let summary = stdout(&run(binary(), &import));
    assert!(summary.starts_with("Imported 0 samples "), "{summary}");
    assert!(summary.contains("1 blocks of 2 samples"), "{summary}");
    std::fs::write(text("bellwether.yml"), "storage: {series: {retention_time: 30y}}\n").unwrap();
    let config = text("bellwether.yml");
    let summary = stdout(&run(binary(), &[&import[..], &["--config", &config]].concat()));
    assert!(summary.starts_with("Imported 2 samples "), "{summary}");
    let server = Server::start(&dir.path().join("ours"), &["--config", &config]);
    let moved = server.get("/api/v1/query?query=moved&time=1600000060").json();
    assert_eq!(moved["data"]["result"][0]["value"][1], "2", "{moved}");
}
