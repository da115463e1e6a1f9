//! The engine as a whole: limits, statistics, explanations, answers.

use std::sync::Arc;
use std::time::Duration;

use model::{SampleBatch, Timestamp};
use storage::{AppendOptions, Cancel, SeriesStore};

use super::*;
use crate::testing::memory_store::MemoryStore;
use crate::testing::series_notation::SeriesDescription;

fn store(series: &[String]) -> Arc<dyn SeriesStore> {
    let store = MemoryStore::new();
    let mut batch = SampleBatch::default();
    for series in series {
        let description = SeriesDescription::parse(series).unwrap();
        description.push_into(&mut batch, Timestamp::from_millis(0), Millis::from_secs(15));
    }
    store.append(&batch, &AppendOptions::default()).unwrap();
    Arc::new(store)
}

fn counters(count: usize) -> Arc<dyn SeriesStore> {
    let series = |i| format!("requests_total{{i=\"{i}\", g=\"{}\"}} 0+{}x240", i % 3, i + 1);
    store(&(0..count).map(series).collect::<Vec<_>>())
}

fn range(text: &str, options: QueryOptions) -> RangeQuery {
    let at = Timestamp::from_millis;
    let step = Millis::from_secs(15);
    RangeQuery { text: text.to_owned(), start: at(600_000), end: at(1_200_000), step, options }
}

fn engine(change: impl FnOnce(&mut EngineConfig)) -> Engine {
    let mut config = EngineConfig { experimental: true, ..EngineConfig::default() };
    change(&mut config);
    Engine::new(config)
}

#[test]
fn streamed_groups_are_those_of_the_whole() {
    let store = counters(1300);
    let engine = engine(|_| ());
    let run = |text| engine.range(&store, &range(text, QueryOptions::default())).unwrap().value;
    let streamed = run("sum by (g) (abs(rate(requests_total[5m]) * 2))");
    // A set operator needs all of its input at once.
    let whole = run("sum by (g) (abs(rate(requests_total[5m]) * 2) or none)");
    assert_eq!(streamed, whole);
    let Value::Matrix(groups) = streamed else { panic!("a matrix") };
    assert_eq!(groups.len(), 3);
    assert_eq!(groups[0].samples.floats.len(), 41);
}

#[test]
fn streaming_holds_the_groups_only() {
    let store = counters(1300);
    let engine = engine(|config| config.samples_max = 512 * 41 + 2 * 241 + 200);
    let sum = range("sum by (g) (rate(requests_total[5m]))", QueryOptions::default());
    engine.range(&store, &sum).unwrap();
    let all = range("rate(requests_total[5m])", QueryOptions::default());
    let error = engine.range(&store, &all).unwrap_err();
    assert_eq!(
        error.to_string(),
        "query processing would load too many samples into memory in query execution"
    );
}

#[test]
fn queries_of_death_end_at_a_limit() {
    let store = counters(50);
    let engine = engine(|config| {
        config.timeout = Duration::from_secs(5);
        config.samples_max = 100_000;
        config.memory_bytes_max = 1 << 18;
        config.points_max = 100_000;
    });
    let error = |text: &str| {
        let output = engine.range(&store, &range(text, QueryOptions::default()));
        output.map(|output| output.stats).unwrap_err().to_string()
    };
    assert!(error("sum_over_time(requests_total[10y:1ms])").contains("points"));
    let nested = "max_over_time(".repeat(6) + "requests_total" + &"[1d:10s])".repeat(6);
    assert!(!error(&nested).is_empty());
    assert!(error("count_values(\"v\", rate(requests_total[1d]))").contains("bytes in memory"));
}

#[test]
fn time_and_cancel_end_a_query() {
    let store = counters(50);
    let engine = engine(|_| ());
    let options = QueryOptions { timeout: Some(Duration::ZERO), ..QueryOptions::default() };
    let error = engine.range(&store, &range("rate(requests_total[5m])", options)).unwrap_err();
    assert_eq!(error.to_string(), "query timed out in expression evaluation");
    let cancel = Cancel::new();
    cancel.cancel();
    let options = QueryOptions { cancel, ..QueryOptions::default() };
    let error = engine.range(&store, &range("rate(requests_total[5m])", options)).unwrap_err();
    assert_eq!(error.to_string(), "query was canceled in expression evaluation");
}

#[test]
fn too_many_series_are_refused() {
    let store = counters(50);
    let engine = engine(|config| config.series_max = 49);
    let error = engine.range(&store, &range("requests_total", QueryOptions::default()));
    assert!(matches!(
        error,
        Err(QueryError::Storage(storage::StoreError::TooManySeries { max: 49 }))
    ));
}

