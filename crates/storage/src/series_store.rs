//! The trait of metric stores.

use std::path::PathBuf;

use model::{Matcher, MetricMetadata, SampleBatch, TimeRange};

use crate::{
    AppendOptions, AppendOutcome, ExemplarRequest, LabelRequest, MetadataRequest, Names,
    SelectRequest, SeriesExemplars, SeriesSelection, StoreError, StoreStatus,
};

/// A store of numbers over time.
pub trait SeriesStore: Send + Sync {
    /// Stores a batch. When it returns, what was appended survives a crash of
    /// the process. Samples that are refused are counted in the outcome and do
    /// not hinder the others.
    ///
    /// # Errors
    /// Where the batch as a whole could not be written; then none of it is promised.
    fn append(
        &self,
        batch: &SampleBatch,
        options: &AppendOptions,
    ) -> Result<AppendOutcome, StoreError>;

    /// The series that match, and access to their samples.
    ///
    /// # Errors
    /// Too many series, cancelled, or unreadable data.
    fn select(&self, request: &SelectRequest<'_>) -> Result<Box<dyn SeriesSelection>, StoreError>;

    /// The label names of the series that count.
    ///
    /// # Errors
    /// Cancelled, or unreadable data; so for the reads below.
    fn label_names(&self, request: &LabelRequest<'_>) -> Result<Names, StoreError>;

    /// The values that label `name` has in the series that count.
    fn label_values(&self, name: &str, request: &LabelRequest<'_>) -> Result<Names, StoreError>;

    /// The exemplars of the series that match, by series.
    fn exemplars(&self, request: &ExemplarRequest<'_>) -> Result<Vec<SeriesExemplars>, StoreError>;

    /// The metadata of metric families, by name.
    fn metadata(&self, request: &MetadataRequest) -> Result<Vec<MetricMetadata>, StoreError>;

    /// Hides the samples of all series that one of `selectors` matches in
    /// `range`. They leave the disk with the next compaction or
    /// [`Maintenance::CleanTombstones`].
    fn delete(&self, selectors: &[Vec<Matcher>], range: TimeRange) -> Result<(), StoreError>;

    /// What the store says of itself; cardinality tables have `top` rows.
    fn status(&self, top: usize) -> StoreStatus;

    /// Does work that an operator asks for.
    fn maintain(&self, task: &Maintenance) -> Result<MaintenanceOutcome, StoreError>;
}

/// Work on a store that an operator may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Maintenance {
    /// A copy of everything at this moment, beside the data.
    Snapshot {
        /// Whether to leave out what is only in memory.
        skip_head: bool,
    },
    /// Rewrites blocks without what was deleted.
    CleanTombstones,
    /// Cuts the head and compacts what is due, now.
    Compact,
}

/// What came of maintenance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MaintenanceOutcome {
    /// The copy's directory.
    Snapshot(PathBuf),
    /// It is done.
    Done,
}
