//! The Alertmanager inside the server: a module a theme.

mod crash;
mod desk;
mod differential;
mod peers;
mod receivers;
mod tools;

use std::path::Path;

use serde_json::{Value, json};

use crate::harness::{Answer, Server, request};

/// Starts the server with an `alertmanager.yml` of this text.
fn server(dir: &Path, text: &str) -> Server {
    std::fs::write(dir.join("alertmanager.yml"), text).unwrap();
    let config = dir.join("bellwether.yml");
    let section =
        "alerting: {alertmanager: alertmanager.yml}\ncollect: {host: false, itself: false}\n";
    std::fs::write(&config, section).unwrap();
    Server::start(&dir.join("data"), &["--config", &config.display().to_string()])
}

/// Posts alerts of these labels to an Alertmanager whose API is below `prefix`.
fn post(port: u16, prefix: &str, alerts: &Value) -> Answer {
    let headers = [("Content-Type", "application/json")];
    let body = alerts.to_string();
    request(port, "POST", &format!("{prefix}/api/v2/alerts"), &headers, body.as_bytes()).unwrap()
}

/// An alert of these labels.
fn alert(labels: &[(&str, &str)]) -> Value {
    let labels: serde_json::Map<String, Value> =
        labels.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
    json!({ "labels": labels })
}

/// What was tried lately, newest first.
fn attempts(server: &Server) -> Vec<Value> {
    let answer = server.get("/api/bellwether/v1/alerting/attempts?limit=1000");
    answer.json()["attempts"].as_array().unwrap().clone()
}
