//! Random work on a store, compared with a map.
//!
//! The model applies the rules of Prometheus for what is taken, keeps samples in
//! a `BTreeMap`, and knows nothing of shards, logs, chunks or blocks.

use std::collections::{BTreeMap, BTreeSet};

use model::Histogram;
use proptest::prelude::*;
use storage::Maintenance;

use super::*;
use crate::compact;
use crate::head::EmptySeries;

const MINUTE_MS: i64 = 60_000;
const BLOCK_MS: i64 = 120 * MINUTE_MS;
const WINDOW_MS: i64 = 60 * MINUTE_MS;
const SERIES: usize = 3;

#[derive(Clone, Debug)]
enum Step {
    /// Samples of one batch: series, distance from the newest sample, value.
    Append(Vec<(usize, i64, Value)>),
    /// Regular samples of all series.
    Scrape {
        samples: u8,
        kind: fn(u8) -> Value,
    },
    Delete {
        series: usize,
        from: i64,
        length: i64,
    },
    Compact,
    CleanTombstones,
    Checkpoint,
    Shutdown,
    /// The process ends without a word.
    Kill,
    /// It ends when a cut's blocks are there and the log is not shortened yet.
    KillDuringCut,
    /// It ends when a merged block is there and so are the ones that it is made of.
    KillDuringMerge,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Value {
    Float(u8),
    Histogram(u8),
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![8 => (0u8..4).prop_map(Value::Float), 1 => (0u8..3).prop_map(Value::Histogram)]
}

fn step() -> impl Strategy<Value = Step> {
    let distance = prop_oneof![
        4 => 1i64..30,
        2 => -70i64..1,
        1 => 30i64..300,
        1 => -400i64..0,
    ];
    prop_oneof![
        6 => prop::collection::vec((0..SERIES, distance, value()), 1..8).prop_map(Step::Append),
        3 => (1u8..=255).prop_map(|samples| Step::Scrape { samples, kind: Value::Float }),
        1 => (1u8..=255).prop_map(|samples| Step::Scrape { samples, kind: Value::Histogram }),
        1 => (0..SERIES, -300i64..10, 0i64..200)
            .prop_map(|(series, from, length)| Step::Delete { series, from, length }),
        1 => Just(Step::Compact),
        1 => Just(Step::CleanTombstones),
        1 => Just(Step::Checkpoint),
        1 => Just(Step::Shutdown),
        2 => Just(Step::Kill),
        1 => Just(Step::KillDuringCut),
        1 => Just(Step::KillDuringMerge),
    ]
}

/// What the store should hold.
#[derive(Default)]
struct Model {
    newest: Option<i64>,
    cut: Option<i64>,
    series: [ModelSeries; SERIES],
}

#[derive(Default)]
struct ModelSeries {
    samples: BTreeMap<i64, Value>,
    /// Times in the head that came out of order.
    late: BTreeMap<i64, Value>,
    last: Option<i64>,
}

impl Model {
    fn append(&mut self, samples: &[(usize, i64, Value)]) {
        let Some(newest) = self.newest.or(samples.first().map(|sample| sample.1)) else { return };
        let in_order_min = (newest - BLOCK_MS / 2).max(self.cut.unwrap_or(i64::MIN));
        for (number, time, value) in samples {
            let series = &mut self.series[*number];
            let is_in_order = *time >= in_order_min && series.last.is_none_or(|last| *time > last);
            let is_repeated = *time >= in_order_min && series.last == Some(*time);
            if is_in_order {
                series.samples.entry(*time).or_insert(*value);
                series.last = Some(*time);
            } else if is_repeated || *time < newest - WINDOW_MS {
                continue;
            } else if !series.late.contains_key(time) {
                series.late.insert(*time, *value);
                series.samples.entry(*time).or_insert(*value);
            }
            self.newest = self.newest.max(Some(*time));
        }
    }

    fn delete(&mut self, number: usize, from: i64, to: i64) {
        let series = &mut self.series[number];
        series.samples.retain(|time, _| *time < from || *time > to);
        series.late.retain(|time, _| *time < from || *time > to);
    }

