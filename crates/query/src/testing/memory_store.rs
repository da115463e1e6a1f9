//! A series store on plain vectors: the simplest thing that can be right.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{
    FloatColumn, Histogram, HistogramColumn, Labels, LabelsRef, Matcher, MetricMetadata,
    SampleBatch, SampleColumns, SeriesView, TimeRange, Timestamp,
};
use parking_lot::RwLock;
use storage::{
    AppendOptions, AppendOutcome, ExemplarRequest, LabelRequest, Maintenance, MaintenanceOutcome,
    MetadataRequest, Names, RejectReason, SelectRequest, SeriesExemplars, SeriesSelection,
    SeriesStore, StoreError, StoreStatus,
};

/// Keeps series in memory, sorted by labels. Samples may come in any order; the
/// first of a series for a timestamp stays. No exemplars, no metadata.
#[derive(Debug, Default)]
pub struct MemoryStore {
    series: RwLock<BTreeMap<Labels, SampleColumns>>,
}

/// The samples of the selected series in the range of the request.
#[derive(Debug)]
struct Selection {
    labels: Vec<Labels>,
    samples: Vec<SampleColumns>,
}

impl MemoryStore {
    /// A store without series.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.series.write().clear();
    }

    /// The label sets that one of `selectors` matches; no selectors match all.
    fn matching(&self, request: &LabelRequest<'_>) -> Vec<Labels> {
        let wanted = |labels: &Labels, samples: &SampleColumns| {
            let selected = request.selectors.is_empty()
                || request.selectors.iter().any(|matchers| matches_all(matchers, labels));
            selected && !cut(samples, request.range).is_empty()
        };
        let series = self.series.read();
        let found = series.iter().filter(|(labels, samples)| wanted(labels, samples));
        found.map(|(labels, _)| labels.clone()).collect()
    }
}

impl SeriesStore for MemoryStore {
    fn append(
        &self,
        batch: &SampleBatch,
        options: &AppendOptions,
    ) -> Result<AppendOutcome, StoreError> {
        let mut outcome = AppendOutcome::default();
        let mut all = self.series.write();
        let known = all.len();
        for series in batch.series() {
            let columns = all.entry(series.labels.to_labels()).or_default();
            append_series(columns, &series, options, &mut outcome);
        }
        outcome.series_created = (all.len() - known) as u64;
        Ok(outcome)
    }

    fn select(&self, request: &SelectRequest<'_>) -> Result<Box<dyn SeriesSelection>, StoreError> {
        request.cancel.check()?;
        let mut selection = Selection { labels: Vec::new(), samples: Vec::new() };
        for (labels, samples) in self.series.read().iter() {
            if !matches_all(request.matchers, labels) {
                continue;
            }
            let samples = cut(samples, request.range);
            if samples.is_empty() {
                continue;
            }
            if selection.labels.len() == request.series_max {
                return Err(StoreError::TooManySeries { max: request.series_max });
            }
            selection.labels.push(labels.clone());
            selection.samples.push(samples);
        }
        Ok(Box::new(selection))
    }

    fn label_names(&self, request: &LabelRequest<'_>) -> Result<Names, StoreError> {
        request.cancel.check()?;
        let found = self.matching(request);
        Ok(names(found.iter().flat_map(|labels| labels.iter().map(|(name, _)| name)), request))
    }

    fn label_values(&self, name: &str, request: &LabelRequest<'_>) -> Result<Names, StoreError> {
        request.cancel.check()?;
        let found = self.matching(request);
        Ok(names(found.iter().filter_map(|labels| labels.get(name)), request))
    }

    fn exemplars(&self, _: &ExemplarRequest<'_>) -> Result<Vec<SeriesExemplars>, StoreError> {
        Ok(Vec::new())
    }

    fn metadata(&self, _: &MetadataRequest) -> Result<Vec<MetricMetadata>, StoreError> {
        Ok(Vec::new())
    }

    fn delete(&self, selectors: &[Vec<Matcher>], range: TimeRange) -> Result<(), StoreError> {
        self.series.write().retain(|labels, samples| {
            if selectors.iter().any(|matchers| matches_all(matchers, labels)) {
                *samples = filter(samples, |at| !range.contains(at));
            }
            !samples.is_empty()
        });
        Ok(())
    }

    fn status(&self, _top: usize) -> StoreStatus {
        let mut status = StoreStatus::default();
        status.head.series = self.series.read().len() as u64;
        status
    }

    fn maintain(&self, _: &Maintenance) -> Result<MaintenanceOutcome, StoreError> {
        Err(StoreError::Unsupported("maintenance"))
    }
}

impl SeriesSelection for Selection {
    fn labels(&self) -> &[Labels] {
        &self.labels
    }

    fn read(&self, index: usize, into: &mut SampleColumns) -> Result<(), StoreError> {
        into.clone_from(&self.samples[index]);
        Ok(())
    }
}

fn matches_all(matchers: &[Matcher], labels: &LabelsRef) -> bool {
    matchers.iter().all(|matcher| matcher.matches_labels(labels))
}

