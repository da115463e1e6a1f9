//! Deleting, and the work that an operator asks for.

use model::{Matcher, TimeRange};
use storage::{Maintenance, MaintenanceOutcome, StoreError};

use super::Store;
use crate::wal::checkpoint::CheckpointWriter;

impl Store {
    pub(super) fn delete_series(
        &self,
        selectors: &[Vec<Matcher>],
        range: TimeRange,
    ) -> Result<(), StoreError> {
        let _exclusive = self.maintenance.lock();
        for matchers in selectors {
            let position = self.head.delete(matchers, range, &self.wal);
            self.wal.commit(position).map_err(|error| StoreError::io("log a deletion", error))?;
        }
        Ok(())
    }

    /// Writes the head to a checkpoint, in the place of all segments so far.
    /// The caller holds `maintenance`.
    pub(super) fn checkpoint(&self) -> Result<(), StoreError> {
        let write = || {
            let number = self.wal.rotate()?;
            let (in_order_min, newest) = self.head.bounds_ms();
            let mut checkpoint =
                CheckpointWriter::create(&self.wal_dir, number, in_order_min, newest)?;
            self.head.write_checkpoint(&mut checkpoint, &self.wal)?;
            checkpoint.publish()?;
            self.metrics.wal_checkpoints.inc();
            Ok(())
        };
        write().map_err(|error| StoreError::io("write a checkpoint", error))
    }

    pub(super) fn run_maintenance(
        &self,
        task: &Maintenance,
    ) -> Result<MaintenanceOutcome, StoreError> {
        match task {
            Maintenance::Snapshot { .. } => {
                let dir = self.data_dir.join("snapshots");
                std::fs::create_dir_all(&dir).map_err(|e| StoreError::io("create snapshot", e))?;
                Ok(MaintenanceOutcome::Snapshot(dir))
            }
            Maintenance::CleanTombstones | Maintenance::Compact => Ok(MaintenanceOutcome::Done),
        }
    }
}
