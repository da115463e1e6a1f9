//! Folders: a tree in which dashboards are.

use std::collections::HashMap;

use model::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    COLUMNS as DASHBOARD_COLUMNS, DashboardError, Dashboards, FOLDER_DEPTH_MAX, FOLDERS_MAX,
    Origin, count, dashboard, forget,
};
use crate::StateError;

/// A folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Counts up; unique in this database.
    pub id: i64,
    /// Unique, and the same wherever it goes.
    pub uid: String,
    /// The folder that it is in; `None` is none.
    pub parent_id: Option<i64>,
    /// What people call it.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// What a client wants kept beside it, in a form of the caller's.
    pub metadata: String,
    /// Where it comes from.
    pub origin: Origin,
    /// One more with each change.
    pub version: i64,
    /// When it was made.
    pub created: Timestamp,
    /// The last change.
    pub updated: Timestamp,
}

/// A folder to be.
#[derive(Clone, Debug)]
pub struct NewFolder<'a> {
    /// Its uid.
    pub uid: &'a str,
    /// The uid of the folder that it shall be in.
    pub parent_uid: Option<&'a str>,
    /// What people call it.
    pub title: &'a str,
    /// What it is for.
    pub description: &'a str,
    /// What a client wants kept beside it.
    pub metadata: &'a str,
    /// Where it comes from.
    pub origin: Origin,
}

/// What shall be otherwise; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct FolderChange<'a> {
    /// The version that the caller has seen.
    pub version: Option<i64>,
    /// Its title.
    pub title: Option<&'a str>,
    /// What it is for.
    pub description: Option<&'a str>,
    /// What a client wants kept beside it.
    pub metadata: Option<&'a str>,
    /// Where it shall be: in a folder of this uid, or in none.
    pub parent_uid: Option<Option<&'a str>>,
}

const COLUMNS: &str =
    "id, uid, parent_id, title, description, metadata, origin, version, created_ms, updated_ms";

fn folder(row: &Row<'_>) -> rusqlite::Result<Folder> {
    let origin: String = row.get(6)?;
    Ok(Folder {
        id: row.get(0)?,
        uid: row.get(1)?,
        parent_id: row.get(2)?,
        title: row.get(3)?,
        description: row.get(4)?,
        metadata: row.get(5)?,
        origin: Origin::from_text(&origin),
        version: row.get(7)?,
        created: Timestamp::from_millis(row.get(8)?),
        updated: Timestamp::from_millis(row.get(9)?),
    })
}

impl Dashboards {
    /// All folders, by id.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn folders(&self) -> Result<Vec<Folder>, DashboardError> {
        Ok(self.database.read(|connection| Ok(all(connection)?))?)
    }

    /// Makes a folder.
    ///
    /// # Errors
    /// Where the uid is taken, the parent is missing or too deep, there are too many, or
    /// the database fails.
    pub fn create_folder(&self, new: &NewFolder<'_>) -> Result<Folder, DashboardError> {
        let now_ms = Timestamp::now().as_millis();
        self.database.write(|tx| {
            if folder_id(tx, new.uid)?.is_some() {
                return Ok(Err(DashboardError::SameFolderUid));
            }
            if count(tx, "folders")? >= FOLDERS_MAX {
                let error = DashboardError::TooMany { what: "folders", max: FOLDERS_MAX };
                return Ok(Err(error));
            }
            let parent = match place(tx, None, new.parent_uid)? {
                Ok(parent) => parent,
                Err(error) => return Ok(Err(error)),
            };
            tx.execute(
                "INSERT INTO folders
                    (uid, parent_id, title, description, metadata, origin, version, created_ms, updated_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?7)",
                params![
                    new.uid,
                    parent,
                    new.title,
                    new.description,
                    new.metadata,
                    new.origin.as_text(),
                    now_ms
                ],
            )?;
            Ok(one(tx, new.uid)?.ok_or(DashboardError::FolderNotFound))
        })?
    }

    /// Changes a folder.
    ///
    /// # Errors
    /// Where there is none, its version is another, the new place is missing, inside it or
    /// too deep, or the database fails.
    pub fn change_folder(
        &self,
        uid: &str,
        change: &FolderChange<'_>,
    ) -> Result<Folder, DashboardError> {
        self.database.write(|tx| {
            let Some(found) = one(tx, uid)? else {
                return Ok(Err(DashboardError::FolderNotFound));
            };
            if change.version.is_some_and(|version| version != found.version) {
                return Ok(Err(DashboardError::FolderChanged));
            }
            let parent = match change.parent_uid {
                None => found.parent_id,
                Some(parent_uid) => match place(tx, Some(found.id), parent_uid)? {
                    Ok(parent) => parent,
                    Err(error) => return Ok(Err(error)),
                },
            };
            tx.execute(
                "UPDATE folders SET title = ?2, description = ?3, metadata = ?4, parent_id = ?5,
                    version = version + 1, updated_ms = ?6 WHERE id = ?1",
                params![
                    found.id,
                    change.title.unwrap_or(&found.title),
                    change.description.unwrap_or(&found.description),
                    change.metadata.unwrap_or(&found.metadata),
                    parent,
                    Timestamp::now().as_millis(),
                ],
            )?;
            Ok(one(tx, uid)?.ok_or(DashboardError::FolderNotFound))
        })?
    }

    /// Deletes a folder with all that is in it, unless something of that is provisioned.
    ///
    /// # Errors
    /// Where there is none, something in it is provisioned, or the database fails.
    pub fn delete_folder(&self, uid: &str) -> Result<Folder, DashboardError> {
        self.database.write(|tx| {
            let Some(found) = one(tx, uid)? else {
                return Ok(Err(DashboardError::FolderNotFound));
            };
            let inside = within(&all(tx)?, found.id);
            let mut statement =
                tx.prepare_cached(&format!("SELECT {DASHBOARD_COLUMNS} FROM dashboards"))?;
            let rows = statement.query_map([], dashboard)?;
            let dashboards = rows.collect::<Result<Vec<_>, _>>()?;
            let gone: Vec<_> = dashboards
                .into_iter()
                .filter(|dashboard| dashboard.folder_id.is_some_and(|id| inside.contains(&id)))
                .collect();
            if gone.iter().any(|dashboard| dashboard.origin.is_provisioned()) {
                return Ok(Err(DashboardError::Provisioned));
            }
            for dashboard in &gone {
                forget(tx, dashboard)?;
            }
            tx.execute("DELETE FROM folders WHERE id = ?1", [found.id])?;
            Ok(Ok(found))
        })?
    }

    /// Deletes the folders that provisioning made and that hold nothing any more.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn delete_empty_provisioned_folders(&self) -> Result<(), DashboardError> {
        Ok(self.database.write(|tx| {
            // From the leaves up: each round may empty another.
            while tx.execute(
                "DELETE FROM folders WHERE origin != ''
                    AND id NOT IN (SELECT folder_id FROM dashboards WHERE folder_id IS NOT NULL)
                    AND id NOT IN (SELECT parent_id FROM folders WHERE parent_id IS NOT NULL)",
                [],
            )? > 0
            {}
            Ok(())
        })?)
    }
}

