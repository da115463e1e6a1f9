//! What an Alertmanager must not forget: its silences, what was notified, and
//! the alerts that were posted.
//!
//! A row is a key and a body, whose meaning is the writer's business. Changes of
//! all three tables are kept together or not at all.

use crate::{Database, StateError};

/// The step of the schema that makes the tables.
pub(crate) const STEP: &str = "
    CREATE TABLE silences (key TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE notification_log (key TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE alerts (key TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
";

/// A table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertmanagerTable {
    /// Silences by their id.
    Silences,
    /// What was sent last, by group and integration.
    NotificationLog,
    /// Alerts by their labels.
    Alerts,
}

/// A row that is new, changed or gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowChange {
    /// Where.
    pub table: AlertmanagerTable,
    /// Which row.
    pub key: String,
    /// What it holds from now on; `None` where it goes.
    pub body: Option<String>,
}

impl AlertmanagerTable {
    const fn name(self) -> &'static str {
        match self {
            Self::Silences => "silences",
            Self::NotificationLog => "notification_log",
            Self::Alerts => "alerts",
        }
    }
}

impl Database {
    /// All rows of a table, as key and body, by key.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn alertmanager_rows(
        &self,
        table: AlertmanagerTable,
    ) -> Result<Vec<(String, String)>, StateError> {
        self.read(|connection| {
            let sql = format!("SELECT key, body FROM {} ORDER BY key", table.name());
            let mut statement = connection.prepare(&sql)?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Keeps changes, all or none; they are on disk when it returns.
    ///
    /// # Errors
    /// Where SQLite fails, as on a full disk.
    pub fn keep_alertmanager_rows(&self, changes: &[RowChange]) -> Result<(), StateError> {
        self.write(|transaction| {
            for RowChange { table, key, body } in changes {
                let table = table.name();
                match body {
                    Some(body) => transaction
                        .prepare_cached(&format!(
                            "INSERT INTO {table} VALUES (?1, ?2)
                             ON CONFLICT (key) DO UPDATE SET body = excluded.body"
                        ))?
                        .execute([key, body])?,
                    None => transaction
                        .prepare_cached(&format!("DELETE FROM {table} WHERE key = ?1"))?
                        .execute([key])?,
                };
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(table: AlertmanagerTable, key: &str, body: Option<&str>) -> RowChange {
        RowChange { table, key: key.to_owned(), body: body.map(str::to_owned) }
    }

    #[test]
    fn rows_are_kept_replaced_and_deleted() {
        use AlertmanagerTable::{Alerts, NotificationLog, Silences};
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.db");
        let database = Database::open(&path).unwrap();
        let first = [
            change(Silences, "a", Some("1")),
            change(Alerts, "a", Some("2")),
            change(Alerts, "b", Some("3")),
            change(NotificationLog, "a", Some("4")),
        ];
        database.keep_alertmanager_rows(&first).unwrap();
        let second = [
            change(Silences, "a", Some("5")),
            change(Alerts, "a", None),
            change(NotificationLog, "not there", None),
        ];
        database.keep_alertmanager_rows(&second).unwrap();
        drop(database);
        let database = Database::open(&path).unwrap();
        let rows = |table| database.alertmanager_rows(table).unwrap();
        let row = |key: &str, body: &str| vec![(key.to_owned(), body.to_owned())];
        assert_eq!(rows(Silences), row("a", "5"));
        assert_eq!(rows(Alerts), row("b", "3"));
        assert_eq!(rows(NotificationLog), row("a", "4"));
    }
}
