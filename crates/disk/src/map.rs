//! Files mapped into memory for reading.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::Path;

/// A file's bytes, read by the system when they are touched.
#[derive(Debug)]
pub struct Map {
    inner: Option<memmap2::Mmap>,
}

impl Map {
    /// Maps the file at `path`, which nobody may change or shorten while it is mapped.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        if file.metadata()?.len() == 0 {
            return Ok(Self { inner: None });
        }
        // SAFETY: blocks are immutable. They are written under a temporary name,
        // renamed once and afterwards only unlinked, which leaves a mapping valid;
        // the directory lock keeps other processes of ours away. A copy into
        // memory instead would double the resident size of each query over old data.
        let inner = unsafe { memmap2::Mmap::map(&file)? };
        Ok(Self { inner: Some(inner) })
    }
}

impl Deref for Map {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.inner.as_deref().unwrap_or(&[])
    }
}
