//! `/api/ds/query`: queries of data sources, answered in frames.
//!
//! They are asked of the Prometheus API, so that limits, errors and cancelling are those.

mod frames;
mod range;

use axum::Json;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::PromDuration;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use url::form_urlencoded::Serializer;

use super::GrafanaState;
use super::data_sources::{self, ask};
use super::error::GrafanaError;
use super::request::Body;
use frames::Legend;
use range::{Range, parse_range};

/// The most queries of one request.
const QUERIES_MAX: usize = 100;
/// The largest answer of the Prometheus API that becomes frames.
const ANSWER_BYTES_MAX: usize = 256 << 20;
/// The points of a series where a query does not say how many.
const POINTS_DEFAULT: i64 = 100;
/// The most points of a series that a range query may ask for.
const POINTS_MAX: i64 = 11_000;

/// A query as clients send it; of its many other members none changes the data. Members that
/// are not set may be missing or null.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Query {
    #[serde(deserialize_with = "or_default")]
    ref_id: String,
    datasource: Value,
    datasource_id: Option<i64>,
    #[serde(deserialize_with = "or_default")]
    expr: String,
    /// How some clients name the expression.
    #[serde(deserialize_with = "or_default")]
    query: String,
    #[serde(deserialize_with = "or_default")]
    instant: bool,
    #[serde(deserialize_with = "or_default")]
    range: bool,
    #[serde(deserialize_with = "or_default")]
    hide: bool,
    #[serde(deserialize_with = "or_default")]
    format: String,
    #[serde(deserialize_with = "or_default")]
    legend_format: String,
    #[serde(deserialize_with = "or_default")]
    interval: String,
    interval_ms: Option<f64>,
    max_data_points: Option<f64>,
}

fn or_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// `POST /api/ds/query`
pub(super) async fn query(
    State(state): State<GrafanaState>,
    body: Body,
) -> Result<Response, GrafanaError> {
    let document = body.document()?;
    let text = document
        .get("queries")
        .ok_or_else(|| GrafanaError::bad_request("bad request data: no queries found"))?;
    let queries: Vec<Query> =
        serde_json::from_str(text).map_err(|error| GrafanaError::json("queries", &error))?;
    if queries.is_empty() || queries.len() > QUERIES_MAX {
        let message = format!("a request has from 1 to {QUERIES_MAX} queries");
        return Err(GrafanaError::bad_request(message));
    }
    let range = parse_range(&document)?;
    let (mut results, mut status) = (Map::new(), StatusCode::OK);
    for query in queries.iter().filter(|query| !query.hide) {
        let result = match answer(&state, query, range).await {
            Ok(frames) => json!({"status": 200, "frames": frames}),
            Err(error) => {
                status = StatusCode::BAD_REQUEST;
                json!({
                    "status": error.status.as_u16(),
                    "error": error.message,
                    "errorSource": "downstream",
                    "frames": [],
                })
            }
        };
        let ref_id = if query.ref_id.is_empty() { "A" } else { &query.ref_id };
        results.insert(ref_id.to_owned(), result);
    }
    Ok((status, Json(json!({"results": results}))).into_response())
}

async fn answer(
    state: &GrafanaState,
    query: &Query,
    range: Range,
) -> Result<Vec<Value>, GrafanaError> {
    let source = match (&query.datasource, query.datasource_id) {
        (Value::String(name), _) => name.clone(),
        (Value::Object(source), _) => match source.get("uid").and_then(Value::as_str) {
            Some(uid) => uid.to_owned(),
            None => data_sources::PROMETHEUS.uid.to_owned(),
        },
        (_, Some(id)) => id.to_string(),
        _ => data_sources::PROMETHEUS.uid.to_owned(),
    };
    data_sources::find(&source)?;
    let expr = if query.expr.is_empty() { &query.query } else { &query.expr };
    let step_ms = step_ms(query, range);
    let expr = range::interpolate(expr, range, step_ms);
    let mut frames = Vec::new();
    let legend = Legend { ref_id: &query.ref_id, format: &query.legend_format };
    if query.range || !query.instant {
        let seconds = |ms: i64| format!("{}.{:03}", ms / 1000, ms % 1000);
        // Aligned to the step, so that a range that moves on asks for the same points.
        let start = range.from_ms.div_euclid(step_ms) * step_ms;
        let end = range.to_ms.div_euclid(step_ms) * step_ms;
        let form = [
            ("query", expr.clone()),
            ("start", seconds(start)),
            ("end", seconds(end)),
            ("step", seconds(step_ms)),
        ];
        let data = post(state, "/api/v1/query_range", &form).await?;
        frames.extend(frames::of(&data, &legend, &expr, Some(step_ms), false)?);
    }
    if query.instant {
        let time = format!("{}.{:03}", range.to_ms / 1000, range.to_ms % 1000);
        let form = [("query", expr.clone()), ("time", time)];
        let data = post(state, "/api/v1/query", &form).await?;
        frames.extend(frames::of(&data, &legend, &expr, None, query.format == "table")?);
    }
    Ok(frames)
}

/// The distance of points: as the query says, else from how many fit, within what is answered.
fn step_ms(query: &Query, range: Range) -> i64 {
    let span_ms = (range.to_ms - range.from_ms).max(0);
    let points = query.max_data_points.map_or(POINTS_DEFAULT, |points| points as i64).max(1);
    let asked = query.interval_ms.map_or(span_ms / points, |ms| ms as i64);
    let least = PromDuration::parse(&query.interval).map_or(0, |least| least.as_millis().get());
    asked.max(least).max(span_ms / (POINTS_MAX - 1) + 1).max(1)
}

async fn post(
    state: &GrafanaState,
    path: &str,
    form: &[(&str, String)],
) -> Result<Value, GrafanaError> {
    let fault = |message: String| GrafanaError::new(StatusCode::INTERNAL_SERVER_ERROR, message);
    let body = Serializer::new(String::new()).extend_pairs(form).finish();
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(body.into())
        .map_err(|error| fault(error.to_string()))?;
    let answer = ask(state, request).await;
    let status = answer.status();
    let bytes = to_bytes(answer.into_body(), ANSWER_BYTES_MAX).await.map_err(|error| {
        fault(format!("the answer exceeds {ANSWER_BYTES_MAX} bytes or broke off: {error}"))
    })?;
    let mut answer: Value =
        serde_json::from_slice(&bytes).map_err(|error| fault(format!("the answer: {error}")))?;
    if !status.is_success() {
        let text = |name: &str| answer[name].as_str().unwrap_or("").to_owned();
        return Err(GrafanaError::new(status, format!("{}: {}", text("errorType"), text("error"))));
    }
    Ok(answer["data"].take())
}
