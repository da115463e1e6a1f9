//! What a save keeps, what it refuses, and what goes with what.

use super::*;

fn dashboards() -> Dashboards {
    Dashboards::new(Arc::new(Database::in_memory().unwrap()))
}

fn body<'a>(uid: &'a str, body: &'a str) -> NewBody<'a> {
    NewBody {
        uid,
        folder_uid: None,
        title: "A title",
        tags: &[],
        metadata: None,
        origin: Origin::Saved,
        body,
        message: "",
        restored_from: 0,
    }
}

fn folder<'a>(uid: &'a str, parent_uid: Option<&'a str>) -> NewFolder<'a> {
    NewFolder { uid, parent_uid, title: uid, description: "", metadata: "", origin: Origin::Saved }
}

#[test]
fn a_body_is_kept_to_the_byte() {
    let dashboards = dashboards();
    let text = "{\"b\": 1.0,\n \"a\":1e3, \"\\u0061\": \"\\ud800\"}";
    let tags = ["b".to_owned(), "a".to_owned()];
    let saved =
        dashboards.save(&NewBody { tags: &tags, ..body("x", text) }, Expected::Nothing).unwrap();
    assert!(saved.is_new);
    let (found, kept) = dashboards.get("x").unwrap();
    assert_eq!(kept, text);
    assert_eq!(found, saved.dashboard);
    assert_eq!(found.tags, tags);
    assert_eq!(dashboards.list().unwrap(), [found]);
}

#[test]
fn a_save_over_something_else_is_refused() {
    let dashboards = dashboards();
    dashboards.save(&body("x", "1"), Expected::Nothing).unwrap();
    let save = |expected| dashboards.save(&body("x", "2"), expected);
    assert!(matches!(save(Expected::Nothing), Err(DashboardError::SameUid)));
    assert!(matches!(save(Expected::Version(7)), Err(DashboardError::Changed)));
    assert_eq!(save(Expected::Version(1)).unwrap().dashboard.version, 2);
    assert_eq!(save(Expected::Anything).unwrap().dashboard.version, 3);
}

#[test]
fn the_last_versions_are_kept() {
    let dashboards = dashboards();
    for number in 1..=VERSIONS_MAX + 5 {
        dashboards.save(&body("x", &number.to_string()), Expected::Anything).unwrap();
    }
    let (_, versions) = dashboards.versions("x").unwrap();
    assert_eq!(versions.len(), VERSIONS_MAX);
    assert_eq!(versions[0].version, 25);
    assert_eq!(dashboards.version("x", 6).unwrap().2, "6");
    assert!(matches!(dashboards.version("x", 5), Err(DashboardError::VersionNotFound)));
    assert!(matches!(dashboards.version("y", 5), Err(DashboardError::NotFound)));
}

#[test]
fn a_star_and_metadata_stay_through_saves_and_go_with_the_dashboard() {
    let dashboards = dashboards();
    let first = NewBody { metadata: Some("kept"), ..body("x", "1") };
    dashboards.save(&first, Expected::Nothing).unwrap();
    dashboards.star("x", true).unwrap();
    dashboards.save(&body("x", "2"), Expected::Version(1)).unwrap();
    assert_eq!(dashboards.stars().unwrap(), ["x"]);
    assert_eq!(dashboards.delete("x").unwrap().metadata, "kept");
    assert!(dashboards.stars().unwrap().is_empty());
    assert!(matches!(dashboards.star("x", true), Err(DashboardError::NotFound)));
}

#[test]
fn what_is_provisioned_is_not_saved_over() {
    let dashboards = dashboards();
    let file = NewBody { origin: Origin::File("a.json".into()), ..body("x", "1") };
    dashboards.save(&file, Expected::Anything).unwrap();
    let error = dashboards.save(&body("x", "2"), Expected::Anything).unwrap_err();
    assert!(matches!(error, DashboardError::Provisioned), "{error}");
    assert!(matches!(dashboards.delete("x"), Err(DashboardError::Provisioned)));
    assert_eq!(dashboards.save(&file, Expected::Anything).unwrap().dashboard.version, 2);
    assert_eq!(dashboards.get("x").unwrap().0.origin, file.origin);
    dashboards.star("x", true).unwrap();
    dashboards.delete_provisioned("x", &Origin::File("b.json".into())).unwrap();
    assert_eq!(dashboards.list().unwrap().len(), 1);
    dashboards.delete_provisioned("x", &file.origin).unwrap();
    assert!(dashboards.list().unwrap().is_empty());
    assert_eq!(dashboards.stars().unwrap(), ["x"], "for when the file comes back");
}

#[test]
fn folders_hold_folders_and_take_what_is_inside_along() {
    let dashboards = dashboards();
    dashboards.create_folder(&folder("a", None)).unwrap();
    dashboards.create_folder(&folder("b", Some("a"))).unwrap();
    let inside = NewBody { folder_uid: Some("b"), ..body("x", "1") };
    dashboards.save(&inside, Expected::Nothing).unwrap();
    let missing = NewBody { folder_uid: Some("c"), ..body("y", "1") };
    let error = dashboards.save(&missing, Expected::Nothing).unwrap_err();
    assert!(matches!(error, DashboardError::FolderNotFound));
    assert!(matches!(
        dashboards.create_folder(&folder("b", None)),
        Err(DashboardError::SameFolderUid)
    ));
    dashboards.delete_folder("a").unwrap();
    assert!(dashboards.list().unwrap().is_empty() && dashboards.folders().unwrap().is_empty());
}

