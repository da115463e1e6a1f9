//! The answer to a query: small ones at once, large ones in parts as the client
//! takes them, so that only the result and a part of its JSON are in memory.

use std::convert::Infallible;

use ::query::engine::ExplainNode;
use ::query::promql::{QueryOutput, QueryStats, SampleValue, Value};
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use model::SampleColumns;
use serde_json::json;
use storage::SelectStats;
use tokio::sync::mpsc;

use super::channel_body::ChannelBody;
use super::json::JsonWriter;
use super::params::Params;
use super::respond::{Notes, success};

/// From how many samples on an answer is sent in parts.
const SAMPLES_AT_ONCE_MAX: usize = 50_000;
/// How large a part is at least, in bytes.
const PART_BYTES: usize = 256 << 10;
/// How many parts wait for the client to take them.
const PARTS_WAITING_MAX: usize = 2;

/// Whether an answer says what it has cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StatsShown {
    /// Not at all.
    Nothing,
    /// As Prometheus does.
    Totals,
    /// And part by part, under `explain`, which Prometheus has not.
    Parts,
}

impl StatsShown {
    /// What `stats` asks for: any text for totals, `explain` for the parts too.
    pub(super) fn of(params: &Params) -> Self {
        match params.get("stats") {
            None => Self::Nothing,
            Some("explain") => Self::Parts,
            Some(_) => Self::Totals,
        }
    }
}

