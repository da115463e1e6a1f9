//! `/apis/dashboard.grafana.app/…/dashboards`

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use model::Timestamp;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use state::dashboards::{Dashboard, DashboardError, Expected, NewBody, Origin};

use super::object::{Facts, Incoming, Object, Wanted, deleted, list as list_answer};
use super::patch::{check_kind, merged};
use super::status::{Status, answer};
use super::{DASHBOARD, GrafanaState};
use crate::grafana::GrafanaError;
use crate::grafana::body::DashboardBody;
use crate::grafana::dashboards::delete_saved;
use crate::grafana::document::Document;
use crate::grafana::folders::{FolderTree, named};
use crate::grafana::request::{Body, Query, blocking};

/// The bytes of dashboards after which a page ends.
const PAGE_BYTES_MAX: usize = 32 << 20;

/// The versions of a path, its namespace, and perhaps a name.
type CollectionPath = Path<(String, String)>;
type NamedPath = Path<(String, String, String)>;

fn shown(
    version: &str,
    tree: &FolderTree,
    dashboard: &Dashboard,
    body: &str,
) -> Result<Object, GrafanaError> {
    let fault = |error| GrafanaError::json("the stored dashboard", &error);
    let is_second = Document::parse(body).map_err(fault)?.object("elements").is_some();
    let status = if is_second == version.starts_with("v2") {
        json!({})
    } else {
        json!({"conversion": {
            "failed": true,
            "storedVersion": if is_second { "v2beta1" } else { "v1beta1" },
            "error": "dashboards are not converted between the classic shape and that of version 2",
        }})
    };
    let facts = Facts {
        id: dashboard.id,
        name: &dashboard.uid,
        folder_uid: tree.get(dashboard.folder_id).map(|folder| folder.uid.as_str()),
        version: dashboard.version,
        created: dashboard.created,
        updated: dashboard.updated,
        metadata: &dashboard.metadata,
    };
    Ok(Object {
        kind: DASHBOARD.name,
        api_version: format!("{}/{version}", DASHBOARD.group),
        metadata: facts.metadata(&DASHBOARD),
        spec: RawValue::from_string(body.to_owned()).map_err(fault)?,
        status,
    })
}

