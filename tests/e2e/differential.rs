//! The same series and the same queries in a real Prometheus and in ours: the
//! answers are the same.
//!
//! Debian's Prometheus is version 2, where a range includes its left end and in
//! version 3 it does not. No evaluation here falls on a sample's time less a
//! range, so that the versions agree.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::harness::{Peer, Server, encode, has_peer, request};
use crate::remote_write::{self, Series};

/// How many queries are asked at least.
const QUERIES_MIN: usize = 500;
/// The distance of samples, in ms.
const STEP_MS: i64 = 15_000;
/// Samples of each series: an hour.
const SAMPLES: i64 = 240;
/// Sums may be added up in another order: the last bits are not compared.
const TOLERANCE: f64 = 1e-11;

#[test]
fn answers_are_those_of_prometheus() {
    if !has_peer("prometheus") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("ours"), &[]);
    let peer = Peer::prometheus(
        dir.path(),
        "global: {}\n",
        &[
            "--web.enable-remote-write-receiver",
            "--enable-feature=promql-negative-offset,promql-at-modifier",
        ],
    );
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
    let start = (now / STEP_MS - SAMPLES) * STEP_MS;
    let body = remote_write::encode_snappy(&series(start));
    let headers = [("Content-Encoding", "snappy"), ("Content-Type", "application/x-protobuf")];
    for port in [server.port(), peer.port()] {
        let answer = request(port, "POST", "/api/v1/write", &headers, &body).unwrap();
        assert_eq!(answer.status / 100, 2, "{}", answer.body);
    }
    let queries = queries();
    assert!(queries.len() >= QUERIES_MIN, "{}", queries.len());
    // Seven seconds after a sample at each step: no range begins on one.
    let (from, to) = ((start / 1000) + 1207, (start / 1000) + SAMPLES * 15 - 8);
    let mut differences = Vec::new();
    for query in &queries {
        let query = query.replace("$AT", &(from + 600).to_string());
        let paths = [
            format!("/api/v1/query?time={to}&query={}", encode(&query)),
            format!("/api/v1/query_range?start={from}&end={to}&step=105&query={}", encode(&query)),
        ];
        for path in paths {
            let ask = |port| request(port, "GET", &path, &[], &[]).unwrap();
            let (ours, theirs) = (ask(server.port()), ask(peer.port()));
            if ours.status != theirs.status
                || !is_same(&ours.json()["data"], &theirs.json()["data"], &query)
            {
                differences
                    .push(format!("{query}\n{}", first_difference(&ours.body, &theirs.body)));
            }
        }
    }
    let shown = differences.iter().take(30).cloned().collect::<Vec<_>>().join("\n");
    assert!(
        differences.is_empty(),
        "{} of {} answers differ:\n{shown}",
        differences.len(),
        queries.len() * 2
    );
}

/// Both texts from a little before where they part.
fn first_difference(ours: &str, theirs: &str) -> String {
    const AROUND: usize = 120;
    let parting = ours.bytes().zip(theirs.bytes()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| -> String {
        let bytes = text.as_bytes();
        let from = parting.saturating_sub(AROUND).min(bytes.len());
        let to = (parting + AROUND).min(bytes.len());
        String::from_utf8_lossy(&bytes[from..to]).into_owned()
    };
    format!(" ours   …{}\n theirs …{}", around(ours), around(theirs))
}

/// Whether two answers are the same; the order of series counts only where a query sorts.
fn is_same(ours: &Value, theirs: &Value, query: &str) -> bool {
    let series = |data: &Value| -> Vec<Value> {
        let mut all = data["result"].as_array().cloned().unwrap_or_default();
        let is_series = all.first().is_some_and(Value::is_object);
        if is_series && !query.starts_with("sort") {
            all.sort_by_key(|series| series["metric"].to_string());
        }
        all
    };
    ours["resultType"] == theirs["resultType"]
        && is_close(&Value::from(series(ours)), &Value::from(series(theirs)))
}

fn is_close(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_close(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| is_close(a, b)))
        }
        (Value::String(x), Value::String(y)) => {
            x == y
                || matches!((x.parse::<f64>(), y.parse::<f64>()), (Ok(x), Ok(y))
                    if (x - y).abs() <= TOLERANCE * x.abs().max(y.abs()).max(1e-3))
        }
        (a, b) => a == b || a.as_f64().zip(b.as_f64()).is_some_and(|(a, b)| a == b),
    }
}

