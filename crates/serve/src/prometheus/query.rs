//! `/query`, `/query_range`, `/query_exemplars`,
//! `/format_query`, `/parse_query`.

use ::query::promql::ast::Expr;
use ::query::promql::{
    InstantQuery, ParseOptions, QueryOptions, QueryOutput, QueryStats, RangeQuery, SampleValue,
    Value, parse, print,
};
use axum::extract::State;
use axum::response::Response;
use model::{Millis, SampleColumns, Timestamp};
use storage::{Cancel, ExemplarRequest};

use super::PrometheusState;
use super::json::JsonWriter;
use super::params::Params;
use super::respond::{ApiError, ErrorType, Notes, success, success_value};

/// The most points of a series that a range query may ask for.
const POINTS_MAX: i64 = 11_000;

/// Runs blocking work on a thread of its own; what it computes is cancelled when
/// the client goes.
pub(super) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce(Cancel) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    struct CancelOnDrop(Cancel);
    impl Drop for CancelOnDrop {
        fn drop(&mut self) {
            self.0.cancel();
        }
    }
    let guard = CancelOnDrop(Cancel::new());
    let cancel = guard.0.clone();
    let result = tokio::task::spawn_blocking(move || work(cancel)).await;
    drop(guard);
    result.unwrap_or_else(|error| {
        tracing::error!(%error, "a request failed inside");
        Err(ApiError::new(ErrorType::Internal, "the request failed inside; the log says more"))
    })
}

/// `/api/v1/query`
pub async fn instant(
    State(state): State<PrometheusState>,
    params: Params,
) -> Result<Response, ApiError> {
    let query = InstantQuery {
        text: params.get("query").unwrap_or("").to_owned(),
        time: params.time("time")?.unwrap_or_else(Timestamp::now),
        options: options(&params)?,
    };
    let with_stats = params.get("stats").is_some();
    run_blocking(move |cancel| {
        let query = InstantQuery { options: QueryOptions { cancel, ..query.options }, ..query };
        let output = state.engine.instant(&state.store, &query)?;
        Ok(answer(&output, with_stats))
    })
    .await
}

/// `/api/v1/query_range`
pub async fn range(
    State(state): State<PrometheusState>,
    params: Params,
) -> Result<Response, ApiError> {
    let (start, end) = (params.required_time("start")?, params.required_time("end")?);
    if end < start {
        return Err(ApiError::parameter("end", "end timestamp must not be before start time"));
    }
    let step = params
        .duration("step")?
        .ok_or_else(|| ApiError::parameter("step", "cannot parse \"\" to a valid duration"))?;
    if step <= Millis::ZERO {
        return Err(ApiError::parameter(
            "step",
            "zero or negative query resolution step widths are not accepted. Try a positive integer",
        ));
    }
    if end.since(start).get() / step.get() > POINTS_MAX {
        return Err(ApiError::new(
            ErrorType::BadData,
            "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
        ));
    }
    let text = params.get("query").unwrap_or("").to_owned();
    let query = RangeQuery { text, start, end, step, options: options(&params)? };
    let with_stats = params.get("stats").is_some();
    run_blocking(move |cancel| {
        let query = RangeQuery { options: QueryOptions { cancel, ..query.options }, ..query };
        let output = state.engine.range(&state.store, &query)?;
        Ok(answer(&output, with_stats))
    })
    .await
}

fn options(params: &Params) -> Result<QueryOptions, ApiError> {
    Ok(QueryOptions {
        lookback: params.duration("lookback_delta")?,
        timeout: params.timeout()?,
        cancel: Cancel::new(),
        limit: params.limit()?,
        explain: params.get("stats") == Some("all"),
    })
}

fn answer(output: &QueryOutput, with_stats: bool) -> Response {
    let notes = Notes {
        warnings: output.annotations.warnings.clone(),
        infos: output.annotations.infos.clone(),
    };
    success(&notes, |json| {
        json.raw(r#"{"resultType":"#);
        write_value(json, &output.value);
        if with_stats {
            json.raw(r#","stats":"#);
            write_stats(json, &output.stats);
        }
        json.raw("}");
    })
}

fn write_value(json: &mut JsonWriter, value: &Value) {
    match value {
        Value::Scalar { timestamp, value } => {
            json.raw(r#""scalar","result":"#);
            json.sample(*timestamp, *value);
        }
        Value::String { timestamp, value } => {
            json.raw(r#""string","result":["#);
            json.timestamp(*timestamp);
            json.raw(",");
            json.string(value);
            json.raw("]");
        }
        Value::Vector(samples) => {
            json.raw(r#""vector","result":"#);
            json.array(samples, |json, sample| {
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
            });
        }
        Value::Matrix(series) => {
            json.raw(r#""matrix","result":"#);
            json.array(series, |json, series| {
                json.raw(r#"{"metric":"#);
                json.labels(&series.labels);
                write_columns(json, &series.samples);
                json.raw("}");
            });
        }
    }
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

fn write_stats(json: &mut JsonWriter, stats: &QueryStats) {
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
            json.timestamp(*at);
            json.raw(",");
            json.number(count);
            json.raw("]");
        });
    }
    json.raw("}}");
}

/// `/api/v1/query_exemplars`
pub async fn exemplars(
    State(state): State<PrometheusState>,
    params: Params,
) -> Result<Response, ApiError> {
    let range = params.range()?;
    if range.is_empty() {
        let message = "end timestamp must not be before start timestamp";
        return Err(ApiError::new(ErrorType::BadData, message));
    }
    let expr = parsed(&params)?;
    let mut selectors = Vec::new();
    collect_selectors(&expr, &mut selectors);
    let found = run_blocking(move |cancel| {
        let request = ExemplarRequest { selectors: &selectors, range, cancel: &cancel };
        if selectors.is_empty() { Ok(Vec::new()) } else { Ok(state.store.exemplars(&request)?) }
    })
    .await?;
    Ok(success(&Notes::default(), |json| {
        json.array(&found, |json, series| {
            json.raw(r#"{"seriesLabels":"#);
            json.labels(&series.labels);
            json.raw(r#","exemplars":"#);
            json.array(&series.exemplars, |json, exemplar| {
                json.raw(r#"{"labels":"#);
                json.labels(&exemplar.labels);
                json.raw(r#","value":"#);
                json.value(exemplar.value);
                json.raw(r#","timestamp":"#);
                json.timestamp(exemplar.timestamp);
                json.raw("}");
            });
            json.raw("}");
        });
    }))
}

fn collect_selectors(expr: &Expr, into: &mut Vec<Vec<model::Matcher>>) {
    match expr {
        Expr::Selector(selector) => into.push(selector.matchers.clone()),
        Expr::Range(range) => into.push(range.selector.matchers.clone()),
        other => other.children().into_iter().for_each(|child| collect_selectors(child, into)),
    }
}

/// `/api/v1/format_query`
pub async fn format(params: Params) -> Result<Response, ApiError> {
    let expr = parsed(&params)?;
    Ok(success(&Notes::default(), |json| json.string(&print::pretty(&expr))))
}

/// `/api/v1/parse_query`
pub async fn tree(params: Params) -> Result<Response, ApiError> {
    let expr = parsed(&params)?;
    Ok(success_value(&print::tree(&expr)))
}

fn parsed(params: &Params) -> Result<Expr, ApiError> {
    parse(params.get("query").unwrap_or(""), ParseOptions { experimental: true })
        .map_err(|error| ApiError::parameter("query", error))
}
