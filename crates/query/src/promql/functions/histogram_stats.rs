//! `histogram_count`, `histogram_sum`, `histogram_avg` of native histograms.

use model::Histogram;

pub(super) const AVG_DOC: &str = "The average of a native histogram's observations.";
pub(super) const COUNT_DOC: &str = "The number of a native histogram's observations.";
pub(super) const SUM_DOC: &str = "The sum of a native histogram's observations.";

pub(super) fn avg(histogram: &Histogram) -> f64 {
    histogram.sum / histogram.count
}

pub(super) fn count(histogram: &Histogram) -> f64 {
    histogram.count
}

pub(super) fn sum(histogram: &Histogram) -> f64 {
    histogram.sum
}
