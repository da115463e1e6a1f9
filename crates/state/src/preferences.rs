//! Preferences: what people choose once for all pages, as names and values.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Database, StateError};

pub(crate) const STEP: &str = "
CREATE TABLE preferences (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
";

/// The preferences of a database.
#[derive(Clone, Debug)]
pub struct Preferences {
    database: Arc<Database>,
}

impl Preferences {
    /// Those of `database`.
    pub fn new(database: Arc<Database>) -> Self {
        Self { database }
    }

    /// All that are set.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn all(&self) -> Result<BTreeMap<String, String>, StateError> {
        self.database.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT name, value FROM preferences")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Sets those that are named; an empty value unsets.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn set(&self, values: &[(&str, &str)]) -> Result<(), StateError> {
        self.database.write(|tx| {
            for (name, value) in values {
                if value.is_empty() {
                    tx.execute("DELETE FROM preferences WHERE name = ?1", [name])?;
                } else {
                    tx.execute(
                        "INSERT OR REPLACE INTO preferences VALUES (?1, ?2)",
                        [name, value],
                    )?;
                }
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_set_and_unset() {
        let preferences = Preferences::new(Arc::new(Database::in_memory().unwrap()));
        preferences.set(&[("theme", "dark"), ("home", "abc")]).unwrap();
        preferences.set(&[("home", "")]).unwrap();
        assert_eq!(preferences.all().unwrap(), [("theme".into(), "dark".into())].into());
    }
}
