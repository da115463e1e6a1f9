//! `/api/search`: folders and dashboards.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use state::dashboards::{Dashboard, Folder};

use super::GrafanaState;
use super::body::slug;
use super::dashboards::url as dashboard_url;
use super::error::GrafanaError;
use super::folders::{FolderTree, named, url as folder_url};
use super::request::{Query, blocking};

/// The most hits in an answer, and how many without a limit.
const LIMIT_MAX: usize = 5_000;
const LIMIT_DEFAULT: usize = 1_000;

/// What is searched for.
struct Wanted {
    words: Vec<String>,
    tags: Vec<String>,
    kind: Option<Kind>,
    uids: Vec<String>,
    ids: Vec<i64>,
    /// The folders to look in; `None` in the list is what is in no folder.
    folders: Option<Vec<Option<i64>>>,
    is_starred: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Folder,
    Dashboard,
}

impl Wanted {
    fn parse(query: &Query, tree: &FolderTree) -> Result<Self, GrafanaError> {
        let number = |text: &str| {
            text.parse::<i64>()
                .map_err(|_| GrafanaError::bad_request(format!("an id is not a number: {text:?}")))
        };
        let numbers = |name: &str| -> Result<Vec<i64>, GrafanaError> {
            query.list(name).into_iter().map(number).collect()
        };
        let mut uids = query.list("dashboardUIDs");
        uids.extend(query.list("dashboardUID"));
        Ok(Self {
            words: query
                .get("query")
                .unwrap_or("")
                .split_whitespace()
                .map(str::to_lowercase)
                .collect(),
            tags: query.all("tag").filter(|tag| !tag.is_empty()).map(str::to_owned).collect(),
            kind: match query.get("type") {
                Some("dash-folder") => Some(Kind::Folder),
                Some("dash-db") => Some(Kind::Dashboard),
                _ => None,
            },
            uids: uids.into_iter().map(str::to_owned).collect(),
            ids: numbers("dashboardIds")?,
            folders: folders(query, tree, numbers("folderIds")?),
            is_starred: query.is_set("starred"),
        })
    }

    fn has_words(&self, title: &str) -> bool {
        let title = title.to_lowercase();
        self.words.iter().all(|word| title.contains(word))
    }

    fn is_in(&self, folder_id: Option<i64>) -> bool {
        self.folders.as_ref().is_none_or(|folders| folders.contains(&folder_id))
    }

    fn is_folder_wanted(&self, folder: &Folder) -> bool {
        let is_of_dashboards = self.is_starred || !self.tags.is_empty() || !self.ids.is_empty();
        self.kind != Some(Kind::Dashboard)
            && !is_of_dashboards
            && (self.uids.is_empty() || self.uids.contains(&folder.uid))
            && self.is_in(folder.parent_id)
            && self.has_words(&folder.title)
    }

    fn is_dashboard_wanted(&self, dashboard: &Dashboard, stars: &[String]) -> bool {
        self.kind != Some(Kind::Folder)
            && (self.uids.is_empty() || self.uids.contains(&dashboard.uid))
            && (self.ids.is_empty() || self.ids.contains(&dashboard.id))
            && self.tags.iter().all(|tag| dashboard.tags.contains(tag))
            && (!self.is_starred || stars.contains(&dashboard.uid))
            && self.is_in(dashboard.folder_id)
            && self.has_words(&dashboard.title)
    }
}

/// The folders to look in; one that is not there is looked in in vain.
fn folders(query: &Query, tree: &FolderTree, ids: Vec<i64>) -> Option<Vec<Option<i64>>> {
    let uids = query.list("folderUIDs");
    if uids.is_empty() && ids.is_empty() {
        return None;
    }
    let id = |uid| tree.by_uid(uid).map_or(-1, |folder| folder.id);
    let of_uids = uids.into_iter().map(|uid| named(Some(uid)).map(id));
    let of_ids = ids.into_iter().map(|id| Some(id).filter(|id| *id != 0));
    Some(of_uids.chain(of_ids).collect())
}

/// `GET /api/search`
pub(super) async fn search(
    State(state): State<GrafanaState>,
    query: Query,
) -> Result<Json<Value>, GrafanaError> {
    let page = query.page(LIMIT_DEFAULT, LIMIT_MAX)?;
    blocking(move || {
        let tree = FolderTree::read(&state.dashboards)?;
        let wanted = Wanted::parse(&query, &tree)?;
        let stars = state.dashboards.stars()?;
        let mut folders: Vec<&Folder> =
            tree.folders().iter().filter(|folder| wanted.is_folder_wanted(folder)).collect();
        let mut dashboards = state.dashboards.list()?;
        dashboards.retain(|dashboard| wanted.is_dashboard_wanted(dashboard, &stars));
        folders.sort_by_cached_key(|folder| folder.title.to_lowercase());
        dashboards.sort_by_cached_key(|dashboard| dashboard.title.to_lowercase());
        if query.get("sort") == Some("alpha-desc") {
            folders.reverse();
            dashboards.reverse();
        }
        let hits = folders.into_iter().map(|folder| folder_hit(&tree, folder)).chain(
            dashboards.iter().map(|found| dashboard_hit(&tree, found, stars.contains(&found.uid))),
        );
        Ok(Json(hits.skip(page.skip).take(page.limit).collect()))
    })
    .await
}

fn folder_hit(tree: &FolderTree, folder: &Folder) -> Value {
    let hit = json!({
        "id": folder.id,
        "orgId": 1,
        "uid": folder.uid,
        "title": folder.title,
        "uri": format!("db/{}", slug(&folder.title)),
        "url": folder_url(folder),
        "slug": "",
        "type": "dash-folder",
        "tags": [],
        "isStarred": false,
        "sortMeta": 0,
        "isDeleted": false,
    });
    placed(hit, tree.get(folder.parent_id))
}

fn dashboard_hit(tree: &FolderTree, dashboard: &Dashboard, is_starred: bool) -> Value {
    let hit = json!({
        "id": dashboard.id,
        "orgId": 1,
        "uid": dashboard.uid,
        "title": dashboard.title,
        "uri": format!("db/{}", slug(&dashboard.title)),
        "url": dashboard_url(dashboard),
        "slug": "",
        "type": "dash-db",
        "tags": dashboard.tags,
        "isStarred": is_starred,
        "sortMeta": 0,
        "isDeleted": false,
    });
    placed(hit, tree.get(dashboard.folder_id))
}

/// Says of a hit where it is.
fn placed(mut hit: Value, folder: Option<&Folder>) -> Value {
    if let Some(folder) = folder {
        hit["folderId"] = folder.id.into();
        hit["folderUid"] = folder.uid.as_str().into();
        hit["folderTitle"] = folder.title.as_str().into();
        hit["folderUrl"] = folder_url(folder).into();
    }
    hit
}

/// `GET /api/search/sorting`
pub(super) async fn sorting() -> Json<Value> {
    let option = |name, display_name, description| json!({"name": name, "displayName": display_name, "description": description, "meta": ""});
    Json(json!({"sortOptions": [
        option("alpha-asc", "Alphabetically (A–Z)", "Sort results in alphabetical order"),
        option("alpha-desc", "Alphabetically (Z–A)", "Sort results in reverse alphabetical order"),
    ]}))
}
