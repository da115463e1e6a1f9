//! The first and the last sample of a range, and when they were taken.

use super::QueryError;
use crate::promql::eval::SampleValue;
use crate::promql::eval::notes::Notes;
use crate::promql::eval::table::RowMut;
use crate::promql::eval::window::{Window, Windows};

pub(super) const FIRST_DOC: &str = "The oldest sample in the range.";
pub(super) const LAST_DOC: &str = "The newest sample in the range.";
pub(super) const TS_OF_FIRST_DOC: &str =
    "When the oldest sample in the range was taken, in seconds since 1970.";
pub(super) const TS_OF_LAST_DOC: &str =
    "When the newest sample in the range was taken, in seconds since 1970.";

pub(super) fn first(
    windows: &Windows<'_>,
    _: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    for window in windows.iter() {
        let float = window.times.first().zip(window.values.first());
        let histogram = window.histogram_times.first().zip(window.histograms.first());
        let value = match (float, histogram) {
            (Some((_, float)), None) => SampleValue::Float(*float),
            (Some((at, float)), Some((histogram_at, _))) if at < histogram_at => {
                SampleValue::Float(*float)
            }
            (_, Some((_, histogram))) => SampleValue::Histogram(histogram.clone()),
            (None, None) => continue,
        };
        row.set(window.step, value);
    }
    Ok(())
}

pub(super) fn last(
    windows: &Windows<'_>,
    _: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    for window in windows.iter() {
        let float = window.times.last().zip(window.values.last());
        let histogram = window.histogram_times.last().zip(window.histograms.last());
        let value = match (float, histogram) {
            (Some((_, float)), None) => SampleValue::Float(*float),
            (Some((at, float)), Some((histogram_at, _))) if histogram_at < at => {
                SampleValue::Float(*float)
            }
            (_, Some((_, histogram))) => SampleValue::Histogram(histogram.clone()),
            (None, None) => continue,
        };
        row.set(window.step, value);
    }
    Ok(())
}

pub(super) fn ts_of_first(
    windows: &Windows<'_>,
    _: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    let first = |w: &Window<'_>| {
        w.times.first().into_iter().chain(w.histogram_times.first()).min().copied()
    };
    windows.each(row, |window| first(window).map(secs));
    Ok(())
}

pub(super) fn ts_of_last(
    windows: &Windows<'_>,
    _: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    windows.each(row, |window| {
        window.times.last().max(window.histogram_times.last()).copied().map(secs)
    });
    Ok(())
}

fn secs(millis: i64) -> f64 {
    millis as f64 / 1000.0
}
