//! `/targets`, `/targets/metadata`, `/scrape_pools`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use model::{Labels, MetricKind, Timestamp};
use serde_json::{Value, json};

use super::PrometheusState;
use super::params::Params;
use super::respond::{ApiError, success_value};

/// All targets at one moment.
#[derive(Clone, Debug, Default)]
pub struct TargetsView {
    /// Jobs, by name.
    pub pools: Vec<String>,
    /// Targets that are scraped.
    pub active: Vec<ActiveTargetView>,
    /// Targets that relabelling dropped: their job and discovered labels.
    pub dropped: Vec<(String, Labels)>,
    /// How many were dropped, by job.
    pub dropped_counts: BTreeMap<String, u64>,
}

/// A target that is scraped.
#[derive(Clone, Debug)]
pub struct ActiveTargetView {
    /// Its job.
    pub pool: String,
    /// What discovery said.
    pub discovered: Labels,
    /// The labels of its samples.
    pub labels: Labels,
    /// Where it is scraped.
    pub url: String,
    /// `up`, `down` or `unknown`.
    pub health: &'static str,
    /// Why the last scrape failed, or empty.
    pub last_error: String,
    /// When it was scraped last.
    pub last_scrape: Option<Timestamp>,
    /// How long that took, in seconds.
    pub last_duration_secs: f64,
    /// How often, such as `15s`.
    pub interval: String,
    /// After how long a scrape is given up.
    pub timeout: String,
    /// Its metric families: name, type, help, unit.
    pub metadata: Arc<Vec<FamilyView>>,
}

/// What a target says of one metric family.
#[derive(Clone, Debug)]
pub struct FamilyView {
    /// The family.
    pub family: String,
    /// Its type.
    pub kind: MetricKind,
    /// Its help text.
    pub help: String,
    /// Its unit.
    pub unit: String,
}

/// `/api/v1/targets`
pub async fn targets(State(state): State<PrometheusState>, params: Params) -> Response {
    let view = (state.targets)();
    let wanted = params.get("state").unwrap_or("any").to_ascii_lowercase();
    let pool = params.get("scrapePool");
    let is_wanted = |name: &str| pool.is_none_or(|pool| pool == name);
    let mut data = json!({ "activeTargets": [], "droppedTargets": [] });
    if wanted == "any" || wanted == "active" {
        let active = view.active.iter().filter(|target| is_wanted(&target.pool)).map(active_json);
        data["activeTargets"] = active.collect();
    }
    if wanted == "any" || wanted == "dropped" {
        let dropped = view.dropped.iter().filter(|(pool, _)| is_wanted(pool));
        data["droppedTargets"] = dropped
            .map(|(pool, labels)| json!({ "discoveredLabels": object(labels), "scrapePool": pool }))
            .collect();
        data["droppedTargetCounts"] = json!(view.dropped_counts);
    }
    success_value(&data)
}

fn active_json(target: &ActiveTargetView) -> Value {
    json!({
        "discoveredLabels": object(&target.discovered),
        "labels": object(&target.labels),
        "scrapePool": target.pool,
        "scrapeUrl": target.url,
        "globalUrl": target.url,
        "lastError": target.last_error,
        "lastScrape": rfc3339(target.last_scrape),
        "lastScrapeDuration": target.last_duration_secs,
        "health": target.health,
        "scrapeInterval": target.interval,
        "scrapeTimeout": target.timeout,
    })
}

fn object(labels: &Labels) -> Value {
    labels.iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
}

/// A time as Go's JSON writes it; its zero time where there is none.
pub(super) fn rfc3339(at: Option<Timestamp>) -> String {
    at.and_then(|at| jiff::Timestamp::from_millisecond(at.as_millis()).ok())
        .map_or_else(|| "0001-01-01T00:00:00Z".to_owned(), |at| at.to_string())
}

/// `/api/v1/targets/metadata`
pub async fn metadata(
    State(state): State<PrometheusState>,
    params: Params,
) -> Result<Response, ApiError> {
    let matchers = match params.get("match_target") {
        Some(text) => ::query::promql::parse_selector(text)
            .map_err(|error| ApiError::parameter("match_target", error))?,
        None => Vec::new(),
    };
    let limit = params.lenient_limit("limit")?;
    let metric = params.get("metric");
    let view = (state.targets)();
    let mut rows = Vec::new();
    for target in &view.active {
        if !matchers.iter().all(|matcher| matcher.matches_labels(&target.labels)) {
            continue;
        }
        for family in target.metadata.iter() {
            if metric.is_some_and(|metric| metric != family.family) {
                continue;
            }
            let mut row = json!({
                "target": object(&target.labels),
                "type": family.kind.as_str(),
                "help": family.help,
                "unit": family.unit,
            });
            if metric.is_none() {
                row["metric"] = Value::from(family.family.as_str());
            }
            rows.push(row);
        }
    }
    rows.truncate(limit);
    Ok(success_value(&Value::from(rows)))
}

/// `/api/v1/scrape_pools`
pub async fn pools(State(state): State<PrometheusState>) -> Response {
    success_value(&json!({ "scrapePools": (state.targets)().pools }))
}
