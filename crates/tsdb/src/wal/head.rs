//! The series of the log.
//!
//! The log has samples in the order of time, a block wants them by series. All of
//! a log at once may be more than fits into memory, so it is read several times:
//! once for the labels and how many samples each series has, then once for each
//! batch of series whose samples fit.

use std::collections::VecDeque;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use disk::Disk;
use hashbrown::HashMap;
use model::{
    Exemplar, Histogram, Labels, LabelsRef, MetricKind, MetricMetadata, SampleColumns, TimeRange,
    Timestamp,
};

use super::record::{self, Sample, Visitor};
use super::segment;
use crate::data_dir::DataDir;
use crate::error::{Damage, TsdbError};
use crate::select::{Selection, normalise};

/// How many bytes the samples of a batch of series take at most.
const BATCH_BYTES_MAX: u64 = 128 << 20;
/// How many exemplars are kept, the newest.
pub(super) const EXEMPLARS_MAX: usize = 100_000;
/// How many families' metadata is kept.
pub(super) const METADATA_MAX: usize = 50_000;
/// Bytes of a float sample in memory.
const FLOAT_BYTES: u64 = 16;

/// The write-ahead log of a Prometheus that does not run.
#[derive(Debug)]
pub struct Wal {
    segments: Vec<PathBuf>,
    batch_bytes_max: u64,
}

/// What the log holds.
#[derive(Debug, Default)]
pub struct WalContent {
    /// The wanted series, by labels.
    labels: Vec<Labels>,
    /// Places in `labels`, by the references that the log uses.
    places: HashMap<u64, u32>,
    /// Bytes of samples of each series.
    weights: Vec<u64>,
    /// What was deleted, by place.
    deleted: HashMap<u32, Vec<TimeRange>>,
    /// The newest metadata of each family.
    pub metadata: Vec<MetricMetadata>,
    /// The newest exemplars, with their series.
    pub exemplars: Vec<(Labels, Exemplar)>,
    /// Samples whose series is not in the log: it was damaged.
    pub orphans: u64,
    /// The times of the wanted samples; `None` where there are none.
    pub range: Option<TimeRange>,
}

impl Wal {
    /// Finds the logs of a data directory; `None` where there is none.
    ///
    /// # Errors
    /// Where a directory can't be read.
    pub fn open(disk: &dyn Disk, dir: &DataDir) -> Result<Option<Self>, TsdbError> {
        let mut segments = Vec::new();
        for log in [&dir.wal, &dir.wbl].into_iter().flatten() {
            segments.extend(segment::list(disk, log)?);
        }
        let batch_bytes_max = BATCH_BYTES_MAX;
        Ok((!segments.is_empty()).then_some(Self { segments, batch_bytes_max }))
    }

    #[cfg(test)]
    pub(super) fn with_batch_bytes_max(mut self, batch_bytes_max: u64) -> Self {
        self.batch_bytes_max = batch_bytes_max;
        self
    }

    /// Reads the log once: which of the wanted series there are, and how much of them.
    ///
    /// # Errors
    /// Where a file can't be read. What is damaged is left out and added to `damage`.
    pub fn survey(
        &self,
        disk: &dyn Disk,
        want: &Selection,
        damage: &mut Damage,
    ) -> Result<WalContent, TsdbError> {
        let mut survey = Survey::new(want);
        self.read(disk, &mut survey, damage)?;
        Ok(survey.into_content())
    }