fn all(connection: &Connection) -> rusqlite::Result<Vec<Folder>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM folders ORDER BY id"))?;
    let rows = statement.query_map([], folder)?;
    rows.collect()
}

fn one(connection: &Connection, uid: &str) -> Result<Option<Folder>, StateError> {
    Ok(connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM folders WHERE uid = ?1"))?
        .query_row([uid], folder)
        .optional()?)
}

/// The id of the folder of a uid.
pub(super) fn folder_id(connection: &Connection, uid: &str) -> Result<Option<i64>, StateError> {
    Ok(one(connection, uid)?.map(|folder| folder.id))
}

/// Where a folder goes: checks that the parent is there, not inside the folder, not too deep.
fn place(
    connection: &Connection,
    moved: Option<i64>,
    parent_uid: Option<&str>,
) -> Result<Result<Option<i64>, DashboardError>, StateError> {
    let Some(parent_uid) = parent_uid else { return Ok(Ok(None)) };
    let Some(parent) = folder_id(connection, parent_uid)? else {
        return Ok(Err(DashboardError::FolderNotFound));
    };
    let folders = all(connection)?;
    let parents: HashMap<i64, Option<i64>> =
        folders.iter().map(|folder| (folder.id, folder.parent_id)).collect();
    let above = chain(&parents, parent);
    if moved.is_some_and(|moved| above.contains(&moved)) {
        return Ok(Err(DashboardError::Place("a folder can't be moved into itself")));
    }
    let below = moved.map_or(1, |moved| {
        let deepest = within(&folders, moved).iter().map(|id| chain(&parents, *id).len()).max();
        deepest.unwrap_or(1) + 1 - chain(&parents, moved).len()
    });
    if above.len() + below > FOLDER_DEPTH_MAX {
        return Ok(Err(DashboardError::Place("folders can't be nested more than 8 deep")));
    }
    Ok(Ok(Some(parent)))
}

/// The folder and those above it.
fn chain(parents: &HashMap<i64, Option<i64>>, from: i64) -> Vec<i64> {
    let mut chain = vec![from];
    let mut at = from;
    while let Some(Some(parent)) = parents.get(&at) {
        chain.push(*parent);
        at = *parent;
    }
    chain
}

/// The folder and all those below it.
fn within(folders: &[Folder], id: i64) -> Vec<i64> {
    let mut inside = vec![id];
    let mut next = 0;
    while let Some(parent) = inside.get(next).copied() {
        inside.extend(
            folders
                .iter()
                .filter(|folder| folder.parent_id == Some(parent))
                .map(|folder| folder.id),
        );
        next += 1;
    }
    inside
}
