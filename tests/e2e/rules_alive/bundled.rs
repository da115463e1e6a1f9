//! Bundled rules on data that they are about: every alert begins.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{alert_named, alerts, series, server, write};
use crate::harness::{Server, eventually, now_ms};
use crate::remote_write::Series;

/// Twenty minutes of a counter that grows by so much a second.
fn counter(labels: &[(&str, &str)], per_second: f64) -> Series {
    series(labels, 1200, |step| step as f64 * 15.0 * per_second)
}

fn gauge(labels: &[(&str, &str)], value: f64) -> Series {
    series(labels, 1200, |_| value)
}

/// A fleet in which everything is wrong at once.
fn fleet() -> Vec<Series> {
    let mut all = Vec::new();
    for job in ["iot-emulator-core", "postgres", "redis", "mosquitto", "auth-service"] {
        all.push(gauge(&[("__name__", "up"), ("job", job), ("instance", "a")], 0.0));
    }
    let requests = [("__name__", "iot_emulator_http_requests_total"), ("instance", "a")];
    for (status, rate) in [("200", 9.0), ("500", 1.0)] {
        all.push(counter(&[requests[0], requests[1], ("status_code", status)], rate));
        let name = ("__name__", "http_requests_total");
        all.push(counter(&[name, ("job", "auth-service"), ("status", status)], rate.min(5.0)));
    }
    for (bound, rate) in [("1", 1.0), ("5", 10.0), ("+Inf", 10.0)] {
        let name = ("__name__", "iot_emulator_http_request_duration_seconds_bucket");
        all.push(counter(&[name, ("instance", "a"), ("le", bound)], rate));
        let name = ("__name__", "http_request_duration_seconds_bucket");
        all.push(counter(&[name, ("job", "auth-service"), ("le", bound)], rate));
    }
    for (name, rate) in [
        ("iot_emulator_device_errors_total", 1.0),
        ("iot_emulator_devices_started_total", 2.0),
        ("iot_emulator_data_points_generated_total", 0.0),
    ] {
        all.push(counter(&[("__name__", name), ("device_type", "meter")], rate));
    }
    for name in
        ["iot_emulator_mqtt_messages_published_total", "iot_emulator_scenarios_executed_total"]
    {
        all.push(counter(&[("__name__", name)], 0.0));
    }
    for (name, value) in [
        ("iot_emulator_memory_usage_bytes", 2e9),
        ("iot_emulator_cpu_usage_percentage", 95.0),
        ("iot_emulator_devices_active_count", 3.0),
        ("node_memory_MemAvailable_bytes", 5.0),
        ("node_memory_MemTotal_bytes", 100.0),
        ("pg_up", 0.0),
        ("database_health_check_duration_seconds", 3.0),
        ("processing_queue_length", 5000.0),
    ] {
        all.push(gauge(&[("__name__", name), ("instance", "a")], value));
    }
    for (name, value) in
        [("node_filesystem_avail_bytes", 5.0), ("node_filesystem_size_bytes", 100.0)]
    {
        let labels =
            [("__name__", name), ("instance", "a"), ("mountpoint", "/"), ("fstype", "ext4")];
        all.push(gauge(&labels, value));
    }
    let idle =
        [("__name__", "node_cpu_seconds_total"), ("instance", "a"), ("cpu", "0"), ("mode", "idle")];
    all.push(counter(&idle, 0.05));
    let failed = [("__name__", "failed_logins_total"), ("job", "auth-service")];
    // Quiet, and in the last four minutes not.
    all.push(series(&failed, 1200, |step| (step - 64).max(0) as f64 * 30.0));
    for (name, rate) in [
        ("successful_logins_total", 0.1),
        ("account_lockouts_total", 0.1),
        ("processing_failures_total", 1.0),
        ("analytics_job_failures_total", 0.1),
    ] {
        all.push(counter(&[("__name__", name), ("job", "auth-service")], rate));
    }
    all
}

/// All alerting rules: name, and how long an alert waits.
fn alerting_rules(server: &Server) -> Vec<(String, i64)> {
    let groups = server.get("/api/v1/rules?type=alert").json()["data"]["groups"].clone();
    let rules =
        groups.as_array().unwrap().iter().flat_map(|group| group["rules"].as_array().unwrap());
    rules
        .map(|rule| (rule["name"].as_str().unwrap().to_owned(), rule["duration"].as_i64().unwrap()))
        .collect()
}

#[test]
fn every_alert_of_fleets_and_services_begins() {
    let dir = tempfile::tempdir().unwrap();
    let config = "alerting: {bundled: [iot, energy], evaluation_interval: 1s}\n";
    let server = server(dir.path(), config);
    write(server.port(), &fleet());
    let rules = alerting_rules(&server);
    assert!(rules.len() >= 28, "{rules:?}");
    // The fleet is active, so that others may begin.
    let wanted: BTreeSet<String> = rules
        .iter()
        .map(|(name, _)| name.clone())
        .filter(|name| name != "NoActiveDevices")
        .collect();
    let begun = || -> BTreeSet<String> {
        let name = |alert: &Value| alert["labels"]["alertname"].as_str().unwrap().to_owned();
        alerts(server.port()).iter().map(name).collect()
    };
    let mut missing = wanted.clone();
    eventually("all begin", || {
        missing = &wanted - &begun();
        missing.is_empty()
    });
    for (name, _) in rules.iter().filter(|(name, duration)| *duration == 0 && wanted.contains(name))
    {
        let alert = alert_named(server.port(), name).unwrap();
        assert_eq!(alert["state"], "firing", "{alert}");
    }
    eventually("a service is down for half a minute", || {
        alert_named(server.port(), "ServiceDown").unwrap()["state"] == "firing"
    });
    for alert in alerts(server.port()) {
        let texts = alert["annotations"].to_string();
        assert!(!texts.contains("error expanding") && !texts.contains("<no value>"), "{alert}");
    }
    let active = [("__name__", "iot_emulator_devices_active_count"), ("instance", "a")];
    write(server.port(), &[Series { samples: vec![(now_ms(), 0.0)], ..gauge(&active, 0.0) }]);
    eventually("no device is active", || alert_named(server.port(), "NoActiveDevices").is_some());
}

#[test]
fn rules_about_this_host_and_server_run_without_configuration() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("bellwether.yml");
    std::fs::write(&config, "collect: {interval: 1s}\nalerting: {evaluation_interval: 1s}\n")
        .unwrap();
    let server = Server::start(&dir.path().join("data"), &["--config", config.to_str().unwrap()]);
    let rules = || -> Vec<Value> {
        let groups = server.get("/api/v1/rules").json()["data"]["groups"].clone();
        let groups = groups.as_array().unwrap().clone();
        groups.iter().flat_map(|group| group["rules"].as_array().unwrap().clone()).collect()
    };
    eventually("all ran", || rules().iter().all(|rule| rule["health"] != "unknown"));
    assert!(rules().len() > 20);
    for rule in rules() {
        assert_eq!(rule["health"], "ok", "{rule}");
    }
    eventually("what they record is there", || {
        server
            .query("instance:node_memory_used:ratio")
            .as_array()
            .is_some_and(|found| found.len() == 1)
    });
}
