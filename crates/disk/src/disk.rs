//! The trait of file systems, and the real one.
//!
//! Only what stores need, so that each operation can be made to fail: see
//! [`FaultyDisk`](crate::FaultyDisk), the other implementor.

use std::fmt::Debug;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::Map;

/// A file system.
///
/// What is written survives a crash of the machine once [`DiskFile::sync`] has
/// returned for the content and [`Disk::sync_dir`] for the name. A rename within
/// a directory is whole or not there.
///
/// # Errors
/// All operations return what the system says.
pub trait Disk: Debug + Send + Sync {
    /// Opens a file for writing, empty.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Opens a file for writing at its end; makes it where it is missing.
    fn append(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// The content of a file, which nobody changes or shortens while it is mapped.
    fn map(&self, path: &Path) -> io::Result<Map>;

    /// The content of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// What is in a directory, by name.
    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>>;

    /// Makes a directory and those above it, where they are missing.
    fn create_dir_all(&self, dir: &Path) -> io::Result<()>;

    /// Gives a file or directory another name; replaces a file of that name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Gives a file a second name.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes a directory and all in it.
    fn remove_dir_all(&self, dir: &Path) -> io::Result<()>;

    /// Makes new names, renames and removals in `dir` durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
}

/// A file that is open for writing.
pub trait DiskFile: Write + Debug + Send {
    /// Makes all that was written durable.
    ///
    /// # Errors
    /// What the system says; what was written since the last sync may then be lost.
    fn sync(&mut self) -> io::Result<()>;

    /// Another handle of the same open file, for syncing while others write.
    ///
    /// # Errors
    /// What the system says.
    fn try_clone(&self) -> io::Result<Box<dyn DiskFile>>;
}

/// An entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    /// Its path, that of the directory included.
    pub path: PathBuf,
    /// Whether it is a directory.
    pub is_dir: bool,
    /// The bytes of a file; 0 for a directory.
    pub size_bytes: u64,
}

/// The file system of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct FileDisk;

impl Disk for FileDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(File::create(path)?))
    }

    fn append(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(File::options().create(true).append(true).open(path)?))
    }

    fn map(&self, path: &Path) -> io::Result<Map> {
        Map::open(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            let is_dir = metadata.is_dir();
            let size_bytes = if is_dir { 0 } else { metadata.len() };
            entries.push(DirEntry { path: entry.path(), is_dir, size_bytes });
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(entries)
    }

    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir_all(dir)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_dir_all(&self, dir: &Path) -> io::Result<()> {
        fs::remove_dir_all(dir)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }
}

impl DiskFile for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }

    fn try_clone(&self) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(File::try_clone(self)?))
    }
}
