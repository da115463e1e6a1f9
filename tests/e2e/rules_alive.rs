//! Rules in the running server: beside a real Prometheus, across restarts and
//! reloads, and the bundled ones on data that they are about.

mod bundled;
mod differential;
mod reload;
mod restart;

use std::path::Path;

use serde_json::Value;

use crate::harness::{Server, now_ms, request};
use crate::remote_write::{self, Series};

/// Starts the server on `dir` with this `bellwether.yml` and nothing of its own.
fn server(dir: &Path, yaml: &str) -> Server {
    let config = dir.join("bellwether.yml");
    std::fs::write(&config, format!("collect: {{host: false, itself: false}}\n{yaml}")).unwrap();
    Server::start(&dir.join("data"), &["--config", &config.display().to_string()])
}

/// A series that has had `value` for the given time, in steps of 15 s.
fn series(labels: &[(&str, &str)], secs: i64, value: impl Fn(i64) -> f64) -> Series {
    let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let steps = secs / 15;
    let now = now_ms();
    let samples = (0..=steps).map(|step| (now - (steps - step) * 15_000, value(step)));
    Series { labels: labels.collect(), samples: samples.collect() }
}

/// Sends series to a receiver of remote write.
fn write(port: u16, all: &[Series]) {
    let body = remote_write::encode_snappy(all);
    let headers = [("Content-Encoding", "snappy"), ("Content-Type", "application/x-protobuf")];
    let answer = request(port, "POST", "/api/v1/write", &headers, &body).unwrap();
    assert_eq!(answer.status / 100, 2, "{}", answer.body);
}

/// The alerts that wait or fire.
fn alerts(port: u16) -> Vec<Value> {
    let answer = request(port, "GET", "/api/v1/alerts", &[], &[]).unwrap();
    answer.json()["data"]["alerts"].as_array().unwrap().clone()
}

/// The alert of this name, where there is one.
fn alert_named(port: u16, name: &str) -> Option<Value> {
    alerts(port).into_iter().find(|alert| alert["labels"]["alertname"] == name)
}

/// Since when an alert is there, in ms.
fn active_at(alert: &Value) -> i64 {
    let text = alert["activeAt"].as_str().unwrap();
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}
