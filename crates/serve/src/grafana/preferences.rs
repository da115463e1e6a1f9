//! Preferences of the organisation and its one user, who share them.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::GrafanaState;
use super::error::GrafanaError;
use super::request::{Body, blocking};

/// The name of the preferred home dashboard's uid.
pub(super) const HOME: &str = "homeDashboardUID";
/// What can be preferred.
const NAMES: [&str; 5] = [HOME, "theme", "timezone", "weekStart", "language"];
/// The longest value, in bytes.
const VALUE_BYTES_MAX: usize = 256;

/// `GET /api/org/preferences`, `GET /api/user/preferences`
pub(super) async fn get(State(state): State<GrafanaState>) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        let set = state.preferences.all()?;
        let value = |name: &str| set.get(name).cloned().unwrap_or_default();
        Ok(Json(NAMES.iter().map(|name| ((*name).to_owned(), json!(value(name)))).collect()))
    })
    .await
}

/// `PUT`: those that are not named are unset.
pub(super) async fn replace(
    State(state): State<GrafanaState>,
    body: Body,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || write(&state, &body, true)).await
}

/// `PATCH`: those that are not named stay.
pub(super) async fn change(
    State(state): State<GrafanaState>,
    body: Body,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || write(&state, &body, false)).await
}

fn write(state: &GrafanaState, body: &Body, is_all: bool) -> Result<Json<Value>, GrafanaError> {
    let wanted = body.document()?;
    let mut values = Vec::new();
    for name in NAMES {
        let value: Option<String> = wanted.read(name);
        if value.as_ref().is_some_and(|value| value.len() > VALUE_BYTES_MAX) {
            let message = format!("{name} is longer than {VALUE_BYTES_MAX} bytes");
            return Err(GrafanaError::bad_request(message));
        }
        if is_all || value.is_some() {
            values.push((name, value.unwrap_or_default()));
        }
    }
    if let Some((_, uid)) = values.iter().find(|(name, uid)| *name == HOME && !uid.is_empty()) {
        state.dashboards.get(uid)?;
    }
    let values: Vec<(&str, &str)> =
        values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    state.preferences.set(&values)?;
    Ok(Json(json!({"message": "Preferences updated"})))
}
