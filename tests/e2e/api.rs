//! The HTTP API beside that of a real Prometheus: the same statuses, the same kinds
//! of errors, and every field that Prometheus has, of the same type.
//!
//! Debian's Prometheus is version 2; what version 3 added or worded anew is left out.

use serde_json::Value;

use crate::harness::{Peer, Server, encode, eventually, has_peer, now_ms, request};

/// What is asked with `GET`; `NOW` is the time in seconds, also as `NOW-5`.
const GET: [&str; 63] = [
    "/api/v1/query?query=up",
    "/api/v1/query",
    "/api/v1/query?query=up{",
    "/api/v1/query?query=up&time=x",
    "/api/v1/query?query=up&timeout=x",
    "/api/v1/query?query=up&timeout=1ns",
    "/api/v1/query?query=up&stats=1",
    "/api/v1/query?query=up&stats=all",
    "/api/v1/query?query=1",
    "/api/v1/query?query=\"a\"",
    "/api/v1/query?query=up[5s]",
    "/api/v1/query?query=sum(up) by (x) + on(job) up",
    "/api/v1/query?query=up + on() prometheus_build_info",
    "/api/v1/query?query=label_replace(up, \"a\", \"b\", \"c\", \"(\")",
    "/api/v1/query_range?query=up",
    "/api/v1/query_range?query=up&start=NOW-5&end=NOW&step=1",
    "/api/v1/query_range?query=up&start=NOW-5&end=NOW&step=0",
    "/api/v1/query_range?query=up&start=NOW-5&end=NOW&step=-1",
    "/api/v1/query_range?query=up&start=NOW-5&end=NOW&step=x",
    "/api/v1/query_range?query=up&start=NOW&end=NOW-5&step=1",
    "/api/v1/query_range?query=up&start=0&end=NOW&step=1",
    "/api/v1/query_range?query=up[5m]&start=NOW-5&end=NOW&step=1",
    "/api/v1/query_range?query=\"a\"&start=NOW-5&end=NOW&step=1",
    "/api/v1/query_range?query=1&start=NOW-5&end=NOW&step=1",
    "/api/v1/labels",
    "/api/v1/labels?start=x",
    "/api/v1/labels?match[]=up",
    "/api/v1/labels?match[]=up{",
    "/api/v1/label/job/values",
    "/api/v1/label/job/values?match[]={}",
    "/api/v1/label/job/values?match[]=up&match[]=x",
    "/api/v1/series",
    "/api/v1/series?match[]=up",
    "/api/v1/series?match[]={}",
    "/api/v1/series?match[]=rate(up[5m])",
    "/api/v1/metadata?metric=prometheus_build_info",
    "/api/v1/metadata?limit=x",
    "/api/v1/metadata?limit=0",
    "/api/v1/targets",
    "/api/v1/targets?state=active",
    "/api/v1/targets?state=dropped",
    "/api/v1/targets?state=none",
    "/api/v1/targets/metadata?limit=1",
    "/api/v1/targets/metadata?metric=prometheus_build_info",
    "/api/v1/targets/metadata?match_target={job=\"none\"}",
    "/api/v1/targets/metadata?match_target=rate(",
    "/api/v1/alerts",
    "/api/v1/status/config",
    "/api/v1/status/runtimeinfo",
    "/api/v1/status/buildinfo",
    "/api/v1/status/tsdb",
    "/api/v1/status/walreplay",
    "/api/v1/query_exemplars?query=up&start=NOW-100&end=NOW",
    "/api/v1/query_exemplars?query=up&start=NOW&end=NOW-100",
    "/api/v1/query_exemplars",
    "/api/v1/format_query?query=sum(up)by(job)",
    "/api/v1/format_query?query=sum(",
    "/api/v1/nothing",
    "/api/v1/admin/tsdb/snapshot",
    "/-/healthy",
    "/-/ready",
    "/-/reload",
    "/federate?match[]=up{",
];

/// What is posted: path and form.
const POST: [(&str, &str); 13] = [
    ("/api/v1/query", "query=up"),
    ("/api/v1/query?query=up", ""),
    ("/api/v1/query_range", "query=up&start=NOW-5&end=NOW&step=1"),
    ("/api/v1/labels", "match[]=up"),
    ("/api/v1/series", "match[]=up"),
    ("/api/v1/series?match[]=up", "match[]=prometheus_build_info"),
    ("/api/v1/label/job/values", ""),
    ("/api/v1/query_exemplars", "query=up&start=NOW-5&end=NOW"),
    ("/api/v1/format_query", "query=up"),
    ("/api/v1/metadata", ""),
    ("/api/v1/admin/tsdb/snapshot", ""),
    ("/api/v1/admin/tsdb/delete_series", ""),
    ("/api/v1/admin/tsdb/delete_series?match[]=prometheus_build_info", ""),
];

