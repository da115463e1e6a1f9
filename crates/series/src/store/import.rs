//! The door for history: series of the past, written straight into blocks.
//!
//! An import passes by the head and its log, which take only what is new. It
//! writes what the store doesn't have yet, so that the same history may come
//! twice; where blocks overlap afterwards, compaction merges them as it merges
//! late samples.

use std::sync::Arc;

use model::{LabelsRef, Millis, SampleColumns, TimeRange, Timestamp};
use parking_lot::MutexGuard;
use storage::{Cancel, SelectHints, SelectRequest, SeriesSelection, StoreError};

use super::cut::BlockSetWriter;
use super::{Store, StoreCore};
use crate::compact;

/// How many blocks are written at the same time, unless even the longest windows
/// are more: each keeps its index in memory.
const WRITERS_MAX: i64 = 8;

/// A span of history on its way into blocks. Nothing of it is visible until
/// [`Import::finish`]; of one that is dropped before, the next start clears what
/// was written.
pub struct Import<'a> {
    core: &'a StoreCore,
    range: TimeRange,
    set: BlockSetWriter<'a>,
    /// What the store has of the span, by labels.
    stored: Box<dyn SeriesSelection>,
    /// The next of `stored`.
    next: usize,
    known: SampleColumns,
    new: SampleColumns,
    outcome: ImportOutcome,
    /// One at a time, and no compaction meanwhile.
    _exclusive: MutexGuard<'a, ()>,
}

/// What came of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportOutcome {
    /// Series of which samples were written.
    pub series: u64,
    /// Samples written.
    pub samples: u64,
    /// Samples that the store already had, whatever their value: they stay.
    pub samples_known: u64,
    /// Blocks written.
    pub blocks: u64,
    /// The times of the samples written; `None` where there are none.
    pub range: Option<TimeRange>,
}

impl Store {
    /// Begins to import samples whose times lie in `range`. Background work of
    /// the store waits until the import ends.
    ///
    /// # Errors
    /// Where what the store has of that time can't be read.
    pub fn import(&self, range: TimeRange) -> Result<Import<'_>, StoreError> {
        let core = &*self.core;
        let exclusive = core.maintenance.lock();
        let stored = core.select_series(&SelectRequest {
            matchers: &[],
            range,
            hints: SelectHints::default(),
            series_max: usize::MAX,
            cancel: &Cancel::new(),
        })?;
        Ok(Import {
            core,
            range,
            set: BlockSetWriter::new(&core.disk, &core.blocks_dir, core.import_window(range)),
            stored,
            next: 0,
            known: SampleColumns::default(),
            new: SampleColumns::default(),
            outcome: ImportOutcome::default(),
            _exclusive: exclusive,
        })
    }

    /// The oldest time that retention keeps, now that the newest sample is from `newest`.
    pub fn oldest_kept(&self, newest: Timestamp) -> Timestamp {
        crate::retain::oldest_kept(&self.core.config, newest)
    }
}

impl StoreCore {
    /// The window that blocks of an import are aligned to: the shortest of those
    /// that compaction builds of which a few cover `range`.
    fn import_window(&self, range: TimeRange) -> Millis {
        let base = self.block_duration();
        let longer = compact::windows(base, self.config.block_duration_max.as_millis());
        let blocks = |window: Millis| range.end.since(range.start).get() / window.get();
        let mut chosen = base;
        for window in longer {
            if blocks(chosen) < WRITERS_MAX {
                break;
            }
            chosen = window;
        }
        chosen
    }
}

