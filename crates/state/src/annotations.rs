//! Annotations: what people and programs note at a moment or over a time, on one
//! dashboard or for all.

use std::sync::Arc;

use model::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use crate::{Database, StateError};

pub(crate) const STEP: &str = "
CREATE TABLE annotations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    dashboard_uid TEXT,
    panel_id INTEGER NOT NULL,
    time_ms INTEGER NOT NULL,
    time_end_ms INTEGER NOT NULL,
    text TEXT NOT NULL,
    tags TEXT NOT NULL,
    data TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL
);
CREATE INDEX annotations_by_time ON annotations (time_ms);
CREATE INDEX annotations_by_dashboard ON annotations (dashboard_uid, time_ms);
";

/// The most annotations that are kept; beyond that the oldest go.
pub const ANNOTATIONS_MAX: usize = 100_000;

/// An annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// Counts up; unique in this database. Zero before it is added.
    pub id: i64,
    /// The dashboard; `None` is for all.
    pub dashboard_uid: Option<String>,
    /// The panel; 0 is for all.
    pub panel_id: i64,
    /// When, or from when.
    pub time: Timestamp,
    /// Until when; the same for a moment.
    pub time_end: Timestamp,
    /// What.
    pub text: String,
    /// What it is found by.
    pub tags: Vec<String>,
    /// What a client wants kept beside it, in a form of the caller's.
    pub data: String,
    /// When it was added.
    pub created: Timestamp,
    /// The last change.
    pub updated: Timestamp,
}

/// Which annotations; `None` is any.
#[derive(Clone, Debug, Default)]
pub struct AnnotationFilter<'a> {
    /// Those that end at or after.
    pub from: Option<Timestamp>,
    /// Those that begin at or before.
    pub to: Option<Timestamp>,
    /// Those of a dashboard.
    pub dashboard_uid: Option<&'a str>,
    /// Those of a panel.
    pub panel_id: Option<i64>,
    /// Those that have these tags: all, or with `is_any_tag` one of them.
    pub tags: &'a [&'a str],
    /// Whether one of the tags is enough.
    pub is_any_tag: bool,
    /// The most that are wanted, newest first.
    pub limit: usize,
}

const COLUMNS: &str =
    "id, dashboard_uid, panel_id, time_ms, time_end_ms, text, tags, data, created_ms, updated_ms";

fn annotation(row: &Row<'_>) -> rusqlite::Result<Annotation> {
    let tags: String = row.get(6)?;
    Ok(Annotation {
        id: row.get(0)?,
        dashboard_uid: row.get(1)?,
        panel_id: row.get(2)?,
        time: Timestamp::from_millis(row.get(3)?),
        time_end: Timestamp::from_millis(row.get(4)?),
        text: row.get(5)?,
        tags: serde_json::from_str(&tags).unwrap_or_default(),
        data: row.get(7)?,
        created: Timestamp::from_millis(row.get(8)?),
        updated: Timestamp::from_millis(row.get(9)?),
    })
}

/// The annotations of a database.
#[derive(Clone, Debug)]
pub struct Annotations {
    database: Arc<Database>,
}

impl Annotations {
    /// Those of `database`.
    pub fn new(database: Arc<Database>) -> Self {
        Self { database }
    }

    /// Adds one and says its id.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn add(&self, new: &Annotation) -> Result<i64, StateError> {
        self.database.write(|tx| {
            tx.execute(
                "INSERT INTO annotations
                    (dashboard_uid, panel_id, time_ms, time_end_ms, text, tags, data, created_ms, updated_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
                params![
                    new.dashboard_uid,
                    new.panel_id,
                    new.time.as_millis(),
                    new.time_end.as_millis(),
                    new.text,
                    tags_text(&new.tags),
                    new.data,
                    Timestamp::now().as_millis(),
                ],
            )?;
            let id = tx.last_insert_rowid();
            trim(tx, ANNOTATIONS_MAX)?;
            Ok(id)
        })
    }

