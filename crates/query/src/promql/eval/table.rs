//! Columns over the time grid: what every instant vector is while it is computed.
//!
//! A [`Table`] has a row for each series and a column for each point of the
//! grid. Floats lie in one dense vector, row by row, so that most functions are
//! one pass over a slice; [`ABSENT`] marks the points where a series has no
//! float. Histograms are rare and stand aside.

use std::collections::HashMap;
use std::sync::Arc;

use model::sample::{STALE_NAN, is_stale_nan};
use model::{Histogram, Labels, LabelsRef, METRIC_NAME};

use super::{QueryError, SampleValue};
use crate::engine::{Budget, Hold};

/// No float at this point.
///
/// The marker of staleness never is a value: selectors leave it out, and
/// arithmetic turns it (a signalling NaN) into another NaN.
pub(crate) const ABSENT: f64 = STALE_NAN;

/// Whether there is no float.
#[inline]
pub(crate) fn is_absent(value: f64) -> bool {
    is_stale_nan(value)
}

/// The histograms of one series, one for each point; empty where it has none at all.
pub(crate) type HistogramRow = Vec<Option<Arc<Histogram>>>;

/// Labels that describe what a metric is and so go with its name: an operation
/// that changes the meaning of a value drops them.
const METADATA_LABELS: [&str; 3] = [METRIC_NAME, "__type__", "__unit__"];

/// Whether label `name` goes when the metric's name goes.
pub(crate) fn is_metadata_label(name: &str) -> bool {
    METADATA_LABELS.contains(&name)
}

/// The set without the metric's name, type and unit.
pub(crate) fn without_name(labels: &LabelsRef) -> Labels {
    labels.filtered(|name| !is_metadata_label(name))
}

/// Two series of one result have the same labels at the same time.
pub(crate) fn same_labelset() -> QueryError {
    QueryError::Execution("vector cannot contain metrics with the same labelset".to_owned())
}

/// Series over the points of a grid.
#[derive(Debug)]
pub(crate) struct Table {
    steps: usize,
    labels: Vec<Labels>,
    floats: Vec<f64>,
    /// One for each series, or empty where no series has any.
    histograms: Vec<HistogramRow>,
    /// Whether the labels still hold metric names that were dropped.
    names_dropped: bool,
    /// Whether dropping the names can't make two series the same.
    names_are_one: bool,
    hold: Hold,
}

/// One series of a table.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) floats: &'a [f64],
    /// As long as `floats`, or empty.
    pub(crate) histograms: &'a [Option<Arc<Histogram>>],
}

/// One series of a table, to be written.
pub(crate) struct RowMut<'a> {
    pub(crate) floats: &'a mut [f64],
    pub(crate) histograms: &'a mut HistogramRow,
}

impl Row<'_> {
    /// The histogram at `step`.
    pub(crate) fn histogram(&self, step: usize) -> Option<&Arc<Histogram>> {
        self.histograms.get(step).and_then(Option::as_ref)
    }

    /// Whether there is a sample at `step`.
    pub(crate) fn is_present(&self, step: usize) -> bool {
        !is_absent(self.floats[step]) || self.histogram(step).is_some()
    }

    /// The number of samples, a histogram counting by its size.
    fn weight(&self) -> u64 {
        let floats = self.floats.iter().filter(|value| !is_absent(**value)).count() as u64;
        floats + self.histograms.iter().flatten().map(|h| histogram_weight(h)).sum::<u64>()
    }

    fn is_empty(&self) -> bool {
        self.floats.iter().all(|value| is_absent(*value))
            && self.histograms.iter().all(Option::is_none)
    }
}

/// As how many samples a histogram counts.
pub(crate) fn histogram_weight(histogram: &Histogram) -> u64 {
    (histogram.size_bytes() as u64 + 8) / 16
}

impl RowMut<'_> {
    /// Puts a histogram at `step`.
    pub(crate) fn set_histogram(&mut self, step: usize, histogram: Arc<Histogram>) {
        if self.histograms.is_empty() {
            self.histograms.resize(self.floats.len(), None);
        }
        self.histograms[step] = Some(histogram);
    }

    /// Puts a value at `step`.
    pub(crate) fn set(&mut self, step: usize, value: SampleValue) {
        match value {
            SampleValue::Float(value) => self.floats[step] = value,
            SampleValue::Histogram(histogram) => self.set_histogram(step, histogram),
        }
    }
}

