//! Saving: a new dashboard, or a new version of one.

use model::Timestamp;
use rusqlite::{Connection, params};

use super::folders::folder_id;
use super::{
    DASHBOARDS_MAX, Dashboard, DashboardError, Dashboards, Origin, VERSIONS_MAX, by_uid, count,
};
use crate::StateError;

/// What a save expects to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// No dashboard of that uid.
    Nothing,
    /// This version of it, or no dashboard of that uid.
    Version(i64),
    /// Anything: it is overwritten.
    Anything,
}

/// What is saved.
#[derive(Clone, Debug)]
pub struct NewBody<'a> {
    /// The uid: of one that is there, or of a new one.
    pub uid: &'a str,
    /// The folder's uid; `None` is none.
    pub folder_uid: Option<&'a str>,
    /// What people call it.
    pub title: &'a str,
    /// What it is found by.
    pub tags: &'a [String],
    /// What a client wants kept beside it; `None` leaves what there is.
    pub metadata: Option<&'a str>,
    /// Where it comes from.
    pub origin: Origin,
    /// The text.
    pub body: &'a str,
    /// What the author says of the change.
    pub message: &'a str,
    /// The version whose body this is again; 0 is none.
    pub restored_from: i64,
}

/// What was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// As it is now.
    pub dashboard: Dashboard,
    /// Whether it was not there before.
    pub is_new: bool,
}

impl Dashboards {
    /// Saves `new`. The oldest versions beyond [`VERSIONS_MAX`] go.
    ///
    /// # Errors
    /// Where the folder is missing, something else is found than was expected, what is
    /// found is provisioned and `new` is not, a limit is reached, or the database fails.
    pub fn save(&self, new: &NewBody<'_>, expected: Expected) -> Result<Saved, DashboardError> {
        let now = Timestamp::now();
        self.database.write(|tx| {
            let found = by_uid(tx, new.uid)?;
            let folder = match new.folder_uid.map(|uid| folder_id(tx, uid)).transpose()? {
                Some(None) => return Ok(Err(DashboardError::FolderNotFound)),
                folder => folder.flatten(),
            };
            if let Some(found) = &found
                && let Err(error) = may_save(found, new, expected)
            {
                return Ok(Err(error));
            }
            if found.is_none() && count(tx, "dashboards")? >= DASHBOARDS_MAX {
                let error = DashboardError::TooMany { what: "dashboards", max: DASHBOARDS_MAX };
                return Ok(Err(error));
            }
            let dashboard = Dashboard {
                id: found.as_ref().map_or(0, |found| found.id),
                uid: new.uid.to_owned(),
                folder_id: folder,
                title: new.title.to_owned(),
                tags: new.tags.to_vec(),
                metadata: new
                    .metadata
                    .or(found.as_ref().map(|found| found.metadata.as_str()))
                    .unwrap_or("")
                    .to_owned(),
                origin: new.origin.clone(),
                version: found.as_ref().map_or(0, |found| found.version) + 1,
                created: found.as_ref().map_or(now, |found| found.created),
                updated: now,
            };
            let dashboard = write(tx, dashboard, new)?;
            Ok(Ok(Saved { dashboard, is_new: found.is_none() }))
        })?
    }
}

fn may_save(
    found: &Dashboard,
    new: &NewBody<'_>,
    expected: Expected,
) -> Result<(), DashboardError> {
    if found.origin.is_provisioned() && !new.origin.is_provisioned() {
        return Err(DashboardError::Provisioned);
    }
    match expected {
        Expected::Anything => Ok(()),
        Expected::Version(version) if version == found.version => Ok(()),
        Expected::Version(_) => Err(DashboardError::Changed),
        Expected::Nothing => Err(DashboardError::SameUid),
    }
}

fn write(
    tx: &Connection,
    dashboard: Dashboard,
    new: &NewBody<'_>,
) -> Result<Dashboard, StateError> {
    let tags = serde_json::Value::from(dashboard.tags.clone()).to_string();
    let id = (dashboard.id != 0).then_some(dashboard.id);
    let updated_ms = dashboard.updated.as_millis();
    tx.execute(
        "INSERT INTO dashboards
            (id, uid, folder_id, title, tags, metadata, origin, version, created_ms, updated_ms, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT (id) DO UPDATE SET
            uid = ?2, folder_id = ?3, title = ?4, tags = ?5, metadata = ?6, origin = ?7,
            version = ?8, updated_ms = ?10, body = ?11",
        params![
            id,
            dashboard.uid,
            dashboard.folder_id,
            dashboard.title,
            tags,
            dashboard.metadata,
            dashboard.origin.as_text(),
            dashboard.version,
            dashboard.created.as_millis(),
            updated_ms,
            new.body,
        ],
    )?;
    let id = id.unwrap_or_else(|| tx.last_insert_rowid());
    tx.execute(
        "INSERT INTO dashboard_versions
            (dashboard_id, version, parent_version, restored_from, created_ms, message, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            id,
            dashboard.version,
            dashboard.version - 1,
            new.restored_from,
            updated_ms,
            new.message,
            new.body,
        ],
    )?;
    tx.execute(
        "DELETE FROM dashboard_versions WHERE dashboard_id = ?1 AND version <= ?2",
        params![id, dashboard.version - VERSIONS_MAX as i64],
    )?;
    Ok(Dashboard { id, ..dashboard })
}
