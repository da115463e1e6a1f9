//! Files and directories that are there after a crash, whole, or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Marks what a crash left behind: removed at the next start.
pub const TEMPORARY_SUFFIX: &str = ".tmp";

/// Writes `bytes` to a temporary name, syncs, and renames it to `path`: readers
/// see the old content or the new, also after a crash.
///
/// # Errors
/// What the system says; the old content is then still there.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = with_suffix(path, TEMPORARY_SUFFIX);
    let mut file = File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&temporary, path)?;
    sync_parent(path)
}

/// Makes a directory that was written under a temporary name visible as `path`.
///
/// # Errors
/// What the system says.
pub fn publish_dir(temporary: &Path, path: &Path) -> io::Result<()> {
    sync_dir(temporary)?;
    fs::rename(temporary, path)?;
    sync_parent(path)
}

/// Removes a directory so that a crash half-way leaves only what
/// [`remove_temporaries`] clears.
///
/// # Errors
/// What the system says.
pub fn remove_dir(path: &Path) -> io::Result<()> {
    let doomed = with_suffix(path, TEMPORARY_SUFFIX);
    fs::rename(path, &doomed)?;
    sync_parent(path)?;
    fs::remove_dir_all(&doomed)
}

/// Removes what unfinished work left in `dir`; returns how much there was.
///
/// # Errors
/// What the system says.
pub fn remove_temporaries(dir: &Path) -> io::Result<usize> {
    let mut removed = 0;
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(TEMPORARY_SUFFIX) {
            if path.is_dir() {
                fs::remove_dir_all(&path)?
            } else {
                fs::remove_file(&path)?
            }
            removed += 1;
        }
    }
    Ok(removed)
}

/// Makes renames and new names in `dir` durable.
///
/// # Errors
/// What the system says.
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// The bytes of all files in `dir` and below.
///
/// # Errors
/// What the system says.
pub fn dir_size_bytes(dir: &Path) -> io::Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        sum += if metadata.is_dir() { dir_size_bytes(&entry.path())? } else { metadata.len() };
    }
    Ok(sum)
}

/// `path` with `suffix` behind its name.
pub fn with_suffix(path: &Path, suffix: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => sync_dir(parent),
        None => sync_dir(Path::new(".")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_else_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("meta.json");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn leftovers_are_cleared() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("a.tmp/b")).unwrap();
        fs::write(dir.path().join("c.tmp"), b"x").unwrap();
        fs::write(dir.path().join("kept"), b"four").unwrap();
        assert_eq!(remove_temporaries(dir.path()).unwrap(), 2);
        assert_eq!(dir_size_bytes(dir.path()).unwrap(), 4);
    }
}