    fn compact(&mut self) {
        let Some(newest) = self.newest else { return };
        let cut = (BASE_MS + newest - BLOCK_MS / 2).div_euclid(BLOCK_MS) * BLOCK_MS - BASE_MS;
        if self.series.iter().any(|series| series.samples.keys().any(|time| *time < cut)) {
            self.cut = self.cut.max(Some(cut));
        }
        for series in &mut self.series {
            series.late.retain(|time, _| *time >= cut);
        }
    }
}

fn histogram(id: u8) -> Arc<Histogram> {
    let mut histogram = Histogram::new(0);
    histogram.positive.push(i32::from(id), f64::from(id) + 1.0);
    histogram.count = f64::from(id) + 1.0;
    histogram.sum = f64::from(id);
    Arc::new(histogram)
}

fn expected(series: &ModelSeries) -> SampleColumns {
    let mut columns = SampleColumns::default();
    for (time, value) in &series.samples {
        match value {
            Value::Float(value) => columns.floats.push(at(*time), f64::from(*value)),
            Value::Histogram(id) => columns.histograms.push(at(*time), histogram(*id)),
        }
    }
    columns
}

struct Check {
    dir: tempfile::TempDir,
    store: Option<Arc<Store>>,
    model: Model,
}

impl Check {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Some(open(dir.path()));
        Self { dir, store, model: Model::default() }
    }

    fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    fn append(&mut self, samples: &[(usize, i64, Value)]) {
        let mut batch = SampleBatch::default();
        for (number, time, value) in samples {
            batch.begin_series(&series("m", *number));
            match value {
                Value::Float(value) => batch.push(at(*time), f64::from(*value)),
                Value::Histogram(id) => batch.push_histogram(at(*time), histogram(*id)),
            }
        }
        self.store().append(&batch, &AppendOptions::default()).unwrap();
        // The store takes a batch shard by shard, which matters within one batch
        // only for the newest sample of all: that is fixed as the batch begins.
        self.model.append(samples);
    }

    fn apply(&mut self, step: &Step) {
        let newest = self.model.newest.unwrap_or(0);
        match step {
            Step::Append(samples) => {
                let samples: Vec<_> = samples
                    .iter()
                    .map(|(series, minutes, value)| (*series, newest + minutes * MINUTE_MS, *value))
                    .collect();
                self.append(&samples);
            }
            Step::Scrape { samples, kind } => {
                for step in 1..=i64::from(*samples) {
                    let all: Vec<_> = (0..SERIES)
                        .map(|series| (series, newest + step * 15_000, kind(step as u8)))
                        .collect();
                    self.append(&all);
                }
            }
            Step::Delete { series: number, from, length } => {
                let (from, to) = (newest + from * MINUTE_MS, newest + (from + length) * MINUTE_MS);
                let matchers = vec![Matcher::equal("id", number.to_string())];
                self.store().delete(&[matchers], TimeRange::new(at(from), at(to))).unwrap();
                self.model.delete(*number, from, to);
            }
            Step::Compact => {
                self.store().maintain(&Maintenance::Compact).unwrap();
                self.model.compact();
            }
            Step::CleanTombstones => {
                self.store().maintain(&Maintenance::CleanTombstones).unwrap();
            }
            Step::Checkpoint => {
                let core = &self.store().core;
                let _exclusive = core.maintenance.lock();
                core.checkpoint().unwrap();
            }
            Step::Shutdown => {
                self.store().shutdown().unwrap();
                self.reopen();
            }
            Step::Kill => self.reopen(),
            Step::KillDuringCut => {
                let core = &self.store().core;
                let exclusive = core.maintenance.lock();
                if let Some(bound) = core.cut_bound() {
                    core.head.raise_in_order_min(bound);
                    core.move_to_blocks(bound, EmptySeries::Dropped).unwrap();
                }
                drop(exclusive);
                self.model.compact();
                self.reopen();
            }
            Step::KillDuringMerge => {
                let core = &self.store().core;
                let exclusive = core.maintenance.lock();
                let blocks = core.blocks();
                if !blocks.is_empty() {
                    compact::merge(&core.disk, &core.blocks_dir, &blocks, &Cancel::new()).unwrap();
                }
                drop(exclusive);
                self.reopen();
            }
        }
    }

    fn reopen(&mut self) {
        self.store = None;
        self.store = Some(open(self.dir.path()));
        assert_eq!(self.store().status(0).replay.damaged_records, 0);
    }

    fn compare(&self) {
        let found: BTreeMap<_, _> = select(self.store(), &[], TimeRange::ALL)
            .into_iter()
            .map(|(labels, columns)| (labels.get("id").unwrap().to_owned(), columns))
            .collect();
        for (number, series) in self.model.series.iter().enumerate() {
            let columns = found.get(&number.to_string()).cloned().unwrap_or_default();
            assert_eq!(columns, expected(series), "series {number}");
        }
        let ids: BTreeSet<_> = found.keys().collect();
        assert_eq!(ids.len(), found.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]
    #[test]
    fn the_store_agrees_with_a_map(steps in prop::collection::vec(step(), 1..40)) {
        let mut check = Check::new();
        for step in &steps {
            check.apply(step);
            check.compare();
        }
        check.apply(&Step::Kill);
        check.compare();
        check.apply(&Step::Shutdown);
        check.compare();
    }
}