#[test]
fn an_answer_can_be_cut_off() {
    let options = QueryOptions { limit: Some(2), ..QueryOptions::default() };
    let output = engine(|_| ()).range(&counters(5), &range("requests_total", options)).unwrap();
    assert_eq!(output.annotations.warnings, ["results truncated due to limit"]);
    assert!(matches!(output.value, Value::Matrix(series) if series.len() == 2));
}

#[test]
fn samples_are_counted_by_step_and_parts_are_explained() {
    let options = QueryOptions { explain: true, ..QueryOptions::default() };
    let text = "sum(rate(requests_total[1m])) / 2";
    let stats = engine(|_| ()).range(&counters(10), &range(text, options)).unwrap().stats;
    // Four samples of each of ten series lie in each left-open minute.
    assert_eq!(stats.samples.per_step.len(), 41);
    assert!(stats.samples.per_step.iter().all(|(_, samples)| *samples == 40));
    assert_eq!(stats.samples.total_queryable, 41 * 40);
    assert_eq!(stats.series_selected, 10);
    let nodes = stats.explain.unwrap().nodes;
    let parts: Vec<(&str, u64)> =
        nodes.iter().map(|node| (&text[node.span.0..node.span.1], node.series)).collect();
    assert_eq!(
        parts,
        [(text, 1), ("sum(rate(requests_total[1m]))", 1), ("rate(requests_total[1m])", 10)]
    );
}

#[test]
fn what_is_fixed_by_at_counts_at_every_step() {
    let options = QueryOptions { explain: true, ..QueryOptions::default() };
    let query = range("rate(requests_total[1m] @ 600)", options);
    let output = engine(|_| ()).range(&counters(10), &query).unwrap();
    assert_eq!(output.stats.samples.total_queryable, 41 * 40);
    let Value::Matrix(series) = output.value else { panic!("a matrix") };
    let values = &series[0].samples.floats.values;
    assert!(values.len() == 41 && values.iter().all(|value| *value == values[0]));
}

#[test]
fn range_vectors_are_shown_as_they_are() {
    let store = counters(1);
    let engine = engine(|_| ());
    let run = |text: &str| {
        let time = Timestamp::from_millis(60_000);
        let query = InstantQuery { text: text.to_owned(), time, options: QueryOptions::default() };
        let Value::Matrix(series) = engine.instant(&store, &query).unwrap().value else {
            panic!("a matrix")
        };
        series[0].samples.floats.timestamps.iter().map(|at| at.as_millis()).collect::<Vec<_>>()
    };
    assert_eq!(run("requests_total[45s]"), [30_000, 45_000, 60_000]);
    assert_eq!(run("requests_total[50s:20s]"), [20_000, 40_000, 60_000]);
    assert_eq!(run("(requests_total[30s] offset 15s)"), [30_000, 45_000]);
}

#[test]
fn long_chains_of_operators_do_not_exhaust_the_stack() {
    let text = vec!["1"; 20_000].join(" + ");
    let time = Timestamp::from_millis(0);
    let query = InstantQuery { text, time, options: QueryOptions::default() };
    // Either is fine: an answer or a message.
    let _ = engine(|_| ()).instant(&counters(1), &query);
}

#[test]
fn queries_are_counted_by_what_became_of_them() {
    let store = counters(3);
    let engine = engine(|config| config.series_max = 2);
    let mut registry = Registry::default();
    engine.register_metrics(&mut registry);
    for text in ["1", "sum by (", "requests_total", "vector(1) + on(a) (vector(1) or x)"] {
        let options = QueryOptions::default();
        let time = Timestamp::from_millis(600_000);
        let query = InstantQuery { text: text.to_owned(), time, options };
        let _ = engine.instant(&store, &query);
    }
    let cancelled = QueryOptions { cancel: Cancel::new(), ..QueryOptions::default() };
    cancelled.cancel.cancel();
    engine.range(&store, &range("rate(requests_total[5m])", cancelled)).unwrap_err();
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
    for (outcome, count) in [("ok", 2), ("bad_query", 1), ("limit", 1), ("canceled", 1)] {
        let line = format!("bellwether_queries_total{{outcome=\"{outcome}\"}} {count}\n");
        assert!(text.contains(&line), "{line}{text}");
    }
    assert!(text.contains("bellwether_query_duration_seconds_count 5"), "{text}");
}
