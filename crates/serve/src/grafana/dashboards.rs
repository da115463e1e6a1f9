//! `/api/dashboards`: saving, reading, deleting.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use state::dashboards::{Dashboard, Expected, NewBody, Origin, Saved};

use super::GrafanaState;
use super::account::LOGIN;
use super::body::{DashboardBody, new_uid, slug};
use super::document::{Document, quoted};
use super::error::GrafanaError;
use super::folders::{FolderTree, deletion_error, named, url as folder_url};
use super::request::{Body, blocking, rfc3339};

/// The longest message of a version that Grafana accepts, in characters.
const MESSAGE_CHARS_MAX: usize = 500;
/// How clients are told of a time that never was.
const NEVER: &str = "0001-01-01T00:00:00Z";

/// `POST /api/dashboards/db`
pub(super) async fn save(
    State(state): State<GrafanaState>,
    body: Body,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        let command = body.document()?;
        let text = command.get("dashboard").ok_or_else(|| {
            GrafanaError::bad_request("bad request data: the body has no \"dashboard\"")
        })?;
        if command.read("isFolder").unwrap_or(false) {
            let message = "folders are made by POST /api/folders, not here";
            return Err(GrafanaError::bad_request(message));
        }
        let body = DashboardBody::read(text)?;
        let uid = match (&body.uid, body.id) {
            (Some(uid), _) => uid.clone(),
            (None, Some(id)) => state.dashboards.uid(id)?,
            (None, None) => new_uid(),
        };
        let expected = if command.read("overwrite").unwrap_or(false) {
            Expected::Anything
        } else if body.version.is_some() || body.id.is_some() {
            Expected::Version(body.version.unwrap_or_default())
        } else {
            Expected::Nothing
        };
        let folder_uid = folder_of(&state, &command)?;
        let saved = state.dashboards.save(
            &NewBody {
                uid: &uid,
                folder_uid: folder_uid.as_deref(),
                title: &body.title,
                tags: &body.tags,
                metadata: None,
                origin: Origin::Saved,
                body: body.text,
                message: &message(&command)?,
                restored_from: 0,
            },
            expected,
        )?;
        Ok(Json(saved_answer(&saved, folder_uid.as_deref())))
    })
    .await
}

/// The uid of the folder that a command names by uid or by id.
pub(super) fn folder_of(
    state: &GrafanaState,
    command: &Document<'_>,
) -> Result<Option<String>, GrafanaError> {
    if let Some(uid) = command.string("folderUid") {
        return Ok(named(Some(&uid)).map(str::to_owned));
    }
    let Some(id) = command.read("folderId").filter(|id: &i64| *id > 0) else { return Ok(None) };
    let tree = FolderTree::read(&state.dashboards)?;
    let found = tree.get(Some(id)).ok_or_else(|| GrafanaError::not_found("Folder not found"))?;
    Ok(Some(found.uid.clone()))
}

fn message(command: &Document<'_>) -> Result<String, GrafanaError> {
    let message: String = command.read("message").unwrap_or_default();
    if message.chars().count() > MESSAGE_CHARS_MAX {
        return Err(GrafanaError::bad_request("message too long, max 500 characters"));
    }
    Ok(message)
}

/// The answer to a save.
pub(super) fn saved_answer(saved: &Saved, folder_uid: Option<&str>) -> Value {
    let dashboard = &saved.dashboard;
    json!({
        "status": "success",
        "id": dashboard.id,
        "uid": dashboard.uid,
        "url": url(dashboard),
        "slug": slug(&dashboard.title),
        "version": dashboard.version,
        "folderUid": folder_uid.unwrap_or(""),
    })
}

/// The page of a dashboard.
pub(super) fn url(dashboard: &Dashboard) -> String {
    format!("/d/{}/{}", dashboard.uid, slug(&dashboard.title))
}

/// A body with the id, uid and version that it has here.
pub(super) fn numbered(
    dashboard: &Dashboard,
    body: &str,
    version: i64,
) -> Result<Box<RawValue>, GrafanaError> {
    let fault = |error| GrafanaError::json("the stored dashboard", &error);
    let text = Document::parse(body).map_err(fault)?.with(&[
        ("id", dashboard.id.to_string()),
        ("uid", quoted(&dashboard.uid)),
        ("version", version.to_string()),
    ]);
    RawValue::from_string(text).map_err(fault)
}

#[derive(Serialize)]
struct WithMeta {
    meta: Value,
    dashboard: Box<RawValue>,
}

