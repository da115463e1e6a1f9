//! From a sample in the store to a request at somebody's door, with all parts
//! between, on a clock that the test holds.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use alerting::alertmanager::{Alertmanager, PostedAlert, Settings};
use alerting::config::Config;
use alerting::notify::log::NotificationLog;
use alerting::notify::transport::Transport;
use alerting::notify::{Verdict, default_templates};
use alerting::rules::{EvaluationContext, GroupSettings, RuleFile, RuleGroup};
use alerting::silences::Silences;
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use model::{Labels, METRIC_NAME, Millis, SampleBatch, Timestamp};
use parking_lot::Mutex;
use pipeline::Sink;
use query::promql::{Engine, EngineConfig, ParseOptions};
use query::testing::memory_store::MemoryStore;
use serde_json::Value;
use storage::{AppendOptions, Cancel, SeriesStore};

const RULES: &str = "
groups:
- name: devices
  interval: 15s
  rules:
  - alert: TooHot
    expr: temperature_celsius > 30
    for: 30s
    labels: {severity: critical}
    annotations: {summary: '{{ $labels.room }} has {{ $value | humanize }} degrees'}
";

type Seen = Arc<Mutex<Vec<Value>>>;

async fn receive(State(seen): State<Seen>, body: String) {
    seen.lock().push(serde_json::from_str(&body).expect("a webhook gets JSON"));
}

async fn webhook() -> (String, Seen) {
    let seen = Seen::default();
    let router = Router::new().route("/hook", post(receive)).with_state(Arc::clone(&seen));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/hook", listener.local_addr().expect("it has an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, seen)
}

fn append(store: &Arc<dyn SeriesStore>, at: Timestamp, value: f64) {
    let mut batch = SampleBatch::default();
    batch.begin_series(&Labels::from_pairs([
        (METRIC_NAME, "temperature_celsius"),
        ("room", "attic"),
    ]));
    batch.push(at, value);
    store.append(&batch, &AppendOptions::default()).expect("memory takes samples");
}

#[tokio::test]
async fn a_hot_room_calls_somebody_and_calls_off() {
    let (url, seen) = webhook().await;
    let yaml = format!(
        "route: {{receiver: team, group_by: [alertname], group_wait: 10s, group_interval: 1m}}\n\
         receivers: [{{name: team, webhook_configs: [{{url: '{url}'}}]}}]"
    );
    let (config, _) = Config::parse(&yaml).expect("a valid configuration");
    let settings = Settings { external_url: "http://b.example".to_owned(), ..Settings::default() };
    let log = NotificationLog::default();
    let mut manager = Alertmanager::new(Arc::new(config), settings, Silences::default(), log);
    let templates = default_templates().expect("our own templates parse");
    let transport = Transport::default();

    let store: Arc<dyn SeriesStore> = Arc::new(MemoryStore::new());
    let engine = Engine::new(EngineConfig::default());
    let sink = Sink::new(Arc::clone(&store));
    let options = ParseOptions { experimental: false };
    let mut file = RuleFile::parse(RULES, options).expect("valid rules");
    let mut group = RuleGroup::new("rules.yml", file.groups.remove(0), GroupSettings::default());
    let external_labels = BTreeMap::from([("site".to_owned(), "home".to_owned())]);

    for second in (0..=300).step_by(5) {
        let now = Timestamp::from_millis(0) + Millis::from_secs(second);
        if second % 15 == 0 {
            let is_hot = (30..150).contains(&second);
            append(&store, now, if is_hot { 35.5 } else { 20.0 });
            let context = EvaluationContext {
                engine: &engine,
                store: &store,
                sink: &sink,
                external_labels: &external_labels,
                external_url: "http://b.example",
                cancel: &Cancel::new(),
            };
            let sent = group.evaluate(&context, now);
            let posted = sent
                .iter()
                .map(|sent| PostedAlert::from_rule(sent, &external_labels, "http://b.example"))
                .collect();
            assert!(manager.put_alerts(posted, now).refused.is_empty());
        }
        for delivery in manager.tick(now) {
            let outgoing = delivery.outgoing(&templates, |path| std::fs::read_to_string(path));
            let outgoing = outgoing.expect("the default templates expand");
            let http = delivery.integration.http_config();
            let verdict = transport.send(outgoing, http, Duration::from_secs(20)).await;
            assert_eq!(verdict, Verdict::Sent);
            manager.report(delivery.id, verdict, now, 0.5);
        }
    }

    let seen = seen.lock();
    let statuses: Vec<&Value> = seen.iter().map(|message| &message["status"]).collect();
    assert_eq!(statuses, ["firing", "resolved"]);
    let alert = &seen[0]["alerts"][0];
    assert_eq!(alert["labels"]["room"], "attic");
    assert_eq!(alert["labels"]["site"], "home");
    assert_eq!(alert["annotations"]["summary"], "attic has 35.5 degrees");
    // Hot since 30 s, firing 30 s later; cool again at 150 s.
    assert_eq!(alert["startsAt"], "1970-01-01T00:01:00Z");
    assert_eq!(seen[1]["alerts"][0]["endsAt"], "1970-01-01T00:02:30Z");
    let link = "http://b.example/graph?g0.expr=temperature_celsius+%3E+30&g0.tab=1";
    assert_eq!(alert["generatorURL"], link);
    assert_eq!(seen[0]["groupKey"], "{}:{alertname=\"TooHot\"}");
}
