//! Reading: requests and what they give back.

use model::{Exemplar, Labels, Matcher, Millis, SampleColumns, TimeRange};

use crate::{Cancel, StoreError};

/// Which series and samples a query wants.
#[derive(Clone, Debug)]
pub struct SelectRequest<'a> {
    /// All must pass. A request without matchers selects every series.
    pub matchers: &'a [Matcher],
    /// The samples wanted, both ends included.
    pub range: TimeRange,
    /// What the query will do with them.
    pub hints: SelectHints,
    /// More series than this fail the request with [`StoreError::TooManySeries`].
    pub series_max: usize,
    /// Set when nobody waits for the answer any more.
    pub cancel: &'a Cancel,
}

/// What a store may use to answer with less work; it may ignore all of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SelectHints {
    /// The distance of the query's evaluations; `None` for an instant query.
    pub step: Option<Millis>,
    /// The length of the range selector; `None` for an instant selector.
    pub window: Option<Millis>,
}

/// The series that a selector matched, sorted by labels, and the door to their samples.
///
/// Samples are decoded by [`SeriesSelection::read`] only, which may be called
/// from several threads at once.
pub trait SeriesSelection: Send + Sync {
    /// The series; `read` takes positions in this slice.
    fn labels(&self) -> &[Labels];

    /// Appends the samples of series `index` that lie in the requested range to
    /// `into`, by time. `into` comes cleared.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] or [`StoreError::Io`] where the data can't be read.
    ///
    /// # Panics
    /// Where `index` is not below `labels().len()`.
    fn read(&self, index: usize, into: &mut SampleColumns) -> Result<(), StoreError>;

    /// What answering has cost so far.
    fn stats(&self) -> SelectStats {
        SelectStats::default()
    }
}

/// What a selection looked at, for explaining a query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SelectStats {
    /// Blocks whose time range overlaps the request.
    pub blocks_read: u64,
    /// Blocks left out by their time range.
    pub blocks_pruned: u64,
    /// Chunks decoded.
    pub chunks_read: u64,
    /// Chunks left out by their time range.
    pub chunks_pruned: u64,
    /// Bytes of the chunks that were decoded.
    pub bytes_read: u64,
    /// Samples decoded, those outside of the range too.
    pub samples_decoded: u64,
    /// Chunks that are damaged and were left out.
    pub chunks_damaged: u64,
}

impl SelectStats {
    /// The sum of both.
    pub fn merge(&mut self, other: Self) {
        self.blocks_read += other.blocks_read;
        self.blocks_pruned += other.blocks_pruned;
        self.chunks_read += other.chunks_read;
        self.chunks_pruned += other.chunks_pruned;
        self.bytes_read += other.bytes_read;
        self.samples_decoded += other.samples_decoded;
        self.chunks_damaged += other.chunks_damaged;
    }
}

/// Which series' label names or values are wanted.
#[derive(Clone, Debug)]
pub struct LabelRequest<'a> {
    /// A series counts where one of these selectors matches it; none at all: every series.
    pub selectors: &'a [Vec<Matcher>],
    /// A series counts where it may have samples in this range; stores may be generous.
    pub range: TimeRange,
    /// The most names or values to return.
    pub limit: Option<usize>,
    /// Set when nobody waits for the answer any more.
    pub cancel: &'a Cancel,
}

/// Label names or values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Sorted, none twice.
    pub values: Vec<String>,
    /// Whether there are more than the request's limit.
    pub is_truncated: bool,
}

/// Which exemplars are wanted.
#[derive(Clone, Debug)]
pub struct ExemplarRequest<'a> {
    /// Exemplars of a series count where one of these selectors matches it.
    pub selectors: &'a [Vec<Matcher>],
    /// The exemplars' own times, both ends included.
    pub range: TimeRange,
    /// Set when nobody waits for the answer any more.
    pub cancel: &'a Cancel,
}

/// The exemplars of one series, by time.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesExemplars {
    /// The series.
    pub labels: Labels,
    /// Its exemplars.
    pub exemplars: Vec<Exemplar>,
}

/// Which metadata is wanted.
#[derive(Clone, Debug, Default)]
pub struct MetadataRequest {
    /// Only this metric family.
    pub family: Option<String>,
    /// The most families to return.
    pub limit: Option<usize>,
}
