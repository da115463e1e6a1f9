//! Receivers without a network: a file in the data directory, and MQTT in the house.

use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::{alert, attempts, post, server};
use crate::harness::{eventually, free_port, has_peer};

#[test]
fn a_file_has_a_line_for_each_notification() {
    let dir = tempfile::tempdir().unwrap();
    let server = server(
        dir.path(),
        "route: {receiver: desk, group_by: ['...'], group_wait: 0s}\nreceivers: [{name: desk, log_configs: [{}]}]\n",
    );
    for number in ["1", "2"] {
        let alerts = Value::from(vec![alert(&[("alertname", "A"), ("number", number)])]);
        post(server.port(), "/alertmanager", &alerts);
    }
    let file = dir.path().join("data/notifications.jsonl");
    let lines = || -> Vec<Value> {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    eventually("both are written", || lines().len() == 2);
    let mut numbers =
        lines().iter().map(|line| line["groupLabels"]["number"].to_string()).collect::<Vec<_>>();
    numbers.sort();
    assert_eq!(numbers, ["\"1\"", "\"2\""]);
}

/// A broker that goes with the test.
struct Broker(Child);

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Debian's mosquitto, for users with a password only.
fn mosquitto(dir: &std::path::Path) -> (Broker, u16) {
    let port = free_port();
    let passwords = dir.join("passwords");
    let made = Command::new("mosquitto_passwd")
        .arg("-c")
        .arg("-b")
        .arg(&passwords)
        .args(["bell", "hunter2"])
        .status()
        .unwrap();
    assert!(made.success());
    let config = dir.join("mosquitto.conf");
    let user = std::env::var("USER").unwrap_or_else(|_| "root".to_owned());
    let text = format!(
        "listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {}\nuser {user}\n",
        passwords.display()
    );
    std::fs::write(&config, text).unwrap();
    let child = Command::new("mosquitto")
        .arg("-c")
        .arg(&config)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let broker = Broker(child);
    eventually("the broker listens", || TcpStream::connect(("127.0.0.1", port)).is_ok());
    (broker, port)
}

#[test]
fn a_broker_gets_messages() {
    if !has_peer("mosquitto") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (_broker, port) = mosquitto(dir.path());
    let receiver = |name: &str, settings: &str| {
        format!(
            "- name: {name}\n  mqtt_configs: [{{broker: 'mqtt://127.0.0.1:{port}', username: bell, retain: true, \
             topic: '{name}/{{{{ .GroupLabels.alertname }}}}', {settings}}}]\n"
        )
    };
    let server = server(
        dir.path(),
        &format!(
            "route:\n  receiver: json\n  group_by: [alertname]\n  group_wait: 0s\n  routes:\n  - {{receiver: text, continue: true}}\n  \
             - {{receiver: refused, continue: true}}\n  - {{receiver: json}}\nreceivers:\n{}{}{}",
            receiver("json", "password: hunter2"),
            receiver("text", "password: hunter2, qos: 0, message: '{{ .Status }}'"),
            receiver("refused", "password: wrong"),
        ),
    );
    post(server.port(), "/alertmanager", &Value::from(vec![alert(&[("alertname", "A")])]));
    let heard = |topic: &str| {
        let mut command = Command::new("mosquitto_sub");
        command.args(["-h", "127.0.0.1", "-p", &port.to_string(), "-u", "bell", "-P", "hunter2"]);
        let output = command.args(["-C", "1", "-W", "2", "-t", topic]).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    eventually("a text is published", || heard("text/A").trim() == "firing");
    eventually("all that is known is published", || {
        heard("json/A").contains("\"groupLabels\":{\"alertname\":\"A\"}")
    });
    eventually("a refusal shows", || {
        attempts(&server)
            .iter()
            .any(|attempt| attempt["receiver"] == "refused" && attempt["outcome"] == "failed")
    });
    let of = |receiver: &str| {
        let mut attempts = attempts(&server);
        attempts.retain(|attempt| attempt["receiver"] == receiver);
        attempts
    };
    assert_eq!(of("text")[0]["outcome"], "sent");
    assert!(
        of("refused")[0]["error"].as_str().unwrap().contains("NotAuthorized"),
        "{:?}",
        of("refused")
    );
}
