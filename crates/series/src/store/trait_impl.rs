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
        self.append_batch(batch, options)
    }

    fn select(&self, request: &SelectRequest<'_>) -> Result<Box<dyn SeriesSelection>, StoreError> {
        self.select_series(request)
    }

    fn label_names(&self, request: &LabelRequest<'_>) -> Result<Names, StoreError> {
        self.list_label_names(request)
    }

    fn label_values(&self, name: &str, request: &LabelRequest<'_>) -> Result<Names, StoreError> {
        self.list_label_values(name, request)
    }

    fn exemplars(&self, request: &ExemplarRequest<'_>) -> Result<Vec<SeriesExemplars>, StoreError> {
        request.cancel.check()?;
        Ok(self.head.exemplars().lock().select(request.selectors, request.range))
    }

    fn metadata(&self, request: &MetadataRequest) -> Result<Vec<MetricMetadata>, StoreError> {
        Ok(self.head.metadata().read().select(request))
    }

    fn delete(&self, selectors: &[Vec<Matcher>], range: TimeRange) -> Result<(), StoreError> {
        self.delete_series(selectors, range)
    }

    fn status(&self, top: usize) -> StoreStatus {
        self.report_status(top)
    }

    fn maintain(&self, task: &Maintenance) -> Result<MaintenanceOutcome, StoreError> {
        self.run_maintenance(task)
    }
}