/// `GET /api/dashboards/uid/{uid}`
pub(super) async fn get(
    State(state): State<GrafanaState>,
    Path(uid): Path<String>,
) -> Result<Response, GrafanaError> {
    blocking(move || {
        let (dashboard, body) = state.dashboards.get(&uid)?;
        let meta = meta(&state, &dashboard)?;
        let dashboard = numbered(&dashboard, &body, dashboard.version)?;
        Ok(Json(WithMeta { meta, dashboard }).into_response())
    })
    .await
}

fn meta(state: &GrafanaState, dashboard: &Dashboard) -> Result<Value, GrafanaError> {
    let tree = FolderTree::read(&state.dashboards)?;
    let folder = tree.get(dashboard.folder_id);
    let may_change = !dashboard.origin.is_provisioned();
    let note = json!({"canAdd": true, "canEdit": true, "canDelete": true});
    Ok(json!({
        "type": "db",
        "canSave": may_change,
        "canEdit": true,
        "canAdmin": may_change,
        "canStar": true,
        "canDelete": may_change,
        "isStarred": state.dashboards.stars()?.contains(&dashboard.uid),
        "slug": slug(&dashboard.title),
        "url": url(dashboard),
        "expires": NEVER,
        "created": rfc3339(dashboard.created),
        "updated": rfc3339(dashboard.updated),
        "createdBy": LOGIN,
        "updatedBy": LOGIN,
        "version": dashboard.version,
        "hasAcl": false,
        "isFolder": false,
        "folderId": folder.map_or(0, |folder| folder.id),
        "folderUid": folder.map_or("", |folder| &folder.uid),
        "folderTitle": folder.map_or("General", |folder| &folder.title),
        "folderUrl": folder.map_or_else(String::new, folder_url),
        "provisioned": dashboard.origin.is_provisioned(),
        "provisionedExternalId": match &dashboard.origin {
            Origin::File(path) => path.as_str(),
            Origin::Bundled(name) => name.as_str(),
            Origin::Saved => "",
        },
        "annotationsPermissions": {"dashboard": note, "organization": note},
    }))
}

/// `DELETE /api/dashboards/uid/{uid}`
pub(super) async fn delete(
    State(state): State<GrafanaState>,
    Path(uid): Path<String>,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        let gone = delete_saved(&state, &uid)?;
        Ok(Json(json!({
            "title": gone.title,
            "message": format!("Dashboard {} deleted", gone.title),
            "id": gone.id,
            "uid": gone.uid,
        })))
    })
    .await
}

/// Deletes what is not provisioned.
pub(super) fn delete_saved(state: &GrafanaState, uid: &str) -> Result<Dashboard, GrafanaError> {
    state.dashboards.delete(uid).map_err(deletion_error)
}

/// `GET /api/dashboards/home`: where the preferred one is, or what comes with the program.
pub(super) async fn home(State(state): State<GrafanaState>) -> Result<Response, GrafanaError> {
    blocking(move || {
        let preferences = state.preferences.all()?;
        let preferred =
            preferences.get(super::preferences::HOME).map(|uid| state.dashboards.get(uid));
        if let Some(Ok((dashboard, _))) = preferred {
            return Ok(Json(json!({"redirectUri": url(&dashboard)})).into_response());
        }
        let meta = json!({
            "isHome": true,
            "canSave": false,
            "canEdit": false,
            "canStar": false,
            "url": "",
            "expires": NEVER,
            "created": NEVER,
        });
        let bundled = state.dashboards.list()?.into_iter().find(|dashboard| {
            matches!(&dashboard.origin, Origin::Bundled(name) if name == "service-overview.json")
        });
        let dashboard = match bundled {
            Some(bundled) => {
                let (dashboard, body) = state.dashboards.get(&bundled.uid)?;
                numbered(&dashboard, &body, dashboard.version)?.get().to_owned()
            }
            None => json!({"title": "Home", "panels": [], "tags": [], "version": 1}).to_string(),
        };
        let body = format!("{{\"meta\":{meta},\"dashboard\":{dashboard}}}");
        Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
    })
    .await
}

/// `GET /api/dashboards/tags`
pub(super) async fn tags(State(state): State<GrafanaState>) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        let mut counts = std::collections::BTreeMap::new();
        for tag in state.dashboards.list()?.into_iter().flat_map(|dashboard| dashboard.tags) {
            *counts.entry(tag).or_insert(0) += 1;
        }
        let tags = counts.into_iter().map(|(term, count)| json!({"term": term, "count": count}));
        Ok(Json(tags.collect()))
    })
    .await
}
