//! Dashboards in files: found, read, and read again when they change.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use glob::MatchOptions;
use parking_lot::Mutex;
use serve::grafana::provisioning::{self, Fault, SOURCE_BYTES_MAX, Source};
use state::dashboards::{DASHBOARDS_MAX, Dashboards, Origin};
use tokio_util::sync::CancellationToken;

use crate::config::BellwetherConfig;

/// How often the files are looked at.
const POLL_INTERVAL: Duration = Duration::from_secs(10);

/// The dashboards that come from files and with the program.
pub(super) struct DashboardFiles {
    dashboards: Dashboards,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    places: Vec<Place>,
    seen: Vec<Found>,
}

/// Files that a configuration names.
#[derive(Clone)]
struct Place {
    /// The directory of the configuration, which names start from.
    base: PathBuf,
    /// A path with wildcards.
    pattern: PathBuf,
}

/// A file, and how one that changed is told.
#[derive(Clone, PartialEq)]
struct Found {
    path: PathBuf,
    name: String,
    folders: Vec<String>,
    modified: Option<SystemTime>,
    size_bytes: u64,
}

impl DashboardFiles {
    pub(super) fn new(dashboards: Dashboards) -> Self {
        Self { dashboards, state: Mutex::default() }
    }

    /// Puts the files of a configuration in force. A file that is broken is a warning.
    pub(super) async fn apply(self: &Arc<Self>, config: &BellwetherConfig) -> anyhow::Result<()> {
        let base = config.base().to_owned();
        let place = |pattern| Place { base: base.clone(), pattern };
        let places: Vec<Place> = config.dashboard_patterns().into_iter().map(place).collect();
        let found = find(&places)?;
        for place in &places {
            if find(std::slice::from_ref(place))?.is_empty() {
                tracing::warn!(pattern = %place.pattern.display(), "serve.dashboards: no file matches");
            }
        }
        *self.state.lock() = State { places, seen: found.clone() };
        self.put(found).await
    }

    /// Looks for changes until `cancel` is set.
    pub(super) async fn watch(self: Arc<Self>, cancel: CancellationToken) {
        let mut tick = tokio::time::interval(POLL_INTERVAL);
        while cancel.run_until_cancelled(tick.tick()).await.is_some() {
            if let Err(error) = self.look().await {
                tracing::error!(error = %format!("{error:#}"), "dashboards in files could not be read again");
            }
        }
    }

    async fn look(self: &Arc<Self>) -> anyhow::Result<()> {
        let places = self.state.lock().places.clone();
        let found = tokio::task::spawn_blocking(move || find(&places)).await??;
        let is_same = self.state.lock().seen == found;
        if is_same {
            return Ok(());
        }
        tracing::info!(files = found.len(), "dashboards in files changed");
        self.state.lock().seen.clone_from(&found);
        self.put(found).await
    }

    async fn put(self: &Arc<Self>, found: Vec<Found>) -> anyhow::Result<()> {
        let files = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            let (mut sources, unreadable) = read(&found);
            sources.extend(provisioning::bundled());
            let faults = provisioning::apply(&files.dashboards, &sources, &unreadable)
                .context("unable to keep dashboards of files")?;
            faults.iter().for_each(|fault| warn(fault, &found));
            Ok(())
        })
        .await?
    }
}

fn warn(fault: &Fault, found: &[Found]) {
    let path = found.iter().find(|file| Origin::File(file.name.clone()) == fault.origin);
    let path =
        path.map_or_else(|| format!("{:?}", fault.origin), |file| file.path.display().to_string());
    let (line, column) = (fault.line, fault.column);
    tracing::warn!("{path}:{line}:{column}: {}; what was there before stays", fault.message);
}

fn find(places: &[Place]) -> anyhow::Result<Vec<Found>> {
    let mut all: Vec<Found> = Vec::new();
    for Place { base, pattern } in places {
        let text = pattern.to_string_lossy();
        // Where Kubernetes mounts files they are in a hidden directory as well.
        let options = MatchOptions { require_literal_leading_dot: true, ..MatchOptions::new() };
        let paths =
            glob::glob_with(&text, options).with_context(|| format!("serve.dashboards: {text}"))?;
        // A directory that can't be entered holds nothing that could be shown.
        for path in paths.flatten().filter(|path| path.is_file()) {
            if all.iter().any(|found| found.path == path) {
                continue;
            }
            let name = path.strip_prefix(base).unwrap_or(&path).to_string_lossy().into_owned();
            let metadata = path.metadata().ok();
            all.push(Found {
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
    Ok(all)
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

fn read(found: &[Found]) -> (Vec<Source>, Vec<Origin>) {
    let (mut sources, mut unreadable) = (Vec::new(), Vec::new());
    for file in found {
        let origin = Origin::File(file.name.clone());
        let text = if file.size_bytes > SOURCE_BYTES_MAX as u64 {
            Err(std::io::Error::other(format!("it is larger than {SOURCE_BYTES_MAX} bytes")))
        } else {
            std::fs::read_to_string(&file.path)
        };
        match text {
            Ok(text) => sources.push(Source { origin, folders: file.folders.clone(), text }),
            Err(error) => {
                tracing::warn!("{}: {error}; what was there before stays", file.path.display());
                unreadable.push(origin);
            }
        }
    }
    (sources, unreadable)
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
        let found = find(&[Place { base: dir.path().to_owned(), pattern }]).unwrap();
        let names: Vec<&str> = found.iter().map(|file| file.name.as_str()).collect();
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
