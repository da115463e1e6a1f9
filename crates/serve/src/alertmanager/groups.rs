//! `/api/v2/alerts/groups`.

use axum::Json;
use axum::extract::State;
use model::Timestamp;
use serde_json::{Map, Value, json};

use super::AlertmanagerState;
use super::alerts::alert;
use super::answer::Fault;
use super::filter::AlertFilter;
use crate::prometheus::params::Params;

/// `GET /api/v2/alerts/groups`
pub(super) async fn groups(
    State(state): State<AlertmanagerState>,
    params: Params,
) -> Result<Json<Value>, Fault> {
    let filter = AlertFilter::of(&params)?;
    let mut groups = state.alertmanager.lock().group_views(Timestamp::now());
    groups.retain_mut(|group| {
        group.alerts.retain(|view| filter.takes(view));
        filter.takes_receiver(&group.receiver) && !group.alerts.is_empty()
    });
    let shown = groups.iter().map(|group| {
        let labels = group.labels.iter().map(|(n, v)| (n.to_owned(), Value::from(v)));
        json!({
            "alerts": group.alerts.iter().map(alert).collect::<Value>(),
            "labels": labels.collect::<Map<_, _>>(),
            "receiver": { "name": group.receiver },
        })
    });
    Ok(Json(shown.collect()))
}
