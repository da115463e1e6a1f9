//! What is in a directory of Prometheus.

use std::path::{Path, PathBuf};

use disk::lock::LockError;
use disk::{DirLock, Disk};

use crate::block::{BlockMeta, Ulid};
use crate::error::{Damage, TsdbError};

/// The name of a block's own description.
const META_FILE: &str = "meta.json";
/// The write-ahead log.
const WAL_DIR: &str = "wal";
/// What a running Prometheus holds.
const LOCK_FILE: &str = "lock";
/// The log of late samples.
const WBL_DIR: &str = "wbl";

/// A directory of Prometheus: its data directory, a snapshot, or a single block.
#[derive(Debug)]
pub struct DataDir {
    /// Its blocks, the oldest first.
    pub blocks: Vec<(PathBuf, BlockMeta)>,
    /// Its write-ahead log.
    pub wal: Option<PathBuf>,
    /// Its log of late samples.
    pub wbl: Option<PathBuf>,
    _lock: Option<DirLock>,
}

impl DataDir {
    /// Looks what is in `dir`, and keeps Prometheus from starting on it meanwhile.
    /// Blocks whose `meta.json` can't be read are left out and added to `damage`.
    ///
    /// # Errors
    /// Where the directory can't be read, holds nothing of Prometheus, or belongs
    /// to one that runs: it would remove blocks while they are read.
    pub fn open(disk: &dyn Disk, dir: &Path, damage: &mut Damage) -> Result<Self, TsdbError> {
        let entries = disk.list(dir).map_err(TsdbError::io(dir))?;
        let _lock = lock(dir)?;
        let mut found = Self { blocks: Vec::new(), wal: None, wbl: None, _lock };
        if entries.iter().any(|entry| !entry.is_dir && entry.path.ends_with(META_FILE)) {
            found.blocks.push((dir.to_owned(), BlockMeta::read(disk, dir)?));
            return Ok(found);
        }
        let mut is_prometheus = false;
        for entry in entries.into_iter().filter(|entry| entry.is_dir) {
            match entry.path.file_name().and_then(|name| name.to_str()) {
                Some(WAL_DIR) => found.wal = Some(entry.path),
                Some(WBL_DIR) => found.wbl = Some(entry.path),
                // Blocks that are being made or removed have longer names.
                Some(name) if Ulid::parse(name).is_some() => {
                    is_prometheus = true;
                    match BlockMeta::read(disk, &entry.path) {
                        Ok(meta) => found.blocks.push((entry.path, meta)),
                        Err(error) => damage.add(error),
                    }
                }
                _ => {}
            }
        }
        if !is_prometheus && found.wal.is_none() {
            return Err(TsdbError::NothingThere(dir.to_owned()));
        }
        found.drop_superseded();
        found.blocks.sort_by_key(|(_, meta)| (meta.min_time, meta.max_time));
        Ok(found)
    }

    /// A crash between writing a merged block and removing its parents leaves both.
    fn drop_superseded(&mut self) {
        let parents = |(_, meta): &(PathBuf, BlockMeta)| {
            meta.compaction.parents.iter().map(|parent| parent.ulid.clone()).collect::<Vec<_>>()
        };
        let superseded: Vec<Ulid> = self.blocks.iter().flat_map(parents).collect();
        self.blocks.retain(|(_, meta)| !superseded.contains(&meta.ulid));
    }
}

/// Holds the directory as Prometheus does. A snapshot has no lock, and one on a
/// file system that can only be read belongs to nobody.
fn lock(dir: &Path) -> Result<Option<DirLock>, TsdbError> {
    if !dir.join(LOCK_FILE).exists() {
        return Ok(None);
    }
    match DirLock::acquire(dir) {
        Ok(lock) => Ok(Some(lock)),
        Err(LockError::InUse(dir)) => Err(TsdbError::InUse(dir)),
        Err(LockError::Io { .. }) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use disk::FileDisk;

    use super::*;

    #[test]
    fn a_directory_without_anything_of_prometheus_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("series")).unwrap();
        let error = DataDir::open(&FileDisk, dir.path(), &mut Damage::default()).unwrap_err();
        assert!(error.to_string().contains("holds no blocks"), "{error}");
        assert!(matches!(
            DataDir::open(&FileDisk, &dir.path().join("none"), &mut Damage::default()),
            Err(TsdbError::Io { .. })
        ));
    }

    #[test]
    fn a_block_without_a_sound_meta_is_damage_and_the_rest_is_found() {
        let dir = tempfile::tempdir().unwrap();
        for name in
            ["01HZZZZZZZZZZZZZZZZZZZZZZZ", "wal", "wbl", "chunks_head", "x.tmp-for-deletion"]
        {
            std::fs::create_dir(dir.path().join(name)).unwrap();
        }
        std::fs::write(dir.path().join("01HZZZZZZZZZZZZZZZZZZZZZZZ/meta.json"), "{").unwrap();
        let mut damage = Damage::default();
        let found = DataDir::open(&FileDisk, dir.path(), &mut damage).unwrap();
        assert!(found.blocks.is_empty() && found.wal.is_some() && found.wbl.is_some());
        assert_eq!(damage.count(), 1);
        assert!(damage.examples()[0].to_string().contains("meta.json is damaged"));
    }

    #[test]
    fn a_directory_in_use_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("wal")).unwrap();
        let running = DirLock::acquire(dir.path()).unwrap();
        let open = || DataDir::open(&FileDisk, dir.path(), &mut Damage::default());
        assert!(open().unwrap_err().to_string().contains("running Prometheus"));
        drop(running);
        let opened = open().unwrap();
        assert!(DirLock::acquire(dir.path()).is_err(), "held while it is read");
        drop(opened);
        assert!(DirLock::acquire(dir.path()).is_ok());
    }

    #[test]
    fn blocks_that_another_stands_for_are_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let (first, second, merged) = (
            "01HZZZZZZZZZZZZZZZZZZZZZZA",
            "01HZZZZZZZZZZZZZZZZZZZZZZB",
            "01HZZZZZZZZZZZZZZZZZZZZZZC",
        );
        let parents =
            format!(r#"[{{"ulid":"{first}","minTime":0,"maxTime":9}},{{"ulid":"{second}"}}]"#);
        for (name, parents) in [(first, "[]"), (second, "[]"), (merged, parents.as_str())] {
            let block = dir.path().join(name);
            std::fs::create_dir(&block).unwrap();
            let meta = format!(
                r#"{{"ulid":"{name}","minTime":0,"maxTime":9,"stats":{{}},"version":1,
                    "compaction":{{"level":1,"sources":["{first}"],"parents":{parents}}}}}"#
            );
            std::fs::write(block.join("meta.json"), meta).unwrap();
        }
        let found = DataDir::open(&FileDisk, dir.path(), &mut Damage::default()).unwrap();
        let names: Vec<_> = found.blocks.iter().map(|(_, meta)| meta.ulid.as_str()).collect();
        assert_eq!(names, [merged]);
    }
}
