//! Writing a batch.

use model::SampleBatch;
use storage::{AppendOptions, AppendOutcome, StoreError};

use super::Store;

impl Store {
    pub(super) fn append_batch(
        &self,
        batch: &SampleBatch,
        options: &AppendOptions,
    ) -> Result<AppendOutcome, StoreError> {
        let outcome = self.head.append(batch, options);
        self.metrics.count_append(&outcome);
        Ok(outcome)
    }
}
