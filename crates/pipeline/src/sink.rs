//! The sink: where every receiver and every scrape writes.
//!
//! A batch goes to the store first; what the store takes is acknowledged. Then
//! it is offered to the forwarders (remote write), whose queues have their own
//! durability and never slow the store down.

use std::sync::Arc;

use model::{SampleBatch, Timestamp};
use storage::{AppendOptions, AppendOutcome, RejectReason, Rejections, SeriesStore, StoreError};

/// Takes a copy of each stored batch, to send it on.
///
/// Called on the writer's thread: it must not wait for a network.
pub type ForwardSamples = Arc<dyn Fn(&SampleBatch) + Send + Sync>;

/// The one door through which samples enter.
pub struct Sink {
    store: Arc<dyn SeriesStore>,
    forwards: Vec<ForwardSamples>,
}

impl Sink {
    /// A sink in front of `store`.
    pub fn new(store: Arc<dyn SeriesStore>) -> Self {
        Self { store, forwards: Vec::new() }
    }

    /// Adds a forwarder that sees each batch after it was stored.
    pub fn with_forward(mut self, forward: ForwardSamples) -> Self {
        self.forwards.push(forward);
        self
    }

    /// Stores a batch and offers it to the forwarders. Blocks for a write to disk.
    ///
    /// Samples that the store refused are not sent on where it names all of them;
    /// of more than a few it names only some, and then all are.
    ///
    /// # Errors
    /// Those of [`SeriesStore::append`]; a batch that was not stored is not forwarded.
    pub fn write(
        &self,
        batch: &SampleBatch,
        options: &AppendOptions,
    ) -> Result<AppendOutcome, StoreError> {
        let outcome = self.store.append(batch, options)?;
        if self.forwards.is_empty() {
            return Ok(outcome);
        }
        let stored = without_refused(batch, &outcome.rejections);
        for forward in &self.forwards {
            forward(stored.as_ref().unwrap_or(batch));
        }
        Ok(outcome)
    }
}

/// The batch without what was refused; `None` where that is nothing, or not known.
fn without_refused(batch: &SampleBatch, rejections: &Rejections) -> Option<SampleBatch> {
    let refused = rejections.examples();
    if refused.is_empty() || rejections.total() != refused.len() as u64 {
        return None;
    }
    let mut stored = SampleBatch::default();
    for series in batch.series() {
        let is_refused = |at: Timestamp| {
            refused.iter().any(|refused| {
                refused.timestamp == at
                    && is_of_sample(refused.reason)
                    && *refused.labels == *series.labels
            })
        };
        stored.begin_series_hashed(series.labels, series.hash);
        if let Some(created) = series.created {
            stored.set_created(created);
        }
        for (at, value) in series.timestamps.iter().zip(series.values) {
            if !is_refused(*at) {
                stored.push(*at, *value);
            }
        }
        for (at, histogram) in series.histograms {
            if !is_refused(*at) {
                stored.push_histogram(*at, Arc::clone(histogram));
            }
        }
        series.exemplars.iter().for_each(|exemplar| stored.push_exemplar(exemplar.clone()));
    }
    batch.metadata().iter().for_each(|metadata| stored.push_metadata(metadata.clone()));
    Some(stored)
}

fn is_of_sample(reason: RejectReason) -> bool {
    !matches!(reason, RejectReason::ExemplarOutOfOrder | RejectReason::ExemplarTooLong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Labels;

    fn batch() -> SampleBatch {
        let mut batch = SampleBatch::default();
        for name in ["a", "b"] {
            batch.begin_series(&Labels::from_pairs([("__name__", name)]));
            (0..20).for_each(|at| batch.push(Timestamp::from_millis(at), 1.0));
        }
        batch
    }

    fn refused(times: std::ops::Range<i64>) -> Rejections {
        let mut rejections = Rejections::default();
        let labels = Labels::from_pairs([("__name__", "b")]);
        for at in times {
            rejections.add(RejectReason::OutOfOrder, Timestamp::from_millis(at), &labels);
        }
        rejections
    }

    #[test]
    fn what_is_refused_is_not_sent_on() {
        assert!(without_refused(&batch(), &refused(0..0)).is_none());
        let stored = without_refused(&batch(), &refused(3..5)).unwrap();
        assert_eq!(stored.view(0).values.len(), 20);
        assert_eq!(stored.view(1).values.len(), 18);
        assert!(!stored.view(1).timestamps.contains(&Timestamp::from_millis(4)));
        assert!(without_refused(&batch(), &refused(0..9)).is_none(), "not all are named");
    }
}
