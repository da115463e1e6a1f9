//! The parts of a store, shared by callers and the background thread.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64};

use disk::{DirLock, Disk, FileDisk};
use model::{Millis, Timestamp};
use parking_lot::{Mutex, RwLock};
use storage::{ReplayStatus, StoreError};

use super::background::Stop;
use super::blocks::open_blocks;
use crate::block::Block;
use crate::config::Config;
use crate::head::Head;
use crate::metrics::StoreMetrics;
use crate::wal::Wal;
use crate::wal::checkpoint::CheckpointWriter;
use crate::wal::replay::{ReplayOutcome, replay};

/// Where the write-ahead log lies in the store's directory.
const WAL_DIR: &str = "wal";
/// Where the blocks lie.
const BLOCKS_DIR: &str = "blocks";
/// A log's segment is not smaller than this, whatever the configuration says.
const SEGMENT_BYTES_MIN: u64 = 1 << 16;

/// Everything that a store consists of.
pub(crate) struct StoreCore {
    pub(super) config: Config,
    pub(super) disk: Arc<dyn Disk>,
    pub(super) data_dir: PathBuf,
    pub(super) wal_dir: PathBuf,
    pub(super) blocks_dir: PathBuf,
    pub(super) head: Head,
    pub(super) wal: Wal,
    /// By rank: in the order in which their data was first written.
    pub(super) blocks: RwLock<Vec<Arc<Block>>>,
    pub(crate) metrics: StoreMetrics,
    pub(super) replay: ReplayStatus,
    /// Bytes of segments that the start-up replayed and no checkpoint covers yet.
    pub(super) replayed_bytes: u64,
    /// Held by whatever changes files other than the log's segments: one at a time.
    pub(super) maintenance: Mutex<()>,
    pub(super) is_shut_down: AtomicBool,
    pub(super) stop: Stop,
    /// When the last warning about a limit was logged, ms.
    pub(super) limit_warned_at: AtomicI64,
    _lock: Option<DirLock>,
}

impl StoreCore {
    /// Opens the store in a directory of the machine, which it locks.
    pub(super) fn open(config: Config, data_dir: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(data_dir)
            .map_err(|error| StoreError::io(format!("create {}", data_dir.display()), error))?;
        let lock = DirLock::acquire(data_dir)
            .map_err(|error| StoreError::io("open the series store", io::Error::other(error)))?;
        Self::open_on(Arc::new(FileDisk), config, data_dir, Some(lock))
    }

    /// Opens the store in a directory of `disk`, which nobody else uses.
    pub(super) fn open_on(
        disk: Arc<dyn Disk>,
        config: Config,
        data_dir: &Path,
        lock: Option<DirLock>,
    ) -> Result<Self, StoreError> {
        let (wal_dir, blocks_dir) = (data_dir.join(WAL_DIR), data_dir.join(BLOCKS_DIR));
        for dir in [&wal_dir, &blocks_dir] {
            disk.create_dir_all(dir)
                .map_err(|error| StoreError::io(format!("create {}", dir.display()), error))?;
        }
        for dir in [Some(data_dir), data_dir.parent()].into_iter().flatten() {
            if !dir.as_os_str().is_empty() {
                disk.sync_dir(dir)
                    .map_err(|error| StoreError::io(format!("sync {}", dir.display()), error))?;
            }
        }
        let metrics = StoreMetrics::default();
        let blocks = open_blocks(&disk, data_dir, &blocks_dir, &metrics)?;
        let head = Head::new(&config);
        let (wal, replayed) = open_log(&disk, &config, &wal_dir, &head)
            .map_err(|error| StoreError::io(format!("replay {}", wal_dir.display()), error))?;
        if let Some(newest) = blocks.iter().map(|block| block.meta().time_max).max() {
            head.restore_bounds(i64::MIN, newest.as_millis());
        }
        let ReplayOutcome { status: replay, segment_bytes: replayed_bytes, .. } = replayed;
        metrics.wal_damaged_records.inc_by(replay.damaged_records);
        Ok(Self {
            config,
            disk,
            data_dir: data_dir.to_owned(),
            wal_dir,
            blocks_dir,
            head,
            wal,
            blocks: RwLock::new(blocks),
            metrics,
            replay,
            replayed_bytes,
            maintenance: Mutex::new(()),
            is_shut_down: AtomicBool::new(false),
            stop: Stop::default(),
            limit_warned_at: AtomicI64::new(i64::MIN),
            _lock: lock,
        })
    }

    /// Writes the head to a checkpoint, in the place of all segments so far.
    /// The caller holds `maintenance`.
    pub(super) fn checkpoint(&self) -> Result<(), StoreError> {
        let write = || {
            let number = self.wal.rotate()?;
            let (in_order_min, newest) = self.head.bounds_ms();
            let disk = Arc::clone(&self.disk);
            let mut checkpoint =
                CheckpointWriter::create(disk, &self.wal_dir, number, in_order_min, newest)?;
            self.head.write_checkpoint(&mut checkpoint, &self.wal)?;
            checkpoint.publish()?;
            self.metrics.wal_checkpoints.inc();
            Ok(())
        };
        write().map_err(|error| StoreError::io("write a checkpoint", error))
    }

    /// The blocks in use.
    pub(super) fn blocks(&self) -> Vec<Arc<Block>> {
        self.blocks.read().clone()
    }

    /// The span of a block before compaction.
    pub(super) fn block_duration(&self) -> Millis {
        Millis::new(self.config.block_duration_ms())
    }

    /// The newest sample of all; `None` where there is none.
    pub(super) fn newest(&self) -> Option<Timestamp> {
        let blocks = self.blocks.read();
        let in_blocks = blocks.iter().map(|block| block.meta().time_max).max();
        let in_head = Timestamp::from_millis(self.head.bounds_ms().1);
        in_blocks.into_iter().chain((in_head > Timestamp::MIN).then_some(in_head)).max()
    }
}

/// Replays the log into `head` and opens it for writing.
fn open_log(
    disk: &Arc<dyn Disk>,
    config: &Config,
    wal_dir: &Path,
    head: &Head,
) -> io::Result<(Wal, ReplayOutcome)> {
    disk::file::remove_temporaries(&**disk, wal_dir)?;
    let replayed = replay(head, &**disk, wal_dir)?;
    let wal = Wal::create(
        Arc::clone(disk),
        wal_dir,
        replayed.next_segment,
        replayed.next_sequence,
        config.wal_sync,
        config.wal_segment_size_bytes_max.0.max(SEGMENT_BYTES_MIN),
    )?;
    Ok((wal, replayed))
}

impl std::fmt::Debug for StoreCore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreCore").field("data_dir", &self.data_dir).finish_non_exhaustive()
    }
}
