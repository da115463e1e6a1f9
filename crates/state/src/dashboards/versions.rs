//! The versions of a dashboard: one for each save, the last ones kept.

use model::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::{Dashboard, DashboardError, Dashboards, by_uid};

/// One save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Counts up; unique in this database.
    pub id: i64,
    /// The number within its dashboard, from 1.
    pub version: i64,
    /// The one before.
    pub parent_version: i64,
    /// The version whose body this is again; 0 is none.
    pub restored_from: i64,
    /// When it was saved.
    pub created: Timestamp,
    /// What the author said of the change.
    pub message: String,
}

const COLUMNS: &str = "id, version, parent_version, restored_from, created_ms, message";

fn version(row: &Row<'_>) -> rusqlite::Result<Version> {
    Ok(Version {
        id: row.get(0)?,
        version: row.get(1)?,
        parent_version: row.get(2)?,
        restored_from: row.get(3)?,
        created: Timestamp::from_millis(row.get(4)?),
        message: row.get(5)?,
    })
}

impl Dashboards {
    /// The versions of a dashboard, newest first.
    ///
    /// # Errors
    /// Where there is no such dashboard, or the database fails.
    pub fn versions(&self, uid: &str) -> Result<(Dashboard, Vec<Version>), DashboardError> {
        let found = self.database.read(|connection| {
            let Some(dashboard) = by_uid(connection, uid)? else { return Ok(None) };
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM dashboard_versions WHERE dashboard_id = ?1 ORDER BY version DESC"
            ))?;
            let rows = statement.query_map([dashboard.id], version)?;
            Ok(Some((dashboard, rows.collect::<Result<_, _>>()?)))
        })?;
        found.ok_or(DashboardError::NotFound)
    }

    /// One version with its body.
    ///
    /// # Errors
    /// Where there is no such dashboard or version, or the database fails.
    pub fn version(
        &self,
        uid: &str,
        number: i64,
    ) -> Result<(Dashboard, Version, String), DashboardError> {
        self.database.read(|connection| {
            let Some(dashboard) = by_uid(connection, uid)? else {
                return Ok(Err(DashboardError::NotFound));
            };
            let found = connection
                .prepare_cached(&format!(
                    "SELECT {COLUMNS}, body FROM dashboard_versions
                     WHERE dashboard_id = ?1 AND version = ?2"
                ))?
                .query_row(params![dashboard.id, number], |row| Ok((version(row)?, row.get(6)?)))
                .optional()?;
            Ok(found
                .map(|(version, body)| (dashboard, version, body))
                .ok_or(DashboardError::VersionNotFound))
        })?
    }
}
