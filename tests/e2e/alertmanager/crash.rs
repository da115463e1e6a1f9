//! `kill -9` between firing and notification, in a loop.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::{alert, post, server};
use crate::harness::{Sink, eventually, request};

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

#[test]
fn silences_survive_with_their_history() {
    let sink = Sink::http();
    let dir = tempfile::tempdir().unwrap();
    let config = format!(
        "route: {{receiver: web, group_by: ['...'], group_wait: 0s}}\n\
         receivers: [{{name: web, webhook_configs: [{{url: '{}'}}]}}]\n",
        sink.url("/web")
    );
    let first = server(dir.path(), &config);
    let silence = |name: &str| {
        let body = format!(
            r#"{{"matchers":[{{"name":"alertname","value":"{name}","isRegex":false}}],"startsAt":"2020-01-01T00:00:00Z",
                "endsAt":"2090-01-01T00:00:00Z","createdBy":"me","comment":"c"}}"#
        );
        let headers = [("Content-Type", "application/json")];
        let path = "/alertmanager/api/v2/silences";
        let answer = request(first.port(), "POST", path, &headers, body.as_bytes()).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["silenceID"].as_str().unwrap().to_owned()
    };
    let (kept, expired) = (silence("Quiet"), silence("Other"));
    let path = format!("/alertmanager/api/v2/silence/{expired}");
    assert_eq!(request(first.port(), "DELETE", &path, &[], &[]).unwrap().status, 200);
    first.kill();
    let second = server(dir.path(), &config);
    let state = |id: &str| {
        let silence = second.get(&format!("/alertmanager/api/v2/silence/{id}")).json();
        silence["status"]["state"].as_str().unwrap().to_owned()
    };
    assert_eq!((state(&kept).as_str(), state(&expired).as_str()), ("active", "expired"));
    let alerts = ["Quiet", "Loud"].map(|name| alert(&[("alertname", name)]));
    post(second.port(), "/alertmanager", &Value::from(alerts.to_vec()));
    eventually("who is not silenced is told of", || !sink.at("/web").is_empty());
    let told: Vec<Value> =
        sink.all().iter().map(|a| a.json()["groupLabels"]["alertname"].clone()).collect();
    assert_eq!(told, ["Loud"]);
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
