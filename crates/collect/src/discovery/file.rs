//! `file_sd_configs`: lists of targets in JSON and YAML files.
//!
//! Files are looked at every second, which also sees what file notifications
//! miss: mounted config maps, network file systems, replaced directories. A file
//! is read when its stamp changed and, whatever its stamp, every
//! `refresh_interval`. A bad file keeps the groups that it had.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use model::PromDuration;
use serde::Serialize;

use super::{DiscoveryError, StaticConfig, TargetGroup, Updates};
use crate::yaml_fields;

/// How often stamps are looked at.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// The most bytes of a file.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// One item of `file_sd_configs`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Config {
    /// Paths; the last part may have a `*`.
    pub files: Vec<String>,
    /// How often files are read whatever their stamps.
    pub refresh_interval: PromDuration,
}

yaml_fields!(deserialize Config { files, refresh_interval });

impl Default for Config {
    fn default() -> Self {
        Self { files: Vec::new(), refresh_interval: PromDuration::from_secs(300) }
    }
}

impl Config {
    /// Makes relative paths start from `dir`.
    pub(super) fn set_directory(&mut self, dir: &Path) {
        for path in &mut self.files {
            *path = dir.join(&*path).to_string_lossy().into_owned();
        }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if self.files.is_empty() {
            return Err("file service discovery config must contain at least one path name".into());
        }
        for path in &self.files {
            let dirs = path.rsplit_once('/').map_or("", |(dirs, _)| dirs);
            let stars = path.matches('*').count();
            if Format::of(Path::new(path)).is_none() || stars > 1 || dirs.contains('*') {
                return Err(format!(
                    "path name {path:?} is not valid for file discovery: it has to end in .json, .yml or \
                     .yaml and may have one * in its last part"
                ));
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Format {
    Json,
    Yaml,
}

impl Format {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "json" | "JSON" => Some(Self::Json),
            "yml" | "yaml" | "YML" | "YAML" => Some(Self::Yaml),
            _ => None,
        }
    }
}

/// Sends the groups of the files.
pub async fn run(config: Config, updates: Updates) {
    follow(config, updates, LOOK_INTERVAL).await;
}

async fn follow(config: Config, updates: Updates, look_interval: Duration) {
    let mut files = Files { config, known: BTreeMap::new(), read_all_at: None };
    let mut ticks = tokio::time::interval(look_interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut is_first = true;
    loop {
        ticks.tick().await;
        let looked = tokio::task::spawn_blocking(move || {
            let seen = files.look();
            (files, seen)
        });
        let Ok((back, seen)) = looked.await else { return };
        files = back;
        seen.faults.iter().for_each(|fault| updates.failed(fault));
        if is_first || !seen.groups.is_empty() {
            is_first = false;
            updates.send(seen.groups).await;
        }
    }
}

struct Files {
    config: Config,
    known: BTreeMap<PathBuf, KnownFile>,
    read_all_at: Option<Instant>,
}

#[derive(Default)]
struct KnownFile {
    stamp: Option<Stamp>,
    groups: Vec<TargetGroup>,
}

/// What changes when a file does.
type Stamp = (u64, i64, i64, u64);

#[derive(Default)]
struct Seen {
    groups: Vec<TargetGroup>,
    faults: Vec<DiscoveryError>,
}

impl Files {
    fn look(&mut self) -> Seen {
        let mut seen = Seen::default();
        let is_due = self
            .read_all_at
            .is_none_or(|at| at.elapsed() >= self.config.refresh_interval.to_duration());
        if is_due {
            self.read_all_at = Some(Instant::now());
        }
        let paths = self.paths();
        for path in &paths {
            let known = self.known.entry(path.clone()).or_default();
            let stamp = stamp(path);
            if is_due || stamp != known.stamp {
                known.stamp = stamp;
                match read(path) {
                    Ok(groups) => known.change(groups, &mut seen.groups),
                    Err(fault) => seen.faults.push(fault),
                }
            }
        }
        self.known.retain(|path, known| {
            let is_there = paths.contains(path);
            if !is_there {
                known.change(Vec::new(), &mut seen.groups);
            }
            is_there
        });
        seen
    }

    fn paths(&self) -> BTreeSet<PathBuf> {
        let patterns = self.config.files.iter();
        // A pattern that is none was refused by `check`.
        let found = patterns.filter_map(|pattern| glob::glob(pattern).ok()).flatten();
        found.filter_map(Result::ok).filter(|path| path.is_file()).collect()
    }
}

impl KnownFile {
    /// Takes the new groups and adds to `changed` what differs from the old ones.
    fn change(&mut self, groups: Vec<TargetGroup>, changed: &mut Vec<TargetGroup>) {
        let gone = self.groups.iter().skip(groups.len());
        changed.extend(gone.map(|group| TargetGroup::gone(group.source.clone())));
        let differs =
            |(index, group): &(usize, &TargetGroup)| self.groups.get(*index) != Some(group);
        changed.extend(groups.iter().enumerate().filter(differs).map(|(_, group)| group.clone()));
        self.groups = groups;
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.ino(), metadata.mtime(), metadata.mtime_nsec(), metadata.len()))
}

fn read(path: &Path) -> Result<Vec<TargetGroup>, DiscoveryError> {
    let shown = path.display().to_string();
    let file = |source| DiscoveryError::File { path: shown.clone(), source };
    let malformed = |reason| DiscoveryError::Malformed { place: shown.clone(), reason };
    let size = std::fs::metadata(path).map_err(file)?.len();
    if size > FILE_BYTES_MAX {
        return Err(DiscoveryError::Size { url: shown, max: FILE_BYTES_MAX as usize });
    }
    let text = std::fs::read_to_string(path).map_err(file)?;
    let lists: Vec<StaticConfig> = match Format::of(path) {
        Some(Format::Json) => {
            serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))?
        }
        Some(Format::Yaml) if text.trim().is_empty() => Vec::new(),
        Some(Format::Yaml) => {
            serde_saphyr::from_str(&text).map_err(|error| malformed(error.to_string()))?
        }
        None => return Err(malformed("the name ends in none of .json, .yml, .yaml".to_owned())),
    };
    let groups = lists.iter().enumerate();
    Ok(groups
        .map(|(index, list)| {
            list.to_group_with(format!("{shown}:{index}"), &[("__meta_filepath", &shown)])
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::updates::tests::{next_shown, until_failed, updates};
    use super::*;

    struct Place(tempfile::TempDir);

    impl Place {
        fn write(&self, name: &str, text: &str) -> PathBuf {
            // Replaced as a whole, as those who write target files do.
            let (path, fresh) = (self.0.path().join(name), self.0.path().join("fresh"));
            std::fs::write(&fresh, text).unwrap();
            std::fs::rename(fresh, &path).unwrap();
            path
        }

        fn config(&self, files: &[&str]) -> Config {
            let files = files.iter().map(|file| (*file).to_owned()).collect();
            let mut config = Config { files, ..Config::default() };
            config.set_directory(self.0.path());
            config.check().unwrap();
            config
        }
    }

    #[tokio::test]
    async fn files_are_followed() {
        let place = Place(tempfile::tempdir().unwrap());
        let json = r#"[{"targets": ["a:1", "b:2"], "labels": {"env": "x"}}, {"targets": ["c:3"]}]"#;
        let one = place.write("one.json", json).display().to_string();
        let (updates, mut receiver) = updates();
        let config = place.config(&["*.json", "two.yml", "one.json"]);
        let task = tokio::spawn(follow(config, updates.clone(), Duration::from_millis(20)));
        assert_eq!(
            next_shown(&mut receiver).await,
            [
                format!(r#"{one}:0 {{__meta_filepath="{one}", env="x"}}"#),
                r#"  {__address__="a:1"}"#.into(),
                r#"  {__address__="b:2"}"#.into(),
                format!(r#"{one}:1 {{__meta_filepath="{one}"}}"#),
                r#"  {__address__="c:3"}"#.into(),
            ]
        );
        let two = place.write("two.yml", "- targets: ['d:4']\n").display().to_string();
        assert_eq!(
            next_shown(&mut receiver).await,
            [format!(r#"{two}:0 {{__meta_filepath="{two}"}}"#), r#"  {__address__="d:4"}"#.into()]
        );
        // A bad file keeps what it had; the next good one tells only what changed.
        place.write("one.json", r#"[{"targets": ["x:1"]}, {"target": []}]"#);
        until_failed(&updates, 1).await;
        place.write("one.json", r#"[{"targets": ["a:1", "b:2"], "labels": {"env": "x"}}]"#);
        assert_eq!(next_shown(&mut receiver).await, [format!("{one}:1 {{}}")]);
        std::fs::remove_file(&two).unwrap();
        assert_eq!(next_shown(&mut receiver).await, [format!("{two}:0 {{}}")]);
        task.abort();
    }

    #[tokio::test]
    async fn an_unchanged_stamp_is_read_at_the_refresh_interval() {
        let place = Place(tempfile::tempdir().unwrap());
        let path = place.write("a.yaml", "- targets: ['a:1']\n");
        let at = std::fs::metadata(&path).unwrap().modified().unwrap();
        let (updates, mut receiver) = updates();
        let mut config = place.config(&["a.yaml"]);
        config.refresh_interval = PromDuration::from_millis(50);
        let task = tokio::spawn(follow(config, updates, Duration::from_millis(10)));
        next_shown(&mut receiver).await;
        std::fs::write(&path, "- targets: ['b:2']\n").unwrap();
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(at).unwrap();
        assert_eq!(next_shown(&mut receiver).await[1], r#"  {__address__="b:2"}"#);
        task.abort();
    }

    #[test]
    fn what_can_be_meant() {
        let check = |path: &str| Config { files: vec![path.into()], ..Config::default() }.check();
        for path in ["a.json", "/x/*.yml", "/x/a-*.yaml", "a.JSON"] {
            assert!(check(path).is_ok(), "{path}");
        }
        for path in ["a.txt", "/x*/a.json", "*/*.json", "json", "a-*-*.yml"] {
            assert!(check(path).is_err(), "{path}");
        }
        assert!(Config::default().check().is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_file_panics(text in "[\\[\\]{}a-z\":,\\- \\n]{0,60}", is_json in proptest::bool::ANY) {
            let place = Place(tempfile::tempdir().unwrap());
            let _ = read(&place.write(if is_json { "a.json" } else { "a.yml" }, &text));
        }
    }
}
