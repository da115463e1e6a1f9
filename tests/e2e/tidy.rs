//! The rules of the house, checked: so that documents stay true.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// All files that git tracks or would.
fn files() -> Vec<PathBuf> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    let mut files: Vec<PathBuf> =
        listed.lines().map(PathBuf::from).filter(|path| root().join(path).exists()).collect();
    files.sort();
    files.dedup();
    files
}

fn rust_files() -> Vec<PathBuf> {
    let mut files = files();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files
}

/// The table of edges in `ARCHITECTURE.md`: crate, what it may use.
fn documented_edges() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut edges = BTreeMap::new();
    let is_row = |line: &&str| line.starts_with("| `crates/") || line.starts_with("| `bench`");
    for line in text.lines().filter(is_row) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let name = cells[1].trim_matches('`').trim_start_matches("crates/").to_owned();
        let uses =
            cells[3].split(',').map(str::trim).filter(|name| !name.is_empty() && *name != "-");
        edges.insert(name, uses.map(str::to_owned).collect());
    }
    edges
}

#[test]
fn crates_use_what_the_architecture_says() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let name = |package: &Value| package["name"].as_str().unwrap().to_owned();
    let ours: BTreeSet<String> = packages.iter().map(name).collect();
    let mut found = BTreeMap::new();
    for package in packages.iter().filter(|package| name(package) != "tests") {
        let dependencies = package["dependencies"].as_array().unwrap();
        let used = dependencies.iter().filter(|dependency| dependency["kind"].is_null());
        let used: BTreeSet<String> = used.map(name).filter(|name| ours.contains(name)).collect();
        found.insert(name(package), used);
    }
    assert_eq!(found, documented_edges(), "the table in ARCHITECTURE.md and the manifests differ");
}

#[test]
fn paths_that_documents_name_exist() {
    for document in ["ARCHITECTURE.md", "README.md"] {
        let text = std::fs::read_to_string(root().join(document)).unwrap();
        for quoted in text.split('`').skip(1).step_by(2) {
            let is_path = ["crates/", "docs/", "tests/", "ui/", ".ci/", "content/"]
                .iter()
                .any(|prefix| quoted.starts_with(prefix))
                && !quoted.contains(['*', ' ', '<', '{', '$']);
            if is_path {
                assert!(
                    root().join(quoted).exists(),
                    "{document} names {quoted}, which is not there"
                );
            }
        }
    }
}

#[test]
fn every_source_file_says_what_it_is() {
    for path in rust_files() {
        let text = std::fs::read_to_string(root().join(&path)).unwrap();
        assert!(text.starts_with("//!"), "{} does not open with a module doc", path.display());
    }
}

#[test]
fn no_leftovers_and_no_mod_rs() {
    for path in files() {
        let name = path.file_name().unwrap().to_string_lossy();
        let is_leftover =
            [".orig", ".rej", ".bak", "~", ".swp"].iter().any(|end| name.ends_with(end));
        assert!(!is_leftover, "{} is a leftover", path.display());
        assert_ne!(name, "mod.rs", "{}: use foo.rs beside foo/", path.display());
    }
}

#[test]
fn the_longest_files_for_a_look() {
    let mut lengths: Vec<(usize, PathBuf)> = rust_files()
        .into_iter()
        .map(|path| (std::fs::read_to_string(root().join(&path)).unwrap().lines().count(), path))
        .collect();
    lengths.sort_by(|a, b| b.cmp(a));
    for (lines, path) in lengths.iter().take(10) {
        println!("{lines:6} {}", path.display());
    }
}