fn append_series(
    columns: &mut SampleColumns,
    series: &SeriesView<'_>,
    options: &AppendOptions,
    outcome: &mut AppendOutcome,
) {
    let refused = |columns: &SampleColumns, at: Timestamp| {
        if options.timestamp_max.is_some_and(|max| at > max) {
            return Some(RejectReason::TooFarInFuture);
        }
        let is_known = columns.floats.timestamps.binary_search(&at).is_ok()
            || columns.histograms.timestamps.binary_search(&at).is_ok();
        is_known.then_some(RejectReason::DuplicateForTimestamp)
    };
    for (at, value) in series.timestamps.iter().copied().zip(series.values.iter().copied()) {
        if let Some(reason) = refused(columns, at) {
            outcome.rejections.add(reason, at, series.labels);
            continue;
        }
        let place = columns.floats.timestamps.partition_point(|before| *before < at);
        columns.floats.timestamps.insert(place, at);
        columns.floats.values.insert(place, value);
        outcome.samples_appended += 1;
    }
    for (at, histogram) in series.histograms {
        if let Some(reason) = refused(columns, *at) {
            outcome.rejections.add(reason, *at, series.labels);
            continue;
        }
        let place = columns.histograms.timestamps.partition_point(|before| before < at);
        columns.histograms.timestamps.insert(place, *at);
        columns.histograms.histograms.insert(place, Arc::clone(histogram));
        outcome.samples_appended += 1;
        outcome.histograms_appended += 1;
    }
}

fn cut(samples: &SampleColumns, range: TimeRange) -> SampleColumns {
    filter(samples, |at| range.contains(at))
}

fn filter(samples: &SampleColumns, keep: impl Fn(Timestamp) -> bool) -> SampleColumns {
    fn kept<T: Clone>(
        timestamps: &[Timestamp],
        values: &[T],
        keep: impl Fn(Timestamp) -> bool,
    ) -> (Vec<Timestamp>, Vec<T>) {
        let pairs = timestamps.iter().copied().zip(values.iter().cloned());
        pairs.filter(|(at, _)| keep(*at)).unzip()
    }
    let (timestamps, values) = kept(&samples.floats.timestamps, &samples.floats.values, &keep);
    let floats = FloatColumn { timestamps, values };
    let (timestamps, histograms): (_, Vec<Arc<Histogram>>) =
        kept(&samples.histograms.timestamps, &samples.histograms.histograms, &keep);
    SampleColumns { floats, histograms: HistogramColumn { timestamps, histograms } }
}

fn names<'a>(found: impl Iterator<Item = &'a str>, request: &LabelRequest<'_>) -> Names {
    let all: BTreeSet<&str> = found.collect();
    let limit = request.limit.unwrap_or(usize::MAX);
    Names {
        values: all.iter().take(limit).map(|name| (*name).to_owned()).collect(),
        is_truncated: all.len() > limit,
    }
}

#[cfg(test)]
mod tests {
    use model::Millis;
    use storage::Cancel;

    use super::*;

    fn store() -> MemoryStore {
        let store = MemoryStore::new();
        let mut batch = SampleBatch::default();
        for (job, offset) in [("b", 5), ("a", 0)] {
            batch.begin_series(&Labels::from_pairs([("__name__", "up"), ("job", job)]));
            for t in [20, 10, 30, 10] {
                batch.push(Timestamp::from_millis(t + offset), t as f64);
            }
        }
        let outcome = store.append(&batch, &AppendOptions::default()).unwrap();
        assert_eq!((outcome.samples_appended, outcome.series_created), (6, 2));
        assert_eq!(outcome.rejections.count(RejectReason::DuplicateForTimestamp), 2);
        store
    }

    #[test]
    fn series_come_sorted_and_samples_in_range() {
        let cancel = Cancel::new();
        let at = Timestamp::from_millis;
        let matchers = [Matcher::equal("__name__", "up")];
        let mut request = SelectRequest {
            matchers: &matchers,
            range: TimeRange::new(at(15), at(30)),
            hints: Default::default(),
            series_max: 2,
            cancel: &cancel,
        };
        let store = store();
        let selection = store.select(&request).unwrap();
        let jobs: Vec<_> = selection.labels().iter().map(|l| l.get("job").unwrap()).collect();
        assert_eq!(jobs, ["a", "b"]);
        let mut samples = SampleColumns::default();
        selection.read(0, &mut samples).unwrap();
        assert_eq!(samples.floats.values, [20.0, 30.0]);
        selection.read(1, &mut samples).unwrap();
        assert_eq!(samples.floats.timestamps, [at(15), at(25)]);
        request.series_max = 1;
        assert!(matches!(store.select(&request), Err(StoreError::TooManySeries { max: 1 })));
        cancel.cancel();
        assert!(matches!(store.select(&request), Err(StoreError::Cancelled)));
    }

    #[test]
    fn names_and_values_count_where_samples_are() {
        let cancel = Cancel::new();
        let store = store();
        let selectors = [vec![Matcher::equal("job", "b")]];
        let mut request =
            LabelRequest { selectors: &[], range: TimeRange::ALL, limit: Some(1), cancel: &cancel };
        let names = store.label_names(&request).unwrap();
        assert_eq!((names.values, names.is_truncated), (vec!["__name__".to_owned()], true));
        assert_eq!(store.label_values("job", &request).unwrap().values, ["a"]);
        request.selectors = &selectors;
        assert_eq!(store.label_values("job", &request).unwrap().values, ["b"]);
        let early = Timestamp::from_millis(0);
        request.range = TimeRange::new(early, early + Millis::new(14));
        assert!(store.label_values("job", &request).unwrap().values.is_empty());
        store.delete(&[Vec::new()], TimeRange::ALL).unwrap();
        assert_eq!(store.status(0).head.series, 0);
    }
}
