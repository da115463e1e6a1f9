//! The queries, as dashboards and rules ask them, and the comparison of answers.

use std::collections::BTreeMap;

use anyhow::Context;
use serde_json::Value;

/// A query at the end of the data, or over a range up to there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query {
    /// What the table calls it.
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
    /// `None` asks at one point.
    pub(crate) range: Option<Range>,
}

/// The points of a range query.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Range {
    pub(crate) length_secs: i64,
    pub(crate) step_secs: i64,
}

const fn instant(title: &'static str, text: &'static str) -> Query {
    Query { title, text, range: None }
}

const fn range(title: &'static str, text: &'static str, length_secs: i64, step_secs: i64) -> Query {
    Query { title, text, range: Some(Range { length_secs, step_secs }) }
}

/// Counts the targets that have arrived: the sign that a server has all data.
pub(crate) const TARGETS: Query = instant("targets", "count(up)");

/// What is measured.
pub(crate) const QUERIES: [Query; 12] = [
    instant("rate by job, now", "sum by (job) (rate(http_requests_total[5m]))"),
    instant("top 10 instances, now", "topk(10, sum by (instance) (rate(http_requests_total[5m])))"),
    instant("largest of an hour, now", "max by (namespace) (max_over_time(app_memory_bytes[1h]))"),
    range(
        "one series, 2 h",
        r#"app_queue_latency_milliseconds{instance="10.0.0.7:8080", queue="3"}"#,
        7200,
        15,
    ),
    range(
        "a panel of 240 series, 1 h",
        r#"app_queue_latency_milliseconds{namespace="shop-0"}"#,
        3600,
        30,
    ),
    range(
        "one instance's rates, 1 h",
        r#"sum by (code) (rate(http_requests_total{instance="10.0.0.7:8080"}[2m]))"#,
        3600,
        15,
    ),
    range("rate by handler, 1 h", "sum by (handler) (rate(http_requests_total[5m]))", 3600, 60),
    range(
        "0.99 quantile by handler, 1 h",
        "histogram_quantile(0.99, sum by (le, handler) (rate(http_request_duration_seconds_bucket[5m])))",
        3600,
        60,
    ),
    range(
        "share of errors by namespace, 1 h",
        r#"sum by (namespace) (rate(http_requests_total{code=~"5.."}[5m])) / sum by (namespace) (rate(http_requests_total[5m]))"#,
        3600,
        60,
    ),
    range(
        "regular expression, 1 h",
        r#"sum by (method) (rate(http_requests_total{handler=~"/api/v1/(users|orders).*", pod=~"web-.+"}[5m]))"#,
        3600,
        60,
    ),
    range("sum of gauges, 2 h", "sum by (job) (app_connections)", 7200, 30),
    range(
        "smoothed gauges, 1 h",
        "max by (queue) (avg_over_time(app_queue_latency_milliseconds[10m]))",
        3600,
        60,
    ),
];

/// An answer, for comparing: series by labels, values by time in ms.
pub(crate) type Series = BTreeMap<String, BTreeMap<i64, f64>>;

/// Reads an answer of the Prometheus API.
pub(crate) fn parse(body: &[u8]) -> anyhow::Result<Series> {
    let answer: Value = serde_json::from_slice(body)?;
    let result = answer["data"]["result"].as_array().context("no result")?;
    let mut all = Series::new();
    for series in result {
        let one = std::slice::from_ref(&series["value"]);
        let samples = series["values"].as_array().map_or(one, Vec::as_slice);
        let mut values = BTreeMap::new();
        for sample in samples {
            let at = sample[0].as_f64().context("a time")?;
            let value = sample[1].as_str().context("a value")?.parse::<f64>()?;
            values.insert((at * 1000.0).round() as i64, value);
        }
        // The object's keys are sorted.
        all.insert(series["metric"].to_string(), values);
    }
    Ok(all)
}

/// How an answer stands to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Agreement {
    /// The same series at the same times, and values that differ by this share at most.
    Within(f64),
    /// Other series or times; how many of the points only one of both has.
    Differs { points: usize, of: usize },
}

/// Compares two answers.
pub(crate) fn compare(a: &Series, b: &Series) -> Agreement {
    let keys = |series: &Series| -> Vec<(String, i64)> {
        let keys = series
            .iter()
            .flat_map(|(labels, values)| values.keys().map(move |at| (labels.clone(), *at)));
        keys.collect()
    };
    let (in_a, in_b) = (keys(a), keys(b));
    if in_a != in_b {
        let common = in_a.iter().filter(|key| in_b.binary_search(key).is_ok()).count();
        let of = in_a.len() + in_b.len() - common;
        return Agreement::Differs { points: of - common, of };
    }
    let pairs = a.values().zip(b.values()).flat_map(|(a, b)| a.values().zip(b.values()));
    let deviation = pairs.map(|(a, b)| deviation(*a, *b)).fold(0.0, f64::max);
    Agreement::Within(deviation)
}

fn deviation(a: f64, b: f64) -> f64 {
    if a == b || (a.is_nan() && b.is_nan()) {
        0.0
    } else {
        let share = (a - b).abs() / a.abs().max(b.abs());
        if share.is_nan() { f64::INFINITY } else { share }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(result: &str) -> Series {
        parse(format!(r#"{{"status":"success","data":{{"result":{result}}}}}"#).as_bytes()).unwrap()
    }

    #[test]
    fn answers_are_compared_by_labels_and_time() {
        let a = answer(r#"[{"metric":{"b":"1","a":"2"},"values":[[1,"10"],[2.5,"20"]]}]"#);
        let same = answer(r#"[{"metric":{"a":"2","b":"1"},"values":[[1,"10"],[2.5,"20"]]}]"#);
        assert_eq!(compare(&a, &same), Agreement::Within(0.0));
        let near = answer(r#"[{"metric":{"a":"2","b":"1"},"values":[[1,"10"],[2.5,"25"]]}]"#);
        assert_eq!(compare(&a, &near), Agreement::Within(0.2));
        let fewer = answer(r#"[{"metric":{"a":"2","b":"1"},"values":[[1,"10"]]}]"#);
        assert_eq!(compare(&a, &fewer), Agreement::Differs { points: 1, of: 2 });
        let instant = answer(r#"[{"metric":{},"value":[1,"NaN"]}]"#);
        assert_eq!(compare(&instant, &instant), Agreement::Within(0.0));
        let other = answer(r#"[{"metric":{},"value":[1,"1"]}]"#);
        assert_eq!(compare(&instant, &other), Agreement::Within(f64::INFINITY));
    }
}
