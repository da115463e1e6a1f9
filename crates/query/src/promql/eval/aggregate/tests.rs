//! Aggregations over a store in memory.

use std::sync::Arc;

use model::{Millis, SampleBatch, Timestamp};
use storage::{AppendOptions, SeriesStore};

use super::super::{Engine, EngineConfig, QueryError, QueryOptions, RangeQuery, Value};
use crate::testing::memory_store::MemoryStore;
use crate::testing::series_notation::SeriesDescription;

fn evaluate(series: &[&str], text: &str) -> Result<Vec<String>, QueryError> {
    let store = MemoryStore::new();
    let mut batch = SampleBatch::default();
    let step = Millis::from_secs(60);
    for series in series {
        let description = SeriesDescription::parse(series).unwrap();
        description.push_into(&mut batch, Timestamp::from_millis(0), step);
    }
    store.append(&batch, &AppendOptions::default()).unwrap();
    let store: Arc<dyn SeriesStore> = Arc::new(store);
    let engine = Engine::new(EngineConfig { experimental: true, ..EngineConfig::default() });
    let query = RangeQuery {
        text: text.to_owned(),
        start: Timestamp::from_millis(0),
        end: Timestamp::from_millis(120_000),
        step,
        options: QueryOptions::default(),
    };
    let Value::Matrix(series) = engine.range(&store, &query)?.value else { panic!("a matrix") };
    let show = |series: &super::super::MatrixSeries| {
        let values: Vec<String> =
            series.samples.floats.values.iter().map(ToString::to_string).collect();
        format!("{} {}", series.labels, values.join(" "))
    };
    Ok(series.iter().map(show).collect())
}

const SERIES: [&str; 3] =
    ["m{a=\"1\", b=\"x\"} 1 2 3", "m{a=\"2\", b=\"x\"} 3 _ NaN", "m{a=\"3\"} 8 8 8"];

#[test]
fn groups_stream() {
    for (text, expected) in [
        ("sum(m)", vec!["{} 12 10 NaN"]),
        ("sum by (b) (m)", vec!["{} 8 8 8", "{b=\"x\"} 4 2 NaN"]),
        ("avg without (a) (m)", vec!["{} 8 8 8", "{b=\"x\"} 2 2 NaN"]),
        ("count by (b) (m)", vec!["{} 1 1 1", "{b=\"x\"} 2 1 2"]),
        ("min(m)", vec!["{} 1 2 3"]),
        ("max(m)", vec!["{} 8 8 8"]),
        ("group(m)", vec!["{} 1 1 1"]),
        ("stdvar by (b) (m{b=\"x\"} < 10)", vec!["{b=\"x\"} 1 0 0"]),
    ] {
        // A sample is seen for five minutes, so gaps must be staleness to show.
        let series = SERIES.map(|series| series.replace('_', "stale"));
        let series: Vec<&str> = series.iter().map(String::as_str).collect();
        assert_eq!(evaluate(&series, text).unwrap(), expected, "{text}");
    }
}

#[test]
fn some_of_each_group() {
    for (text, expected) in [
        ("topk(1, m)", vec!["m{a=\"3\"} 8 8 8"]),
        ("bottomk(1, m)", vec!["m{a=\"1\", b=\"x\"} 1 2 3"]),
        ("limitk(1, m)", vec!["m{a=\"1\", b=\"x\"} 1 2 3"]),
        ("quantile(0.5, m{b=\"\"})", vec!["{} 8 8 8"]),
        ("count_values(\"v\", m{b=\"\"})", vec!["{v=\"8\"} 1 1 1"]),
        ("topk(0, m)", vec![]),
    ] {
        assert_eq!(evaluate(&SERIES, text).unwrap(), expected, "{text}");
    }
    let error = evaluate(&SERIES, "topk(NaN, m)").unwrap_err().to_string();
    assert_eq!(error, "Parameter value is NaN");
}

#[test]
fn a_share_of_the_series_and_the_rest_are_everything() {
    let series: Vec<String> = (0..50).map(|i| format!("m{{i=\"{i}\"}} 1 1 1")).collect();
    let series: Vec<&str> = series.iter().map(String::as_str).collect();
    let some = evaluate(&series, "limit_ratio(0.3, m)").unwrap();
    let rest = evaluate(&series, "limit_ratio(-0.7, m)").unwrap();
    assert!(!some.is_empty() && !rest.is_empty());
    assert_eq!(some.len() + rest.len(), 50);
    assert!(some.iter().all(|series| !rest.contains(series)));
}
