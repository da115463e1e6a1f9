//! The versions of a dashboard: listed, read, restored.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use state::dashboards::{Dashboard, Expected, NewBody, Version};

use super::GrafanaState;
use super::account::LOGIN;
use super::body::DashboardBody;
use super::dashboards::{numbered, saved_answer};
use super::error::GrafanaError;
use super::folders::FolderTree;
use super::request::{Body, Query, blocking, rfc3339};

fn shown(dashboard: &Dashboard, version: &Version) -> Value {
    json!({
        "id": version.id,
        "dashboardId": dashboard.id,
        "uid": dashboard.uid,
        "parentVersion": version.parent_version,
        "restoredFrom": version.restored_from,
        "version": version.version,
        "created": rfc3339(version.created),
        "createdBy": LOGIN,
        "message": version.message,
    })
}

fn part(state: &GrafanaState, uid: &str, query: &Query) -> Result<Vec<Value>, GrafanaError> {
    let (dashboard, versions) = state.dashboards.versions(uid)?;
    let count = |name| {
        query.number(name).map(|number| number.and_then(|number| usize::try_from(number).ok()))
    };
    let skip = count("start")?.unwrap_or(0);
    let limit = count("limit")?.filter(|limit| *limit > 0).unwrap_or(usize::MAX);
    let part = versions.iter().skip(skip).take(limit);
    Ok(part.map(|version| shown(&dashboard, version)).collect())
}

/// `GET /api/dashboards/uid/{uid}/versions`, newest first.
pub(super) async fn list(
    State(state): State<GrafanaState>,
    Path(uid): Path<String>,
    query: Query,
) -> Result<Json<Value>, GrafanaError> {
    // All that are kept fit into one answer: there is nothing to continue with.
    blocking(move || {
        Ok(Json(json!({"continueToken": "", "versions": part(&state, &uid, &query)?})))
    })
    .await
}

/// `GET /api/dashboards/id/{id}/versions`: the older path, whose answer is the list itself.
pub(super) async fn list_by_id(
    State(state): State<GrafanaState>,
    Path(id): Path<i64>,
    query: Query,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        let uid = state.dashboards.uid(id)?;
        Ok(Json(part(&state, &uid, &query)?.into()))
    })
    .await
}

#[derive(Serialize)]
struct WithData {
    #[serde(flatten)]
    version: serde_json::Map<String, Value>,
    data: Box<RawValue>,
}

/// `GET /api/dashboards/uid/{uid}/versions/{version}`
pub(super) async fn get(
    State(state): State<GrafanaState>,
    Path((uid, number)): Path<(String, i64)>,
) -> Result<Response, GrafanaError> {
    blocking(move || one(&state, &uid, number)).await
}

/// `GET /api/dashboards/id/{id}/versions/{version}`
pub(super) async fn get_by_id(
    State(state): State<GrafanaState>,
    Path((id, number)): Path<(i64, i64)>,
) -> Result<Response, GrafanaError> {
    blocking(move || one(&state, &state.dashboards.uid(id)?, number)).await
}

fn one(state: &GrafanaState, uid: &str, number: i64) -> Result<Response, GrafanaError> {
    let (dashboard, version, body) = state.dashboards.version(uid, number)?;
    let data = numbered(&dashboard, &body, version.version)?;
    let Value::Object(version) = shown(&dashboard, &version) else { unreachable!("an object") };
    Ok(Json(WithData { version, data }).into_response())
}

/// `POST /api/dashboards/uid/{uid}/restore`
pub(super) async fn restore(
    State(state): State<GrafanaState>,
    Path(uid): Path<String>,
    body: Body,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || restored(&state, &uid, &body)).await
}

/// `POST /api/dashboards/id/{id}/restore`
pub(super) async fn restore_by_id(
    State(state): State<GrafanaState>,
    Path(id): Path<i64>,
    body: Body,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || restored(&state, &state.dashboards.uid(id)?, &body)).await
}

fn restored(state: &GrafanaState, uid: &str, body: &Body) -> Result<Json<Value>, GrafanaError> {
    let number: i64 = body.document()?.read("version").ok_or_else(|| {
        GrafanaError::bad_request("bad request data: the body has no \"version\"")
    })?;
    let (dashboard, _, text) = state.dashboards.version(uid, number)?;
    if number == dashboard.version {
        return Err(GrafanaError::bad_request(
            "Current dashboard is identical to the specified version",
        ));
    }
    let old = DashboardBody::read(&text)?;
    let tree = FolderTree::read(&state.dashboards)?;
    let folder_uid = tree.get(dashboard.folder_id).map(|folder| folder.uid.as_str());
    let saved = state.dashboards.save(
        &NewBody {
            uid,
            folder_uid,
            title: &old.title,
            tags: &old.tags,
            metadata: None,
            origin: state::dashboards::Origin::Saved,
            body: &text,
            message: &format!("Restored from version {number}"),
            restored_from: number,
        },
        Expected::Version(dashboard.version),
    )?;
    Ok(Json(saved_answer(&saved, folder_uid)))
}