#[test]
fn answers_have_the_shape_of_prometheus() {
    if !has_peer("prometheus") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let jobs = "global: {scrape_interval: 1s}\n\
                scrape_configs:\n\
                - {job_name: peer, static_configs: [{targets: ['127.0.0.1:{port}'], labels: {team: x}}]}\n\
                - {job_name: dropped, static_configs: [{targets: ['127.0.0.1:1']}],\n   \
                   relabel_configs: [{action: drop, source_labels: [job], regex: dropped}]}\n";
    let args = ["--web.enable-admin-api", "--web.enable-lifecycle"];
    let peer = Peer::prometheus(dir.path(), jobs, &args);
    let file = dir.path().join("ours.yml");
    std::fs::write(&file, jobs.replace("{port}", &peer.port().to_string())).unwrap();
    let config = "collect: {prometheus: [ours.yml], host: false, itself: false}\n\
                  serve: {enable_admin_api: true}\n";
    let server = Server::with_config(dir.path(), config);
    let is_scraped = |port| {
        let answer = request(port, "GET", "/api/v1/query?query=prometheus_build_info", &[], &[]);
        !answer.unwrap().json()["data"]["result"].as_array().unwrap().is_empty()
    };
    eventually("both have scraped", || is_scraped(server.port()) && is_scraped(peer.port()));
    let now = now_ms() / 1000 + 1;
    let filled = |text: &str| {
        let text = text.replace("NOW-100", &(now - 100).to_string());
        text.replace("NOW-5", &(now - 5).to_string()).replace("NOW", &now.to_string())
    };
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let gets = GET.iter().map(|path| ("GET", *path, ""));
    let posts = POST.iter().map(|(path, form)| ("POST", *path, *form));
    let mut differences = Vec::new();
    for (method, path, body) in gets.chain(posts) {
        let (path, body) = (escaped(&filled(path)), filled(body));
        let headers: &[(&str, &str)] = if method == "POST" { &form } else { &[] };
        let ask = |port| request(port, method, &path, headers, body.as_bytes()).unwrap();
        let (ours, theirs) = (ask(server.port()), ask(peer.port()));
        if ours.status != theirs.status {
            differences.push(format!("{method} {path}: {} not {}", ours.status, theirs.status));
            continue;
        }
        let parsed = |body: &str| serde_json::from_str::<Value>(body).ok();
        let Some(theirs) = parsed(&theirs.body) else { continue };
        let Some(ours) = parsed(&ours.body) else {
            differences.push(format!("{method} {path}: no JSON: {}", ours.body));
            continue;
        };
        if ours["errorType"] != theirs["errorType"] {
            differences.push(format!("{method} {path}: {ours} not {theirs}"));
        }
        compare(&format!("{method} {path}"), &theirs, &ours, &mut differences);
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Escapes what a path may not hold, and leaves what separates its parts.
fn escaped(path: &str) -> String {
    let Some((path, query)) = path.split_once('?') else { return path.to_owned() };
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, value)) => format!("{name}={}", encode(value)),
        None => pair.to_owned(),
    };
    format!("{path}?{}", query.split('&').map(pair).collect::<Vec<_>>().join("&"))
}

/// Notes what `theirs` has and `ours` has not; of lists the first element counts.
fn compare(place: &str, theirs: &Value, ours: &Value, differences: &mut Vec<String>) {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => {
            for (name, theirs) in theirs {
                match ours.get(name) {
                    Some(ours) => compare(&format!("{place}.{name}"), theirs, ours, differences),
                    None => differences.push(format!("{place}: no {name:?}")),
                }
            }
        }
        (Value::Array(theirs), Value::Array(ours)) => {
            if let Some((theirs, ours)) = theirs.first().zip(ours.first()) {
                compare(&format!("{place}[0]"), theirs, ours, differences);
            } else if !theirs.is_empty() {
                differences.push(format!("{place}: empty"));
            }
        }
        _ if std::mem::discriminant(theirs) == std::mem::discriminant(ours) => {}
        _ => differences.push(format!("{place}: {ours} not {theirs}")),
    }
}