    /// Hands each wanted series that has samples to `each`, by labels, without
    /// what was deleted.
    ///
    /// # Errors
    /// Those of `each`, and where a file can't be read.
    pub fn visit<E: From<TsdbError>>(
        &self,
        disk: &dyn Disk,
        content: &WalContent,
        want: &Selection,
        mut each: impl FnMut(&Labels, &SampleColumns) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut from = 0;
        while from < content.labels.len() {
            let until = content.batch_end(from, self.batch_bytes_max);
            let columns = vec![SampleColumns::default(); until - from];
            let mut batch = Batch { content, range: want.range, places: from..until, columns };
            // What is damaged was told by the survey.
            self.read(disk, &mut batch, &mut Damage::default())?;
            for (place, mut columns) in (from..until).zip(batch.columns) {
                let deleted = content.deleted.get(&(place as u32)).map_or(&[][..], Vec::as_slice);
                normalise(&mut columns, |at| !deleted.iter().any(|range| range.contains(at)));
                if !columns.is_empty() {
                    each(&content.labels[place], &columns)?;
                }
            }
            from = until;
        }
        Ok(())
    }

    fn read(
        &self,
        disk: &dyn Disk,
        visitor: &mut impl Visitor,
        damage: &mut Damage,
    ) -> Result<(), TsdbError> {
        for path in &self.segments {
            segment::read(disk, path, damage, |begun_at, record, damage| {
                if let Err(error) = record::visit(record, visitor) {
                    // Of a packed record the place within is none of the file.
                    damage.add(TsdbError::damaged(path, begun_at, error.reason));
                }
            })?;
        }
        Ok(())
    }
}

impl WalContent {
    /// The number of wanted series.
    pub fn series_len(&self) -> usize {
        self.labels.len()
    }

    /// The end of the batch that begins at `from`: at least one series.
    fn batch_end(&self, from: usize, bytes_max: u64) -> usize {
        let mut bytes = 0;
        let fits = |weight: &&u64| {
            bytes += **weight;
            bytes <= bytes_max
        };
        from + self.weights[from..].iter().take_while(fits).count().max(1)
    }
}

/// The first reading.
struct Survey<'a> {
    want: &'a Selection,
    /// By reference; `None` where the series is not wanted.
    references: HashMap<u64, Option<u32>>,
    /// In the order in which they came.
    labels: Vec<Labels>,
    /// Places in `labels`.
    places: HashMap<Labels, u32>,
    weights: Vec<u64>,
    deleted: HashMap<u32, Vec<TimeRange>>,
    metadata: HashMap<String, MetricMetadata>,
    exemplars: VecDeque<(u32, Exemplar)>,
    orphans: u64,
    range: Option<TimeRange>,
}

impl<'a> Survey<'a> {
    fn new(want: &'a Selection) -> Self {
        Self {
            want,
            references: HashMap::new(),
            labels: Vec::new(),
            places: HashMap::new(),
            weights: Vec::new(),
            deleted: HashMap::new(),
            metadata: HashMap::new(),
            exemplars: VecDeque::new(),
            orphans: 0,
            range: None,
        }
    }

    fn weigh(&mut self, series: u64, at: Timestamp, bytes: u64) {
        match self.references.get(&series) {
            Some(Some(place)) => {
                self.weights[*place as usize] += bytes;
                let range = self.range.get_or_insert(TimeRange::new(at, at));
                *range = TimeRange::new(range.start.min(at), range.end.max(at));
            }
            Some(None) => {}
            None => self.orphans += 1,
        }
    }

    fn place(&self, series: u64) -> Option<u32> {
        self.references.get(&series).copied().flatten()
    }

    fn into_content(self) -> WalContent {
        let mut order: Vec<usize> = (0..self.labels.len()).collect();
        order.sort_by(|a, b| self.labels[*a].cmp(&self.labels[*b]));
        let mut new_places = vec![0u32; order.len()];
        for (new, old) in order.iter().enumerate() {
            new_places[*old] = new as u32;
        }
        let moved = |old: u32| new_places[old as usize];
        let labels: Vec<Labels> = order.iter().map(|old| self.labels[*old].clone()).collect();
        let references = self.references.into_iter();
        let mut metadata: Vec<_> = self.metadata.into_values().collect();
        metadata.sort_by(|a, b| a.family.cmp(&b.family));
        let exemplars = self.exemplars.into_iter();
        WalContent {
            places: references.filter_map(|(series, old)| Some((series, moved(old?)))).collect(),
            weights: order.iter().map(|old| self.weights[*old]).collect(),
            deleted: self.deleted.into_iter().map(|(old, ranges)| (moved(old), ranges)).collect(),
            metadata,
            exemplars: exemplars
                .map(|(old, exemplar)| (labels[moved(old) as usize].clone(), exemplar))
                .collect(),
            orphans: self.orphans,
            range: self.range,
            labels,
        }
    }
}

