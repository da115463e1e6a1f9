//! `/status/…`: what the server says of itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use model::Timestamp;
use serde_json::{Value, json};
use storage::CardinalityEntry;

use super::PrometheusState;
use super::params::Params;
use super::query::run_blocking;
use super::respond::{ApiError, ErrorType, success_value};
use super::targets::rfc3339;

/// How many rows a cardinality table has where the request does not say.
const TOP_DEFAULT: usize = 10;
/// The most rows of a cardinality table.
const TOP_MAX: usize = 10_000;

/// What the server says of itself.
pub struct ServerInfo {
    /// Version, revision and so on, as `/status/buildinfo` names them.
    pub build: BTreeMap<&'static str, String>,
    /// Flags and their values.
    pub flags: BTreeMap<String, String>,
    /// The configuration as YAML, secrets masked. A reload changes it.
    pub config_yaml: Arc<dyn Fn() -> String + Send + Sync>,
    /// When the process started.
    pub started: Timestamp,
    /// Where it was started.
    pub working_dir: String,
    /// For how long samples are kept, such as `15d`.
    pub retention: String,
    /// The host's name.
    pub hostname: String,
    /// When the configuration was read last, and whether that went well.
    pub last_reload: Arc<dyn Fn() -> (bool, Timestamp) + Send + Sync>,
}

/// `/api/v1/status/config`
pub async fn config(State(state): State<PrometheusState>) -> Response {
    success_value(&json!({ "yaml": (state.info.config_yaml)() }))
}

/// `/api/v1/status/flags`
pub async fn flags(State(state): State<PrometheusState>) -> Response {
    success_value(&json!(state.info.flags))
}

/// `/api/v1/status/buildinfo`
pub async fn build(State(state): State<PrometheusState>) -> Response {
    success_value(&json!(state.info.build))
}

/// `/api/v1/status/runtimeinfo`
pub async fn runtime(State(state): State<PrometheusState>) -> Response {
    let info = &state.info;
    let (is_reloaded, reloaded) = (info.last_reload)();
    let status = state.store.status(0);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    // The fields of Go's runtime are there because clients expect them; tasks are what
    // goroutines are there.
    success_value(&json!({
        "startTime": rfc3339(Some(info.started)),
        "CWD": info.working_dir,
        "hostname": info.hostname,
        "reloadConfigSuccess": is_reloaded,
        "lastConfigTime": rfc3339(Some(reloaded)),
        "corruptionCount": status.replay.damaged_records,
        "storageRetention": info.retention,
        "serverTime": rfc3339(Some(Timestamp::now())),
        "goroutineCount": tokio::runtime::Handle::current().metrics().num_alive_tasks(),
        "GOMAXPROCS": threads,
        "GOMEMLIMIT": 0,
        "GOGC": "",
        "GODEBUG": "",
    }))
}

/// `/api/v1/status/tsdb`
pub async fn tsdb(
    State(state): State<PrometheusState>,
    params: Params,
) -> Result<Response, ApiError> {
    let top =
        match params.get("limit") {
            None => TOP_DEFAULT,
            Some(text) => text.parse().ok().filter(|top| *top > 0).ok_or_else(|| {
                ApiError::new(ErrorType::BadData, "limit must be a positive number")
            })?,
        };
    if top > TOP_MAX {
        let message = format!("limit must not exceed {TOP_MAX}");
        return Err(ApiError::new(ErrorType::BadData, message));
    }
    let status = run_blocking(move |_| Ok(state.store.status(top))).await?;
    let rows = |entries: &[CardinalityEntry]| -> Value {
        entries.iter().map(|entry| json!({ "name": entry.name, "value": entry.value })).collect()
    };
    // Prometheus' own values for an empty head.
    let (min, max) = status
        .head
        .range
        .map_or((i64::MAX, i64::MIN), |range| (range.start.as_millis(), range.end.as_millis()));
    Ok(success_value(&json!({
        "headStats": {
            "numSeries": status.head.series,
            "numLabelPairs": status.head.label_pairs,
            "chunkCount": status.head.chunks,
            "minTime": min,
            "maxTime": max,
        },
        "seriesCountByMetricName": rows(&status.series_by_metric),
        "labelValueCountByLabelName": rows(&status.values_by_label),
        "memoryInBytesByLabelName": rows(&status.bytes_by_label),
        "seriesCountByLabelValuePair": rows(&status.series_by_pair),
    })))
}

/// `/api/v1/status/walreplay`
pub async fn wal_replay(State(state): State<PrometheusState>) -> Response {
    let replay = state.store.status(0).replay;
    success_value(&json!({
        "min": replay.min,
        "max": replay.max,
        "current": replay.current,
    }))
}
