//! Files and directories that are there after a crash, whole, or not at all.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::Disk;

/// Marks what a crash left behind: removed at the next start.
pub const TEMPORARY_SUFFIX: &str = ".tmp";

/// Writes `bytes` to a temporary name, syncs, and renames it to `path`: readers
/// see the old content or the new, also after a crash.
///
/// # Errors
/// What the system says; the old content is then still there, unless only the
/// last step failed, which makes the rename durable.
pub fn replace(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = with_suffix(path, TEMPORARY_SUFFIX);
    let mut file = disk.create(&temporary)?;
    file.write_all(bytes)?;
    file.sync()?;
    drop(file);
    disk.rename(&temporary, path)?;
    disk.sync_dir(parent(path))
}

/// Makes a directory that was written under a temporary name, its files synced,
/// visible as `path`.
///
/// # Errors
/// What the system says.
pub fn publish_dir(disk: &dyn Disk, temporary: &Path, path: &Path) -> io::Result<()> {
    disk.sync_dir(temporary)?;
    disk.rename(temporary, path)?;
    disk.sync_dir(parent(path))
}

/// Removes a directory so that a crash half-way leaves only what
/// [`remove_temporaries`] clears.
///
/// # Errors
/// What the system says.
pub fn remove_dir(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    let doomed = with_suffix(path, TEMPORARY_SUFFIX);
    disk.rename(path, &doomed)?;
    disk.sync_dir(parent(path))?;
    disk.remove_dir_all(&doomed)
}

/// Removes what unfinished work left in `dir`; returns how much there was.
///
/// # Errors
/// What the system says.
pub fn remove_temporaries(disk: &dyn Disk, dir: &Path) -> io::Result<usize> {
    let mut removed = 0;
    for entry in disk.list(dir)? {
        if entry.path.to_string_lossy().ends_with(TEMPORARY_SUFFIX) {
            if entry.is_dir {
                disk.remove_dir_all(&entry.path)?;
            } else {
                disk.remove_file(&entry.path)?;
            }
            removed += 1;
        }
    }
    Ok(removed)
}

/// The bytes of all files in `dir` and below.
///
/// # Errors
/// What the system says.
pub fn dir_size_bytes(disk: &dyn Disk, dir: &Path) -> io::Result<u64> {
    let mut sum = 0;
    for entry in disk.list(dir)? {
        sum += if entry.is_dir { dir_size_bytes(disk, &entry.path)? } else { entry.size_bytes };
    }
    Ok(sum)
}

/// `path` with `suffix` behind its name.
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faulty::{Fault, Kept};
    use crate::{FaultyDisk, FileDisk};

    #[test]
    fn a_file_is_replaced_and_nothing_else_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("meta.json");
        replace(&FileDisk, &path, b"one").unwrap();
        replace(&FileDisk, &path, b"two").unwrap();
        assert_eq!(FileDisk.read(&path).unwrap(), b"two");
        assert_eq!(FileDisk.list(dir.path()).unwrap().len(), 1);
    }

    #[test]
    fn leftovers_are_cleared() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("a.tmp/b")).unwrap();
        std::fs::write(dir.path().join("c.tmp"), b"x").unwrap();
        std::fs::write(dir.path().join("kept"), b"four").unwrap();
        assert_eq!(remove_temporaries(&FileDisk, dir.path()).unwrap(), 2);
        assert_eq!(dir_size_bytes(&FileDisk, dir.path()).unwrap(), 4);
    }

    #[test]
    fn a_crash_at_any_operation_leaves_the_old_content_or_the_new() {
        let path = Path::new("/data/meta.json");
        for crash_at in 0.. {
            let disk = FaultyDisk::default();
            disk.create_dir_all(Path::new("/data")).unwrap();
            replace(&disk, path, b"old").unwrap();
            disk.sync_dir(Path::new("/")).unwrap();
            disk.set_fault(Fault::CrashIn(crash_at));
            let is_done = replace(&disk, path, b"new").is_ok();
            for kept in Kept::samples() {
                let after = disk.after_crash(kept);
                let content = after.read(path).unwrap();
                let is_whole = content == b"new" || (content == b"old" && !is_done);
                assert!(is_whole, "crash at {crash_at}, {kept:?}: {content:?}");
                remove_temporaries(&after, Path::new("/data")).unwrap();
                assert_eq!(after.list(Path::new("/data")).unwrap().len(), 1);
            }
            if is_done {
                assert!(crash_at >= 5, "create, write, sync, rename, sync the directory");
                return;
            }
        }
    }

    #[test]
    fn a_full_disk_leaves_the_old_content() {
        let disk = FaultyDisk::default();
        let path = Path::new("/meta.json");
        replace(&disk, path, b"old").unwrap();
        disk.set_fault(Fault::FullIn(2));
        let error = replace(&disk, path, b"new").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!(disk.read(path).unwrap(), b"old");
    }
}
