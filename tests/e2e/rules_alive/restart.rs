//! Alerts across a crash of the process: those that wait keep their age.

use std::time::Duration;

use super::{active_at, alert_named, series, server, write};
use crate::harness::{eventually, now_ms};

const RULES: &str = "
groups:
- name: g
  rules:
  - {alert: Waiting, expr: heat > 1, for: 15m}
  - {alert: WasFiring, expr: heat > 1, for: 15m, labels: {kind: old}}
  - {record: recorded, expr: heat * 2}
";
const CONFIG: &str = "alerting: {rules: [rules.yml], evaluation_interval: 1s}\n";

#[test]
fn alerts_keep_their_age() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("rules.yml"), RULES).unwrap();
    let first = server(dir.path(), CONFIG);
    write(first.port(), &[series(&[("__name__", "heat"), ("room", "a")], 0, |_| 5.0)]);
    let waiting = |port| alert_named(port, "Waiting");
    eventually("the alert waits", || waiting(first.port()).is_some());
    let since = active_at(&waiting(first.port()).unwrap());
    eventually("it is stored", || {
        let states = first.query(r#"ALERTS_FOR_STATE{alertname="Waiting"}"#);
        states.as_array().is_some_and(|states| states.len() == 1)
    });
    // Long enough to tell an alert that is as old from one that just began.
    std::thread::sleep(Duration::from_secs(5));
    first.kill();
    let down_at = now_ms();

    let second = server(dir.path(), CONFIG);
    let up_at = now_ms();
    eventually("it waits again", || waiting(second.port()).is_some());
    // It waits on without the time of the outage, give or take an evaluation.
    let outage = up_at - down_at;
    eventually("its age is back", || {
        let now = active_at(&waiting(second.port()).unwrap());
        now >= since - 1000 && now <= since + outage + 3500
    });
    let now = active_at(&waiting(second.port()).unwrap());
    assert!(now < down_at, "it began anew");
    assert_eq!(waiting(second.port()).unwrap()["state"], "pending");
    assert_eq!(second.query("recorded")[0]["value"][1], "10");
    second.terminate();
}

#[test]
fn one_that_fired_fires_at_once() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("rules.yml"), RULES).unwrap();
    // What a process before left behind: it waited for twenty minutes, up to a minute ago.
    let before = server(dir.path(), "alerting: {bundled: false}\n");
    let labels = [
        ("__name__", "ALERTS_FOR_STATE"),
        ("alertname", "WasFiring"),
        ("room", "a"),
        ("kind", "old"),
    ];
    let since = now_ms() / 1000 - 20 * 60;
    let mut state = series(&labels, 0, |_| since as f64);
    state.samples[0].0 -= 60_000;
    write(before.port(), &[state, series(&[("__name__", "heat"), ("room", "a")], 0, |_| 5.0)]);
    before.terminate();

    let after = server(dir.path(), CONFIG);
    eventually("it fires", || {
        alert_named(after.port(), "WasFiring").is_some_and(|alert| alert["state"] == "firing")
    });
    assert_eq!(active_at(&alert_named(after.port(), "WasFiring").unwrap()), since * 1000);
    assert_eq!(alert_named(after.port(), "Waiting").unwrap()["state"], "pending");
}