/// The answer. Called on a thread that may block.
pub(super) fn answer(output: QueryOutput, stats: StatsShown) -> Response {
    let notes = Notes {
        warnings: output.annotations.warnings.clone(),
        infos: output.annotations.infos.clone(),
    };
    if samples(&output.value) <= SAMPLES_AT_ONCE_MAX {
        return success(&notes, |json| {
            // Nobody is told of parts, so nobody ends it.
            let _ = write_data(json, &output, stats, &mut |_| Ok(()));
        });
    }
    let (parts, body) = mpsc::channel::<Result<Bytes, Infallible>>(PARTS_WAITING_MAX);
    tokio::task::spawn_blocking(move || {
        let send = |json: &mut JsonWriter| {
            parts.blocking_send(Ok(json.take().into())).map_err(|_| ClientGone)
        };
        let mut json = JsonWriter::default();
        json.raw(r#"{"status":"success","data":"#);
        write_data(&mut json, &output, stats, &mut |json| {
            if json.len() < PART_BYTES { Ok(()) } else { send(json) }
        })?;
        notes.write(&mut json);
        json.raw("}");
        send(&mut json)
    });
    let headers = [(header::CONTENT_TYPE, "application/json")];
    (StatusCode::OK, headers, Body::new(ChannelBody(body))).into_response()
}

/// The client took no further parts.
struct ClientGone;

fn samples(value: &Value) -> usize {
    match value {
        Value::Scalar { .. } | Value::String { .. } => 1,
        Value::Vector(samples) => samples.len(),
        Value::Matrix(series) => {
            let len = |columns: &SampleColumns| columns.floats.len() + columns.histograms.len();
            series.iter().map(|series| len(&series.samples)).sum()
        }
    }
}

/// Writes `data`; `part` is offered the text after each series and may take it away.
fn write_data(
    json: &mut JsonWriter,
    output: &QueryOutput,
    stats: StatsShown,
    part: &mut dyn FnMut(&mut JsonWriter) -> Result<(), ClientGone>,
) -> Result<(), ClientGone> {
    json.raw(r#"{"resultType":"#);
    write_value(json, &output.value, part)?;
    if stats != StatsShown::Nothing {
        json.raw(r#","stats":"#);
        write_stats(json, &output.stats, stats);
    }
    json.raw("}");
    Ok(())
}

fn write_value(
    json: &mut JsonWriter,
    value: &Value,
    part: &mut dyn FnMut(&mut JsonWriter) -> Result<(), ClientGone>,
) -> Result<(), ClientGone> {
    match value {
        Value::Scalar { timestamp, value } => {
            json.raw(r#""scalar","result":"#);
            json.scalar(*timestamp, *value);
        }
        Value::String { timestamp, value } => {
            json.raw(r#""string","result":["#);
            json.seconds(*timestamp);
            json.raw(",");
            json.string(value);
            json.raw("]");
        }
        Value::Vector(samples) => {
            json.raw(r#""vector","result":["#);
            for (index, sample) in samples.iter().enumerate() {
                json.raw(if index > 0 { "," } else { "" });
                json.raw(r#"{"metric":"#);
                json.labels(&sample.labels);
                match &sample.value {
                    SampleValue::Float(value) => {
                        json.raw(r#","value":"#);
                        json.sample(sample.timestamp, *value);
                    }
                    SampleValue::Histogram(histogram) => {
                        json.raw(r#","histogram":"#);
                        json.histogram_sample(sample.timestamp, histogram);
                    }
                }
                json.raw("}");
                part(json)?;
            }
            json.raw("]");
        }
        Value::Matrix(series) => {
            json.raw(r#""matrix","result":["#);
            for (index, series) in series.iter().enumerate() {
                json.raw(if index > 0 { "," } else { "" });
                json.raw(r#"{"metric":"#);
                json.labels(&series.labels);
                write_columns(json, &series.samples);
                json.raw("}");
                part(json)?;
            }
            json.raw("]");
        }
    }
    Ok(())
}

fn write_columns(json: &mut JsonWriter, columns: &SampleColumns) {
    let (floats, histograms) = (&columns.floats, &columns.histograms);
    if !floats.is_empty() {
        json.raw(r#","values":"#);
        json.array(floats.timestamps.iter().zip(&floats.values), |json, (at, value)| {
            json.sample(*at, *value);
        });
    }
    if !histograms.is_empty() {
        json.raw(r#","histograms":"#);
        json.array(
            histograms.timestamps.iter().zip(&histograms.histograms),
            |json, (at, value)| {
                json.histogram_sample(*at, value);
            },
        );
    }
}

fn write_stats(json: &mut JsonWriter, stats: &QueryStats, shown: StatsShown) {
    let timings = &stats.timings;
    let seconds = [
        ("evalTotalTime", timings.eval_total),
        ("resultSortTime", timings.result_sort),
        ("queryPreparationTime", timings.query_preparation),
        ("innerEvalTime", timings.inner_eval),
        ("execQueueTime", timings.exec_queue),
        ("execTotalTime", timings.exec_total),
    ];
    json.raw(r#"{"timings":{"#);
    for (index, (name, duration)) in seconds.into_iter().enumerate() {
        json.raw(if index > 0 { "," } else { "" });
        json.string(name);
        json.raw(":");
        json.number(duration.as_secs_f64());
    }
    json.raw(r#"},"samples":{"totalQueryableSamples":"#);
    json.number(stats.samples.total_queryable);
    json.raw(r#","peakSamples":"#);
    json.number(stats.samples.peak);
    if !stats.samples.per_step.is_empty() {
        json.raw(r#","totalQueryableSamplesPerStep":"#);
        json.array(&stats.samples.per_step, |json, (at, count)| {
            json.raw("[");
            json.seconds(*at);
            json.raw(",");
            json.number(count);
            json.raw("]");
        });
    }
    json.raw("}");
    if shown == StatsShown::Parts {
        json.raw(r#","explain":"#);
        json.raw(&explained(stats).to_string());
    }
    json.raw("}");
}

/// What the store read and left out, and what each part of the expression has cost.
fn explained(stats: &QueryStats) -> serde_json::Value {
    let read = |select: &SelectStats| {
        json!({
            "blocksRead": select.blocks_read,
            "blocksPruned": select.blocks_pruned,
            "chunksRead": select.chunks_read,
            "chunksPruned": select.chunks_pruned,
            "chunksDamaged": select.chunks_damaged,
            "bytesRead": select.bytes_read,
            "samplesDecoded": select.samples_decoded,
        })
    };
    let part = |node: &ExplainNode| {
        json!({
            "start": node.span.0,
            "end": node.span.1,
            "depth": node.depth,
            "seconds": node.duration.as_secs_f64(),
            "series": node.series,
            "points": node.points,
            "read": read(&node.select),
        })
    };
    let parts = stats.explain.iter().flat_map(|explain| &explain.nodes).map(part);
    json!({
        "seriesSelected": stats.series_selected,
        "peakMemoryBytes": stats.peak_memory_bytes,
        "read": read(&stats.select),
        "parts": parts.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::query::promql::{Annotations, MatrixSeries};
    use axum::body::to_bytes;
    use model::{Labels, Timestamp};

    fn matrix(series: usize, points: usize) -> QueryOutput {
        let one = |index: usize| {
            let mut samples = SampleColumns::default();
            for point in 0..points {
                samples.floats.push(Timestamp::from_millis(point as i64 * 1000), 0.5);
            }
            MatrixSeries { labels: Labels::from_pairs([("i", index.to_string())]), samples }
        };
        QueryOutput {
            value: Value::Matrix((0..series).map(one).collect()),
            annotations: Annotations { warnings: vec!["careful".to_owned()], infos: Vec::new() },
            stats: QueryStats::default(),
        }
    }

    async fn body(output: QueryOutput) -> serde_json::Value {
        let response =
            tokio::task::spawn_blocking(|| answer(output, StatsShown::Totals)).await.unwrap();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[tokio::test]
    async fn an_answer_in_parts_is_that_at_once() {
        let (at_once, in_parts) = (SAMPLES_AT_ONCE_MAX / 10, SAMPLES_AT_ONCE_MAX / 10 + 1);
        let (small, large) = (body(matrix(at_once, 10)).await, body(matrix(in_parts, 10)).await);
        for (answer, series) in [(&small, at_once), (&large, in_parts)] {
            assert_eq!(answer["data"]["result"].as_array().unwrap().len(), series);
            assert_eq!(answer["warnings"], serde_json::json!(["careful"]));
            assert!(answer["data"]["stats"]["timings"].is_object());
        }
        assert_eq!(small["data"]["result"][7], large["data"]["result"][7]);
    }

    #[tokio::test]
    async fn nothing_more_is_written_for_a_client_that_went() {
        let output = matrix(SAMPLES_AT_ONCE_MAX, 11);
        let response =
            tokio::task::spawn_blocking(|| answer(output, StatsShown::Nothing)).await.unwrap();
        // The runtime of the test would wait for the writer for ever.
        drop(response);
    }
}
