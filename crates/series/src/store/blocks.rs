//! The set of blocks in use: opened at start-up, changed by cuts and compactions.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::Disk;

use storage::StoreError;
use tracing::{error, info};

use super::StoreCore;
use crate::block::{Block, BlockError, BlockId};
use crate::metrics::StoreMetrics;

/// Blocks that can't be opened go here, within the store's directory.
const DAMAGED_DIR: &str = "damaged";

/// Opens all blocks in `blocks_dir` and clears what interrupted work left.
pub(super) fn open_blocks(
    disk: &Arc<dyn Disk>,
    data_dir: &Path,
    blocks_dir: &Path,
    metrics: &StoreMetrics,
) -> Result<Vec<Arc<Block>>, StoreError> {
    let failed = |error| StoreError::io(format!("open {}", blocks_dir.display()), error);
    let removed = disk::file::remove_temporaries(&**disk, blocks_dir).map_err(failed)?;
    if removed > 0 {
        info!(removed, "cleared what interrupted work had left among the blocks");
    }
    let mut blocks = Vec::new();
    for entry in disk.list(blocks_dir).map_err(failed)? {
        let path = entry.path;
        if path.file_name().and_then(|name| name.to_str()).and_then(BlockId::parse).is_none() {
            continue;
        }
        match Block::open(disk, &path, metrics.clone()) {
            Ok(block) => blocks.push(Arc::new(block)),
            Err(error) => set_aside(&**disk, data_dir, &path, &error)?,
        }
    }
    // A crash between publishing a merged block and removing its parents leaves both.
    let merged: Vec<_> = blocks.iter().flat_map(|b| b.meta().parents.iter().cloned()).collect();
    let (superseded, mut kept): (Vec<_>, Vec<_>) =
        blocks.into_iter().partition(|block| merged.contains(&block.meta().id));
    for block in superseded {
        disk::file::remove_dir(&**disk, block.dir()).map_err(failed)?;
    }
    kept.sort_by(|a, b| a.meta().rank().cmp(b.meta().rank()));
    Ok(kept)
}

/// Moves a block that can't be opened out of the way, for someone to look at.
fn set_aside(
    disk: &dyn Disk,
    data_dir: &Path,
    path: &Path,
    error: &BlockError,
) -> Result<(), StoreError> {
    let damaged = data_dir.join(DAMAGED_DIR);
    let target = damaged.join(path.file_name().unwrap_or_default());
    error!(
        block = %path.display(),
        moved_to = %target.display(),
        %error,
        "a block can't be opened and is set aside; the rest is served"
    );
    disk.create_dir_all(&damaged)
        .and_then(|()| disk.rename(path, &target))
        .map_err(|error| StoreError::io(format!("set aside {}", path.display()), error))
}

impl StoreCore {
    /// Opens the blocks in `dirs` and takes them into use in the place of `replaced`.
    pub(super) fn publish_blocks(
        &self,
        dirs: &[PathBuf],
        replaced: &[Arc<Block>],
    ) -> Result<(), StoreError> {
        let opened = dirs
            .iter()
            .map(|dir| Ok(Arc::new(Block::open(&self.disk, dir, self.metrics.clone())?)))
            .collect::<Result<Vec<_>, BlockError>>()?;
        let mut blocks = self.blocks.write();
        blocks.retain(|block| !replaced.iter().any(|old| Arc::ptr_eq(old, block)));
        blocks.extend(opened);
        blocks.sort_by(|a, b| a.meta().rank().cmp(b.meta().rank()));
        Ok(())
    }

    /// Removes the files of blocks that are out of use. A reader that still has
    /// one has it mapped and goes on.
    pub(super) fn remove_blocks(&self, blocks: &[Arc<Block>]) -> Result<(), StoreError> {
        for block in blocks {
            let dir = block.dir();
            disk::file::remove_dir(&*self.disk, dir)
                .map_err(|error| StoreError::io(format!("remove {}", dir.display()), error))?;
        }
        Ok(())
    }

    /// Bytes of all blocks on disk.
    pub(super) fn blocks_size_bytes(&self) -> u64 {
        self.blocks.read().iter().map(|block| block.size_bytes()).sum()
    }
}
