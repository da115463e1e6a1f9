//! Opening and shutting down.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use disk::DirLock;
use parking_lot::Mutex;
use prometheus_client::registry::Registry;
use storage::{ReplayStatus, StoreError};

use crate::config::Config;
use crate::head::Head;
use crate::metrics::StoreMetrics;
use crate::wal::{self, Wal};

/// Where the write-ahead log lies in the store's directory.
const WAL_DIR: &str = "wal";

/// A metric store in a directory of its own.
///
/// Calls block for memory and files only, never for a network.
pub struct Store {
    pub(super) config: Config,
    pub(super) data_dir: PathBuf,
    pub(super) wal_dir: PathBuf,
    pub(super) head: Head,
    pub(super) wal: Wal,
    pub(super) metrics: StoreMetrics,
    pub(super) replay: ReplayStatus,
    /// Held by whatever changes files other than the log's segments: one at a time.
    pub(super) maintenance: Mutex<()>,
    pub(super) is_shut_down: AtomicBool,
    _lock: DirLock,
}

impl Store {
    /// Opens the store in `data_dir`, which is made where it is missing, and
    /// replays its log.
    ///
    /// # Errors
    /// Where the directory can't be used or belongs to a running store.
    pub fn open(config: Config, data_dir: &Path) -> Result<Arc<Self>, StoreError> {
        let wal_dir = data_dir.join(WAL_DIR);
        std::fs::create_dir_all(&wal_dir)
            .map_err(|error| StoreError::io(format!("create {}", wal_dir.display()), error))?;
        let lock = DirLock::acquire(data_dir)
            .map_err(|error| StoreError::io("open the series store", io::Error::other(error)))?;
        let head = Head::new(&config);
        let (wal, replay) = open_log(&config, &wal_dir, &head)
            .map_err(|error| StoreError::io(format!("replay {}", wal_dir.display()), error))?;
        let metrics = StoreMetrics::default();
        metrics.wal_damaged_records.inc_by(replay.damaged_records);
        Ok(Arc::new(Self {
            config,
            data_dir: data_dir.to_owned(),
            wal_dir,
            head,
            wal,
            metrics,
            replay,
            maintenance: Mutex::new(()),
            is_shut_down: AtomicBool::new(false),
            _lock: lock,
        }))
    }

    /// Stops background work and flushes, so that the next start is quick.
    /// Appends fail from here on. A second call does nothing.
    ///
    /// # Errors
    /// Where what is left can't be written. What was acknowledged is in the log then.
    pub fn shutdown(&self) -> Result<(), StoreError> {
        if self.is_shut_down.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        let _exclusive = self.maintenance.lock();
        self.wal.flush().map_err(|error| StoreError::io("flush the write-ahead log", error))?;
        self.checkpoint()
    }

    /// Adds the store's own metrics, all named `bellwether_...`, to `registry`.
    pub fn register_metrics(self: &Arc<Self>, registry: &mut Registry) {
        self.metrics.register(registry, self);
    }
}

/// Replays the log into `head` and opens it for writing.
fn open_log(config: &Config, wal_dir: &Path, head: &Head) -> io::Result<(Wal, ReplayStatus)> {
    disk::file::remove_temporaries(wal_dir)?;
    let replayed = wal::replay::replay(head, wal_dir)?;
    let wal = Wal::create(
        wal_dir,
        replayed.next_segment,
        replayed.next_sequence,
        config.wal_sync,
        config.wal_segment_size_bytes_max.0,
    )?;
    Ok((wal, replayed.status))
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("data_dir", &self.data_dir).finish_non_exhaustive()
    }
}