impl Import<'_> {
    /// Adds the samples of a series; series come by labels, each once. Of samples
    /// whose time the store has for this series, the stored ones stay.
    ///
    /// # Errors
    /// Where stored samples can't be read or new ones not be written.
    ///
    /// # Panics
    /// In debug builds, where a sample lies outside of the import's range.
    pub fn add(&mut self, labels: &LabelsRef, columns: &SampleColumns) -> Result<(), StoreError> {
        debug_assert!(
            [&columns.floats.timestamps, &columns.histograms.timestamps]
                .iter()
                .all(|times| times.iter().all(|time| self.range.contains(*time))),
            "an import's samples lie in the range that it was begun for"
        );
        let stored = self.stored.labels();
        self.next += stored[self.next..].partition_point(|stored| **stored < *labels);
        let is_known = stored.get(self.next).is_some_and(|stored| **stored == *labels);
        if !is_known {
            return self.write(labels, columns);
        }
        self.known.clear();
        self.stored.read(self.next, &mut self.known)?;
        let mut new = std::mem::take(&mut self.new);
        subtract(columns, &self.known, &mut new);
        self.outcome.samples_known += (columns.len() - new.len()) as u64;
        let written = self.write(labels, &new);
        self.new = new;
        written
    }

    fn write(&mut self, labels: &LabelsRef, columns: &SampleColumns) -> Result<(), StoreError> {
        if !columns.is_empty() {
            self.set.add_columns(labels, columns)?;
            self.outcome.series += 1;
            self.outcome.samples += columns.len() as u64;
            for times in [&columns.floats.timestamps, &columns.histograms.timestamps] {
                if let (Some(first), Some(last)) = (times.first(), times.last()) {
                    let range = self.outcome.range.get_or_insert(TimeRange::new(*first, *last));
                    *range = TimeRange::new(range.start.min(*first), range.end.max(*last));
                }
            }
        }
        Ok(())
    }

    /// Makes the blocks durable and takes them into use.
    ///
    /// # Errors
    /// Where the files can't be written; then nothing of the import is left.
    pub fn finish(mut self) -> Result<ImportOutcome, StoreError> {
        let dirs = self.set.finish()?;
        self.core.publish_blocks(&dirs, &[])?;
        Ok(ImportOutcome { blocks: dirs.len() as u64, ..self.outcome })
    }
}

/// The samples of `columns` whose times `known` doesn't have, of either kind.
fn subtract(columns: &SampleColumns, known: &SampleColumns, into: &mut SampleColumns) {
    into.clear();
    let known_times = [known.floats.timestamps.as_slice(), &known.histograms.timestamps];
    let is_new =
        |time: &Timestamp| known_times.iter().all(|times| times.binary_search(time).is_err());
    let floats = &columns.floats;
    for (time, value) in floats.timestamps.iter().zip(&floats.values).filter(|(at, _)| is_new(at)) {
        into.floats.push(*time, *value);
    }
    let histograms = &columns.histograms;
    let all = histograms.timestamps.iter().zip(&histograms.histograms);
    for (time, histogram) in all.filter(|(at, _)| is_new(at)) {
        into.histograms.push(*time, Arc::clone(histogram));
    }
}

#[cfg(test)]
mod tests {
    use model::{Labels, SampleBatch};
    use storage::{AppendOptions, Maintenance, SeriesStore};

    use super::*;
    use crate::Config;

    const HOUR_MS: i64 = 3_600_000;
    const START_MS: i64 = 472_222 * HOUR_MS;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn series(number: i64) -> Labels {
        Labels::from_pairs([("__name__", "x".to_owned()), ("n", format!("{number:03}"))])
    }

    /// A sample a minute for some hours, its value the minute.
    fn columns(from_hour: i64, to_hour: i64) -> SampleColumns {
        let mut columns = SampleColumns::default();
        for minute in from_hour * 60..to_hour * 60 {
            columns.floats.push(at(START_MS + minute * 60_000), minute as f64);
        }
        columns
    }

    fn import(
        store: &Store,
        numbers: std::ops::Range<i64>,
        columns: &SampleColumns,
    ) -> ImportOutcome {
        let times = &columns.floats.timestamps;
        let mut import = store.import(TimeRange::new(times[0], times[times.len() - 1])).unwrap();
        for number in numbers {
            import.add(&series(number), columns).unwrap();
        }
        import.finish().unwrap()
    }

