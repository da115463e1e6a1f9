//! Receivers that hang or fail, and configurations that do not load.

use serde_json::Value;

use super::{alert, attempts, post, server};
use crate::harness::{Sink, eventually, request};

#[test]
fn a_receiver_that_hangs_or_fails_hinders_no_other() {
    let sink = Sink::http();
    let dir = tempfile::tempdir().unwrap();
    let server = server(
        dir.path(),
        &format!(
            "
route:
  receiver: good
  group_by: ['...']
  group_wait: 0s
  routes:
  - {{receiver: hanging, continue: true}}
  - {{receiver: broken, continue: true}}
  - {{receiver: unreachable, continue: true}}
  - {{receiver: template, continue: true}}
  - {{receiver: good}}
receivers:
- name: good
  webhook_configs: [{{url: '{}'}}]
- name: hanging
  webhook_configs: [{{url: '{}', timeout: 1s}}]
- name: broken
  webhook_configs: [{{url: '{}'}}]
- name: unreachable
  webhook_configs: [{{url: 'http://127.0.0.1:1/'}}]
- name: template
  pushover_configs: [{{user_key: a, token: b, title: '{{{{ template \"not.there\" . }}}}'}}]
",
            sink.url("/good"),
            sink.url("/hanging"),
            sink.url("/broken")
        ),
    );
    let count = 60;
    for number in 0..count {
        let number = number.to_string();
        let alerts = Value::from(vec![alert(&[("alertname", "A"), ("number", &number)])]);
        assert_eq!(post(server.port(), "/alertmanager", &alerts).status, 200);
    }
    eventually("the good receiver hears of all", || sink.at("/good").len() == count);
    for (receiver, outcome, part) in [
        ("good", "sent", ""),
        ("hanging", "retried", "no answer within 1s"),
        ("broken", "retried", "unexpected status code 500"),
        ("unreachable", "retried", "onnection refused"),
        ("template", "failed", "not.there"),
    ] {
        eventually(&format!("attempts of {receiver} are shown"), || {
            attempts(&server).iter().any(|attempt| {
                attempt["receiver"] == receiver
                    && attempt["outcome"] == outcome
                    && attempt["error"].as_str().unwrap_or_default().contains(part)
            })
        });
    }
    eventually("what failed is tried again", || {
        attempts(&server).iter().any(|a| a["receiver"] == "broken" && a["number"] == 2)
    });
    let metrics = server.get("/metrics").body;
    assert!(metrics.contains(
        "bellwether_notifications_failed_total{integration=\"pushover\",receiver=\"template\"}"
    ));
}

#[test]
fn a_bad_file_is_refused_and_the_old_one_stays() {
    let sink = Sink::http();
    let dir = tempfile::tempdir().unwrap();
    let config = |path: &str| {
        format!(
            "route: {{receiver: web, group_by: ['...'], group_wait: 0s}}\n\
             receivers: [{{name: web, webhook_configs: [{{url: '{}'}}]}}]\n",
            sink.url(path)
        )
    };
    let server = server(dir.path(), &config("/old"));
    let file = dir.path().join("alertmanager.yml");
    let reload = || request(server.port(), "POST", "/alertmanager/-/reload", &[], &[]).unwrap();
    std::fs::write(&file, "route:\n  receiver: nobody\nreceivers: [{name: web}]\n").unwrap();
    let answer = reload();
    assert_eq!(answer.status, 500);
    let place = format!("{}:2:1: undefined receiver \"nobody\"", file.display());
    assert!(answer.body.contains(&place), "{}", answer.body);
    post(server.port(), "/alertmanager", &Value::from(vec![alert(&[("alertname", "A")])]));
    eventually("the old receiver hears of it", || sink.at("/old").len() == 1);
    std::fs::write(&file, config("/new")).unwrap();
    assert_eq!(reload().status, 200);
    let status = server.get("/alertmanager/api/v2/status").json();
    assert!(status["config"]["original"].as_str().unwrap().contains("receiver: web"));
    post(server.port(), "/alertmanager", &Value::from(vec![alert(&[("alertname", "B")])]));
    eventually("the new receiver hears of news", || sink.at("/new").len() == 1);
}

#[test]
fn nobody_is_told_without_a_file_and_alerts_show() {
    let dir = tempfile::tempdir().unwrap();
    let server = crate::harness::Server::start(dir.path(), &[]);
    post(server.port(), "/alertmanager", &Value::from(vec![alert(&[("alertname", "A")])]));
    let alerts = server.get("/alertmanager/api/v2/alerts").json();
    assert_eq!(alerts[0]["receivers"][0]["name"], "nobody");
}
