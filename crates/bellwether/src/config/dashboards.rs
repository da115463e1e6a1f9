//! Files of dashboards: which there are, and what they say.

use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context;
use glob::MatchOptions;
use serve::grafana::provisioning::{SOURCE_BYTES_MAX, Source};
use state::dashboards::{DASHBOARDS_MAX, Origin};

/// Files that a configuration names.
#[derive(Clone)]
pub(crate) struct DashboardPlace {
    /// The directory of the configuration, which names start from.
    pub(crate) base: PathBuf,
    /// A path with wildcards.
    pub(crate) pattern: PathBuf,
}

/// A file, and how one that changed is told.
#[derive(Clone, PartialEq)]
pub(crate) struct DashboardFile {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// What it is called, wherever the configuration is.
    pub(crate) name: String,
    /// The titles of the folders that it is in.
    folders: Vec<String>,
    modified: Option<SystemTime>,
    size_bytes: u64,
}

/// What is at some places.
pub(crate) struct Found {
    /// The files there are, by name.
    pub(crate) files: Vec<DashboardFile>,
    /// Patterns that no file matches.
    pub(crate) unmatched: Vec<PathBuf>,
}

/// Looks at all places.
///
/// # Errors
/// Where a pattern is none.
pub(crate) fn find(places: &[DashboardPlace]) -> anyhow::Result<Found> {
    let mut all: Vec<DashboardFile> = Vec::new();
    let mut unmatched = Vec::new();
    for DashboardPlace { base, pattern } in places {
        let text = pattern.to_string_lossy();
        // Where Kubernetes mounts files they are in a hidden directory as well.
        let options = MatchOptions { require_literal_leading_dot: true, ..MatchOptions::new() };
        let paths =
            glob::glob_with(&text, options).with_context(|| format!("serve.dashboards: {text}"))?;
        // A directory that can't be entered holds nothing that could be shown.
        let mut paths = paths.flatten().filter(|path| path.is_file()).peekable();
        if paths.peek().is_none() {
            unmatched.push(pattern.clone());
        }
        for path in paths {
            if all.iter().any(|found| found.path == path) {
                continue;
            }
            let name = path.strip_prefix(base).unwrap_or(&path).to_string_lossy().into_owned();
            let metadata = path.metadata().ok();
            all.push(DashboardFile {
                name,
                folders: folders(pattern, &path),
                modified: metadata.as_ref().and_then(|metadata| metadata.modified().ok()),
                size_bytes: metadata.map_or(0, |metadata| metadata.len()),
                path,
            });
        }
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    if all.len() > DASHBOARDS_MAX {
        tracing::warn!(
            files = all.len(),
            max = DASHBOARDS_MAX,
            "more dashboards in files than are kept"
        );
        all.truncate(DASHBOARDS_MAX);
    }
    Ok(Found { files: all, unmatched })
}

/// The directories between the part of the pattern that has no wildcards and the file.
fn folders(pattern: &Path, path: &Path) -> Vec<String> {
    let is_plain = |component: &Component<'_>| {
        !component.as_os_str().to_string_lossy().contains(['*', '?', '['])
    };
    let fixed: PathBuf = pattern.components().take_while(is_plain).collect();
    let Ok(rest) = path.strip_prefix(&fixed) else { return Vec::new() };
    let inside = rest.parent().unwrap_or(Path::new(""));
    inside.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect()
}

impl DashboardFile {
    /// What the file says.
    pub(crate) fn read(&self) -> Source {
        let text = if self.size_bytes > SOURCE_BYTES_MAX as u64 {
            Err(format!("it is larger than {SOURCE_BYTES_MAX} bytes, which is the limit"))
        } else {
            std::fs::read_to_string(&self.path).map_err(|error| error.to_string())
        };
        Source { origin: Origin::File(self.name.clone()), folders: self.folders.clone(), text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mounted_config_map_is_found_once() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("..2026_01_01");
        std::fs::create_dir(&data).unwrap();
        std::fs::write(data.join("a.json"), "{}").unwrap();
        std::os::unix::fs::symlink("..2026_01_01", dir.path().join("..data")).unwrap();
        std::os::unix::fs::symlink("..data/a.json", dir.path().join("a.json")).unwrap();
        let pattern = dir.path().join("**/*.json");
        let found = find(&[DashboardPlace { base: dir.path().to_owned(), pattern }]).unwrap();
        let names: Vec<&str> = found.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["a.json"]);
    }

    #[test]
    fn folders_are_the_directories_below_the_fixed_part() {
        let folders = |pattern: &str, path: &str| folders(Path::new(pattern), Path::new(path));
        assert!(folders("d/**/*.json", "d/a.json").is_empty());
        assert_eq!(folders("d/**/*.json", "d/team/web/a.json"), ["team", "web"]);
        assert_eq!(folders("/etc/d/*/*.json", "/etc/d/x/a.json"), ["x"]);
        assert!(folders("d/a.json", "d/a.json").is_empty());
    }
}
