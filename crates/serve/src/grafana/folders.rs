//! `/api/folders`.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};
use state::dashboards::{Dashboards, Folder, FolderChange, NewFolder, Origin};

use super::GrafanaState;
use super::account::LOGIN;
use super::body::{check_uid, new_uid, slug};
use super::document::Document;
use super::error::GrafanaError;
use super::request::{Body, Query, blocking, rfc3339};

/// The most folders in an answer, and how many without a limit.
const LIMIT_MAX: usize = 5_000;
const LIMIT_DEFAULT: usize = 1_000;
/// How clients call the place that is no folder.
const GENERAL: &str = "general";

/// All folders, found by their ids.
pub(super) struct FolderTree {
    folders: Vec<Folder>,
    places: HashMap<i64, usize>,
}

impl FolderTree {
    pub(super) fn read(dashboards: &Dashboards) -> Result<Self, GrafanaError> {
        let folders = dashboards.folders()?;
        let places = folders.iter().enumerate().map(|(index, folder)| (folder.id, index)).collect();
        Ok(Self { folders, places })
    }

    /// All folders, by id.
    pub(super) fn folders(&self) -> &[Folder] {
        &self.folders
    }

    /// The folder of an id; `None` for what is in none.
    pub(super) fn get(&self, id: Option<i64>) -> Option<&Folder> {
        self.places.get(&id?).map(|index| &self.folders[*index])
    }

    pub(super) fn by_uid(&self, uid: &str) -> Result<&Folder, GrafanaError> {
        let found = self.folders.iter().find(|folder| folder.uid == uid);
        found.ok_or_else(|| GrafanaError::not_found("folder not found"))
    }

    /// The folders above one, the outermost first.
    fn above(&self, folder: &Folder) -> Vec<&Folder> {
        let mut above: Vec<&Folder> =
            std::iter::successors(self.get(folder.parent_id), |at| self.get(at.parent_id))
                .collect();
        above.reverse();
        above
    }

    /// The folder and those below it.
    fn within(&self, folder: &Folder) -> Vec<i64> {
        let is_inside = |candidate: &&Folder| {
            candidate.id == folder.id || self.above(candidate).iter().any(|at| at.id == folder.id)
        };
        self.folders.iter().filter(is_inside).map(|folder| folder.id).collect()
    }
}

/// The uid of a folder that a client names; `None` is no folder.
pub(super) fn named(uid: Option<&str>) -> Option<&str> {
    uid.filter(|uid| !uid.is_empty() && *uid != GENERAL)
}

/// The page of a folder.
pub(super) fn url(folder: &Folder) -> String {
    format!("/dashboards/f/{}/{}", folder.uid, slug(&folder.title))
}

fn shown(tree: &FolderTree, folder: &Folder) -> Value {
    let mut shown = shown_alone(folder);
    if let Some(parent) = tree.get(folder.parent_id) {
        shown["parentUid"] = parent.uid.as_str().into();
        shown["parents"] = tree.above(folder).into_iter().map(shown_alone).collect();
    }
    shown
}

fn shown_alone(folder: &Folder) -> Value {
    let may_change = !folder.origin.is_provisioned();
    json!({
        "id": folder.id,
        "uid": folder.uid,
        "orgId": 1,
        "title": folder.title,
        "description": folder.description,
        "url": url(folder),
        "hasAcl": false,
        "canSave": may_change,
        "canEdit": may_change,
        "canAdmin": true,
        "canDelete": may_change,
        "createdBy": LOGIN,
        "created": rfc3339(folder.created),
        "updatedBy": LOGIN,
        "updated": rfc3339(folder.updated),
        "version": folder.version,
    })
}

/// `GET /api/folders`: those in the folder `parentUid`, or those in none.
pub(super) async fn list(
    State(state): State<GrafanaState>,
    query: Query,
) -> Result<Json<Value>, GrafanaError> {
    let page = query.page(LIMIT_DEFAULT, LIMIT_MAX)?;
    blocking(move || {
        let tree = FolderTree::read(&state.dashboards)?;
        let parent = match named(query.get("parentUid")) {
            Some(uid) => Some(tree.by_uid(uid)?.clone()),
            None => None,
        };
        let parent_id = parent.as_ref().map(|parent| parent.id);
        let mut inside: Vec<&Folder> =
            tree.folders().iter().filter(|folder| folder.parent_id == parent_id).collect();
        inside.sort_by_key(|folder| folder.title.to_lowercase());
        let shown = |folder: &Folder| {
            let mut shown = json!({"id": folder.id, "uid": folder.uid, "title": folder.title});
            if let Some(parent) = &parent {
                shown["parentUid"] = parent.uid.as_str().into();
            }
            shown
        };
        let part = inside.into_iter().skip(page.skip).take(page.limit);
        Ok(Json(part.map(shown).collect()))
    })
    .await
}

