//! `bellwether status`: how a running server is doing, at a glance.

use std::fmt::Write;

use anyhow::bail;
use serde_json::Value;

use super::ask;
use crate::cli::StatusArgs;

/// What is asked of the server's own metrics, and how it is called.
const QUERIES: [(&str, &str); 4] = [
    ("samples a second", "sum(rate(bellwether_ingested_samples_total[1m]))"),
    ("queries a second", "sum(rate(bellwether_queries_total[1m]))"),
    ("memory", "sum(process_resident_memory_bytes{job=\"bellwether\"})"),
    ("disk", "sum(bellwether_storage_bytes)"),
];

/// `status`; an error where the server can't be asked or its configuration was not reloaded.
pub(super) async fn status(args: &StatusArgs) -> anyhow::Result<()> {
    let get = async |name: &str| -> anyhow::Result<Value> {
        Ok(ask::get(&ask::api(&args.url, name)?).await?["data"].take())
    };
    let (build, runtime) = (get("status/buildinfo").await?, get("status/runtimeinfo").await?);
    let flags = get("status/flags").await?;
    let (tsdb, targets) = (get("status/tsdb").await?, get("targets?state=active").await?);
    let mut numbers = Vec::new();
    for (name, expr) in QUERIES {
        let mut url = ask::api(&args.url, "query")?;
        url.query_pairs_mut().append_pair("query", expr);
        let answer = ask::get(&url).await?;
        let value = answer["data"]["result"][0]["value"][1].as_str().and_then(|v| v.parse().ok());
        numbers.push((name, value));
    }
    if args.json {
        let numbers: serde_json::Map<_, _> =
            numbers.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        let all = serde_json::json!({
            "build": build, "runtime": runtime, "tsdb": tsdb["headStats"],
            "targets": targets["activeTargets"], "numbers": numbers,
        });
        ask::print(&format!("{all}\n"))?;
    } else {
        ask::print(&render(&build, &runtime, &flags, &tsdb, &targets, &numbers))?;
    }
    if runtime["reloadConfigSuccess"] == false {
        bail!("the last reload of the configuration failed; the server's log says why");
    }
    Ok(())
}

fn render(
    build: &Value,
    runtime: &Value,
    flags: &Value,
    tsdb: &Value,
    targets: &Value,
    numbers: &[(&str, Option<f64>)],
) -> String {
    let mut out = String::new();
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(out, "{name:<18}{value}");
    };
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    line("version", &text(&build["bellwether"]));
    line("started", &text(&runtime["startTime"]));
    line("data directory", &text(&flags["data-dir"]));
    line("kept for", &text(&runtime["storageRetention"]));
    line("configuration", &format!("of {}", text(&runtime["lastConfigTime"])));
    if runtime["corruptionCount"].as_u64().is_some_and(|count| count > 0) {
        line("damaged", &format!("{} records of the log were skipped", runtime["corruptionCount"]));
    }
    line("series in memory", &tsdb["headStats"]["numSeries"].to_string());
    for (name, value) in numbers {
        let shown = match (value, *name) {
            (None, _) => "-".to_owned(),
            (Some(value), "memory" | "disk") => format!("{:.1} MB", value / 1e6),
            (Some(value), _) => format!("{value:.1}"),
        };
        line(name, &shown);
    }
    let all = targets["activeTargets"].as_array().map_or(&[][..], Vec::as_slice);
    let down: Vec<&Value> = all.iter().filter(|target| target["health"] == "down").collect();
    line("targets", &format!("{}, of which {} down", all.len(), down.len()));
    for target in down {
        line("", &format!("{}: {}", text(&target["scrapeUrl"]), text(&target["lastError"])));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_down_is_named() {
        let runtime = json!({
            "startTime": "2026-01-01T00:00:00Z", "storageRetention": "15d",
            "lastConfigTime": "2026-01-01T00:00:00Z", "corruptionCount": 2,
        });
        let targets = json!({"activeTargets": [
            {"health": "up", "scrapeUrl": "http://a"},
            {"health": "down", "scrapeUrl": "http://b", "lastError": "refused"},
        ]});
        let numbers = [("samples a second", Some(12.34)), ("memory", Some(5e7)), ("disk", None)];
        let tsdb = json!({"headStats": {"numSeries": 7}});
        let flags = json!({"data-dir": "/data"});
        let build = json!({"bellwether": "1.2.3"});
        let text = render(&build, &runtime, &flags, &tsdb, &targets, &numbers);
        for part in [
            "version           1.2.3\n",
            "data directory    /data\n",
            "series in memory  7\n",
            "samples a second  12.3\n",
            "memory            50.0 MB\n",
            "disk              -\n",
            "damaged           2 records",
            "targets           2, of which 1 down\n",
            "http://b: refused\n",
        ] {
            assert!(text.contains(part), "{part:?} is not in {text}");
        }
    }
}
