//! Groups on the real clock, over a store in memory.

use std::time::Duration;

use alerting::rules::{RuleFile, RuleHealth};
use model::{Matcher, MetricMetadata, SampleBatch, TimeRange};
use query::promql::{EngineConfig, InstantQuery, QueryOptions, Value};
use query::testing::memory_store::MemoryStore;
use storage::{
    AppendOutcome, ExemplarRequest, LabelRequest, Maintenance, MaintenanceOutcome, MetadataRequest,
    Names, SelectRequest, SeriesExemplars, SeriesSelection, StoreError, StoreStatus,
};
use tokio::sync::mpsc;

use super::*;
use crate::server::testing::until;

const OPTIONS: ParseOptions = ParseOptions { experimental: false };

struct World {
    rules: Rules,
    store: Arc<dyn SeriesStore>,
    sent: mpsc::UnboundedReceiver<Vec<PostedAlert>>,
}

impl World {
    fn new() -> Self {
        Self::over(Arc::new(MemoryStore::new()))
    }

    fn over(store: Arc<dyn SeriesStore>) -> Self {
        let (sender, sent) = mpsc::unbounded_channel();
        let rules = Rules::new(Surroundings {
            engine: Arc::new(Engine::new(EngineConfig::default())),
            parse_options: OPTIONS,
            store: Arc::clone(&store),
            sink: Arc::new(Sink::new(Arc::clone(&store))),
            alerts_out: Arc::new(move |alerts| sender.send(alerts).unwrap()),
            external_labels: Arc::new(|| Labels::from_pairs([("site", "lab")])),
            external_url: "http://here".to_owned(),
        });
        Self { rules, store, sent }
    }

    /// Puts groups in force that run each fifth of a second.
    async fn apply(&self, groups: &str) {
        let file = RuleFile::parse(groups, OPTIONS).unwrap();
        let rules = LoadedRules {
            path: "r.yml".to_owned(),
            file,
            interval: Millis::new(200),
            query_offset: Millis::ZERO,
            is_bundled: false,
        };
        self.rules.apply(vec![rules]).await;
    }

    fn group(&self, name: &str) -> Option<Arc<GroupStatus>> {
        self.rules.groups().into_iter().find(|group| group.name == name)
    }

