//! A batch of samples on its way into a store: columns, one allocation each.
//!
//! Protocols decode into it, the pipeline rewrites it, stores append it. Label
//! sets stand encoded behind one another in one string, samples in two columns;
//! a batch that is cleared and filled again allocates nothing.

use std::ops::Range;
use std::sync::Arc;

use crate::labels::push_sorted_pairs;
use crate::{Exemplar, Histogram, LabelsRef, MetricMetadata, SeriesHash, Timestamp};

/// Samples, histograms, exemplars and metadata of many series.
///
/// Float samples belong to the series that was begun last, so each series has
/// one run of the columns. A series may be begun more than once.
#[derive(Clone, Debug, Default)]
pub struct SampleBatch {
    encoded_labels: String,
    series: Vec<SeriesEntry>,
    timestamps: Vec<Timestamp>,
    values: Vec<f64>,
    histograms: Vec<HistogramEntry>,
    exemplars: Vec<ExemplarEntry>,
    metadata: Vec<MetricMetadata>,
}

#[derive(Clone, Debug)]
struct SeriesEntry {
    hash: SeriesHash,
    labels_end: usize,
    samples_end: usize,
    histograms_end: usize,
    exemplars_end: usize,
    created: Option<Timestamp>,
}

type HistogramEntry = (Timestamp, Arc<Histogram>);
type ExemplarEntry = Exemplar;

/// One series of a batch.
#[derive(Clone, Copy, Debug)]
pub struct SeriesView<'a> {
    /// Its position in the batch; results name series by it.
    pub index: usize,
    /// Its labels.
    pub labels: &'a LabelsRef,
    /// The hash of its labels.
    pub hash: SeriesHash,
    /// When the counter started, where the sender says so.
    pub created: Option<Timestamp>,
    /// The times of its float samples, in the order in which they came.
    pub timestamps: &'a [Timestamp],
    /// The values of its float samples.
    pub values: &'a [f64],
    /// Its native histogram samples.
    pub histograms: &'a [(Timestamp, Arc<Histogram>)],
    /// Its exemplars.
    pub exemplars: &'a [Exemplar],
}

impl SampleBatch {
    /// Begins a series: all that is pushed from here on belongs to it.
    pub fn begin_series(&mut self, labels: &LabelsRef) {
        self.begin_series_hashed(labels, labels.series_hash());
    }

    /// Like [`SampleBatch::begin_series`] for a caller that keeps the hash.
    /// `hash` must be that of `labels`.
    pub fn begin_series_hashed(&mut self, labels: &LabelsRef, hash: SeriesHash) {
        self.encoded_labels.push_str(labels.encoded());
        self.push_entry(hash);
    }

    /// Begins a series whose labels come as pairs, without a label set of their
    /// own in between. Returns whether it did: pairs that are not sorted by name,
    /// repeat one, or have an empty name or value leave the batch as it was.
    pub fn begin_series_sorted<'a>(
        &mut self,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> bool {
        let start = self.encoded_labels.len();
        if !push_sorted_pairs(&mut self.encoded_labels, pairs) {
            self.encoded_labels.truncate(start);
            return false;
        }
        let hash = LabelsRef::from_trusted(&self.encoded_labels[start..]).series_hash();
        self.push_entry(hash);
        true
    }

    fn push_entry(&mut self, hash: SeriesHash) {
        self.series.push(SeriesEntry {
            hash,
            labels_end: self.encoded_labels.len(),
            samples_end: self.timestamps.len(),
            histograms_end: self.histograms.len(),
            exemplars_end: self.exemplars.len(),
            created: None,
        });
    }

    /// Adds a float sample to the series begun last.
    ///
    /// # Panics
    /// Where no series was begun; so do the other `push` functions of a series.
    #[inline]
    pub fn push(&mut self, timestamp: Timestamp, value: f64) {
        self.timestamps.push(timestamp);
        self.values.push(value);
        self.last().samples_end += 1;
    }

    /// Adds a native histogram sample to the series begun last.
    pub fn push_histogram(&mut self, timestamp: Timestamp, histogram: Arc<Histogram>) {
        self.histograms.push((timestamp, histogram));
        self.last().histograms_end += 1;
    }

    /// Adds an exemplar to the series begun last.
    pub fn push_exemplar(&mut self, exemplar: Exemplar) {
        self.exemplars.push(exemplar);
        self.last().exemplars_end += 1;
    }

    /// Says when the counter or histogram of the series begun last started.
    pub fn set_created(&mut self, created: Timestamp) {
        self.last().created = Some(created);
    }

    /// Adds the metadata of a metric family; it belongs to no series.
    pub fn push_metadata(&mut self, metadata: MetricMetadata) {
        self.metadata.push(metadata);
    }

