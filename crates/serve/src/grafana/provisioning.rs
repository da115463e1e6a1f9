//! Dashboards that are kept elsewhere: in files, and in the program itself.
//!
//! They are put among those that people save, so that they are found, starred and
//! annotated like them, but a save is refused: the source would undo it. A source that is
//! broken leaves what it said before.

use std::collections::{HashMap, HashSet};

use state::dashboards::{
    Dashboard, DashboardError, Dashboards, Expected, NewBody, NewFolder, Origin,
};
use xxhash_rust::xxh3::xxh3_64;

use super::body::DashboardBody;
use super::document::Document;
use super::error::GrafanaError;
use super::folders::FolderTree;
use super::request::BODY_BYTES_MAX;

include!(concat!(env!("OUT_DIR"), "/bundled_dashboards.rs"));

/// The largest source: as large as a body may be.
pub const SOURCE_BYTES_MAX: usize = BODY_BYTES_MAX;
/// The folder of the dashboards that come with the program.
const BUNDLED_FOLDER: &str = "Bellwether";

/// Where a dashboard is kept, and what is there.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its file, or its name in the program.
    pub origin: Origin,
    /// The titles of the folders that it is in, the outermost first.
    pub folders: Vec<String>,
    /// The JSON, or why it can't be read.
    pub text: Result<String, String>,
}

/// The dashboards that come with the program.
pub fn bundled() -> impl Iterator<Item = Source> {
    BUNDLED_DASHBOARDS.iter().map(|(name, text)| Source {
        origin: Origin::Bundled((*name).to_owned()),
        folders: vec![BUNDLED_FOLDER.to_owned()],
        text: Ok((*text).to_owned()),
    })
}

/// A source that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The source.
    pub origin: Origin,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

/// Makes the provisioned dashboards those of `sources`: adds, changes, deletes. Says which
/// sources could not be used; they hinder no others. Each is done with before the next is
/// asked for, so that not all have to be in memory.
///
/// # Errors
/// Where the database fails.
pub fn apply(
    dashboards: &Dashboards,
    sources: impl IntoIterator<Item = Source>,
) -> Result<Vec<Fault>, DashboardError> {
    let before: HashMap<Origin, Dashboard> = dashboards
        .list()?
        .into_iter()
        .filter(|dashboard| dashboard.origin.is_provisioned())
        .map(|dashboard| (dashboard.origin.clone(), dashboard))
        .collect();
    let mut kept: HashSet<Origin> = HashSet::new();
    let mut taken: HashMap<String, Origin> = HashMap::new();
    let mut faults = Vec::new();
    for source in sources {
        kept.insert(source.origin.clone());
        match put(dashboards, &source, before.get(&source.origin), &mut taken) {
            Ok(()) => {}
            Err(NotPut::Fault(fault)) => faults.push(fault),
            Err(NotPut::Database(error)) => return Err(error),
        }
    }
    for (origin, dashboard) in &before {
        // One whose source changed its uid is another now.
        let is_other =
            taken.values().any(|put| put == origin) && !taken.contains_key(&dashboard.uid);
        if is_other || !kept.contains(origin) {
            dashboards.delete_provisioned(&dashboard.uid, origin)?;
        }
    }
    dashboards.delete_empty_provisioned_folders()?;
    Ok(faults)
}

enum NotPut {
    Fault(Fault),
    Database(DashboardError),
}

impl From<DashboardError> for NotPut {
    fn from(error: DashboardError) -> Self {
        Self::Database(error)
    }
}

