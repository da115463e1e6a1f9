//! Snapshots: a copy of everything at one moment, beside the data.

use std::path::{Path, PathBuf};

use disk::Disk;
use storage::StoreError;

use super::StoreCore;
use crate::block::BlockId;

/// Where snapshots lie in the store's directory.
const SNAPSHOTS_DIR: &str = "snapshots";

impl StoreCore {
    /// Makes a directory that [`Store::open`](super::Store::open) can open, and
    /// returns it. Blocks are linked; the head is written as blocks unless
    /// `skip_head`.
    pub(super) fn snapshot(&self, skip_head: bool) -> Result<PathBuf, StoreError> {
        let _exclusive = self.maintenance.lock();
        let dir = self.data_dir.join(SNAPSHOTS_DIR).join(BlockId::generate().as_str());
        let failed = |error| StoreError::io(format!("write snapshot {}", dir.display()), error);
        let temporary = disk::file::with_suffix(&dir, disk::file::TEMPORARY_SUFFIX);
        let target = temporary.join("blocks");
        self.disk.create_dir_all(&target).map_err(failed)?;
        for block in self.blocks() {
            link_files(&*self.disk, block.dir(), &target.join(block.meta().id.as_str()))
                .map_err(failed)?;
        }
        if !skip_head {
            self.copy_head(&target)?;
        }
        disk::file::publish_dir(&*self.disk, &temporary, &dir).map_err(failed)?;
        Ok(dir)
    }
}

/// Files of blocks are never changed, only replaced: a link is a copy.
fn link_files(disk: &dyn Disk, from: &Path, to: &Path) -> std::io::Result<()> {
    disk.create_dir_all(to)?;
    for entry in disk.list(from)? {
        if let Some(name) = entry.path.file_name() {
            disk.link(&entry.path, &to.join(name))?;
        }
    }
    disk.sync_dir(to)
}
