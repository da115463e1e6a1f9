//! Our own `/attempts`: who was told what, when, and what went wrong.

use alerting::alertmanager::Attempt;
use alerting::notify::Verdict;
use alerting::notify::log::NotifyReason;
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::AlertmanagerState;
use super::answer::shown;
use crate::prometheus::ApiError;
use crate::prometheus::params::Params;

/// How many are shown where the request does not say.
const LIMIT_DEFAULT: usize = 100;

/// `GET …/attempts?limit=N`, newest first.
pub(super) async fn attempts(
    State(state): State<AlertmanagerState>,
    params: Params,
) -> Result<Json<Value>, ApiError> {
    let limit = params.limit()?.unwrap_or(LIMIT_DEFAULT);
    let core = state.alertmanager.lock();
    let newest: Vec<Value> = core.attempts().rev().take(limit).map(attempt).collect();
    Ok(Json(json!({ "attempts": newest })))
}

fn attempt(attempt: &Attempt) -> Value {
    let (outcome, error) = match &attempt.outcome {
        Verdict::Sent => ("sent", None),
        Verdict::Retry(reason) if attempt.is_last => ("failed", Some(reason)),
        Verdict::Retry(reason) => ("retried", Some(reason)),
        Verdict::Failed(reason) => ("failed", Some(reason)),
    };
    json!({
        "at": shown(attempt.at),
        "groupKey": attempt.key.group_key,
        "receiver": attempt.key.receiver,
        "integration": attempt.key.integration,
        "index": attempt.key.index,
        "reason": reason(attempt.reason),
        "number": attempt.number,
        "firing": attempt.alerts.0,
        "resolved": attempt.alerts.1,
        "outcome": outcome,
        "error": error,
        "isLast": attempt.is_last,
    })
}

const fn reason(reason: NotifyReason) -> &'static str {
    match reason {
        NotifyReason::First => "first",
        NotifyReason::NewAlerts => "new_alerts",
        NotifyReason::AllResolved => "all_resolved",
        NotifyReason::NewResolved => "new_resolved",
        NotifyReason::Repeat => "repeat",
    }
}