    /// The series, in the order in which they were begun.
    pub fn series(&self) -> impl ExactSizeIterator<Item = SeriesView<'_>> {
        (0..self.series.len()).map(|index| self.view(index))
    }

    /// The hash of the labels of the series at `index`.
    ///
    /// # Panics
    /// Where there is none.
    #[inline]
    pub fn hash(&self, index: usize) -> SeriesHash {
        self.series[index].hash
    }

    /// The series at `index`.
    ///
    /// # Panics
    /// Where there is none.
    #[inline]
    pub fn view(&self, index: usize) -> SeriesView<'_> {
        let entry = &self.series[index];
        let samples = self.run(index, |entry| entry.samples_end);
        SeriesView {
            index,
            labels: LabelsRef::from_trusted(
                &self.encoded_labels[self.run(index, |entry| entry.labels_end)],
            ),
            hash: entry.hash,
            created: entry.created,
            timestamps: &self.timestamps[samples.clone()],
            values: &self.values[samples],
            histograms: &self.histograms[self.run(index, |entry| entry.histograms_end)],
            exemplars: &self.exemplars[self.run(index, |entry| entry.exemplars_end)],
        }
    }

    /// Metadata of metric families.
    pub fn metadata(&self) -> &[MetricMetadata] {
        &self.metadata
    }

    /// The number of series.
    pub fn series_len(&self) -> usize {
        self.series.len()
    }

    /// The number of samples, native histograms included.
    pub fn samples_len(&self) -> usize {
        self.timestamps.len() + self.histograms.len()
    }

    /// Whether there is nothing at all to store.
    pub fn is_empty(&self) -> bool {
        self.samples_len() == 0 && self.exemplars.is_empty() && self.metadata.is_empty()
    }

    /// The bytes that the batch holds, for limits on memory.
    pub fn size_bytes(&self) -> usize {
        self.encoded_labels.len()
            + self.series.len() * size_of::<SeriesEntry>()
            + self.timestamps.len() * 16
            + self.histograms.iter().map(|(_, histogram)| histogram.size_bytes()).sum::<usize>()
            + self.exemplars.iter().map(|e| e.labels.size_bytes() + 32).sum::<usize>()
    }

    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        self.encoded_labels.clear();
        self.series.clear();
        self.timestamps.clear();
        self.values.clear();
        self.histograms.clear();
        self.exemplars.clear();
        self.metadata.clear();
    }

    fn last(&mut self) -> &mut SeriesEntry {
        self.series.last_mut().expect("a series is begun before anything is pushed to it")
    }

    fn run(&self, index: usize, end: impl Fn(&SeriesEntry) -> usize) -> Range<usize> {
        let start = index.checked_sub(1).map_or(0, |before| end(&self.series[before]));
        start..end(&self.series[index])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Labels;

    #[test]
    fn each_series_sees_its_own_run() {
        let at = Timestamp::from_millis;
        let mut batch = SampleBatch::default();
        let (a, b) = (Labels::from_pairs([("a", "1")]), Labels::from_pairs([("b", "2")]));
        batch.begin_series(&a);
        batch.push(at(1), 1.0);
        batch.push(at(2), 2.0);
        batch.begin_series(&Labels::empty());
        batch.begin_series(&b);
        batch.push(at(3), 3.0);
        batch.push_histogram(at(4), Arc::new(Histogram::new(0)));
        batch.set_created(at(0));

        let views: Vec<_> = batch.series().collect();
        assert_eq!(views.len(), 3);
        assert_eq!((views[0].labels, views[0].values), (&*a, &[1.0, 2.0][..]));
        assert_eq!((views[1].labels.is_empty(), views[1].values.len()), (true, 0));
        assert_eq!((views[2].labels, views[2].timestamps), (&*b, &[at(3)][..]));
        assert_eq!(views[2].histograms.len(), 1);
        assert_eq!((views[0].created, views[2].created), (None, Some(at(0))));
        assert_eq!(views[2].hash, b.series_hash());
        assert_eq!(batch.samples_len(), 4);

        batch.clear();
        assert!(batch.is_empty() && batch.series_len() == 0);
    }

    #[test]
    fn sorted_pairs_are_a_label_set_and_others_are_nothing() {
        let mut batch = SampleBatch::default();
        let pairs = [("a", "1"), ("b", "äöü")];
        assert!(batch.begin_series_sorted(pairs));
        for wrong in [[("b", "1"), ("a", "1")], [("a", "1"), ("a", "1")], [("a", "1"), ("b", "")]] {
            assert!(!batch.begin_series_sorted(wrong), "{wrong:?}");
        }
        assert!(!batch.begin_series_sorted([("", "1")]));
        assert!(batch.begin_series_sorted([("c", "x")]));
        let views: Vec<_> = batch.series().map(|view| (view.labels, view.hash)).collect();
        let sets = [Labels::from_pairs(pairs), Labels::from_pairs([("c", "x")])];
        assert_eq!(views, sets.each_ref().map(|labels| (&**labels, labels.series_hash())));
    }
}
