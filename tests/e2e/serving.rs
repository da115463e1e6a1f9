//! A new user's first minute: start on an empty directory, look around.

use crate::harness::{Server, binary, eventually, request};
use std::process::Command;

#[test]
fn an_empty_directory_becomes_live_graphs() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    eventually("both targets are up", || {
        server.query("up == 1").as_array().is_some_and(|up| up.len() == 2)
    });
    eventually("rates of this host's processors are there", || {
        let rates = server.query("sum by (mode) (rate(node_cpu_seconds_total[1m]))");
        rates.as_array().is_some_and(|rates| rates.len() >= 8)
    });
    let ingested = server.query("bellwether_ingested_samples_total");
    assert!(!ingested.as_array().unwrap().is_empty());
}

#[test]
fn a_restart_keeps_everything() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    eventually("a scrape is stored", || {
        !server.query("node_uname_info").as_array().unwrap().is_empty()
    });
    let before = server.query("node_uname_info[1h]");
    server.terminate();
    let server = Server::start(dir.path(), &[]);
    let after = server.query("node_uname_info[1h]");
    let first = |matrix: &serde_json::Value| matrix[0]["values"][0].clone();
    assert_eq!(first(&before), first(&after));
}

#[test]
fn bad_configuration_is_named_with_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("bellwether.yml");
    std::fs::write(&file, "serve:\n  lisen: 127.0.0.1:1\n").unwrap();
    let output = Command::new(binary()).args(["check", "config"]).arg(&file).output().unwrap();
    assert!(!output.status.success());
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("bellwether.yml") && error.contains("lisen"), "{error}");
    let output =
        Command::new(binary()).args(["serve", "--listen", "0.0.0.0:3999"]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("no authentication"));
}

#[test]
fn the_page_and_its_headers() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    let page = server.get("/");
    assert_eq!(page.status, 200);
    assert!(
        page.headers.to_ascii_lowercase().contains("content-security-policy: default-src 'self'"),
        "{}",
        page.headers
    );
    assert_eq!(server.get("/explore").status, 200);
    assert_eq!(server.get("/missing.js").status, 404);
    assert_eq!(server.get("/api/v1/missing").status, 404);
}

#[test]
fn commands_ask_a_running_server() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    eventually("both targets are up", || {
        server.query("up == 1").as_array().is_some_and(|up| up.len() == 2)
    });
    let url = format!("http://127.0.0.1:{}/prometheus/", server.port());
    let run = |args: &[&str]| {
        let output = Command::new(binary()).args(args).args(["--url", &url]).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.success(), text(&output.stdout), text(&output.stderr))
    };
    let (is_ok, out, _) = run(&["query", "promql", "up{job=\"node\"}"]);
    assert!(is_ok && out.starts_with("1  up{instance=") && out.lines().count() == 1, "{out}");
    let (is_ok, out, _) = run(&["query", "promql", "--csv", "--from", "1m", "--step", "1s", "up"]);
    let mut lines = out.lines();
    assert!(is_ok && lines.next() == Some("series,time,value"), "{out}");
    assert!(lines.all(|line| line.starts_with("\"up{") && line.ends_with(",1")), "{out}");
    let (is_ok, out, _) = run(&["query", "promql", "--json", "vector(2)"]);
    let answer: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(is_ok && answer["data"]["result"][0]["value"][1] == "2", "{out}");
    let (is_ok, _, error) = run(&["query", "promql", "quantile(2, up)"]);
    assert!(
        is_ok && error.contains("warning: PromQL warning: quantile value should be"),
        "{error}"
    );
    let (is_ok, _, error) = run(&["query", "promql", "up{"]);
    assert!(!is_ok && error.contains("parse error"), "{error}");
    let (is_ok, out, error) = run(&["status"]);
    assert!(is_ok && out.contains("targets           2, of which 0 down"), "{out} {error}");
    assert!(out.contains("series in memory"), "{out}");
}

#[test]
fn the_configuration_in_force_is_shown_and_a_bad_one_refused() {
    let dir = tempfile::tempdir().unwrap();
    let good = "global: {scrape_interval: 7s, external_labels: {cluster: a}, query_log_file: queries.log}\n\
                scrape_configs:\n\
                - {job_name: one, basic_auth: {username: me, password: hunter2}, static_configs: [{targets: [127.0.0.1:1]}]}\n";
    let server = Server::with_prometheus_yml(dir.path(), good);
    let shown = || server.get("/api/v1/status/config").json()["data"]["yaml"].to_string();
    for part in ["scrape_interval: 7s", "cluster: a", "job_name: one", "<secret>"] {
        assert!(shown().contains(part), "{part}: {}", shown());
    }
    assert!(!shown().contains("hunter2"), "{}", shown());
    server.query("vector(7)");
    server.get("/api/v1/query_range?query=broken(&start=0&end=60&step=15");
    let log = std::fs::read_to_string(dir.path().join("queries.log")).unwrap();
    let lines = log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let lines: Vec<_> = lines.collect();
    let of = |text: &str| lines.iter().find(|line| line["params"]["query"] == text).unwrap();
    assert!(of("vector(7)")["stats"]["timings"]["execTotalTime"].is_number(), "{log}");
    let broken = of("broken(");
    assert_eq!(broken["params"]["end"], "1970-01-01T00:01:00Z", "{log}");
    assert_eq!((&broken["params"]["step"], broken["error"].is_string()), (&15.into(), true));
    let reload = || request(server.port(), "POST", "/-/reload", &[], &[]).unwrap();
    let is_loaded = || {
        let info = server.get("/api/v1/status/runtimeinfo").json()["data"].clone();
        assert!(info["goroutineCount"].as_u64().unwrap() > 0, "{info}");
        info["reloadConfigSuccess"].as_bool().unwrap()
    };
    let file = dir.path().join("prometheus.yml");
    std::fs::write(&file, format!("{good}  scrape_intervall: 1s\n")).unwrap();
    let answer = reload();
    assert_eq!(answer.status, 500);
    assert!(answer.body.contains("prometheus.yml:4:3: "), "{}", answer.body);
    assert!(!answer.body.contains("hunter2"), "a fault shows no lines of the file");
    assert!(!is_loaded() && shown().contains("scrape_interval: 7s"), "the old one stays");
    std::fs::write(&file, good.replace("7s", "8s")).unwrap();
    assert_eq!(reload().status, 200);
    assert!(is_loaded() && shown().contains("scrape_interval: 8s"), "{}", shown());
}
