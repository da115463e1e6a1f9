//! The SQLite file: how it is opened, and how it is spoken to.

use std::path::{Path, PathBuf};
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::{Connection, Transaction};

use crate::migrations;

/// How long a call waits for another process that has the file, such as a backup.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// SQLite's word.
    #[error("state database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The file is of a version of Bellwether that came later.
    #[error(
        "the state database has taken {found} steps of its schema and this version knows {known}: \
         it was written by a newer version; run that one, or restore a backup"
    )]
    TooNew {
        /// The steps of the file.
        found: usize,
        /// The steps known here.
        known: usize,
    },
    /// The file can't be opened.
    #[error("unable to open the state database {}: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
}

/// The database of one data directory. One connection: what is written here is
/// little, and readers wait for a few milliseconds at most.
#[derive(Debug)]
pub struct Database {
    connection: Mutex<Connection>,
}

impl Database {
    /// Opens the file, making it where there is none, and brings its schema up to date.
    ///
    /// A write that returned has reached the disk: it survives a crash of the machine.
    ///
    /// # Errors
    /// Where the file can't be opened, is no database, or is of a newer version.
    pub fn open(path: &Path) -> Result<Self, StateError> {
        let fault = |source| StateError::Open { path: path.to_owned(), source };
        let connection = Connection::open(path).map_err(fault)?;
        // The first statement that reads the file: what is no database fails here.
        connection.pragma_update(None, "journal_mode", "wal").map_err(fault)?;
        connection.pragma_update(None, "synchronous", "full").map_err(fault)?;
        Self::prepare(connection)
    }

    /// A database that goes with the process.
    ///
    /// # Errors
    /// Where SQLite fails.
    pub fn in_memory() -> Result<Self, StateError> {
        Self::prepare(Connection::open_in_memory()?)
    }

    fn prepare(mut connection: Connection) -> Result<Self, StateError> {
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        migrations::run(&mut connection)?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// Runs `read` on the connection.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StateError>,
    ) -> Result<T, StateError> {
        read(&self.connection.lock())
    }

    /// Runs `write` as one transaction: all of it is kept, or, where it fails, nothing.
    pub(crate) fn write<T>(
        &self,
        write: impl FnOnce(&Transaction<'_>) -> Result<T, StateError>,
    ) -> Result<T, StateError> {
        let mut connection = self.connection.lock();
        let transaction = connection.transaction()?;
        let value = write(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_there_after_a_start() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.db");
        let database = Database::open(&path).unwrap();
        database
            .write(|tx| Ok(tx.execute_batch("CREATE TABLE a (x); INSERT INTO a VALUES (7)")?))
            .unwrap();
        drop(database);
        let database = Database::open(&path).unwrap();
        let value: i64 = database
            .read(|connection| Ok(connection.query_row("SELECT x FROM a", [], |row| row.get(0))?))
            .unwrap();
        assert_eq!(value, 7);
    }

    #[test]
    fn a_write_that_fails_changes_nothing() {
        let database = Database::in_memory().unwrap();
        database.write(|tx| Ok(tx.execute_batch("CREATE TABLE a (x)")?)).unwrap();
        let failed = database.write(|tx| {
            tx.execute("INSERT INTO a VALUES (1)", [])?;
            Ok(tx.execute_batch("nonsense")?)
        });
        assert!(failed.is_err());
        let count: i64 = database
            .read(|c| Ok(c.query_row("SELECT count(*) FROM a", [], |row| row.get(0))?))
            .unwrap();
        assert_eq!(count, 0);
    }

    #[test]
    fn a_file_that_is_no_database_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.db");
        std::fs::write(&path, vec![b'x'; 8192]).unwrap();
        let error = Database::open(&path).unwrap_err().to_string();
        assert!(error.contains("state.db") && error.contains("not a database"), "{error}");
    }
}
