//! Files mapped into memory for reading.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::Path;

/// A file's bytes, read by the system when they are touched.
#[derive(Debug)]
pub struct Map {
    bytes: Bytes,
}

#[derive(Debug)]
enum Bytes {
    Mapped(memmap2::Mmap),
    /// Of an empty file, which can't be mapped, or of a disk that is no file system.
    Owned(Vec<u8>),
}

impl Map {
    /// Maps the file at `path`, which nobody may change or shorten while it is mapped.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        if file.metadata()?.len() == 0 {
            return Ok(Self::from(Vec::new()));
        }
        // SAFETY: blocks are immutable. They are written under a temporary name,
        // renamed once and afterwards only unlinked, which leaves a mapping valid;
        // the directory lock keeps other processes of ours away. A copy into
        // memory instead would double the resident size of each query over old data.
        let map = unsafe { memmap2::Mmap::map(&file)? };
        Ok(Self { bytes: Bytes::Mapped(map) })
    }

    /// Gives the memory of pages that were touched back; they are read again
    /// when they are touched again. Worth it after a pass over all of a file.
    pub fn release(&self) {
        if let Bytes::Mapped(map) = &self.bytes {
            // SAFETY: the mapping is of a file, shared and read-only, so there is
            // nothing in its pages that the file does not have: to drop them can't
            // change what the slice shows. Measured: without it, each block's index
            // counts as resident memory from its checksum at start-up on.
            let advised = unsafe { map.unchecked_advise(memmap2::UncheckedAdvice::DontNeed) };
            // Advice may be refused; then the pages stay until the system wants them.
            drop(advised);
        }
    }
}

impl From<Vec<u8>> for Map {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes: Bytes::Owned(bytes) }
    }
}

impl Deref for Map {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Mapped(map) => map,
            Bytes::Owned(bytes) => bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_that_were_released_are_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let content: Vec<u8> = (0..100_000u32).map(|byte| byte as u8).collect();
        std::fs::write(&path, &content).unwrap();
        let map = Map::open(&path).unwrap();
        assert_eq!(&*map, content);
        map.release();
        assert_eq!(&*map, content);
        std::fs::write(&path, b"").unwrap();
        assert!(Map::open(&path).unwrap().is_empty());
    }
}
