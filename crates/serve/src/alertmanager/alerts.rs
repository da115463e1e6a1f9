//! `/api/v2/alerts`.

use alerting::alertmanager::{AlertView, wire};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use model::Timestamp;
use serde_json::{Map, Value, json};

use super::AlertmanagerState;
use super::answer::{Fault, check_is_json, shown};
use super::filter::AlertFilter;
use crate::prometheus::params::Params;

/// `GET /api/v2/alerts`
pub(super) async fn list(
    State(state): State<AlertmanagerState>,
    params: Params,
) -> Result<Json<Value>, Fault> {
    let filter = AlertFilter::of(&params)?;
    let mut views = state.alertmanager.lock().alert_views(Timestamp::now());
    views.retain(|view| {
        filter.takes(view) && view.receivers.iter().any(|name| filter.takes_receiver(name))
    });
    views.sort_by_key(|view| view.alert.fingerprint());
    Ok(Json(views.iter().map(alert).collect()))
}

/// `POST /api/v2/alerts`: the good alerts of a body are taken, and on disk when
/// the sender hears of it; others are named in the answer.
pub(super) async fn post(
    State(state): State<AlertmanagerState>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Fault> {
    check_is_json(&headers)?;
    if body.is_empty() {
        return Err(Fault::required("alerts"));
    }
    let posted = wire::decode(&body).map_err(|error| match error {
        wire::WireError::NoLabels { .. } => {
            Fault::Form(StatusCode::UNPROCESSABLE_ENTITY, 602, error.to_string())
        }
        wire::WireError::Malformed(_) | wire::WireError::TooMany { .. } => Fault::unreadable(error),
    })?;
    let outcome = state.alertmanager.lock().put_alerts(posted, Timestamp::now());
    (state.keep)().await.map_err(Fault::internal)?;
    if outcome.refused.is_empty() {
        return Ok(StatusCode::OK);
    }
    let reasons: Vec<String> = outcome.refused.iter().map(|(_, why)| why.to_string()).collect();
    Err(Fault::bad(reasons.join("; ")))
}

/// An alert as the API shows it.
pub(super) fn alert(view: &AlertView) -> Value {
    let alert = &view.alert;
    let inhibited_by: Vec<String> =
        view.mutes.inhibited_by.iter().map(ToString::to_string).collect();
    let silenced_by: Vec<&str> = view.mutes.silenced_by.iter().map(|id| id.0.as_str()).collect();
    let receivers = view.receivers.iter().map(|name| json!({ "name": name }));
    let labels = alert.labels.iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
    let mut shown_alert = json!({
        "annotations": alert.annotations,
        "endsAt": shown(alert.ends_at),
        "fingerprint": alert.fingerprint().to_string(),
        "receivers": receivers.collect::<Value>(),
        "startsAt": shown(alert.starts_at),
        "status": {
            "inhibitedBy": inhibited_by,
            "mutedBy": view.muted_by_intervals,
            "silencedBy": silenced_by,
            "state": view.state(),
        },
        "updatedAt": shown(alert.updated_at),
        "labels": labels.collect::<Map<_, _>>(),
    });
    if !alert.generator_url.is_empty() {
        shown_alert["generatorURL"] = alert.generator_url.as_str().into();
    }
    shown_alert
}
