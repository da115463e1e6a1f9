//! One owner for a data directory.

use std::fs::File;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

/// Holds a directory until it is dropped; the system lets go after a crash.
#[derive(Debug)]
pub struct DirLock {
    _file: File,
}

/// The directory can't be held.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error("{0} is in use by another process; stop it or choose another data directory")]
    InUse(PathBuf),
    /// The lock file can't be made.
    #[error("unable to lock {path}: {source}")]
    Io {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl DirLock {
    /// Takes hold of `dir`, which exists.
    ///
    /// # Errors
    /// Where another process holds it or the file system refuses.
    pub fn acquire(dir: &Path) -> Result<Self, LockError> {
        let path = dir.join("lock");
        let io = |source| LockError::Io { path: path.clone(), source };
        let file =
            File::options().create(true).truncate(false).write(true).open(&path).map_err(io)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { _file: file }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(LockError::InUse(dir.to_owned())),
            Err(error) => Err(io(error.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_has_one_owner_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let held = DirLock::acquire(dir.path()).unwrap();
        assert!(matches!(DirLock::acquire(dir.path()), Err(LockError::InUse(_))));
        drop(held);
        assert!(DirLock::acquire(dir.path()).is_ok());
    }
}
