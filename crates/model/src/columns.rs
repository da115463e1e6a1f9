//! The samples of one series, column by column, as queries read them.

use std::sync::Arc;

use crate::{Histogram, Timestamp};

/// Float samples of one series, by time, no time twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FloatColumn {
    /// When, rising strictly.
    pub timestamps: Vec<Timestamp>,
    /// What, as long as `timestamps`; may hold staleness markers.
    pub values: Vec<f64>,
}

impl FloatColumn {
    /// Appends one sample.
    #[inline]
    pub fn push(&mut self, timestamp: Timestamp, value: f64) {
        self.timestamps.push(timestamp);
        self.values.push(value);
    }

    /// The number of samples.
    pub fn len(&self) -> usize {
        self.timestamps.len()
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.timestamps.is_empty()
    }

    /// Forgets all samples and keeps the memory.
    pub fn clear(&mut self) {
        self.timestamps.clear();
        self.values.clear();
    }
}

/// Native histogram samples of one series, by time, no time twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistogramColumn {
    /// When, rising strictly.
    pub timestamps: Vec<Timestamp>,
    /// What, as long as `timestamps`; a marker of staleness has the stale NaN as sum.
    pub histograms: Vec<Arc<Histogram>>,
}

impl HistogramColumn {
    /// Appends one sample.
    pub fn push(&mut self, timestamp: Timestamp, histogram: Arc<Histogram>) {
        self.timestamps.push(timestamp);
        self.histograms.push(histogram);
    }

    /// The number of samples.
    pub fn len(&self) -> usize {
        self.timestamps.len()
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.timestamps.is_empty()
    }

    /// Forgets all samples and keeps the memory.
    pub fn clear(&mut self) {
        self.timestamps.clear();
        self.histograms.clear();
    }
}

/// All samples of one series in a time range.
///
/// Most series have floats only or histograms only; one that changed its kind
/// has both, and no timestamp stands in both columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SampleColumns {
    /// The float samples.
    pub floats: FloatColumn,
    /// The native histogram samples.
    pub histograms: HistogramColumn,
}

impl SampleColumns {
    /// The number of samples in both columns.
    pub fn len(&self) -> usize {
        self.floats.len() + self.histograms.len()
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.floats.is_empty() && self.histograms.is_empty()
    }

    /// Forgets all samples and keeps the memory.
    pub fn clear(&mut self) {
        self.floats.clear();
        self.histograms.clear();
    }
}