impl Table {
    /// A table without series.
    pub(crate) fn new(steps: usize, budget: &Arc<Budget>) -> Self {
        Self {
            steps,
            labels: Vec::new(),
            floats: Vec::new(),
            histograms: Vec::new(),
            names_dropped: false,
            names_are_one: true,
            hold: budget.hold(),
        }
    }

    /// A table of these series, without samples yet.
    pub(crate) fn with_rows(
        labels: Vec<Labels>,
        steps: usize,
        budget: &Arc<Budget>,
    ) -> Result<Self, QueryError> {
        let mut table = Self::new(steps, budget);
        table.hold.grow(0, row_bytes(steps).saturating_mul(labels.len() as u64))?;
        table.floats = vec![ABSENT; labels.len() * steps];
        table.labels = labels;
        Ok(table)
    }

    /// The number of points.
    pub(crate) fn steps(&self) -> usize {
        self.steps
    }

    /// The number of series.
    pub(crate) fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no series.
    pub(crate) fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The limits that it counts against.
    pub(crate) fn budget(&self) -> &Arc<Budget> {
        self.hold.budget()
    }

    /// Series `index`.
    pub(crate) fn row(&self, index: usize) -> Row<'_> {
        let start = index * self.steps;
        Row {
            floats: &self.floats[start..start + self.steps],
            histograms: self.histograms.get(index).map_or(&[], Vec::as_slice),
        }
    }

    /// All series.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Row<'_>> + Clone {
        (0..self.len()).map(|index| self.row(index))
    }

    /// Series `index`, to be written.
    pub(crate) fn row_mut(&mut self, index: usize) -> RowMut<'_> {
        self.need_histograms();
        let start = index * self.steps;
        RowMut {
            floats: &mut self.floats[start..start + self.steps],
            histograms: &mut self.histograms[index],
        }
    }

    /// The floats of all series, and the histograms, one row for each.
    pub(crate) fn parts_mut(&mut self) -> (&mut [f64], &mut [HistogramRow]) {
        self.need_histograms();
        (&mut self.floats, &mut self.histograms)
    }

    /// The floats of all series.
    pub(crate) fn floats_mut(&mut self) -> &mut [f64] {
        &mut self.floats
    }

    /// Takes all histograms away.
    pub(crate) fn drop_histograms(&mut self) {
        self.histograms = Vec::new();
    }

    /// Appends a series without samples.
    pub(crate) fn push(&mut self, labels: Labels) -> Result<RowMut<'_>, QueryError> {
        self.hold.grow(0, row_bytes(self.steps))?;
        self.labels.push(labels);
        self.floats.resize(self.labels.len() * self.steps, ABSENT);
        self.need_histograms();
        Ok(self.row_mut(self.labels.len() - 1))
    }

    /// Appends the series of another table of the same grid.
    pub(crate) fn append(&mut self, mut other: Self) -> Result<(), QueryError> {
        if self.is_empty() {
            *self = other;
            return Ok(());
        }
        if self.names_dropped != other.names_dropped {
            self.resolve_names();
            other.resolve_names();
        }
        self.names_are_one &= other.names_are_one && self.is_same_name(&other);
        if !self.histograms.is_empty() || !other.histograms.is_empty() {
            self.need_histograms();
            other.need_histograms();
        }
        self.labels.append(&mut other.labels);
        self.floats.append(&mut other.floats);
        self.histograms.append(&mut other.histograms);
        self.hold.absorb(other.hold);
        Ok(())
    }

    fn is_same_name(&self, other: &Self) -> bool {
        let name = |table: &Self| table.labels.first().map(|l| l.metric_name().map(str::to_owned));
        self.names_dropped || name(self) == name(other)
    }

    /// Says whether all series have the same metric name, or none.
    pub(crate) fn set_names_are_one(&mut self, names_are_one: bool) {
        self.names_are_one = names_are_one;
    }

    /// Whether all series are known to have the same metric name, or none.
    pub(crate) fn names_are_one(&self) -> bool {
        self.names_are_one
    }

    /// Drops the metric names, later where that can wait. Series that become the
    /// same are joined.
    ///
    /// # Errors
    /// Where two of them have samples at the same time.
    pub(crate) fn drop_names(&mut self) -> Result<(), QueryError> {
        self.names_dropped = true;
        if self.names_are_one { Ok(()) } else { self.join_same_labels() }
    }

    /// Drops the metric names.
    ///
    /// # Errors
    /// Where two series become the same, whenever they have samples.
    pub(crate) fn drop_names_strictly(&mut self) -> Result<(), QueryError> {
        self.names_dropped = true;
        if self.names_are_one {
            return Ok(());
        }
        self.resolve_names();
        let mut seen = std::collections::HashSet::with_capacity(self.len());
        if self.labels.iter().all(|labels| seen.insert(labels)) {
            Ok(())
        } else {
            Err(same_labelset())
        }
    }

    /// Whether metric names count as missing though [`Table::stored_labels`] has them.
    pub(crate) fn are_names_dropped(&self) -> bool {
        self.names_dropped
    }

    /// The labels, perhaps with names that were dropped.
    pub(crate) fn stored_labels(&self) -> &[Labels] {
        &self.labels
    }

    /// The labels.
    pub(crate) fn labels(&mut self) -> &[Labels] {
        self.resolve_names();
        &self.labels
    }

    /// Replaces the labels of all series.
    pub(crate) fn set_labels(&mut self, labels: Vec<Labels>) {
        debug_assert_eq!(labels.len(), self.labels.len(), "each series keeps its row");
        self.labels = labels;
        self.names_dropped = false;
    }

    fn resolve_names(&mut self) {
        if std::mem::take(&mut self.names_dropped) {
            for labels in &mut self.labels {
                *labels = without_name(labels);
            }
        }
    }

    /// Joins series that have the same labels.
    ///
    /// # Errors
    /// Where two of them have samples at the same time.
    pub(crate) fn join_same_labels(&mut self) -> Result<(), QueryError> {
        self.resolve_names();
        let mut first_of: HashMap<&Labels, usize> = HashMap::with_capacity(self.len());
        let mut doubles = Vec::new();
        for (index, labels) in self.labels.iter().enumerate() {
            let first = *first_of.entry(labels).or_insert(index);
            if first != index {
                doubles.push((first, index));
            }
        }
        if doubles.is_empty() {
            return Ok(());
        }
        for (first, double) in &doubles {
            self.join_into(*first, *double)?;
        }
        let mut doubles = doubles.into_iter().map(|(_, double)| double).peekable();
        self.retain(|index| doubles.next_if_eq(&index).is_none());
        Ok(())
    }

    fn join_into(&mut self, into: usize, from: usize) -> Result<(), QueryError> {
        for step in 0..self.steps {
            if !self.row(from).is_present(step) {
                continue;
            }
            if self.row(into).is_present(step) {
                return Err(same_labelset());
            }
            let float = self.row(from).floats[step];
            let histogram = self.row(from).histogram(step).cloned();
            let mut row = self.row_mut(into);
            row.floats[step] = float;
            if let Some(histogram) = histogram {
                row.set_histogram(step, histogram);
            }
        }
        Ok(())
    }

    /// Drops series without samples and counts those that stay against the limits.
    pub(crate) fn finish(mut self) -> Result<Self, QueryError> {
        let is_filled: Vec<bool> = self.iter().map(|row| !row.is_empty()).collect();
        if is_filled.contains(&false) {
            self.retain(|index| is_filled[index]);
        }
        if self.histograms.iter().all(Vec::is_empty) {
            self.histograms = Vec::new();
        }
        self.recount()?;
        Ok(self)
    }

    /// Counts its samples against the limits.
    pub(crate) fn recount(&mut self) -> Result<(), QueryError> {
        let samples = self.iter().map(|row| row.weight()).sum::<u64>();
        let histograms = self.histograms.iter().flatten().flatten();
        let bytes = row_bytes(self.steps) * self.len() as u64
            + histograms.map(|h| h.size_bytes() as u64).sum::<u64>();
        Ok(self.hold.set(samples, bytes)?)
    }

    /// Keeps the series whose index `keep` accepts, in their order.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(usize) -> bool) {
        let mut kept = 0;
        for index in 0..self.labels.len() {
            if !keep(index) {
                continue;
            }
            if kept != index {
                self.labels.swap(kept, index);
                let from = index * self.steps;
                self.floats.copy_within(from..from + self.steps, kept * self.steps);
                if !self.histograms.is_empty() {
                    self.histograms.swap(kept, index);
                }
            }
            kept += 1;
        }
        self.labels.truncate(kept);
        self.floats.truncate(kept * self.steps);
        self.histograms.truncate(kept);
    }

    /// Puts the series into this order.
    pub(crate) fn reorder(&mut self, order: &[usize]) {
        debug_assert_eq!(order.len(), self.len(), "an order names every series once");
        self.labels = order.iter().map(|index| self.labels[*index].clone()).collect();
        let rows = order.iter().flat_map(|index| {
            self.floats[index * self.steps..(index + 1) * self.steps].iter().copied()
        });
        self.floats = rows.collect();
        if !self.histograms.is_empty() {
            let take = |index: &usize| std::mem::take(&mut self.histograms[*index]);
            self.histograms = order.iter().map(take).collect();
        }
    }

    /// The same single column at `steps` points.
    pub(crate) fn repeat(mut self, steps: usize) -> Result<Self, QueryError> {
        debug_assert_eq!(self.steps, 1, "only an instant can be repeated");
        if steps == 1 {
            return Ok(self);
        }
        let bytes = row_bytes(steps).saturating_mul(self.len() as u64);
        self.budget().check_transient(0, bytes)?;
        self.floats = self.floats.iter().flat_map(|v| std::iter::repeat_n(*v, steps)).collect();
        for row in &mut self.histograms {
            if let Some(first) = row.first().cloned() {
                *row = vec![first; steps];
            }
        }
        self.steps = steps;
        self.recount()?;
        Ok(self)
    }

    fn need_histograms(&mut self) {
        if self.histograms.len() < self.labels.len() {
            self.histograms.resize_with(self.labels.len(), Vec::new);
        }
    }
}

