//! Writing a batch.

use std::sync::atomic::Ordering;

use model::{SampleBatch, Timestamp};
use storage::{AppendOptions, AppendOutcome, RejectReason, StoreError};
use tracing::warn;

use super::StoreCore;

/// A warning about a limit is logged no more often than this.
const LIMIT_WARNING_INTERVAL_MS: i64 = 60_000;
/// How many metrics and labels the warning names.
const LIMIT_WARNING_ROWS: usize = 3;

impl StoreCore {
    pub(super) fn append_batch(
        &self,
        batch: &SampleBatch,
        options: &AppendOptions,
    ) -> Result<AppendOutcome, StoreError> {
        if self.is_shut_down.load(Ordering::Acquire) {
            return Err(StoreError::ReadOnly("it is shutting down"));
        }
        let failed = |error| StoreError::io("write to the write-ahead log", error);
        // While the disk refuses what is queued, nothing more is taken into memory.
        self.wal.retry_failed().map_err(failed)?;
        let (outcome, position) = self.head.append(batch, options, &self.wal);
        self.wal.commit(position).map_err(failed)?;
        self.metrics.count_append(&outcome);
        self.warn_of_limits(&outcome);
        Ok(outcome)
    }

    /// Says once a minute which metrics and labels have the most series and values.
    fn warn_of_limits(&self, outcome: &AppendOutcome) {
        let count = |reason| outcome.rejections.count(reason);
        let refused = count(RejectReason::SeriesLimit) + count(RejectReason::MetricSeriesLimit);
        if refused == 0 {
            return;
        }
        let now = Timestamp::now().as_millis();
        let last = self.limit_warned_at.load(Ordering::Relaxed);
        let is_due = now.saturating_sub(last) >= LIMIT_WARNING_INTERVAL_MS;
        let is_ours = self
            .limit_warned_at
            .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok();
        if is_due && is_ours {
            let [metrics, labels, ..] =
                self.head.with_index(|index| index.cardinality(LIMIT_WARNING_ROWS));
            let example = outcome.rejections.examples().first().map(|r| r.labels.to_string());
            warn!(
                refused,
                example = example.unwrap_or_default(),
                series_by_metric = ?metrics,
                values_by_label = ?labels,
                "new series are refused: a limit is reached; raise it or drop the label that explodes"
            );
        }
    }
}
