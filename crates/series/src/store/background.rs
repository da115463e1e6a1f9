//! Work that nobody waits for: syncing, cutting, compaction, retention.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use model::Timestamp;
use parking_lot::{Condvar, Mutex};
use storage::{Cancel, StoreError};
use tracing::{error, info};

use super::StoreCore;
use crate::block::Block;
use crate::metrics::Outcome;
use crate::{compact, retain};

/// How often the log is synced and the head looked at.
const TICK: Duration = Duration::from_secs(1);
/// How long work that failed is left alone.
const RETRY_AFTER: Duration = Duration::from_secs(30);
/// A checkpoint is due once this much was logged since the last: it bounds the
/// time that a replay takes.
const CHECKPOINT_LOG_BYTES: u64 = 512 << 20;

/// The request to stop.
#[derive(Debug, Default)]
pub(super) struct Stop {
    is_requested: Mutex<bool>,
    changed: Condvar,
    /// Set together with it, for long work.
    pub(super) cancel: Cancel,
}

impl Stop {
    pub(super) fn request(&self) {
        self.cancel.cancel();
        *self.is_requested.lock() = true;
        self.changed.notify_all();
    }

    /// Waits for the request at most `timeout`; returns whether it came.
    fn wait(&self, timeout: Duration) -> bool {
        let mut is_requested = self.is_requested.lock();
        if !*is_requested {
            self.changed.wait_for(&mut is_requested, timeout);
        }
        *is_requested
    }
}

impl StoreCore {
    /// Runs until it is asked to stop.
    pub(super) fn run_background(&self) {
        let mut resume_at = Instant::now();
        let mut checkpointed_bytes = 0;
        while !self.stop.wait(TICK) {
            let synced = self.wal.sync_in_background();
            let synced = synced.map_err(|error| StoreError::io("sync the log", error));
            let maintained = if Instant::now() >= resume_at {
                self.maintain_due(&mut checkpointed_bytes)
            } else {
                Ok(())
            };
            for result in [synced, maintained] {
                match result {
                    Ok(()) | Err(StoreError::Cancelled) => {}
                    Err(error) => {
                        self.metrics.maintenance_failures.inc();
                        resume_at = Instant::now() + RETRY_AFTER;
                        self.clear_leftovers();
                        error!(%error, "background work of the series store failed; it will be tried again");
                    }
                }
            }
        }
    }

    fn maintain_due(&self, checkpointed_bytes: &mut u64) -> Result<(), StoreError> {
        let _exclusive = self.maintenance.lock();
        self.cut_if_due()?;
        let logged = self.replayed_bytes + self.wal.stats().written_bytes.load(Ordering::Relaxed);
        if logged - *checkpointed_bytes > CHECKPOINT_LOG_BYTES {
            self.checkpoint()?;
            *checkpointed_bytes = logged;
        }
        self.retire()?;
        self.merge_next(&self.stop.cancel).map(drop)
    }

    /// Cuts what can be cut and compacts until nothing is due.
    pub(super) fn compact_now(&self) -> Result<(), StoreError> {
        let _exclusive = self.maintenance.lock();
        if let Some(bound) = self.cut_bound()
            && self.head.oldest().is_some_and(|oldest| oldest < bound)
        {
            self.cut(bound)?;
        }
        self.retire()?;
        while self.merge_next(&Cancel::new())? {}
        Ok(())
    }

    /// Rewrites the blocks that have something deleted.
    pub(super) fn clean_tombstones(&self) -> Result<(), StoreError> {
        let _exclusive = self.maintenance.lock();
        for block in self.blocks() {
            if block.has_tombstones() {
                self.rewrite(&[block], &Cancel::new())?;
            }
        }
        Ok(())
    }

    /// Merges the blocks that should be one; returns whether there were any.
    fn merge_next(&self, cancel: &Cancel) -> Result<bool, StoreError> {
        let max = self.config.block_duration_max.as_millis();
        let Some(blocks) = compact::plan(&self.blocks(), self.block_duration(), max) else {
            return Ok(false);
        };
        match self.rewrite(&blocks, cancel) {
            Ok(()) => self.metrics.count_compaction(Outcome::Success),
            Err(StoreError::Cancelled) => return Err(StoreError::Cancelled),
            Err(error) => {
                self.metrics.count_compaction(Outcome::Failure);
                return Err(error);
            }
        }
        Ok(true)
    }

    fn rewrite(&self, blocks: &[Arc<Block>], cancel: &Cancel) -> Result<(), StoreError> {
        let merged = compact::merge(&self.disk, &self.blocks_dir, blocks, cancel)?;
        self.publish_blocks(merged.as_slice(), blocks)?;
        self.remove_blocks(blocks)
    }

    /// Drops the blocks that are too old or too many. Age counts from the newest
    /// sample of the store, as in Prometheus.
    fn retire(&self) -> Result<(), StoreError> {
        let Some(newest) = self.newest() else { return Ok(()) };
        let expired = retain::expired(&self.blocks(), &self.config, newest.min(Timestamp::now()));
        if expired.is_empty() {
            return Ok(());
        }
        self.publish_blocks(&[], &expired)?;
        self.metrics.blocks_retired.inc_by(expired.len() as u64);
        info!(blocks = expired.len(), "dropped blocks past their retention");
        self.remove_blocks(&expired)
    }

    /// Removes what failed work left, so that a full disk doesn't stay full.
    fn clear_leftovers(&self) {
        let _exclusive = self.maintenance.lock();
        for dir in [&self.blocks_dir, &self.wal_dir] {
            if let Err(error) = disk::file::remove_temporaries(&*self.disk, dir) {
                error!(dir = %dir.display(), %error, "unable to clear what failed work left");
            }
        }
    }
}
