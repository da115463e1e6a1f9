//! Reading samples.

use std::sync::atomic::{AtomicU64, Ordering};

use model::{Labels, SampleColumns, TimeRange};
use storage::{SelectRequest, SelectStats, SeriesSelection, StoreError};

use super::Store;
use crate::head::CapturedSeries;

/// The answer to a request: everything that reading needs, held alive.
struct Selection {
    labels: Vec<Labels>,
    sources: Vec<CapturedSeries>,
    range: TimeRange,
    chunks_read: AtomicU64,
    bytes_read: AtomicU64,
    samples_decoded: AtomicU64,
}

impl Store {
    pub(super) fn select_series(
        &self,
        request: &SelectRequest<'_>,
    ) -> Result<Box<dyn SeriesSelection>, StoreError> {
        let mut sources = self.head.capture(
            request.matchers,
            request.range,
            request.series_max,
            request.cancel,
        )?;
        sources.sort_by(|a, b| a.labels.cmp(&b.labels));
        Ok(Box::new(Selection {
            labels: sources.iter().map(|series| series.labels.clone()).collect(),
            sources,
            range: request.range,
            chunks_read: AtomicU64::default(),
            bytes_read: AtomicU64::default(),
            samples_decoded: AtomicU64::default(),
        }))
    }
}

impl SeriesSelection for Selection {
    fn labels(&self) -> &[Labels] {
        &self.labels
    }

    fn read(&self, index: usize, into: &mut SampleColumns) -> Result<(), StoreError> {
        let series = &self.sources[index];
        series.read(self.range, into);
        let (chunks, bytes) = series.chunk_stats();
        self.chunks_read.fetch_add(chunks, Ordering::Relaxed);
        self.bytes_read.fetch_add(bytes, Ordering::Relaxed);
        self.samples_decoded.fetch_add(into.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    fn stats(&self) -> SelectStats {
        SelectStats {
            chunks_read: self.chunks_read.load(Ordering::Relaxed),
            bytes_read: self.bytes_read.load(Ordering::Relaxed),
            samples_decoded: self.samples_decoded.load(Ordering::Relaxed),
            ..SelectStats::default()
        }
    }
}
