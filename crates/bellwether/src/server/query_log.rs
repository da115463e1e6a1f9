//! `query_log_file`: a line of JSON for each query, with Prometheus' names.
//!
//! The file is opened for each line, so a log that was moved away by rotation is
//! begun anew without being told.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use model::Timestamp;
use query::promql::{FinishedQuery, QueryLog};
use serde_json::{Value, json};

/// A log that appends to this file. One that can't be written to is reported once
/// and never stops a query.
pub(super) fn to_file(path: PathBuf) -> QueryLog {
    let is_failing = AtomicBool::new(false);
    Arc::new(move |query| {
        let mut line = line(query).to_string();
        line.push('\n');
        let file = OpenOptions::new().create(true).append(true).open(&path);
        // One call, so that lines of several queries do not mix.
        match file.and_then(|mut file| file.write_all(line.as_bytes())) {
            Ok(()) => is_failing.store(false, Ordering::Relaxed),
            Err(error) if !is_failing.swap(true, Ordering::Relaxed) => {
                tracing::warn!(path = %path.display(), %error, "queries can't be logged");
            }
            Err(_) => {}
        }
    })
}

fn line(query: &FinishedQuery<'_>) -> Value {
    let time = |at: Timestamp| {
        jiff::Timestamp::from_millisecond(at.as_millis()).map_or(Value::Null, |at| json!(at))
    };
    let mut line = json!({
        "time": jiff::Timestamp::now(),
        "level": "INFO",
        "msg": "promql query logged",
        "params": {
            "query": query.text,
            "start": time(query.start),
            "end": time(query.end),
            "step": query.step.get() / 1000,
        },
        "stats": { "timings": { "execTotalTime": query.took.as_secs_f64() } },
    });
    match query.result {
        Ok(output) => {
            let (timings, samples) = (&output.stats.timings, &output.stats.samples);
            line["stats"] = json!({
                "timings": {
                    "evalTotalTime": timings.eval_total.as_secs_f64(),
                    "resultSortTime": timings.result_sort.as_secs_f64(),
                    "queryPreparationTime": timings.query_preparation.as_secs_f64(),
                    "innerEvalTime": timings.inner_eval.as_secs_f64(),
                    "execQueueTime": timings.exec_queue.as_secs_f64(),
                    "execTotalTime": timings.exec_total.as_secs_f64(),
                },
                "samples": {
                    "totalQueryableSamples": samples.total_queryable,
                    "peakSamples": samples.peak,
                },
            });
        }
        Err(error) => line["error"] = json!(error.to_string()),
    }
    line
}