fn row_bytes(steps: usize) -> u64 {
    (size_of::<f64>() * steps + size_of::<Labels>() + size_of::<HistogramRow>()) as u64
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::engine::Limits;

    pub(crate) fn budget() -> Arc<Budget> {
        let limits = Limits {
            timeout: Duration::MAX,
            cancel: storage::Cancel::new(),
            samples_max: 1000,
            memory_bytes_max: 1 << 20,
        };
        Budget::new(limits, Instant::now())
    }

    pub(crate) fn table(rows: &[(&str, &[f64])]) -> Table {
        table_in(&budget(), rows)
    }

    pub(crate) fn table_in(budget: &Arc<Budget>, rows: &[(&str, &[f64])]) -> Table {
        let mut table = Table::new(rows[0].1.len(), budget);
        for (name, values) in rows {
            let labels = Labels::from_pairs([(METRIC_NAME, *name), ("a", "b")]);
            table.push(labels).unwrap().floats.copy_from_slice(values);
        }
        table.set_names_are_one(false);
        table
    }

    #[test]
    fn the_marker_survives_no_arithmetic() {
        for value in [ABSENT + 1.0, ABSENT * 0.0, -ABSENT + 0.0, ABSENT.sqrt()] {
            assert!(!is_absent(value));
        }
    }

    #[test]
    fn series_that_become_the_same_are_joined_where_they_do_not_overlap() {
        let mut joined = table(&[("x", &[1.0, ABSENT]), ("y", &[ABSENT, 2.0])]);
        joined.drop_names().unwrap();
        assert_eq!(joined.len(), 1);
        assert_eq!(joined.row(0).floats, [1.0, 2.0]);
        assert_eq!(joined.labels(), [Labels::from_pairs([("a", "b")])]);
        let mut overlapping = table(&[("x", &[1.0, 1.0]), ("y", &[ABSENT, 2.0])]);
        assert!(overlapping.drop_names().is_err());
        let mut strict = table(&[("x", &[1.0, ABSENT]), ("y", &[ABSENT, 2.0])]);
        assert!(strict.drop_names_strictly().is_err());
    }

    #[test]
    fn empty_series_go_and_the_others_count() {
        let table = table(&[("x", &[ABSENT, ABSENT]), ("y", &[ABSENT, 2.0])]).finish().unwrap();
        assert_eq!(table.len(), 1);
        assert_eq!(table.stored_labels()[0].metric_name(), Some("y"));
        assert_eq!(table.budget().samples_peak(), 1);
    }

    #[test]
    fn order_and_repetition() {
        let mut table = table(&[("x", &[1.0]), ("y", &[2.0])]);
        table.reorder(&[1, 0]);
        let table = table.repeat(3).unwrap();
        assert_eq!(table.row(0).floats, [2.0; 3]);
        assert_eq!(table.row(1).floats, [1.0; 3]);
    }
}
