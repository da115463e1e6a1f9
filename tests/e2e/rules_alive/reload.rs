//! Rule files that change, and Alertmanagers that are real.

use std::process::{Command, Stdio};

use serde_json::Value;

use super::{active_at, alert_named, server};
use crate::harness::{Peer, Server, binary, eventually, free_port, has_peer, request};

fn reload(server: &Server) -> (u16, String) {
    let answer = request(server.port(), "POST", "/-/reload", &[], &[]).unwrap();
    (answer.status, answer.body)
}

fn group_names(server: &Server) -> Vec<String> {
    let groups = server.get("/api/v1/rules").json()["data"]["groups"].clone();
    let name = |group: &Value| group["name"].as_str().unwrap().to_owned();
    groups.as_array().unwrap().iter().map(name).collect()
}

#[test]
fn a_file_with_a_fault_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("rules")).unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(dir.path().join("rules").join(name), text).unwrap();
    };
    write(
        "a.yml",
        "groups: [{name: a, interval: 1s, rules: [{alert: A, expr: vector(1), for: 1h}]}]",
    );
    let server = server(dir.path(), "alerting: {rules: ['rules/*.yml']}\n");
    eventually("it waits", || alert_named(server.port(), "A").is_some());
    let since = active_at(&alert_named(server.port(), "A").unwrap());

    write("b.yml", "groups:\n- name: b\n  rules:\n  - record: x\n    expr: sum(\n");
    let (status, said) = reload(&server);
    assert_eq!(status, 500);
    assert!(said.contains("b.yml:5:11: ") && said.contains("parse error"), "{said}");
    assert_eq!(group_names(&server), ["a"]);

    write("b.yml", "groups: [{name: b, interval: 1s, rules: [{record: x, expr: vector(3)}]}]");
    write(
        "a.yml",
        "groups: [{name: a, interval: 1s, rules: [{alert: A, expr: vector(1), for: 2h}]}]",
    );
    assert_eq!(reload(&server).0, 200);
    assert_eq!(group_names(&server), ["a", "b"]);
    eventually("the new rule runs", || server.query("x")[0]["value"][1] == "3");
    assert_eq!(active_at(&alert_named(server.port(), "A").unwrap()), since);

    std::fs::remove_file(dir.path().join("rules/b.yml")).unwrap();
    assert_eq!(reload(&server).0, 200);
    assert_eq!(group_names(&server), ["a"]);
    eventually("its series is ended", || server.query("x") == Value::Array(Vec::new()));
}

#[test]
fn a_start_with_a_fault_fails_and_names_it() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("r.yml"), "groups:\n- name: b\n  rulez: []\n").unwrap();
    std::fs::write(dir.path().join("bellwether.yml"), "alerting: {rules: [r.yml]}\n").unwrap();
    let output = Command::new(binary())
        .args(["serve", "--ports", "none", "--listen", &format!("127.0.0.1:{}", free_port())])
        .args(["--config", "bellwether.yml", "--data-dir", "data"])
        .current_dir(dir.path())
        .stdout(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("r.yml:3:3: ") && said.contains("rulez"), "{said}");
}

#[test]
fn alerts_reach_a_real_alertmanager() {
    if !has_peer("prometheus-alertmanager") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("am.yml"), "route: {receiver: r}\nreceivers: [{name: r}]\n")
        .unwrap();
    let port = free_port();
    let mut command = Command::new("prometheus-alertmanager");
    command
        .arg(format!("--config.file={}", dir.path().join("am.yml").display()))
        .arg(format!("--storage.path={}", dir.path().join("am").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .arg("--cluster.listen-address=");
    let peer = Peer::start(&mut command, port, "/-/ready");
    let rules = "groups: [{name: g, interval: 1s, rules: [{alert: Hot, expr: vector(7) > 1, labels: {room: a}, annotations: {summary: 'at {{ $value }}'}}]}]";
    std::fs::write(dir.path().join("r.yml"), rules).unwrap();
    let targets = format!("[{{\"targets\": [\"127.0.0.1:{port}\", \"127.0.0.1:1\"]}}]");
    std::fs::write(dir.path().join("ams.json"), targets).unwrap();
    std::fs::write(
        dir.path().join("prometheus.yml"),
        "global: {external_labels: {site: lab}}
rule_files: [r.yml]
alerting:
  alertmanagers:
  - file_sd_configs: [{files: [ams.json]}]
    relabel_configs: [{source_labels: [__address__], regex: '.*:1', action: drop}]
",
    )
    .unwrap();
    let config = dir.path().join("bellwether.yml");
    std::fs::write(
        &config,
        "collect: {prometheus: [prometheus.yml], host: false, itself: false}\n",
    )
    .unwrap();
    let server = Server::start(&dir.path().join("data"), &["--config", config.to_str().unwrap()]);

    let mut found = Value::Null;
    eventually("the alert arrives", || {
        found = request(peer.port(), "GET", "/api/v2/alerts", &[], &[]).unwrap().json();
        found.as_array().is_some_and(|alerts| !alerts.is_empty())
    });
    let labels = serde_json::json!({"alertname": "Hot", "room": "a", "site": "lab"});
    assert_eq!(found[0]["labels"], labels);
    assert_eq!(found[0]["annotations"]["summary"], "at 7");
    let link =
        format!("http://127.0.0.1:{}/graph?g0.expr=vector%287%29+%3E+1&g0.tab=1", server.port());
    assert_eq!(found[0]["generatorURL"], link);

    let followed = server.get(link.split_once(&server.port().to_string()).unwrap().1);
    assert_eq!(followed.status, 302);
    let location = "location: explore?q=vector%287%29+%3E+1&view=table";
    assert!(followed.headers.contains(location), "{}", followed.headers);

    let view = server.get("/api/v1/alertmanagers").json()["data"].clone();
    let url = |port: u16| format!("http://127.0.0.1:{port}/api/v2/alerts");
    let active = view["activeAlertmanagers"].as_array().unwrap();
    assert!(active.iter().any(|entry| entry["url"] == url(port)), "{view}");
    assert_eq!(view["droppedAlertmanagers"][0]["url"], url(1));
    let sent = format!("bellwether_alerts_sent_total{{alertmanager=\"{}\"}} ", url(port));
    eventually("it is counted", || {
        let metrics = server.get("/metrics").body;
        metrics.lines().any(|line| line.starts_with(&sent) && !line.ends_with(" 0"))
    });
}