impl Visitor for Survey<'_> {
    fn series(&mut self, reference: u64, labels: Labels) {
        if !self.want.matches(&labels) {
            self.references.insert(reference, None);
            return;
        }
        let next = self.labels.len() as u32;
        let place = *self.places.entry(labels.clone()).or_insert(next);
        if place == next {
            self.labels.push(labels);
            self.weights.push(0);
        }
        self.references.insert(reference, Some(place));
    }

    fn float(&mut self, sample: Sample<f64>) {
        if self.want.range.contains(sample.at) {
            self.weigh(sample.series, sample.at, FLOAT_BYTES);
        }
    }

    fn histogram(&mut self, sample: Sample<Arc<Histogram>>) {
        if self.want.range.contains(sample.at) {
            self.weigh(sample.series, sample.at, sample.value.size_bytes() as u64 + FLOAT_BYTES);
        }
    }

    fn deleted(&mut self, series: u64, range: TimeRange) {
        if let Some(place) = self.place(series) {
            self.deleted.entry(place).or_default().push(range);
        }
    }

    fn exemplar(&mut self, series: u64, exemplar: Exemplar) {
        if !self.want.range.contains(exemplar.timestamp) {
            return;
        }
        if let Some(place) = self.place(series) {
            if self.exemplars.len() == EXEMPLARS_MAX {
                self.exemplars.pop_front();
            }
            self.exemplars.push_back((place, exemplar));
        }
    }

    fn metadata(&mut self, series: u64, kind: MetricKind, unit: &str, help: &str) {
        let Some(place) = self.place(series) else { return };
        let Some(family) = family(&self.labels[place as usize], kind) else { return };
        if self.metadata.len() < METADATA_MAX || self.metadata.contains_key(family) {
            let metadata = MetricMetadata {
                family: family.into(),
                kind,
                unit: unit.into(),
                help: help.into(),
            };
            self.metadata.insert(family.to_owned(), metadata);
        }
    }
}

/// The metric's name without what the series of a histogram or summary add to it.
fn family(labels: &LabelsRef, kind: MetricKind) -> Option<&str> {
    let name = labels.metric_name()?;
    let suffixes: &[&str] = match kind {
        MetricKind::Histogram | MetricKind::GaugeHistogram => {
            &["_bucket", "_count", "_sum", "_gcount", "_gsum"]
        }
        MetricKind::Summary => &["_count", "_sum"],
        _ => &[],
    };
    Some(suffixes.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name))
}

/// A further reading: the samples of some series.
struct Batch<'a> {
    content: &'a WalContent,
    range: TimeRange,
    /// Places of the series.
    places: Range<usize>,
    /// As many as `places`.
    columns: Vec<SampleColumns>,
}

impl Batch<'_> {
    fn column(&mut self, series: u64) -> Option<&mut SampleColumns> {
        let place = *self.content.places.get(&series)? as usize;
        self.columns.get_mut(place.checked_sub(self.places.start)?)
    }
}

impl Visitor for Batch<'_> {
    fn float(&mut self, sample: Sample<f64>) {
        if self.range.contains(sample.at)
            && let Some(column) = self.column(sample.series)
        {
            column.floats.push(sample.at, sample.value);
        }
    }

    fn histogram(&mut self, sample: Sample<Arc<Histogram>>) {
        if self.range.contains(sample.at)
            && let Some(column) = self.column(sample.series)
        {
            column.histograms.push(sample.at, sample.value);
        }
    }
}