/// `GET /api/folders/{uid}`
pub(super) async fn get(
    State(state): State<GrafanaState>,
    Path(uid): Path<String>,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        let tree = FolderTree::read(&state.dashboards)?;
        Ok(Json(shown(&tree, tree.by_uid(&uid)?)))
    })
    .await
}

/// `GET /api/folders/id/{id}`
pub(super) async fn get_by_id(
    State(state): State<GrafanaState>,
    Path(id): Path<i64>,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        let tree = FolderTree::read(&state.dashboards)?;
        let found =
            tree.get(Some(id)).ok_or_else(|| GrafanaError::not_found("folder not found"))?;
        Ok(Json(shown(&tree, found)))
    })
    .await
}

/// `POST /api/folders`
pub(super) async fn create(
    State(state): State<GrafanaState>,
    body: Body,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        let command = body.document()?;
        let title = title(&command)?;
        let uid = command.string("uid").unwrap_or_else(new_uid);
        check_uid(&uid)?;
        let parent_uid = command.string("parentUid");
        let description = command.string("description").unwrap_or_default();
        let folder = state.dashboards.create_folder(&NewFolder {
            uid: &uid,
            parent_uid: named(parent_uid.as_deref()),
            title: &title,
            description: &description,
            metadata: "",
            origin: Origin::Saved,
        })?;
        Ok(Json(shown(&FolderTree::read(&state.dashboards)?, &folder)))
    })
    .await
}

fn title(command: &Document<'_>) -> Result<String, GrafanaError> {
    let title = command.string("title").map(|title| title.trim().to_owned());
    title
        .filter(|title| !title.is_empty())
        .ok_or_else(|| GrafanaError::bad_request("folder title cannot be empty"))
}

/// `PUT /api/folders/{uid}`
pub(super) async fn update(
    State(state): State<GrafanaState>,
    Path(uid): Path<String>,
    body: Body,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        let command = body.document()?;
        let title = title(&command)?;
        let description = command.string("description");
        let is_overwriting: bool = command.read("overwrite").unwrap_or_default();
        let version: i64 = command.read("version").unwrap_or_default();
        refuse_provisioned(FolderTree::read(&state.dashboards)?.by_uid(&uid)?)?;
        let folder = state.dashboards.change_folder(
            &uid,
            &FolderChange {
                version: (!is_overwriting).then_some(version),
                title: Some(&title),
                description: description.as_deref(),
                ..FolderChange::default()
            },
        )?;
        Ok(Json(shown(&FolderTree::read(&state.dashboards)?, &folder)))
    })
    .await
}

/// `POST /api/folders/{uid}/move`
pub(super) async fn relocate(
    State(state): State<GrafanaState>,
    Path(uid): Path<String>,
    body: Body,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        let parent_uid = body.document()?.string("parentUid");
        refuse_provisioned(FolderTree::read(&state.dashboards)?.by_uid(&uid)?)?;
        let change = FolderChange {
            parent_uid: Some(named(parent_uid.as_deref())),
            ..FolderChange::default()
        };
        let folder = state.dashboards.change_folder(&uid, &change)?;
        Ok(Json(shown(&FolderTree::read(&state.dashboards)?, &folder)))
    })
    .await
}

/// Folders that files or the program make are as those say.
pub(super) fn refuse_provisioned(folder: &Folder) -> Result<(), GrafanaError> {
    if folder.origin.is_provisioned() {
        let message = "this folder is provisioned; it can't be changed here";
        return Err(GrafanaError::bad_request(message));
    }
    Ok(())
}

/// `DELETE /api/folders/{uid}`: with all that is inside.
pub(super) async fn delete(
    State(state): State<GrafanaState>,
    Path(uid): Path<String>,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        refuse_provisioned(FolderTree::read(&state.dashboards)?.by_uid(&uid)?)?;
        let gone = state.dashboards.delete_folder(&uid).map_err(deletion_error)?;
        Ok(Json(json!({"message": "Folder deleted", "id": gone.id, "title": gone.title})))
    })
    .await
}

/// What a deletion says of what is provisioned.
pub(super) fn deletion_error(error: state::dashboards::DashboardError) -> GrafanaError {
    match error {
        state::dashboards::DashboardError::Provisioned => {
            GrafanaError::new(StatusCode::BAD_REQUEST, "provisioned dashboard cannot be deleted")
        }
        other => other.into(),
    }
}

/// `GET /api/folders/{uid}/counts`: what a deletion would take along.
pub(super) async fn counts(
    State(state): State<GrafanaState>,
    Path(uid): Path<String>,
) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        let tree = FolderTree::read(&state.dashboards)?;
        let inside = tree.within(tree.by_uid(&uid)?);
        let dashboards = state.dashboards.list()?;
        let is_inside = |id: Option<i64>| id.is_some_and(|id| inside.contains(&id));
        Ok(Json(json!({
            "folder": inside.len() - 1,
            "dashboard": dashboards.iter().filter(|found| is_inside(found.folder_id)).count(),
            "librarypanel": 0,
            "alertrule": 0,
        })))
    })
    .await
}
