//! The same configuration and the same alerts in Debian's Alertmanager and in
//! ours: the same notifications, in the same order, at the same ticks.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{alert, post, server};
use crate::harness::{Arrival, Peer, Sink, free_port, has_peer, request};

/// How often groups are flushed; arrivals of both may differ by less.
const TICK: Duration = Duration::from_secs(2);

/// `{http}` is the sink's address below which its notifications arrive, `{smtp}`
/// the port of the mail server.
const CONFIG: &str = "
global: {smtp_smarthost: '127.0.0.1:{smtp}', smtp_from: 'am@example.org', smtp_require_tls: false}
route:
  receiver: default
  group_by: [alertname]
  group_wait: 1s
  group_interval: 2s
  repeat_interval: 5s
  routes:
  - {matchers: ['severity=\"page\"'], receiver: pager, continue: true}
  - {matchers: ['team=~\"db|web\"'], receiver: team, group_by: ['...']}
  - {matchers: [team=mail], receiver: mail}
  - {match: {team: quiet}, receiver: firing}
  - {match_re: {team: 'mut.*'}, receiver: default, mute_time_intervals: [always]}
  - {matchers: [team=rare], receiver: few, active_time_intervals: [never]}
receivers:
- {name: default, webhook_configs: [{url: '{http}/default'}, {url: '{http}/second', max_alerts: 1}]}
- {name: pager, webhook_configs: [{url: '{http}/pager'}]}
- {name: team, webhook_configs: [{url: '{http}/team'}]}
- {name: firing, webhook_configs: [{url: '{http}/firing', send_resolved: false}]}
- {name: few, webhook_configs: [{url: '{http}/few'}]}
- name: mail
  email_configs:
  - to: on-call@example.org
    send_resolved: true
    headers: {Subject: '[{{ .Status | toUpper }}] {{ .GroupLabels.alertname }}'}
    html: ''
    text: '{{ range .Alerts }}{{ .Labels.alertname }}/{{ .Labels.i }} is {{ .Status }};{{ end }}'
inhibit_rules:
- {source_matchers: [severity=critical], target_matchers: [severity=warning], equal: [alertname]}
time_intervals:
- {name: always, time_intervals: [{}]}
- {name: never, time_intervals: [{years: ['1999']}]}
";

fn labelled(text: &str) -> Value {
    let pairs: Vec<(&str, &str)> =
        text.split(' ').map(|pair| pair.split_once('=').unwrap()).collect();
    let mut alert = alert(&pairs);
    alert["annotations"] = json!({ "summary": format!("of {text}") });
    alert["generatorURL"] = json!("http://prometheus.example/graph");
    alert
}

fn firing(texts: &[&str]) -> Value {
    texts.iter().map(|text| labelled(text)).collect()
}

fn ended(texts: &[&str]) -> Value {
    let end = |text: &&str| {
        let mut alert = labelled(text);
        alert["startsAt"] = json!("2020-01-01T00:00:00Z");
        alert["endsAt"] = json!("2020-01-01T00:00:01Z");
        alert
    };
    texts.iter().map(end).collect()
}

/// What both do, at tenths of a second from the start. Groups are flushed at
/// whole seconds; nothing happens close to those.
fn script() -> Vec<(u64, Value)> {
    vec![
        (
            0,
            firing(&[
                "alertname=A i=1 severity=critical",
                "alertname=A i=2 severity=warning",
                "alertname=B i=1 severity=warning",
                "alertname=P i=1 severity=page team=db",
                "alertname=P i=2 severity=page",
                "alertname=M i=1 team=mail",
                "alertname=Q i=1 team=quiet",
                "alertname=Z i=1 team=muted",
                "alertname=R i=1 team=rare",
                "alertname=S i=1 team=silent",
            ]),
        ),
        (20, firing(&["alertname=A i=3 severity=critical", "alertname=M i=2 team=mail"])),
        (20, ended(&["alertname=P i=2 severity=page"])),
        (40, ended(&["alertname=A i=1 severity=critical", "alertname=Q i=1 team=quiet"])),
        (60, ended(&["alertname=A i=3 severity=critical", "alertname=M i=1 team=mail"])),
        (80, ended(&["alertname=B i=1 severity=warning", "alertname=M i=2 team=mail"])),
    ]
}

const SILENCE: &str = r#"{"matchers":[{"name":"team","value":"silent|none","isRegex":true}],
    "startsAt":"2020-01-01T00:00:00Z","endsAt":"2090-01-01T00:00:00Z","createdBy":"me","comment":"c"}"#;

