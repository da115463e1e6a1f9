//! A store for tests of handlers: it remembers what it was given.

use std::sync::Mutex;

use model::{Matcher, MetricMetadata, SampleBatch, TimeRange};
use storage::*;

/// Takes everything but samples before the epoch; nothing where it fails.
#[derive(Default)]
pub(crate) struct RememberingStore {
    stored: Mutex<Vec<String>>,
    fails: bool,
}

impl RememberingStore {
    /// A store whose disk is broken.
    pub(crate) fn failing() -> Self {
        Self { fails: true, ..Self::default() }
    }

    /// Each sample as `labels@timestamp`.
    pub(crate) fn stored(&self) -> Vec<String> {
        self.stored.lock().unwrap().clone()
    }
}

impl SeriesStore for RememberingStore {
    fn append(&self, batch: &SampleBatch, _: &AppendOptions) -> Result<AppendOutcome, StoreError> {
        if self.fails {
            return Err(StoreError::ReadOnly("it is broken"));
        }
        let mut outcome = AppendOutcome::default();
        for series in batch.series() {
            let histograms = series.histograms.iter().map(|(at, _)| at);
            for at in series.timestamps.iter().chain(histograms) {
                if at.as_millis() < 0 {
                    outcome.rejections.add(RejectReason::OutOfBounds, *at, series.labels);
                } else {
                    outcome.samples_appended += 1;
                    self.stored.lock().unwrap().push(format!("{}@{at}", series.labels));
                }
            }
            outcome.histograms_appended += series.histograms.len() as u64;
        }
        Ok(outcome)
    }
    fn select(&self, _: &SelectRequest<'_>) -> Result<Box<dyn SeriesSelection>, StoreError> {
        Err(StoreError::Unsupported("reading"))
    }
    fn label_names(&self, _: &LabelRequest<'_>) -> Result<Names, StoreError> {
        Err(StoreError::Unsupported("reading"))
    }
    fn label_values(&self, _: &str, _: &LabelRequest<'_>) -> Result<Names, StoreError> {
        Err(StoreError::Unsupported("reading"))
    }
    fn exemplars(&self, _: &ExemplarRequest<'_>) -> Result<Vec<SeriesExemplars>, StoreError> {
        Err(StoreError::Unsupported("reading"))
    }
    fn metadata(&self, _: &MetadataRequest) -> Result<Vec<MetricMetadata>, StoreError> {
        Err(StoreError::Unsupported("reading"))
    }
    fn delete(&self, _: &[Vec<Matcher>], _: TimeRange) -> Result<(), StoreError> {
        Err(StoreError::Unsupported("deleting"))
    }
    fn status(&self, _: usize) -> StoreStatus {
        StoreStatus::default()
    }
    fn maintain(&self, _: &Maintenance) -> Result<MaintenanceOutcome, StoreError> {
        Err(StoreError::Unsupported("maintenance"))
    }
}
