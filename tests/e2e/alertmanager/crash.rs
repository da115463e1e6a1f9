//! `kill -9` between firing and notification, in a loop.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::{alert, post, server};
use crate::harness::{Sink, eventually};

/// How often the server is killed.
const CYCLES: u64 = 50;

#[test]
fn every_alert_that_fired_is_notified_and_not_again() {
    let sink = Sink::http();
    let dir = tempfile::tempdir().unwrap();
    let config = format!(
        "route: {{receiver: web, group_by: [alertname], group_wait: 100ms, group_interval: 300ms, repeat_interval: 4h}}\n\
         receivers: [{{name: web, webhook_configs: [{{url: '{}'}}]}}]\n",
        sink.url("/web")
    );
    for cycle in 0..CYCLES {
        let server = server(dir.path(), &config);
        let name = format!("A{cycle}");
        let answer = post(
            server.port(),
            "/alertmanager",
            &Value::from(vec![alert(&[("alertname", &name)])]),
        );
        assert_eq!(answer.status, 200);
        // From before the alert's group is due to after it was told.
        std::thread::sleep(Duration::from_millis(cycle * 13 % 180));
        server.kill();
    }
    let last = server(dir.path(), &config);
    eventually("every alert is notified", || notified(&sink).len() == CYCLES as usize);
    // A few more rounds of the groups.
    std::thread::sleep(Duration::from_secs(1));
    let notified = notified(&sink);
    let mut repeated = 0;
    for (name, by_process) in &notified {
        let most = by_process.values().max().unwrap();
        assert_eq!(*most, 1, "{name} was told more than once by one process: {by_process:?}");
        repeated += by_process.len() - 1;
    }
    // A repetition is a kill between the receiver's answer and the log: rare.
    assert!(repeated < CYCLES as usize / 4, "{repeated} were told again: {notified:?}");
    drop(last);
}

/// How often each alert was told of, by the process that did.
fn notified(sink: &Sink) -> BTreeMap<String, BTreeMap<String, usize>> {
    let mut notified: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for arrival in sink.at("/web") {
        let json = arrival.json();
        let process = json["externalURL"].as_str().unwrap().to_owned();
        let name = json["groupLabels"]["alertname"].as_str().unwrap().to_owned();
        *notified.entry(name).or_default().entry(process).or_default() += 1;
    }
    notified
}
