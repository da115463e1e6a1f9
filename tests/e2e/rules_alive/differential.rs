//! The same rules on the same data in a real Prometheus and in ours: the same
//! series, the same answers of the API, the same alerts at Alertmanagers.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::{alerts, series, write};
use crate::harness::{Peer, Server, Sink, encode, eventually, has_peer, request};

const RULES: &str = r#"
groups:
- name: ratios
  rules:
  - {record: 'room:boiler_celsius:max', expr: 'max by(room)(boiler_celsius)', labels: {unit: C}}
  - {record: 'boilers', expr: 'count(room:boiler_celsius:max>=0)  or vector(0)'}
- name: boilers
  limit: 5
  rules:
  - alert: BoilerHot
    expr: room:boiler_celsius:max > 90
    for: 2s
    keep_firing_for: 8s
    labels: {severity: page, place: '{{ $labels.room | title }} {{ $externalLabels.site }}'}
    annotations:
      summary: '{{ $labels.room }} is at {{ $value | humanize }} °C'
      link: '{{ $externalURL }}/x?{{ .Labels.unit | toLower }}'
      table: '{{ range query "sort(boiler_celsius)" }}{{ .Labels.room }}={{ .Value }};{{ end }}'
      wrong: '{{ template "missing" }}'
  - {alert: BoilersGone, expr: 'absent(boiler_celsius{room="attic"})', for: 1h, labels: {severity: info}}
  - {alert: Quiet, expr: boiler_celsius < -100}
- name: faults
  limit: 1
  rules:
  - {record: too_many, expr: boiler_celsius}
  - {record: 'same:labels', expr: boiler_celsius, labels: {room: one}}
  - {alert: TooMany, expr: boiler_celsius > 0}
  - {record: mixed, expr: 'boiler_celsius + on (nothing) boiler_celsius'}
"#;

/// A Prometheus and ours with the same files, each with a sink of its own for its alerts.
struct Pair {
    server: Server,
    peer: Peer,
    our_sink: Sink,
    their_sink: Sink,
}

impl Pair {
    fn start(dir: &Path) -> Self {
        std::fs::write(dir.join("rules.yml"), RULES).unwrap();
        let (our_sink, their_sink) = (Sink::http(), Sink::http());
        let config = |sink: &Sink| {
            format!(
                "global: {{evaluation_interval: 1s, external_labels: {{site: lab, room: nowhere}}}}
rule_files: ['{}/r*.yml']
alerting:
  alert_relabel_configs: [{{regex: unit, action: labeldrop}}]
  alertmanagers: [{{path_prefix: /am/, static_configs: [{{targets: ['127.0.0.1:{}']}}]}}]
",
                dir.display(),
                sink.port()
            )
        };
        std::fs::write(dir.join("ours.yml"), config(&our_sink)).unwrap();
        std::fs::write(
            dir.join("bellwether.yml"),
            "collect: {prometheus: [ours.yml], host: false, itself: false}
serve: {external_url: 'http://here.example:9/'}
",
        )
        .unwrap();
        let config_path = dir.join("bellwether.yml").display().to_string();
        let server = Server::start(&dir.join("data"), &["--config", &config_path]);
        let flags =
            ["--web.enable-remote-write-receiver", "--web.external-url=http://here.example:9/"];
        let peer = Peer::prometheus(dir, &config(&their_sink), &flags);
        Self { server, peer, our_sink, their_sink }
    }

    fn ports(&self) -> [u16; 2] {
        [self.server.port(), self.peer.port()]
    }

    fn heat(&self, celsius: f64) {
        let boilers = [
            series(&[("__name__", "boiler_celsius"), ("room", "cellar")], 0, |_| celsius),
            series(&[("__name__", "boiler_celsius"), ("room", "kitchen")], 0, |_| 40.0),
        ];
        self.ports().iter().for_each(|port| write(*port, &boilers));
    }

