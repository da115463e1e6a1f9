//! All samples at once.

use model::{LabelsRef, SampleColumns};
use prost::Message;
use storage::{Cancel, SelectRequest, SeriesStore};

use super::proto::{QueryResult, ReadResponse, Sample, TimeSeries, native};
use super::{Limits, ReadError, ReadQuery, with_external};

/// The packed answer to all queries. Blocks.
pub(super) fn answer(
    store: &dyn SeriesStore,
    queries: &[ReadQuery],
    external: &LabelsRef,
    limits: Limits,
) -> Result<Vec<u8>, ReadError> {
    let mut samples_left = limits.samples_max;
    let mut response = ReadResponse::default();
    for query in queries {
        let timeseries = series(store, query, external, limits, &mut samples_left)?;
        response.results.push(QueryResult { timeseries });
    }
    let packed = snap::raw::Encoder::new().compress_vec(&response.encode_to_vec());
    packed.map_err(|error| {
        tracing::error!(%error, "a remote read answer can't be packed");
        ReadError::Inside
    })
}

fn series(
    store: &dyn SeriesStore,
    query: &ReadQuery,
    external: &LabelsRef,
    limits: Limits,
    samples_left: &mut usize,
) -> Result<Vec<TimeSeries>, ReadError> {
    let selection = store.select(&SelectRequest {
        matchers: &query.matchers,
        range: query.range,
        hints: query.hints,
        series_max: limits.series_max,
        cancel: &Cancel::new(),
    })?;
    let mut all = Vec::new();
    let mut columns = SampleColumns::default();
    for (index, labels) in selection.labels().iter().enumerate() {
        columns.clear();
        selection.read(index, &mut columns)?;
        if columns.is_empty() {
            continue;
        }
        let left = samples_left.checked_sub(columns.len());
        *samples_left = left.ok_or(ReadError::TooManySamples(limits.samples_max))?;
        all.push(timeseries(with_external(labels, external), &columns));
    }
    Ok(all)
}

fn timeseries(labels: Vec<super::proto::Label>, columns: &SampleColumns) -> TimeSeries {
    let floats = columns.floats.timestamps.iter().zip(&columns.floats.values);
    let samples = floats.map(|(at, value)| Sample { value: *value, timestamp: at.as_millis() });
    let histograms = columns.histograms.timestamps.iter().zip(&columns.histograms.histograms);
    let histograms = histograms.map(|(at, histogram)| native(*at, histogram));
    TimeSeries { labels, samples: samples.collect(), histograms: histograms.collect() }
}