fn put(
    dashboards: &Dashboards,
    source: &Source,
    before: Option<&Dashboard>,
    taken: &mut HashMap<String, Origin>,
) -> Result<(), NotPut> {
    let fault = |(line, column), message: String| {
        NotPut::Fault(Fault { origin: source.origin.clone(), line, column, message })
    };
    let text = source.text.as_ref().map_err(|reason| fault((1, 1), reason.clone()))?;
    let text = text.trim_start_matches('\u{feff}');
    let document = Document::parse(text)
        .map_err(|error| fault((error.line(), error.column()), error.to_string()))?;
    // Files that were made for the HTTP API have its wrapper.
    let inner = document.object("dashboard");
    let text = inner.as_ref().map_or(document.text(), Document::text);
    let body = DashboardBody::read(text).map_err(|error| fault((1, 1), error.message))?;
    let uid = match (&body.uid, before) {
        (Some(uid), _) => uid.clone(),
        (None, Some(before)) => before.uid.clone(),
        (None, None) => derived_uid(&source.origin),
    };
    if let Some(other) = taken.get(&uid) {
        // The program's own gives way to a file's.
        if matches!(source.origin, Origin::Bundled(_)) {
            return Ok(());
        }
        let message = format!("the uid {uid:?} is that of {} already", named(other));
        return Err(fault((1, 1), message));
    }
    let found = match dashboards.get(&uid) {
        Ok(found) => Some(found),
        Err(DashboardError::NotFound) => None,
        Err(error) => return Err(error.into()),
    };
    let gives_way = matches!(source.origin, Origin::Bundled(_))
        && found.as_ref().is_some_and(|(found, _)| found.origin == Origin::Saved);
    if gives_way {
        return Ok(());
    }
    let folder_uid = match folder(dashboards, source) {
        Ok(uid) => uid,
        Err(DashboardError::State(error)) => return Err(DashboardError::State(error).into()),
        Err(error) => return Err(fault((1, 1), error.to_string())),
    };
    taken.insert(uid.clone(), source.origin.clone());
    let is_same = match &found {
        Some((found, kept)) => {
            let tree =
                FolderTree::read(dashboards).map_err(|error| fault((1, 1), error.message))?;
            let in_folder = tree.get(found.folder_id).map(|folder| &folder.uid);
            found.origin == source.origin && kept == body.text && in_folder == folder_uid.as_ref()
        }
        None => false,
    };
    if is_same {
        return Ok(());
    }
    let new = NewBody {
        uid: &uid,
        folder_uid: folder_uid.as_deref(),
        title: &body.title,
        tags: &body.tags,
        metadata: None,
        origin: source.origin.clone(),
        body: body.text,
        message: "",
        restored_from: 0,
    };
    match dashboards.save(&new, Expected::Anything) {
        Ok(_) => Ok(()),
        Err(DashboardError::State(error)) => Err(DashboardError::State(error).into()),
        Err(error) => Err(fault((1, 1), GrafanaError::from(error).message)),
    }
}

/// The uid of the folder that a source is in; makes those that are missing.
fn folder(dashboards: &Dashboards, source: &Source) -> Result<Option<String>, DashboardError> {
    let mut folders = dashboards.folders()?;
    let (mut at, mut path): (Option<(i64, String)>, String) = (None, String::new());
    for title in &source.folders {
        path = format!("{path}/{title}");
        let parent_id = at.as_ref().map(|(id, _)| *id);
        let found = folders.iter().find(|folder| {
            folder.parent_id == parent_id && folder.title.eq_ignore_ascii_case(title)
        });
        let found = match found {
            Some(found) => found.clone(),
            None => {
                let origin = match source.origin {
                    Origin::Bundled(_) => Origin::Bundled(path.clone()),
                    _ => Origin::File(path.clone()),
                };
                let made = dashboards.create_folder(&NewFolder {
                    uid: &derived_uid(&origin),
                    parent_uid: at.as_ref().map(|(_, uid)| uid.as_str()),
                    title,
                    description: "",
                    metadata: "",
                    origin,
                })?;
                folders.push(made.clone());
                made
            }
        };
        at = Some((found.id, found.uid));
    }
    Ok(at.map(|(_, uid)| uid))
}

/// A uid that is the same wherever the same source is.
fn derived_uid(origin: &Origin) -> String {
    format!("p{:015x}", xxh3_64(named(origin).as_bytes()) >> 4)
}

