//! The store behind the waist: each call goes to the file of its subject.

use model::{Matcher, MetricMetadata, SampleBatch, TimeRange};
use storage::{
    AppendOptions, AppendOutcome, ExemplarRequest, LabelRequest, Maintenance, MaintenanceOutcome,
    MetadataRequest, Names, SelectRequest, SeriesExemplars, SeriesSelection, SeriesStore,
    StoreError, StoreStatus,
};

use super::Store;

impl SeriesStore for Store {
    fn append(
        &self,
        batch: &SampleBatch,
        options: &AppendOptions,
    ) -> Result<AppendOutcome, StoreError> {
        self.core.append_batch(batch, options)
    }

    fn select(&self, request: &SelectRequest<'_>) -> Result<Box<dyn SeriesSelection>, StoreError> {
        self.core.select_series(request)
    }

    fn label_names(&self, request: &LabelRequest<'_>) -> Result<Names, StoreError> {
        self.core.list_label_names(request)
    }

    fn label_values(&self, name: &str, request: &LabelRequest<'_>) -> Result<Names, StoreError> {
        self.core.list_label_values(name, request)
    }

    fn exemplars(&self, request: &ExemplarRequest<'_>) -> Result<Vec<SeriesExemplars>, StoreError> {
        request.cancel.check()?;
        Ok(self.core.head.exemplars().lock().select(request.selectors, request.range))
    }

    fn metadata(&self, request: &MetadataRequest) -> Result<Vec<MetricMetadata>, StoreError> {
        Ok(self.core.head.metadata().read().select(request))
    }

    fn delete(&self, selectors: &[Vec<Matcher>], range: TimeRange) -> Result<(), StoreError> {
        self.core.delete_series(selectors, range)
    }

    fn status(&self, top: usize) -> StoreStatus {
        self.core.report_status(top)
    }

    fn maintain(&self, task: &Maintenance) -> Result<MaintenanceOutcome, StoreError> {
        match task {
            Maintenance::Snapshot { skip_head } => {
                self.core.snapshot(*skip_head).map(MaintenanceOutcome::Snapshot)
            }
            Maintenance::CleanTombstones => {
                self.core.clean_tombstones().map(|()| MaintenanceOutcome::Done)
            }
            Maintenance::Compact => self.core.compact_now().map(|()| MaintenanceOutcome::Done),
        }
    }
}
