//! amtool against the server, and our own tools beside it.

use std::path::Path;
use std::process::{Command, Output};

use super::server;
use crate::harness::{Server, binary, has_peer};

const CONFIG: &str = "
route:
  receiver: default
  group_by: [alertname]
  routes:
  - matchers: ['severity=\"page\"']
    receiver: pager
    continue: true
  - matchers: [team=~\"db|web\"]
    receiver: team
receivers:
- name: default
- name: pager
  pagerduty_configs: [{routing_key: hunter2}]
- name: team
  webhook_configs: [{url: 'http://user:hunter2@127.0.0.1:9/'}]
inhibit_rules:
- {source_matchers: [severity=critical], target_matchers: [severity=warning], equal: [alertname]}
";

fn text(output: &Output) -> String {
    let bytes = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What amtool says, which must succeed.
#[track_caller]
fn amtool(server: &Server, args: &[&str]) -> String {
    let output = Command::new("amtool")
        .arg(format!("--alertmanager.url=http://127.0.0.1:{}/alertmanager", server.port()))
        .args(args)
        .output()
        .unwrap();
    assert!(output.status.success(), "{args:?}: {}", text(&output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn amtool_adds_and_finds_alerts() {
    if !has_peer("amtool") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let server = server(dir.path(), CONFIG);
    amtool(&server, &["alert", "add", "alertname=Disk", "node=n1", "--annotation=summary=full"]);
    amtool(&server, &["alert", "add", "alertname=Net", "node=n2"]);
    let found = amtool(&server, &["alert", "query", "node=n1", "-o", "extended"]);
    assert!(found.contains("alertname=\"Disk\"") && found.contains("summary=\"full\""), "{found}");
    assert!(!found.contains("Net"), "{found}");
    let all = amtool(&server, &["alert", "query", "-o", "json"]);
    let all: serde_json::Value = serde_json::from_str(&all).unwrap();
    assert_eq!(all.as_array().unwrap().len(), 2);
}

#[test]
fn amtool_silences() {
    if !has_peer("amtool") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let server = server(dir.path(), CONFIG);
    amtool(&server, &["alert", "add", "alertname=Disk", "node=n1"]);
    let add = ["silence", "add", "alertname=Disk", "node=~n.", "-a", "me", "-c", "why", "-d", "2h"];
    let id = amtool(&server, &add).trim().to_owned();
    assert_eq!(id.len(), 36, "{id}");
    let query = |args: &[&str]| amtool(&server, &[&["silence", "query", "-q"], args].concat());
    assert_eq!(query(&[]).trim(), id);
    assert_eq!(query(&["alertname=Disk"]).trim(), id);
    assert_eq!(query(&["alertname=Net"]).trim(), "");
    assert_eq!(amtool(&server, &["alert", "query", "-o", "simple"]).matches("Disk").count(), 0);
    let silenced = amtool(&server, &["alert", "query", "--silenced", "-o", "simple"]);
    assert_eq!(silenced.matches("Disk").count(), 1);
    // A new comment keeps the silence.
    let updated = amtool(&server, &["silence", "update", &id, "-c", "because", "-d", "3h"]);
    assert!(updated.contains(&id), "{updated}");
    assert!(amtool(&server, &["silence", "query", "-o", "extended"]).contains("because"));
    amtool(&server, &["silence", "expire", &id]);
    assert_eq!(query(&[]).trim(), "");
    assert_eq!(query(&["--expired", "--within", "1h"]).trim(), id);
}

#[test]
fn amtool_tests_routes_of_the_configuration_in_force() {
    if !has_peer("amtool") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let server = server(dir.path(), CONFIG);
    let test = |labels: &[&str]| amtool(&server, &[&["config", "routes", "test"], labels].concat());
    assert_eq!(test(&["severity=page", "team=db"]).trim(), "pager,team");
    assert_eq!(test(&["x=y"]).trim(), "default");
    let shown = amtool(&server, &["config", "show"]);
    assert!(shown.contains("pager") && !shown.contains("hunter2"), "{shown}");
}

fn ours(args: &[&str], dir: &Path) -> (bool, String) {
    let output = Command::new(binary()).args(args).current_dir(dir).output().unwrap();
    (output.status.success(), text(&output))
}

#[test]
fn our_tools_agree_with_amtool() {
    if !has_peer("amtool") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    std::fs::write(dir.join("alertmanager.yml"), CONFIG).unwrap();
    std::fs::write(dir.join("bad.yml"), "route:\n  receiver: b\nreceivers: [{name: a}]\n").unwrap();
    let theirs = |args: &[&str]| {
        let output = Command::new("amtool").args(args).current_dir(dir).output().unwrap();
        (output.status.success(), text(&output))
    };
    let (is_sound, checked) = ours(&["check", "alertmanager", "alertmanager.yml"], dir);
    let (_, wanted) = theirs(&["check-config", "alertmanager.yml"]);
    assert!(is_sound);
    assert_eq!(checked.trim(), wanted.trim());
    let (is_sound, checked) = ours(&["check", "alertmanager", "alertmanager.yml", "bad.yml"], dir);
    assert!(!is_sound && !theirs(&["check-config", "bad.yml"]).0);
    assert!(checked.contains("bad.yml:2:1: undefined receiver \"b\" used in route"), "{checked}");
    for labels in [
        vec!["severity=page", "team=db"],
        vec!["severity=page"],
        vec!["team=web", "a=b"],
        vec!["team=other"],
    ] {
        let (is_sound, way) = ours(&[&["alerting", "route-test"], labels.as_slice()].concat(), dir);
        assert!(is_sound, "{way}");
        let test = ["config", "routes", "test", "--config.file=alertmanager.yml"];
        let (_, wanted) = theirs(&[&test, labels.as_slice()].concat());
        let wanted = wanted.lines().next().unwrap().replace(',', "\n");
        assert!(way.starts_with(&format!("{wanted}\n\n")), "{labels:?}: {way}\nwanted {wanted}");
    }
    let (is_sound, error) = ours(&["alerting", "route-test", "severity"], dir);
    assert!(!is_sound && error.contains("LABEL=VALUE"), "{error}");
}
