//! `/apis/folder.grafana.app/…/folders`

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use model::Timestamp;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use state::dashboards::{DashboardError, Folder, FolderChange, NewFolder, Origin};

use super::object::{Facts, Incoming, Object, Wanted, deleted, list as list_answer};
use super::patch::{check_kind, merged};
use super::status::{Status, answer};
use super::{FOLDER, GrafanaState};
use crate::grafana::GrafanaError;
use crate::grafana::document::Document;
use crate::grafana::folders::{FolderTree, deletion_error, named, refuse_provisioned};
use crate::grafana::request::{Body, Query, blocking};

fn shown(version: &str, tree: &FolderTree, folder: &Folder) -> Result<Object, GrafanaError> {
    let mut spec = json!({"title": folder.title});
    if !folder.description.is_empty() {
        spec["description"] = folder.description.as_str().into();
    }
    let facts = Facts {
        id: folder.id,
        name: &folder.uid,
        folder_uid: tree.get(folder.parent_id).map(|parent| parent.uid.as_str()),
        version: folder.version,
        created: folder.created,
        updated: folder.updated,
        metadata: &folder.metadata,
    };
    Ok(Object {
        kind: FOLDER.name,
        api_version: format!("{}/{version}", FOLDER.group),
        metadata: facts.metadata(&FOLDER),
        spec: RawValue::from_string(spec.to_string())
            .map_err(|error| GrafanaError::json("the folder", &error))?,
        status: json!({}),
    })
}

/// `GET`: by id, in pages.
pub(super) async fn list(
    State(state): State<GrafanaState>,
    Path((version, namespace)): Path<(String, String)>,
    query: Query,
) -> Result<Response, Status> {
    FOLDER.check(&version, &namespace)?;
    let wanted = Wanted::parse(&query)?;
    Ok(blocking(move || {
        let tree = FolderTree::read(&state.dashboards)?;
        let found: Vec<&Folder> =
            tree.folders().iter().filter(|folder| wanted.is_in(folder.id, &folder.uid)).collect();
        let next = found.get(wanted.limit).and_then(|_| found.get(wanted.limit - 1));
        let next = next.map(|last| last.id);
        let items = found.iter().take(wanted.limit).map(|folder| shown(&version, &tree, folder));
        let items = items.collect::<Result<Vec<_>, _>>()?;
        Ok(list_answer(&FOLDER, &version, &items, next))
    })
    .await?)
}

/// `GET …/{name}`
pub(super) async fn get(
    State(state): State<GrafanaState>,
    Path((version, namespace, name)): Path<(String, String, String)>,
) -> Result<Response, Status> {
    FOLDER.check(&version, &namespace)?;
    answer(move || {
        let tree = FolderTree::read(&state.dashboards)?;
        Ok(shown(&version, &tree, find(&tree, &name)?)?.answer(StatusCode::OK))
    })
    .await
}

fn find<'a>(tree: &'a FolderTree, name: &str) -> Result<&'a Folder, Status> {
    tree.by_uid(name).map_err(|_| Status::missing(&FOLDER, name))
}

/// The title and the description of a spec.
fn read(spec: &str) -> Result<(String, String), Status> {
    let spec = Document::parse(spec).map_err(|error| GrafanaError::json("the spec", &error))?;
    let title =
        spec.string("title").ok_or_else(|| Status::bad_request("the spec has no \"title\""))?;
    Ok((title, spec.string("description").unwrap_or_default()))
}

/// `POST`
pub(super) async fn create(
    State(state): State<GrafanaState>,
    Path((version, namespace)): Path<(String, String)>,
    query: Query,
    body: Result<Body, GrafanaError>,
) -> Result<Response, Status> {
    FOLDER.check(&version, &namespace)?;
    let body = body?;
    answer(move || {
        let document = body.document()?;
        let new = Incoming::read(&FOLDER, &document)?;
        let (title, description) = read(new.spec)?;
        let tree = FolderTree::read(&state.dashboards)?;
        if tree.by_uid(&new.name).is_ok() {
            return Err(Status::exists(&FOLDER, &new.name));
        }
        let parent_uid = named(new.folder_uid.as_deref());
        let parent = parent_uid.map(|uid| tree.by_uid(uid)).transpose()?;
        let folder = if query.get("dryRun").is_some() {
            let now = Timestamp::now();
            Folder {
                id: 0,
                uid: new.name.clone(),
                parent_id: parent.map(|parent| parent.id),
                title,
                description,
                metadata: new.metadata.clone(),
                origin: Origin::Saved,
                version: 1,
                created: now,
                updated: now,
            }
        } else {
            let made = state.dashboards.create_folder(&NewFolder {
                uid: &new.name,
                parent_uid,
                title: &title,
                description: &description,
                metadata: &new.metadata,
                origin: Origin::Saved,
            });
            made.map_err(|error| Status::of(&FOLDER, &new.name, error))?
        };
        Ok(shown(&version, &tree, &folder)?.answer(StatusCode::CREATED))
    })
    .await
}

/// `PUT …/{name}`
pub(super) async fn update(
    State(state): State<GrafanaState>,
    Path((version, namespace, name)): Path<(String, String, String)>,
    query: Query,
    body: Result<Body, GrafanaError>,
) -> Result<Response, Status> {
    FOLDER.check(&version, &namespace)?;
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
    Path((version, namespace, name)): Path<(String, String, String)>,
    query: Query,
    headers: HeaderMap,
    body: Result<Body, GrafanaError>,
) -> Result<Response, Status> {
    FOLDER.check(&version, &namespace)?;
    check_kind(&headers)?;
    let body = body?;
    answer(move || {
        let tree = FolderTree::read(&state.dashboards)?;
        let object = shown(&version, &tree, find(&tree, &name)?)?.text()?;
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
    let new = Incoming::read_named(&FOLDER, document, name)?;
    let (title, description) = read(new.spec)?;
    let tree = FolderTree::read(&state.dashboards)?;
    let found = find(&tree, name)?;
    refuse_provisioned(found)?;
    new.check_replaces(&FOLDER, found.version)?;
    if is_dry_run {
        let would_be = Folder { title, description, ..found.clone() };
        return Ok(shown(version, &tree, &would_be)?.answer(StatusCode::OK));
    }
    let change = FolderChange {
        version: Some(found.version),
        title: Some(&title),
        description: Some(&description),
        metadata: Some(&new.metadata),
        parent_uid: Some(named(new.folder_uid.as_deref())),
    };
    let changed = state.dashboards.change_folder(name, &change);
    let changed = changed.map_err(|error| Status::of(&FOLDER, name, error))?;
    Ok(shown(version, &tree, &changed)?.answer(StatusCode::OK))
}

/// `DELETE …/{name}`: with all that is inside.
pub(super) async fn delete(
    State(state): State<GrafanaState>,
    Path((version, namespace, name)): Path<(String, String, String)>,
    query: Query,
) -> Result<Json<Value>, Status> {
    FOLDER.check(&version, &namespace)?;
    answer(move || {
        let tree = FolderTree::read(&state.dashboards)?;
        refuse_provisioned(find(&tree, &name)?)?;
        if query.get("dryRun").is_none() {
            state.dashboards.delete_folder(&name).map_err(|error| match error {
                DashboardError::FolderNotFound => Status::missing(&FOLDER, &name),
                error => deletion_error(error).into(),
            })?;
        }
        Ok(deleted(&FOLDER, &name))
    })
    .await
}