#[test]
fn notifications_are_alertmanagers() {
    if !has_peer("prometheus-alertmanager") {
        return;
    }
    let (http, smtp) = (Sink::http(), [Sink::smtp(), Sink::smtp()]);
    let config = |whose: &str, smtp: &Sink| {
        let config = CONFIG.replace("{http}", &http.url(whose));
        config.replace("{smtp}", &smtp.port().to_string())
    };
    let dir = tempfile::tempdir().unwrap();
    let ours = server(dir.path(), &config("/ours", &smtp[0]));
    let theirs = alertmanager(dir.path(), &config("/theirs", &smtp[1]));
    let sides = [(ours.port(), "/alertmanager"), (theirs.port(), "")];
    for (port, prefix) in sides {
        let headers = [("Content-Type", "application/json")];
        let path = format!("{prefix}/api/v2/silences");
        let answer = request(port, "POST", &path, &headers, SILENCE.as_bytes()).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let started = Instant::now();
    for (at, alerts) in script() {
        std::thread::sleep(Duration::from_millis(at * 100).saturating_sub(started.elapsed()));
        for (port, prefix) in sides {
            let answer = post(port, prefix, &alerts);
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
        if at == 20 {
            compare_views(sides);
        }
    }
    std::thread::sleep(Duration::from_secs(12).saturating_sub(started.elapsed()));
    let mut compared = 0;
    for receiver in ["default", "second", "pager", "team", "firing", "few"] {
        let of = |whose: &str| http.at(&format!("/{whose}/{receiver}"));
        let (ours, theirs) = (of("ours"), of("theirs"));
        assert_same(receiver, &ours, &theirs, |arrival| payload(&arrival.json()));
        compared += ours.len();
    }
    let [ours, theirs] = smtp.map(|sink| sink.at("on-call@example.org"));
    assert_same("mail", &ours, &theirs, |arrival| mail(&arrival.text));
    assert!(
        compared >= 20 && ours.len() > 2,
        "only {compared} notifications and {} mails",
        ours.len()
    );
}

/// Both tell the same of each group, in the same order and at about the same times.
fn assert_same<T: PartialEq + std::fmt::Debug>(
    receiver: &str,
    ours: &[Arrival],
    theirs: &[Arrival],
    told: impl Fn(&Arrival) -> (String, T),
) {
    // Groups that are due at the same time are told in any order.
    let sorted = |arrivals: &[Arrival]| {
        let mut told: Vec<(String, T, Instant)> = arrivals
            .iter()
            .map(|arrival| {
                let (group, told) = told(arrival);
                (group, told, arrival.at)
            })
            .collect();
        told.sort_by(|a, b| (&a.0, a.2).cmp(&(&b.0, b.2)));
        told
    };
    let (ours, theirs) = (sorted(ours), sorted(theirs));
    for (index, (our, their)) in ours.iter().zip(&theirs).enumerate() {
        assert_eq!((&our.0, &our.1), (&their.0, &their.1), "{receiver}: notification {index}");
        let distance = our.2.max(their.2) - our.2.min(their.2);
        assert!(distance < TICK, "{receiver}: {:?} is {distance:?} apart", our.0);
    }
    assert_eq!(ours.len(), theirs.len(), "{receiver}: ours {ours:#?}\ntheirs {theirs:#?}");
}

/// The group's key, and a webhook's payload without times and our addresses.
fn payload(json: &Value) -> (String, Value) {
    let mut json = json.clone();
    json["externalURL"] = Value::Null;
    for alert in json["alerts"].as_array_mut().unwrap() {
        for time in ["startsAt", "endsAt"] {
            let is_none = alert[time] == "0001-01-01T00:00:00Z";
            alert[time] = json!(!is_none);
        }
    }
    (json["groupKey"].as_str().unwrap().to_owned(), json)
}

/// The subject, and what a mail says.
fn mail(text: &str) -> (String, Vec<String>) {
    let wanted = |line: &&str| {
        let line = line.to_ascii_lowercase();
        ["subject:", "to:", "from:"].iter().any(|name| line.starts_with(name))
            || line.contains(" is firing;")
            || line.contains(" is resolved;")
    };
    let mut lines: Vec<String> = text.lines().filter(wanted).map(str::to_owned).collect();
    lines.sort();
    (String::new(), lines)
}

fn alertmanager(dir: &std::path::Path, config: &str) -> Peer {
    let port = free_port();
    let file = dir.join("theirs.yml");
    std::fs::write(&file, config).unwrap();
    let mut command = Command::new("prometheus-alertmanager");
    command
        .arg(format!("--config.file={}", file.display()))
        .arg(format!("--storage.path={}", dir.join("theirs").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .arg("--cluster.listen-address=");
    Peer::start(&mut command, port, "/-/ready")
}

/// Both show the same alerts and groups.
fn compare_views(sides: [(u16, &str); 2]) {
    for path in [
        "/api/v2/alerts",
        "/api/v2/alerts?filter=alertname%3D~%22A%7CS%22",
        "/api/v2/alerts?silenced=false&inhibited=false",
        "/api/v2/alerts?active=false&filter=team%21~%22muted%7Crare%22",
        "/api/v2/alerts?receiver=team",
        "/api/v2/alerts/groups",
        "/api/v2/receivers",
        "/api/v2/silences",
    ] {
        let [ours, theirs] = sides.map(|(port, prefix)| {
            let answer = request(port, "GET", &format!("{prefix}{path}"), &[], &[]).unwrap();
            assert_eq!(answer.status, 200);
            view(answer.json())
        });
        let (ours, theirs) = (ours.as_array().unwrap(), theirs.as_array().unwrap());
        for (our, their) in ours.iter().zip(theirs) {
            assert_eq!(our, their, "{path}");
        }
        assert_eq!(ours.len(), theirs.len(), "{path}");
    }
}

/// A view without times, ids, and what only newer versions show.
fn view(mut value: Value) -> Value {
    match &mut value {
        Value::Array(items) => items.iter_mut().for_each(|item| *item = view(item.take())),
        Value::Object(map) => {
            // Alertmanager shows since 0.28 what time intervals mute.
            let is_muted = map.remove("mutedBy").is_some_and(|muted| muted != json!([]));
            if is_muted && ["inhibitedBy", "silencedBy"].iter().all(|by| map[*by] == json!([])) {
                map["state"] = json!("active");
            }
            for (name, value) in map.iter_mut() {
                match name.as_str() {
                    "startsAt" | "endsAt" | "updatedAt" | "id" => *value = Value::Null,
                    // Of several that mute, either shows any.
                    "silencedBy" | "inhibitedBy" => *value = json!(value.as_array().map(Vec::len)),
                    _ => *value = view(value.take()),
                }
            }
        }
        _ => {}
    }
    value
}