/// `GET`: by id, in pages.
pub(super) async fn list(
    State(state): State<GrafanaState>,
    Path((version, namespace)): CollectionPath,
    query: Query,
) -> Result<Response, Status> {
    DASHBOARD.check(&version, &namespace)?;
    let wanted = Wanted::parse(&query)?;
    Ok(blocking(move || {
        let tree = FolderTree::read(&state.dashboards)?;
        let mut found = state.dashboards.list()?;
        found.retain(|dashboard| wanted.is_in(dashboard.id, &dashboard.uid));
        let (mut items, mut next, mut bytes) = (Vec::new(), None, 0);
        for (index, dashboard) in found.iter().enumerate() {
            if index >= wanted.limit || bytes > PAGE_BYTES_MAX {
                next = found.get(index.wrapping_sub(1)).map(|last| last.id);
                break;
            }
            match state.dashboards.get(&dashboard.uid) {
                Ok((dashboard, body)) => {
                    bytes += body.len();
                    items.push(shown(&version, &tree, &dashboard, &body)?);
                }
                // Deleted since it was listed.
                Err(DashboardError::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(list_answer(&DASHBOARD, &version, &items, next))
    })
    .await?)
}

/// `GET …/{name}`
pub(super) async fn get(
    State(state): State<GrafanaState>,
    Path((version, namespace, name)): NamedPath,
) -> Result<Response, Status> {
    DASHBOARD.check(&version, &namespace)?;
    answer(move || {
        let (dashboard, body) = read(&state, &name)?;
        let tree = FolderTree::read(&state.dashboards)?;
        Ok(shown(&version, &tree, &dashboard, &body)?.answer(StatusCode::OK))
    })
    .await
}

fn read(state: &GrafanaState, name: &str) -> Result<(Dashboard, String), Status> {
    state.dashboards.get(name).map_err(|error| Status::of(&DASHBOARD, name, error))
}

/// `POST`
pub(super) async fn create(
    State(state): State<GrafanaState>,
    Path((version, namespace)): CollectionPath,
    query: Query,
    body: Result<Body, GrafanaError>,
) -> Result<Response, Status> {
    DASHBOARD.check(&version, &namespace)?;
    let body = body?;
    answer(move || {
        let document = body.document()?;
        let new = Incoming::read(&DASHBOARD, &document)?;
        if state.dashboards.get(&new.name).is_ok() {
            return Err(Status::exists(&DASHBOARD, &new.name));
        }
        let object = put(&state, &version, &new, None, query.get("dryRun").is_some())?;
        Ok(object.answer(StatusCode::CREATED))
    })
    .await
}

/// `PUT …/{name}`
pub(super) async fn update(
    State(state): State<GrafanaState>,
    Path((version, namespace, name)): NamedPath,
    query: Query,
    body: Result<Body, GrafanaError>,
) -> Result<Response, Status> {
    DASHBOARD.check(&version, &namespace)?;
    let body = body?;
    answer(move || {
        let is_dry_run = query.get("dryRun").is_some();
        replace(&state, &version, &name, &body.document()?, is_dry_run)
    })
    .await
}

/// `PATCH …/{name}`
pub(super) async fn patch(
    State(state): State<GrafanaState>,
    Path((version, namespace, name)): NamedPath,
    query: Query,
    headers: HeaderMap,
    body: Result<Body, GrafanaError>,
) -> Result<Response, Status> {
    DASHBOARD.check(&version, &namespace)?;
    check_kind(&headers)?;
    let body = body?;
    answer(move || {
        let (dashboard, text) = read(&state, &name)?;
        let tree = FolderTree::read(&state.dashboards)?;
        let object = shown(&version, &tree, &dashboard, &text)?.text()?;
        let merged = merged(&object, &body.document()?)?;
        let document = Document::parse(&merged);
        let document = document.map_err(|error| GrafanaError::json("the object", &error))?;
        replace(&state, &version, &name, &document, query.get("dryRun").is_some())
    })
    .await
}

fn replace(
    state: &GrafanaState,
    version: &str,
    name: &str,
    document: &Document<'_>,
    is_dry_run: bool,
) -> Result<Response, Status> {
    let new = Incoming::read_named(&DASHBOARD, document, name)?;
    let (found, _) = read(state, name)?;
    new.check_replaces(&DASHBOARD, found.version)?;
    Ok(put(state, version, &new, Some(found), is_dry_run)?.answer(StatusCode::OK))
}

/// Saves a resource, or says what a save would make of it.
fn put(
    state: &GrafanaState,
    version: &str,
    new: &Incoming<'_>,
    found: Option<Dashboard>,
    is_dry_run: bool,
) -> Result<Object, Status> {
    let body = DashboardBody::read(new.spec)?;
    let folder_uid = named(new.folder_uid.as_deref());
    let tree = FolderTree::read(&state.dashboards)?;
    let folder = folder_uid.map(|uid| tree.by_uid(uid)).transpose()?;
    let dashboard = if is_dry_run {
        let now = Timestamp::now();
        Dashboard {
            id: found.as_ref().map_or(0, |found| found.id),
            uid: new.name.clone(),
            folder_id: folder.map(|folder| folder.id),
            title: body.title,
            tags: body.tags,
            metadata: new.metadata.clone(),
            origin: Origin::Saved,
            version: found.as_ref().map_or(0, |found| found.version) + 1,
            created: found.map_or(now, |found| found.created),
            updated: now,
        }
    } else {
        let saved = state.dashboards.save(
            &NewBody {
                uid: &new.name,
                folder_uid,
                title: &body.title,
                tags: &body.tags,
                metadata: Some(&new.metadata),
                origin: Origin::Saved,
                body: new.spec,
                message: &new.message,
                restored_from: 0,
            },
            match &found {
                Some(found) => Expected::Version(found.version),
                None => Expected::Nothing,
            },
        );
        saved.map_err(|error| Status::of(&DASHBOARD, &new.name, error))?.dashboard
    };
    Ok(shown(version, &tree, &dashboard, new.spec)?)
}

/// `DELETE …/{name}`
pub(super) async fn delete(
    State(state): State<GrafanaState>,
    Path((version, namespace, name)): NamedPath,
    query: Query,
) -> Result<Json<Value>, Status> {
    DASHBOARD.check(&version, &namespace)?;
    answer(move || {
        let (found, _) = read(&state, &name)?;
        if query.get("dryRun").is_none() {
            delete_saved(&state, &name)?;
        }
        Ok(deleted(&DASHBOARD, &found.uid))
    })
    .await
}
