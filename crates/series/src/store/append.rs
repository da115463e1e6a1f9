//! Writing a batch.

use std::sync::atomic::Ordering;

use model::SampleBatch;
use storage::{AppendOptions, AppendOutcome, StoreError};

use super::Store;

impl Store {
    pub(super) fn append_batch(
        &self,
        batch: &SampleBatch,
        options: &AppendOptions,
    ) -> Result<AppendOutcome, StoreError> {
        if self.is_shut_down.load(Ordering::Acquire) {
            return Err(StoreError::ReadOnly("it is shutting down"));
        }
        let failed = |error| StoreError::io("write to the write-ahead log", error);
        // While the disk refuses what is queued, nothing more is taken into memory.
        self.wal.retry_failed().map_err(failed)?;
        let (outcome, position) = self.head.append(batch, options, &self.wal);
        self.wal.commit(position).map_err(failed)?;
        self.metrics.count_append(&outcome);
        Ok(outcome)
    }
}