    /// Waits until both say the same, and it is `is_wanted`.
    #[track_caller]
    fn agree<T: PartialEq + std::fmt::Debug>(
        &self,
        what: &str,
        ask: impl Fn(u16) -> T,
        is_wanted: impl Fn(&T) -> bool,
    ) {
        let mut last = None;
        let started = std::time::Instant::now();
        loop {
            let [ours, theirs] = self.ports().map(&ask);
            if ours == theirs && is_wanted(&ours) {
                return;
            }
            last.replace((ours, theirs));
            if started.elapsed().as_secs() > 40 {
                let (ours, theirs) = last.unwrap();
                panic!("{what}\nours:   {ours:#?}\ntheirs: {theirs:#?}");
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    }
}

/// `/api/v1/rules` without times and lists of series.
fn rules(port: u16) -> Value {
    let answer = request(port, "GET", "/api/v1/rules", &[], &[]).unwrap().json();
    let mut groups = answer["data"]["groups"].clone();
    for group in groups.as_array_mut().unwrap() {
        for rule in group["rules"].as_array_mut().unwrap() {
            let rule = rule.as_object_mut().unwrap();
            rule["evaluationTime"] = Value::Bool(rule["evaluationTime"].is_number());
            rule["lastEvaluation"] = Value::Bool(rule["lastEvaluation"].is_string());
            if let Some(Value::String(error)) = rule.get_mut("lastError") {
                // The order of the series that it lists is chance.
                error.truncate(error.find('[').unwrap_or(error.len()));
            }
            if let Some(alerts) = rule.get_mut("alerts") {
                *alerts = untimed(alerts.as_array().unwrap().clone());
            }
        }
        group["evaluationTime"] = Value::Bool(group["evaluationTime"].is_number());
        group["lastEvaluation"] = Value::Bool(group["lastEvaluation"].is_string());
    }
    groups
}

fn untimed(mut alerts: Vec<Value>) -> Value {
    for alert in &mut alerts {
        let alert = alert.as_object_mut().unwrap();
        for time in ["activeAt", "keepFiringSince"] {
            if let Some(value) = alert.get_mut(time) {
                *value = Value::Bool(true);
            }
        }
    }
    alerts.sort_by_key(Value::to_string);
    Value::from(alerts)
}

/// What an expression gives, without times.
fn vector(port: u16, expr: &str) -> BTreeSet<String> {
    let path = format!("/api/v1/query?query={}", encode(expr));
    let answer = request(port, "GET", &path, &[], &[]).unwrap().json();
    let result = answer["data"]["result"].as_array().unwrap().clone();
    result.iter().map(|sample| format!("{} {}", sample["metric"], sample["value"][1])).collect()
}

/// The alerts that arrived: whether each has ended, its labels, texts and link.
fn arrived(sink: &Sink) -> BTreeSet<String> {
    let bodies = sink.at("/am/api/v2/alerts");
    let alerts = bodies.iter().flat_map(|body| body.json().as_array().unwrap().clone());
    alerts
        .map(|alert| {
            let time = |name: &str| {
                let text = alert[name].as_str().unwrap();
                text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
            };
            let lasts = time("endsAt") - time("startsAt");
            // One that fires is told to end four intervals of sending later.
            let state = if lasts >= 200_000 { "firing" } else { "resolved" };
            format!(
                "{state} {} {} {}",
                alert["labels"], alert["annotations"], alert["generatorURL"]
            )
        })
        .collect()
}

#[test]
fn rules_do_what_they_do_in_prometheus() {
    if !has_peer("prometheus") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let pair = Pair::start(dir.path());
    let has = |text: &'static str| move |found: &Value| found.to_string().contains(text);
    let everything = r#"{__name__=~"ALERTS|room:.*|boilers|too_many|same:.*|mixed"}"#;

    pair.heat(50.0);
    pair.agree("all is cold", rules, has(r#""state":"pending""#));
    pair.agree("all series", |port| vector(port, everything), |found| found.len() == 4);

    pair.heat(95.0);
    pair.agree("one fires", |port| untimed(alerts(port)), has(r#""state":"firing""#));
    pair.agree("and shows", rules, has(r#""state":"firing","value":"9.5e+01""#));
    pair.agree(
        "as series",
        |port| vector(port, everything),
        |found| found.iter().any(|sample| sample.contains(r#""alertstate":"firing""#)),
    );
    eventually("both told it", || {
        !arrived(&pair.our_sink).is_empty() && !arrived(&pair.their_sink).is_empty()
    });

    pair.heat(60.0);
    pair.agree("it fires on", |port| untimed(alerts(port)), has("keepFiringSince"));
    pair.agree(
        "and ends",
        |port| untimed(alerts(port)),
        |found| !found.to_string().contains("BoilerHot"),
    );
    pair.agree("all series again", |port| vector(port, everything), |found| found.len() == 4);
    let told = |sink: &Sink| arrived(sink).iter().any(|alert| alert.starts_with("resolved"));
    eventually("both told the end", || told(&pair.our_sink) && told(&pair.their_sink));
    assert_eq!(arrived(&pair.our_sink), arrived(&pair.their_sink));
    assert_eq!(arrived(&pair.our_sink).len(), 2);
}
