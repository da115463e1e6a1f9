//! Deleting, and the work that an operator asks for.

use model::{Matcher, TimeRange};
use storage::{Maintenance, MaintenanceOutcome, StoreError};

use super::Store;

impl Store {
    pub(super) fn delete_series(
        &self,
        selectors: &[Vec<Matcher>],
        range: TimeRange,
    ) -> Result<(), StoreError> {
        for matchers in selectors {
            self.head.delete(matchers, range);
        }
        Ok(())
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
