//! The store as a whole, on a real directory.

mod crash;
mod damage;
mod limits;
mod maintenance;
mod model_check;
mod reads;

use std::path::Path;
use std::sync::Arc;

use model::{Labels, Matcher, SampleBatch, SampleColumns, TimeRange, Timestamp};
use storage::{
    AppendOptions, AppendOutcome, Cancel, SelectHints, SelectRequest, SeriesStore, StoreError,
};

use super::Store;
use crate::Config;

/// A time far from zero, on a block boundary.
const BASE_MS: i64 = 1_700_006_400_000;

fn open(dir: &Path) -> Arc<Store> {
    Store::open(Config::default(), dir).unwrap()
}

fn series(name: &str, id: usize) -> Labels {
    Labels::from_pairs([("__name__", name), ("id", &id.to_string())])
}

fn at(offset_ms: i64) -> Timestamp {
    Timestamp::from_millis(BASE_MS + offset_ms)
}

fn append(store: &Store, samples: &[(&Labels, i64, f64)]) -> AppendOutcome {
    let mut batch = SampleBatch::default();
    for (labels, offset_ms, value) in samples {
        batch.begin_series(labels);
        batch.push(at(*offset_ms), *value);
    }
    store.append(&batch, &AppendOptions::default()).unwrap()
}

fn select(store: &Store, matchers: &[Matcher], range: TimeRange) -> Vec<(Labels, SampleColumns)> {
    try_select(store, matchers, range, usize::MAX).unwrap()
}

fn try_select(
    store: &Store,
    matchers: &[Matcher],
    range: TimeRange,
    series_max: usize,
) -> Result<Vec<(Labels, SampleColumns)>, StoreError> {
    let cancel = Cancel::new();
    let hints = SelectHints::default();
    let selection =
        store.select(&SelectRequest { matchers, range, hints, series_max, cancel: &cancel })?;
    let mut all = Vec::new();
    for (index, labels) in selection.labels().iter().enumerate() {
        let mut columns = SampleColumns::default();
        selection.read(index, &mut columns)?;
        if !columns.is_empty() {
            all.push((labels.clone(), columns));
        }
    }
    Ok(all)
}

/// All float samples of a series, times as offsets from [`BASE_MS`].
fn floats_of(store: &Store, labels: &Labels) -> Vec<(i64, f64)> {
    let matchers: Vec<_> = labels.iter().map(|(n, v)| Matcher::equal(n, v)).collect();
    let found = select(store, &matchers, TimeRange::ALL);
    found
        .iter()
        .flat_map(|(_, columns)| columns.floats.timestamps.iter().zip(&columns.floats.values))
        .map(|(timestamp, value)| (timestamp.as_millis() - BASE_MS, *value))
        .collect()
}