fn named(origin: &Origin) -> &str {
    match origin {
        Origin::File(name) | Origin::Bundled(name) => name,
        Origin::Saved => "",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use state::Database;

    use super::*;

    fn dashboards() -> Dashboards {
        Dashboards::new(Arc::new(Database::in_memory().unwrap()))
    }

    fn file(path: &str, folders: &[&str], text: &str) -> Source {
        Source {
            origin: Origin::File(path.to_owned()),
            folders: folders.iter().map(|title| (*title).to_owned()).collect(),
            text: Ok(text.to_owned()),
        }
    }

    fn titles(dashboards: &Dashboards) -> Vec<String> {
        let mut titles: Vec<_> =
            dashboards.list().unwrap().into_iter().map(|found| found.title).collect();
        titles.sort();
        titles
    }

    #[test]
    fn what_comes_with_the_program_is_sound() {
        let dashboards = dashboards();
        assert_eq!(apply(&dashboards, bundled()).unwrap(), []);
        assert!(dashboards.list().unwrap().len() >= 4);
        assert_eq!(dashboards.folders().unwrap()[0].title, BUNDLED_FOLDER);
    }

    #[test]
    fn files_come_change_and_go() {
        let dashboards = dashboards();
        let wrapped = r#"{"dashboard":{"title":"B"},"overwrite":true}"#;
        let first = [file("a.json", &["x", "y"], r#"{"title":"A"}"#), file("b.json", &[], wrapped)];
        assert_eq!(apply(&dashboards, first.clone()).unwrap(), []);
        assert_eq!(titles(&dashboards), ["A", "B"]);
        assert_eq!(dashboards.folders().unwrap().len(), 2);
        let uid = dashboards.list().unwrap()[0].uid.clone();
        apply(&dashboards, first.clone()).unwrap();
        assert_eq!(dashboards.get(&uid).unwrap().0.version, 1, "nothing changed");

        let second = [file("a.json", &["x", "y"], r#"{"title":"A2"}"#)];
        apply(&dashboards, second).unwrap();
        assert_eq!(titles(&dashboards), ["A2"]);
        assert_eq!(dashboards.get(&uid).unwrap().0.version, 2, "a file keeps its uid");
        let third = [file("a.json", &["x"], r#"{"title":"A2","uid":"other"}"#)];
        apply(&dashboards, third).unwrap();
        assert_eq!(titles(&dashboards), ["A2"]);
        assert_eq!(dashboards.folders().unwrap().len(), 1);
        apply(&dashboards, []).unwrap();
        assert!(dashboards.list().unwrap().is_empty() && dashboards.folders().unwrap().is_empty());
    }

    #[test]
    fn a_broken_file_is_named_with_its_place_and_leaves_what_was() {
        let dashboards = dashboards();
        let good = file("good.json", &[], r#"{"title":"Good"}"#);
        apply(&dashboards, [file("a.json", &[], r#"{"title":"A"}"#), good.clone()]).unwrap();
        let broken = file("a.json", &[], "{\n  \"title\": A }");
        let faults = apply(&dashboards, [broken, good.clone()]).unwrap();
        assert_eq!((faults.len(), faults[0].line, faults[0].column), (1, 2, 12));
        assert_eq!(titles(&dashboards), ["A", "Good"]);
        let empty = file("a.json", &[], r#"{"panels":[]}"#);
        let faults = apply(&dashboards, [empty, good.clone()]).unwrap();
        assert!(faults[0].message.contains("title"));
        let unreadable = Source { text: Err("no permission".to_owned()), ..good.clone() };
        let faults = apply(&dashboards, [file("a.json", &[], r#"{"title":"A"}"#), unreadable]);
        assert_eq!(faults.unwrap()[0].message, "no permission");
        assert_eq!(titles(&dashboards).len(), 2);
    }

    #[test]
    fn who_wins_where_a_uid_is_there_twice() {
        let dashboards = dashboards();
        let text = r#"{"title":"T","uid":"same"}"#;
        let files = [file("a.json", &[], text), file("b.json", &[], text)];
        let faults = apply(&dashboards, files.clone()).unwrap();
        assert_eq!((faults.len(), faults[0].origin.clone()), (1, files[1].origin.clone()));
        let bundled = Source { origin: Origin::Bundled("c".into()), ..files[0].clone() };
        assert_eq!(apply(&dashboards, [files[0].clone(), bundled.clone()]).unwrap(), []);
        assert_eq!(dashboards.get("same").unwrap().0.origin, files[0].origin);

        apply(&dashboards, []).unwrap();
        let saved = NewBody {
            uid: "same",
            folder_uid: None,
            title: "Mine",
            tags: &[],
            metadata: None,
            origin: Origin::Saved,
            body: "{}",
            message: "",
            restored_from: 0,
        };
        dashboards.save(&saved, Expected::Nothing).unwrap();
        apply(&dashboards, [bundled]).unwrap();
        assert_eq!(titles(&dashboards), ["Mine"], "a save is not undone by the program");
        apply(&dashboards, [files[0].clone()]).unwrap();
        assert_eq!(titles(&dashboards), ["T"], "a file takes over, as with Grafana");
        assert_eq!(dashboards.versions("same").unwrap().1.len(), 2, "and what was is kept");
    }
}