#[test]
fn a_folder_that_holds_something_provisioned_stays() {
    let dashboards = dashboards();
    dashboards.create_folder(&folder("a", None)).unwrap();
    let origin = Origin::Bundled("b".into());
    let inside = NewBody { folder_uid: Some("a"), origin, ..body("x", "1") };
    dashboards.save(&inside, Expected::Nothing).unwrap();
    assert!(matches!(dashboards.delete_folder("a"), Err(DashboardError::Provisioned)));
    assert_eq!(dashboards.list().unwrap().len(), 1);
}

#[test]
fn a_folder_is_not_moved_into_itself_nor_too_deep() {
    let dashboards = dashboards();
    let names: Vec<String> = (0..=FOLDER_DEPTH_MAX).map(|n| n.to_string()).collect();
    let mut parent = None;
    for name in &names[..FOLDER_DEPTH_MAX] {
        dashboards.create_folder(&folder(name, parent)).unwrap();
        parent = Some(name);
    }
    let deepest = folder(&names[FOLDER_DEPTH_MAX], parent);
    assert!(matches!(dashboards.create_folder(&deepest), Err(DashboardError::Place(_))));
    let into = |uid| FolderChange { parent_uid: Some(Some(uid)), ..FolderChange::default() };
    assert!(matches!(dashboards.change_folder("0", &into("3")), Err(DashboardError::Place(_))));
    dashboards.create_folder(&folder("side", None)).unwrap();
    assert!(matches!(dashboards.change_folder("0", &into("side")), Err(DashboardError::Place(_))));
    assert!(dashboards.change_folder("side", &into("6")).is_ok());
}

#[test]
fn a_change_of_a_folder_that_somebody_changed_is_refused() {
    let dashboards = dashboards();
    dashboards.create_folder(&folder("a", None)).unwrap();
    let change = FolderChange { version: Some(1), title: Some("A"), ..FolderChange::default() };
    let changed = dashboards.change_folder("a", &change).unwrap();
    assert_eq!((changed.title.as_str(), changed.version), ("A", 2));
    let error = dashboards.change_folder("a", &change).unwrap_err();
    assert!(matches!(error, DashboardError::FolderChanged));
}

#[test]
fn folders_that_provisioning_made_go_when_empty() {
    let dashboards = dashboards();
    let origin = || Origin::File("dir".into());
    dashboards.create_folder(&NewFolder { origin: origin(), ..folder("a", None) }).unwrap();
    dashboards.create_folder(&NewFolder { origin: origin(), ..folder("b", Some("a")) }).unwrap();
    dashboards.create_folder(&folder("mine", None)).unwrap();
    dashboards
        .save(&NewBody { folder_uid: Some("b"), ..body("x", "1") }, Expected::Nothing)
        .unwrap();
    dashboards.delete_empty_provisioned_folders().unwrap();
    assert_eq!(dashboards.folders().unwrap().len(), 3);
    dashboards.delete("x").unwrap();
    dashboards.delete_empty_provisioned_folders().unwrap();
    let left: Vec<_> = dashboards.folders().unwrap().into_iter().map(|f| f.uid).collect();
    assert_eq!(left, ["mine"]);
}

/// Rows beyond which the next is refused.
fn fill(dashboards: &Dashboards, rows: usize, insert: &str) {
    let numbers = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) {insert}"
    );
    dashboards.database.write(|tx| Ok(tx.execute_batch(&numbers)?)).unwrap();
}

#[test]
fn at_the_limits_what_is_there_can_still_be_changed() {
    let dashboards = dashboards();
    fill(
        &dashboards,
        DASHBOARDS_MAX,
        "INSERT INTO dashboards SELECT i, 'd' || i, NULL, '', '[]', '', '', 1, 0, 0, '' FROM n",
    );
    let error = dashboards.save(&body("new", ""), Expected::Nothing).unwrap_err();
    assert!(matches!(error, DashboardError::TooMany { max: DASHBOARDS_MAX, .. }), "{error}");
    assert!(dashboards.save(&body("d1", ""), Expected::Anything).is_ok());
    dashboards.delete("d1").unwrap();
    assert!(dashboards.save(&body("new", ""), Expected::Nothing).is_ok());

    fill(&dashboards, STARS_MAX, "INSERT INTO stars SELECT 'x' || i FROM n");
    assert!(matches!(dashboards.star("d2", true), Err(DashboardError::TooMany { .. })));
    assert!(dashboards.star("d2", false).is_ok());

    fill(
        &dashboards,
        FOLDERS_MAX,
        "INSERT INTO folders SELECT i, 'f' || i, NULL, '', '', '', '', 1, 0, 0 FROM n",
    );
    let error = dashboards.create_folder(&folder("new", None)).unwrap_err();
    assert!(matches!(error, DashboardError::TooMany { max: FOLDERS_MAX, .. }), "{error}");
    let change = FolderChange { title: Some("t"), ..FolderChange::default() };
    assert!(dashboards.change_folder("f1", &change).is_ok());
}
