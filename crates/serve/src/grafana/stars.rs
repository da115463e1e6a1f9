//! `/api/user/stars`.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::GrafanaState;
use super::error::GrafanaError;
use super::request::blocking;

/// `GET /api/user/stars`: the uids of starred dashboards.
pub(super) async fn list(State(state): State<GrafanaState>) -> Result<Json<Value>, GrafanaError> {
    blocking(move || Ok(Json(state.dashboards.stars()?.into()))).await
}

/// `POST /api/user/stars/dashboard/uid/{uid}`
pub(super) async fn add(
    State(state): State<GrafanaState>,
    Path(uid): Path<String>,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        state.dashboards.star(&uid, true)?;
        Ok(Json(json!({"message": "Dashboard starred!"})))
    })
    .await
}

/// `DELETE /api/user/stars/dashboard/uid/{uid}`
pub(super) async fn remove(
    State(state): State<GrafanaState>,
    Path(uid): Path<String>,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        state.dashboards.star(&uid, false)?;
        Ok(Json(json!({"message": "Dashboard unstarred"})))
    })
    .await
}