    fn read(store: &Store) -> Vec<(Labels, SampleColumns)> {
        let cancel = Cancel::new();
        let selection = store
            .select(&SelectRequest {
                matchers: &[],
                range: TimeRange::ALL,
                hints: SelectHints::default(),
                series_max: usize::MAX,
                cancel: &cancel,
            })
            .unwrap();
        let read = |(index, labels): (usize, &Labels)| {
            let mut columns = SampleColumns::default();
            selection.read(index, &mut columns).unwrap();
            (labels.clone(), columns)
        };
        selection.labels().iter().enumerate().map(read).collect()
    }

    fn config() -> Config {
        Config { retention_time: model::PromDuration::from_secs(0), ..Config::default() }
    }

    #[test]
    fn history_comes_once_however_often_it_is_imported() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(config(), dir.path()).unwrap();
        let history = columns(0, 7);
        let outcome = import(&store, 0..3, &history);
        let times = &history.floats.timestamps;
        let range = Some(TimeRange::new(times[0], times[419]));
        let expected =
            ImportOutcome { series: 3, samples: 3 * 420, samples_known: 0, blocks: 4, range };
        assert_eq!(outcome, expected, "seven hours are four windows of two");
        let again = import(&store, 0..4, &history);
        let expected =
            ImportOutcome { series: 1, samples: 420, samples_known: 3 * 420, blocks: 4, range };
        assert_eq!(again, expected);
        let expected: Vec<_> = (0..4).map(|number| (series(number), history.clone())).collect();
        assert_eq!(read(&store), expected);
        store.maintain(&Maintenance::Compact).unwrap();
        assert_eq!(read(&store), expected);
        store.shutdown().unwrap();
        drop(store);
        assert_eq!(read(&Store::open(config(), dir.path()).unwrap()), expected);
    }

    #[test]
    fn what_the_store_has_stays_and_gaps_are_filled() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(config(), dir.path()).unwrap();
        let mut batch = SampleBatch::default();
        batch.begin_series(&series(1));
        for minute in 60..120 {
            batch.push(at(START_MS + minute * 60_000), -1.0);
        }
        store.append(&batch, &AppendOptions::default()).unwrap();
        let outcome = import(&store, 0..3, &columns(0, 3));
        assert_eq!((outcome.samples, outcome.samples_known), (3 * 180 - 60, 60));
        let check = |store: &Store| {
            let all = read(store);
            assert_eq!(all.len(), 3);
            assert_eq!(all[1].1.floats.timestamps, columns(0, 3).floats.timestamps);
            let values = &all[1].1.floats.values;
            assert_eq!(
                (values[59], values[60], values[119], values[120]),
                (59.0, -1.0, -1.0, 120.0)
            );
        };
        check(&store);
        store.shutdown().unwrap();
        drop(store);
        let store = Store::open(config(), dir.path()).unwrap();
        check(&store);
        store.maintain(&Maintenance::Compact).unwrap();
        check(&store);
    }

    #[test]
    fn an_import_that_is_dropped_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(config(), dir.path()).unwrap();
        let mut dropped = store.import(TimeRange::ALL).unwrap();
        dropped.add(&series(0), &columns(0, 1)).unwrap();
        drop(dropped);
        assert!(read(&store).is_empty());
        drop(store);
        let _store = Store::open(config(), dir.path()).unwrap();
        assert_eq!(std::fs::read_dir(dir.path().join("blocks")).unwrap().count(), 0);
    }

    #[test]
    fn long_spans_become_long_blocks() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(config(), dir.path()).unwrap();
        let window = |hours: i64| {
            let range = TimeRange::new(at(START_MS), at(START_MS + hours * HOUR_MS - 1));
            store.core.import_window(range).get() / HOUR_MS
        };
        assert_eq!(
            [2, 6, 16, 18, 54, 162, 30 * 24, 366 * 24].map(window),
            [2, 2, 2, 24, 24, 24, 288, 720]
        );
    }
}