fn labels(pairs: &[(&str, String)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

/// Counters with resets, gauges, gaps, special values, classic histograms.
fn series(start: i64) -> Vec<Series> {
    let mut all = Vec::new();
    let times = |keep: fn(i64) -> bool| (0..SAMPLES).filter(move |i| keep(*i));
    for job in ["api", "web"] {
        for instance in 0..4i64 {
            let named = |name: &str| {
                labels(&[
                    ("__name__", name.to_owned()),
                    ("job", job.to_owned()),
                    ("instance", instance.to_string()),
                    ("zone", format!("z{}", instance % 2)),
                ])
            };
            // High above zero also after a reset: version 3 extrapolates towards zero differently.
            let mut count = 1e5;
            let counter = times(|_| true)
                .map(|i| {
                    count = if i % (50 + instance) == 49 {
                        1.0
                    } else {
                        count + ((i * 7 + instance * 3) % 11) as f64
                    };
                    (start + i * STEP_MS, count)
                })
                .collect();
            all.push(Series { labels: named("requests_total"), samples: counter });
            let gauge = times(|i| i % 17 != 5)
                .map(|i| (start + i * STEP_MS, ((i * 31 + instance * 17) % 97) as f64 / 8.0 - 5.0))
                .collect();
            all.push(Series { labels: named("temperature"), samples: gauge });
            for (index, bound) in ["0.1", "0.5", "1", "5", "+Inf"].iter().enumerate() {
                let mut labels = named("latency_bucket");
                labels.push(("le".to_owned(), (*bound).to_owned()));
                let samples = (0..SAMPLES)
                    .map(|i| {
                        (start + i * STEP_MS, (i * (index as i64 + 1) * (instance + 1)) as f64)
                    })
                    .collect();
                all.push(Series { labels, samples });
            }
        }
    }
    let odd = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        -0.0,
        1e-300,
        1e300,
        0.1,
        f64::from_bits(0x7ff0_0000_0000_0002),
    ];
    for (index, value) in odd.iter().enumerate() {
        let samples = (0..SAMPLES)
            .map(|i| (start + i * STEP_MS, if i % 20 < 10 { *value } else { i as f64 }))
            .collect();
        all.push(Series {
            labels: labels(&[("__name__", "odd".to_owned()), ("n", index.to_string())]),
            samples,
        });
    }
    all
}

fn queries() -> Vec<String> {
    let mut all = Vec::new();
    let over_time = [
        "rate",
        "increase",
        "delta",
        "irate",
        "idelta",
        "deriv",
        "changes",
        "resets",
        "avg_over_time",
        "sum_over_time",
        "min_over_time",
        "max_over_time",
        "count_over_time",
        "last_over_time",
        "stddev_over_time",
        "stdvar_over_time",
        "present_over_time",
        "absent_over_time",
    ];
    for function in over_time {
        // Version 3 extrapolates a counter towards zero differently: counters here stay far from it.
        let is_counter_function = ["rate", "increase"].contains(&function);
        for selector in
            ["requests_total", "temperature", "odd", "requests_total{job=\"api\"}", "missing"]
        {
            if is_counter_function && ["temperature", "odd"].contains(&selector) {
                continue;
            }
            // Squares of 1e300 overflow: version 2 says NaN, version 3 infinite.
            if function.starts_with("std") && selector == "odd" {
                continue;
            }
            for range in ["1m", "5m", "17m"] {
                all.push(format!("{function}({selector}[{range}])"));
            }
        }
        all.push(format!("{function}(requests_total[5m] offset 3m)"));
        all.push(format!("{function}(requests_total[5m] @ $AT)"));
    }
    for argument in ["0.5", "0", "1", "-1", "2"] {
        all.push(format!("quantile_over_time({argument}, temperature[5m])"));
        all.push(format!("quantile({argument}, temperature)"));
        all.push(format!("histogram_quantile({argument}, latency_bucket)"));
        all.push(format!(
            "histogram_quantile({argument}, sum by (le, job) (rate(latency_bucket[5m])))"
        ));
        all.push(format!("predict_linear(temperature[10m], {argument})"));
        all.push(format!("topk({argument}, temperature)"));
    }
    let math = [
        "abs",
        "ceil",
        "floor",
        "exp",
        "ln",
        "log2",
        "log10",
        "sqrt",
        "round",
        "sgn",
        "sin",
        "cos",
        "tan",
        "asin",
        "acos",
        "atan",
        "sinh",
        "cosh",
        "tanh",
        "asinh",
        "acosh",
        "atanh",
        "deg",
        "rad",
        "timestamp",
        "day_of_month",
        "day_of_week",
        "day_of_year",
        "days_in_month",
        "hour",
        "minute",
        "month",
        "year",
        "absent",
    ];
    for function in math {
        for selector in ["temperature", "odd", "temperature * 1e9"] {
            all.push(format!("{function}({selector})"));
        }
    }
    for op in ["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"] {
        for clause in ["", "by (job)", "without (instance)", "by (job, zone)", "by (missing)"] {
            for selector in ["temperature", "requests_total"] {
                all.push(format!("{op} {clause} ({selector})"));
            }
        }
        all.push(format!("{op}(odd{{n!=\"0\"}})"));
    }
    for op in ["+", "-", "*", "/", "%", "^", "==", "!=", ">", "<", ">=", "<=", "> bool", "== bool"]
    {
        all.push(format!("temperature {op} 3"));
        all.push(format!("3 {op} temperature"));
        all.push(format!("temperature {op} on (job, instance) requests_total"));
        all.push(format!("temperature {op} ignoring (zone) requests_total"));
        all.push(format!("temperature {op} on (job) group_left sum by (job) (requests_total)"));
        all.push(format!("odd {op} odd"));
    }
    for op in ["and", "or", "unless"] {
        all.push(format!("temperature {op} on (job, zone) requests_total{{zone=\"z1\"}}"));
        all.push(format!("temperature {op} (temperature > 2)"));
    }
    for query in [
        "sort(temperature)",
        // Version 2 keeps the metric's name here.
        "abs(temperature atan2 3)",
        "abs(temperature atan2 on (job, instance) requests_total)",
        "sort_desc(temperature)",
        "clamp(temperature, -1, 2)",
        "clamp_min(odd, 0)",
        "clamp_max(odd, 0)",
        "round(temperature, 0.3)",
        "label_replace(temperature, \"x\", \"$1-y\", \"zone\", \"z(.)\")",
        "label_join(temperature, \"x\", \"/\", \"job\", \"zone\")",
        "count_values(\"v\", round(temperature))",
        "count_values by (job) (\"v\", round(temperature))",
        "bottomk(2, temperature)",
        "topk by (job) (1, temperature)",
        "scalar(temperature{job=\"api\", instance=\"1\"})",
        "scalar(temperature)",
        "vector(1)",
        "vector(time())",
        "time()",
        "pi()",
        "-temperature",
        "+temperature",
        "1 + 2 * 3 ^ 2 % 4",
        "\"text\"",
        "NaN",
        "Inf",
        "0x1f",
        "1 > bool 2",
        "max_over_time(rate(requests_total[61s])[10m:1m])",
        "avg_over_time((temperature * 2)[7m:])",
        "sum_over_time(temperature[10m:45s] offset 2m)",
        "rate(requests_total[5m:1m])",
        "temperature @ $AT",
        "temperature @ start()",
        "temperature @ end()",
        "temperature offset -2m",
        "sum(rate(requests_total[5m])) / count(temperature)",
        "holt_winters(temperature[10m], 0.5, 0.5) and missing",
        "absent(missing{a=\"b\", c=~\"d\"})",
        "{__name__=~\"temp.*\", job!=\"web\"}",
        "{job=\"api\", zone!~\"z0|z2\"}",
        "rate(temperature)",
        "sum(",
        "foo bar",
        "temperature + on (job) requests_total",
        "temperature / on (zone) group_right requests_total",
    ] {
        all.push(query.to_owned());
    }
    // Gone in version 3.
    all.retain(|query| !query.starts_with("holt_winters"));
    all
}