    /// One.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn get(&self, id: i64) -> Result<Option<Annotation>, StateError> {
        self.database.read(|connection| {
            Ok(connection
                .prepare_cached(&format!("SELECT {COLUMNS} FROM annotations WHERE id = ?1"))?
                .query_row([id], annotation)
                .optional()?)
        })
    }

    /// Replaces time, text, tags and data of the one with its id. Says whether it was there.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn update(&self, changed: &Annotation) -> Result<bool, StateError> {
        self.database.write(|tx| {
            let rows = tx.execute(
                "UPDATE annotations SET time_ms = ?2, time_end_ms = ?3, text = ?4, tags = ?5,
                    data = ?6, updated_ms = ?7 WHERE id = ?1",
                params![
                    changed.id,
                    changed.time.as_millis(),
                    changed.time_end.as_millis(),
                    changed.text,
                    tags_text(&changed.tags),
                    changed.data,
                    Timestamp::now().as_millis(),
                ],
            )?;
            Ok(rows > 0)
        })
    }

    /// Deletes one. Says whether it was there.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn delete(&self, id: i64) -> Result<bool, StateError> {
        self.database.write(|tx| Ok(tx.execute("DELETE FROM annotations WHERE id = ?1", [id])? > 0))
    }

    /// Deletes those of a dashboard's panel.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn delete_of_panel(&self, dashboard_uid: &str, panel_id: i64) -> Result<(), StateError> {
        self.database.write(|tx| {
            tx.execute(
                "DELETE FROM annotations WHERE dashboard_uid = ?1 AND panel_id = ?2",
                params![dashboard_uid, panel_id],
            )?;
            Ok(())
        })
    }

    /// Those that `filter` lets through, newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn find(&self, filter: &AnnotationFilter<'_>) -> Result<Vec<Annotation>, StateError> {
        let mut conditions = vec!["TRUE"];
        let mut values: Vec<rusqlite::types::Value> = Vec::new();
        if let Some(from) = filter.from {
            conditions.push("time_end_ms >= ?");
            values.push(from.as_millis().into());
        }
        if let Some(to) = filter.to {
            conditions.push("time_ms <= ?");
            values.push(to.as_millis().into());
        }
        if let Some(uid) = filter.dashboard_uid {
            conditions.push("dashboard_uid = ?");
            values.push(uid.to_owned().into());
        }
        if let Some(panel_id) = filter.panel_id {
            conditions.push("panel_id = ?");
            values.push(panel_id.into());
        }
        let sql = format!(
            "SELECT {COLUMNS} FROM annotations WHERE {} ORDER BY time_ms DESC, id DESC",
            conditions.join(" AND ")
        );
        self.database.read(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params_from_iter(values))?;
            let mut found = Vec::new();
            while found.len() < filter.limit
                && let Some(row) = rows.next()?
            {
                let candidate = annotation(row)?;
                if has_tags(&candidate, filter) {
                    found.push(candidate);
                }
            }
            Ok(found)
        })
    }

    /// The tags with how often each is used, by name.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn tags(&self) -> Result<Vec<(String, usize)>, StateError> {
        let texts: Vec<String> = self.database.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT tags FROM annotations")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })?;
        let mut counts = std::collections::BTreeMap::new();
        for text in texts {
            let tags: Vec<String> = serde_json::from_str(&text).unwrap_or_default();
            for tag in tags {
                *counts.entry(tag).or_insert(0) += 1;
            }
        }
        Ok(counts.into_iter().collect())
    }
}

fn has_tags(candidate: &Annotation, filter: &AnnotationFilter<'_>) -> bool {
    let has = |wanted: &&str| candidate.tags.iter().any(|tag| tag == wanted);
    if filter.is_any_tag && !filter.tags.is_empty() {
        filter.tags.iter().any(has)
    } else {
        filter.tags.iter().all(has)
    }
}

fn tags_text(tags: &[String]) -> String {
    serde_json::Value::from(tags.to_vec()).to_string()
}

fn trim(tx: &Connection, max: usize) -> Result<(), StateError> {
    tx.execute(
        "DELETE FROM annotations WHERE id IN (
            SELECT id FROM annotations ORDER BY time_ms DESC, id DESC LIMIT -1 OFFSET ?1)",
        [i64::try_from(max).unwrap_or(i64::MAX)],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64, tags: &[&str]) -> Annotation {
        Annotation {
            id: 0,
            dashboard_uid: None,
            panel_id: 0,
            time: Timestamp::from_millis(ms),
            time_end: Timestamp::from_millis(ms + 10),
            text: format!("at {ms}"),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            data: "{}".to_owned(),
            created: Timestamp::from_millis(0),
            updated: Timestamp::from_millis(0),
        }
    }

    #[test]
    fn they_are_found_by_time_and_tags() {
        let annotations = Annotations::new(Arc::new(Database::in_memory().unwrap()));
        annotations.add(&at(100, &["deploy", "web"])).unwrap();
        annotations.add(&at(200, &["deploy"])).unwrap();
        let find = |filter: AnnotationFilter<'_>| {
            let found = annotations.find(&filter).unwrap();
            found.iter().map(|found| found.time.as_millis()).collect::<Vec<_>>()
        };
        let any = AnnotationFilter { limit: 10, ..AnnotationFilter::default() };
        assert_eq!(find(any.clone()), [200, 100]);
        let from = Some(Timestamp::from_millis(105));
        assert_eq!(find(AnnotationFilter { from, ..any.clone() }), [200, 100]);
        let from = Some(Timestamp::from_millis(111));
        assert_eq!(find(AnnotationFilter { from, ..any.clone() }), [200]);
        let tags = &["deploy", "web"][..];
        assert_eq!(find(AnnotationFilter { tags, ..any.clone() }), [100]);
        assert_eq!(find(AnnotationFilter { tags, is_any_tag: true, ..any.clone() }), [200, 100]);
        assert_eq!(find(AnnotationFilter { limit: 1, ..any }), [200]);
        assert_eq!(annotations.tags().unwrap(), [("deploy".into(), 2), ("web".into(), 1)]);
    }

    #[test]
    fn the_oldest_go_at_the_limit() {
        let database = Arc::new(Database::in_memory().unwrap());
        let annotations = Annotations::new(Arc::clone(&database));
        for ms in [300, 100, 200] {
            annotations.add(&at(ms, &[])).unwrap();
        }
        database.write(|tx| trim(tx, 2)).unwrap();
        let filter = AnnotationFilter { limit: 10, ..AnnotationFilter::default() };
        let left: Vec<_> = annotations.find(&filter).unwrap().iter().map(|a| a.time).collect();
        assert_eq!(left, [Timestamp::from_millis(300), Timestamp::from_millis(200)]);
    }
}
