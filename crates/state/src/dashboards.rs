//! Dashboards, their versions and the folders that they are in.
//!
//! A dashboard's body is the text that was handed in, to the byte: what nobody here
//! understands survives. What is searched for (title, tags, place) is kept beside it,
//! as the caller read it.

mod folders;
mod save;
mod versions;

use std::sync::Arc;

use model::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{Database, StateError};

pub use folders::{Folder, FolderChange, NewFolder};
pub use save::{Expected, NewBody, Saved};
pub use versions::Version;

pub(crate) const STEP: &str = "
CREATE TABLE folders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL UNIQUE,
    parent_id INTEGER REFERENCES folders (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    metadata TEXT NOT NULL,
    origin TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL
);
CREATE INDEX folders_by_parent ON folders (parent_id);
CREATE TABLE dashboards (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL UNIQUE,
    folder_id INTEGER REFERENCES folders (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    tags TEXT NOT NULL,
    metadata TEXT NOT NULL,
    origin TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX dashboards_by_folder ON dashboards (folder_id);
CREATE TABLE dashboard_versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    dashboard_id INTEGER NOT NULL REFERENCES dashboards (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    parent_version INTEGER NOT NULL,
    restored_from INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    message TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (dashboard_id, version)
);
CREATE TABLE stars (dashboard_uid TEXT PRIMARY KEY);
";

/// The most dashboards that are kept.
pub const DASHBOARDS_MAX: usize = 10_000;
/// The most folders that are kept.
pub const FOLDERS_MAX: usize = 2_000;
/// The most folders above a dashboard.
pub const FOLDER_DEPTH_MAX: usize = 8;
/// The most versions of a dashboard that are kept; older ones go.
pub const VERSIONS_MAX: usize = 20;
/// The most stars.
pub const STARS_MAX: usize = 5_000;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum DashboardError {
    /// The database failed.
    #[error(transparent)]
    State(#[from] StateError),
    /// There is no dashboard of that name.
    #[error("Dashboard not found")]
    NotFound,
    /// There is no folder of that name.
    #[error("Folder not found")]
    FolderNotFound,
    /// There is no such version, or none any more.
    #[error("Dashboard version not found")]
    VersionNotFound,
    /// Another dashboard has the uid.
    #[error("A dashboard with the same uid already exists")]
    SameUid,
    /// Another folder has the uid.
    #[error("a folder with the same uid already exists")]
    SameFolderUid,
    /// Somebody saved in between.
    #[error("The dashboard has been changed by someone else")]
    Changed,
    /// Somebody saved in between.
    #[error("The folder has been changed by someone else")]
    FolderChanged,
    /// It comes from a file, or with the program.
    #[error("Cannot save provisioned dashboard")]
    Provisioned,
    /// A limit.
    #[error("there are {max} {what} already, which is the limit; delete some first")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        max: usize,
    },
    /// A folder would be inside itself, or too deep.
    #[error("{0}")]
    Place(&'static str),
}

impl From<rusqlite::Error> for DashboardError {
    fn from(error: rusqlite::Error) -> Self {
        Self::State(error.into())
    }
}

/// Where a dashboard or folder comes from, and so who may change it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Somebody saved it.
    Saved,
    /// A file of this path.
    File(String),
    /// It came with the program, under this name.
    Bundled(String),
}

impl Origin {
    /// Whether it is kept elsewhere, so that a save here would be undone.
    pub const fn is_provisioned(&self) -> bool {
        !matches!(self, Self::Saved)
    }

    fn as_text(&self) -> String {
        match self {
            Self::Saved => String::new(),
            Self::File(path) => format!("file:{path}"),
            Self::Bundled(name) => format!("bundled:{name}"),
        }
    }

    fn from_text(text: &str) -> Self {
        match text.split_once(':') {
            Some(("file", path)) => Self::File(path.to_owned()),
            Some((_, name)) => Self::Bundled(name.to_owned()),
            None => Self::Saved,
        }
    }
}

/// A dashboard without its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dashboard {
    /// Counts up; unique in this database.
    pub id: i64,
    /// Unique, and the same wherever it goes.
    pub uid: String,
    /// The folder; `None` is none.
    pub folder_id: Option<i64>,
    /// What people call it.
    pub title: String,
    /// What it is found by.
    pub tags: Vec<String>,
    /// What a client wants kept beside it, in a form of the caller's.
    pub metadata: String,
    /// Where it comes from.
    pub origin: Origin,
    /// One more with each save.
    pub version: i64,
    /// The first save.
    pub created: Timestamp,
    /// The last save.
    pub updated: Timestamp,
}

/// The columns of a [`Dashboard`], in the order that [`dashboard`] reads.
const COLUMNS: &str =
    "id, uid, folder_id, title, tags, metadata, origin, version, created_ms, updated_ms";

fn dashboard(row: &Row<'_>) -> rusqlite::Result<Dashboard> {
    let tags: String = row.get(4)?;
    let origin: String = row.get(6)?;
    Ok(Dashboard {
        id: row.get(0)?,
        uid: row.get(1)?,
        folder_id: row.get(2)?,
        title: row.get(3)?,
        tags: serde_json::from_str(&tags).unwrap_or_default(),
        metadata: row.get(5)?,
        origin: Origin::from_text(&origin),
        version: row.get(7)?,
        created: Timestamp::from_millis(row.get(8)?),
        updated: Timestamp::from_millis(row.get(9)?),
    })
}

/// The dashboards of a database.
#[derive(Clone, Debug)]
pub struct Dashboards {
    database: Arc<Database>,
}

impl Dashboards {
    /// Those of `database`.
    pub fn new(database: Arc<Database>) -> Self {
        Self { database }
    }

    /// All, without bodies, by id.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn list(&self) -> Result<Vec<Dashboard>, DashboardError> {
        Ok(self.database.read(|connection| {
            let mut statement = connection
                .prepare_cached(&format!("SELECT {COLUMNS} FROM dashboards ORDER BY id"))?;
            let rows = statement.query_map([], dashboard)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })?)
    }

    /// One with its body.
    ///
    /// # Errors
    /// Where there is none, or the database fails.
    pub fn get(&self, uid: &str) -> Result<(Dashboard, String), DashboardError> {
        let found = self.database.read(|connection| {
            Ok(connection
                .prepare_cached(&format!("SELECT {COLUMNS}, body FROM dashboards WHERE uid = ?1"))?
                .query_row([uid], |row| Ok((dashboard(row)?, row.get(10)?)))
                .optional()?)
        })?;
        found.ok_or(DashboardError::NotFound)
    }

    /// The uid of an id.
    ///
    /// # Errors
    /// Where there is none, or the database fails.
    pub fn uid(&self, id: i64) -> Result<String, DashboardError> {
        let found = self.database.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT uid FROM dashboards WHERE id = ?1")?;
            Ok(statement.query_row([id], |row| row.get(0)).optional()?)
        })?;
        found.ok_or(DashboardError::NotFound)
    }

    /// Deletes one with its versions, star and annotations, and says what it was.
    ///
    /// # Errors
    /// Where there is none, it is provisioned, or the database fails.
    pub fn delete(&self, uid: &str) -> Result<Dashboard, DashboardError> {
        self.database.write(|tx| {
            let Some(found) = by_uid(tx, uid)? else { return Ok(Err(DashboardError::NotFound)) };
            if found.origin.is_provisioned() {
                return Ok(Err(DashboardError::Provisioned));
            }
            forget(tx, &found)?;
            Ok(Ok(found))
        })?
    }

    /// Deletes one whose source is gone, unless it has another origin by now. Stars and annotations stay for when
    /// it comes back: a file may be away for a moment only.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn delete_provisioned(&self, uid: &str, origin: &Origin) -> Result<(), DashboardError> {
        Ok(self.database.write(|tx| {
            tx.execute(
                "DELETE FROM dashboards WHERE uid = ?1 AND origin = ?2",
                [uid, &origin.as_text()],
            )?;
            Ok(())
        })?)
    }

    /// The uids of what is starred.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn stars(&self) -> Result<Vec<String>, DashboardError> {
        Ok(self.database.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT dashboard_uid FROM stars ORDER BY 1")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })?)
    }

    /// Stars a dashboard, or takes its star.
    ///
    /// # Errors
    /// Where there is no such dashboard, are too many stars, or the database fails.
    pub fn star(&self, uid: &str, is_starred: bool) -> Result<(), DashboardError> {
        self.database.write(|tx| {
            if by_uid(tx, uid)?.is_none() {
                return Ok(Err(DashboardError::NotFound));
            }
            if !is_starred {
                tx.execute("DELETE FROM stars WHERE dashboard_uid = ?1", [uid])?;
                return Ok(Ok(()));
            }
            if count(tx, "stars")? >= STARS_MAX {
                return Ok(Err(DashboardError::TooMany { what: "stars", max: STARS_MAX }));
            }
            tx.execute("INSERT OR IGNORE INTO stars VALUES (?1)", [uid])?;
            Ok(Ok(()))
        })?
    }
}

fn by_uid(connection: &Connection, uid: &str) -> Result<Option<Dashboard>, StateError> {
    Ok(connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM dashboards WHERE uid = ?1"))?
        .query_row([uid], dashboard)
        .optional()?)
}

/// Versions go with their dashboard by the schema; these hang on the uid.
fn forget(connection: &Connection, gone: &Dashboard) -> Result<(), StateError> {
    connection.execute("DELETE FROM stars WHERE dashboard_uid = ?1", [&gone.uid])?;
    connection.execute("DELETE FROM annotations WHERE dashboard_uid = ?1", [&gone.uid])?;
    connection.execute("DELETE FROM dashboards WHERE id = ?1", params![gone.id])?;
    Ok(())
}

fn count(connection: &Connection, table: &'static str) -> Result<usize, StateError> {
    let rows: i64 =
        connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
    Ok(usize::try_from(rows).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests;