    fn count(&self, expr: &str) -> usize {
        let query = InstantQuery {
            text: expr.to_owned(),
            time: Timestamp::now(),
            options: QueryOptions::default(),
        };
        let engine = &self.rules.shared.around.engine;
        match engine.instant(&self.store, &query).unwrap().value {
            Value::Vector(samples) => samples.len(),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn series_and_alerts_leave_and_what_fails_is_told() {
    let mut world = World::new();
    world
        .apply(
            "groups:
- {name: good, rules: [{record: one, expr: '1'}, {alert: A, expr: one > 0, annotations: {s: '{{ $value }}', t: '{{ template \"none\" }}'}}]}
- {name: bad, rules: [{record: two, expr: 'label_replace(one, \"a\", \"b\", \"c\", \"(\")'}, {record: ok, expr: '2'}]}
",
        )
        .await;
    let sent = tokio::time::timeout(Duration::from_secs(20), world.sent.recv());
    let sent = sent.await.unwrap().unwrap();
    let labels = Labels::from_pairs([("alertname", "A"), ("site", "lab")]);
    assert_eq!(sent.len(), 1);
    assert_eq!((&sent[0].labels, sent[0].annotations["s"].as_str()), (&labels, "1"));
    assert_eq!(sent[0].generator_url, "http://here/graph?g0.expr=one+%3E+0&g0.tab=1");
    until("series are there", || world.count("one") == 1 && world.count("ALERTS") == 1).await;
    until("the bad group ran", || world.group("bad").unwrap().evaluations > 1).await;
    let bad = world.group("bad").unwrap();
    assert_eq!((bad.rules[0].health, bad.rules[1].health), (RuleHealth::Err, RuleHealth::Ok));
    let mut shown = String::new();
    let mut registry = Registry::default();
    world.rules.register_metrics(&mut registry);
    prometheus_client::encoding::text::encode(&mut shown, &registry).unwrap();
    let value = |name: &str, group: &str| -> f64 {
        let start = format!("bellwether_rule_{name}{{rule_group=\"r.yml;{group}\"}} ");
        let line = shown.lines().find_map(|line| line.strip_prefix(&start));
        line.unwrap_or_else(|| panic!("{start}: {shown}")).parse().unwrap()
    };
    assert!(value("evaluation_failures_total", "bad") >= 2.0);
    let evaluations = value("evaluations_total", "bad");
    assert_eq!(evaluations, 2.0 * value("evaluation_failures_total", "bad"));
    assert_eq!(value("evaluation_failures_total", "good"), 0.0);
    assert!(value("template_failures_total", "good") >= 1.0);
    assert_eq!(value("template_failures_total", "bad"), 0.0);
    let good = world.group("good").unwrap();
    let fault = good.rules[1].template_fault.as_deref().unwrap();
    assert!(fault.contains("not defined") && good.rules[1].health == RuleHealth::Ok, "{fault}");
    assert_eq!(value("group_interval_seconds", "good"), 0.2);
    assert_eq!(value("group_rules", "good"), 2.0);
    world.rules.shutdown().await;
}

#[tokio::test]
async fn a_reload_keeps_alerts_and_ends_series_of_groups_that_are_gone() {
    let world = World::new();
    let gone = "- {name: gone, rules: [{record: gone, expr: '1'}]}\n";
    let kept = "- {name: kept, rules: [{record: kept, expr: '1'}]}\n";
    let alerts = "- {name: alerts, rules: [{alert: A, expr: vector(1), for: 1h}]}\n";
    world.apply(&format!("groups:\n{gone}{kept}{alerts}")).await;
    until("all ran", || world.count("{__name__=~'gone|kept|ALERTS'}") == 3).await;
    let since = world.group("alerts").unwrap().rules[0].alerts[0].active_at;
    let before = world.group("kept").unwrap().evaluations;

    let changed = alerts.replace("1h", "2h");
    world.apply(&format!("groups:\n{kept}{changed}")).await;
    assert!(world.group("gone").is_none());
    assert_eq!(world.group("alerts").unwrap().rules[0].alerts[0].active_at, since);
    until("the kept group runs on", || world.group("kept").unwrap().evaluations > before + 1).await;
    until("the series of the other is ended", || world.count("gone") == 0).await;
    assert_eq!(world.count("kept"), 1);

    world.apply("groups: []").await;
    assert!(world.rules.groups().is_empty());
    world.rules.shutdown().await;
    // Nothing runs any more.
    assert!(world.rules.running.lock().await.is_empty());
}

#[tokio::test]
async fn the_end_does_not_wait_for_a_query_that_hangs() {
    let (sender, mut asked) = mpsc::unbounded_channel();
    let world = World::over(Arc::new(HungStore(sender)));
    world.apply("groups:\n- {name: slow, rules: [{record: a, expr: b}]}").await;
    tokio::time::timeout(Duration::from_secs(20), asked.recv()).await.unwrap().unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(20), world.rules.shutdown());
    ended.await.expect("the end waited");
}

#[tokio::test]
async fn evaluations_that_take_too_long_make_others_missed() {
    let (sender, mut asked) = mpsc::unbounded_channel();
    let world = World::over(Arc::new(HungStore(sender)));
    world.apply("groups:\n- {name: slow, rules: [{record: a, expr: b}]}").await;
    asked.recv().await.unwrap();
    // Three intervals and a bit.
    tokio::time::sleep(Duration::from_millis(700)).await;
    world.rules.shared.cancel.cancel();
    until("the next one ran", || world.group("slow").unwrap().evaluations > 1).await;
    assert!(world.group("slow").unwrap().evaluations_missed >= 2);
    let mut shown = String::new();
    let mut registry = Registry::default();
    world.rules.register_metrics(&mut registry);
    prometheus_client::encoding::text::encode(&mut shown, &registry).unwrap();
    let none = "iterations_missed_total{rule_group=\"r.yml;slow\"} 0\n";
    assert!(shown.contains("iterations_missed_total{") && !shown.contains(none), "{shown}");
    world.rules.shutdown().await;
}

/// A store that tells when it is asked, and answers only those who give up.
struct HungStore(mpsc::UnboundedSender<()>);

impl SeriesStore for HungStore {
    fn append(&self, _: &SampleBatch, _: &AppendOptions) -> Result<AppendOutcome, StoreError> {
        Ok(AppendOutcome::default())
    }
    fn select(&self, request: &SelectRequest<'_>) -> Result<Box<dyn SeriesSelection>, StoreError> {
        self.0.send(()).unwrap();
        while !request.cancel.is_cancelled() {
            std::thread::sleep(Duration::from_millis(5));
        }
        Err(StoreError::Cancelled)
    }
    fn label_names(&self, _: &LabelRequest<'_>) -> Result<Names, StoreError> {
        Ok(Names::default())
    }
    fn label_values(&self, _: &str, _: &LabelRequest<'_>) -> Result<Names, StoreError> {
        Ok(Names::default())
    }
    fn exemplars(&self, _: &ExemplarRequest<'_>) -> Result<Vec<SeriesExemplars>, StoreError> {
        Ok(Vec::new())
    }
    fn metadata(&self, _: &MetadataRequest) -> Result<Vec<MetricMetadata>, StoreError> {
        Ok(Vec::new())
    }
    fn delete(&self, _: &[Vec<Matcher>], _: TimeRange) -> Result<(), StoreError> {
        Ok(())
    }
    fn status(&self, _: usize) -> StoreStatus {
        StoreStatus::default()
    }
    fn maintain(&self, _: &Maintenance) -> Result<MaintenanceOutcome, StoreError> {
        Err(StoreError::Unsupported("it is a test"))
    }
}
