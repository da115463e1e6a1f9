//! From a request to a batch, metric by metric, point by point.
//!
//! A point that makes no sense is left out and counted; the others go on.

use std::sync::Arc;

use model::sample::STALE_NAN;
use model::{Exemplar, Labels, METRIC_NAME, MetricKind, MetricMetadata, SampleBatch, Timestamp};

use super::config::OtlpConfig;
use super::delta::{Classic, DeltaSums, Point, Sum};
use super::histogram::{check_bounds, custom, exponential};
use super::labels::{SharedLabels, exemplar_labels, target_info};
use super::message::{
    self, Data, ExponentialPoint, HistogramPoint, KeyValue, Metric, Moment, NumberPoint, Request,
    ResourceMetrics, SummaryPoint, Temporality,
};
use super::names::{NameKind, metric_name, unit_name};
use super::point_labels::PointLabels;
use crate::refusals::Refusals;

/// The labels of all series of a request together, in bytes: a resource's
/// attributes stand in a request once, but in each of its series.
const LABELS_BYTES_MAX: usize = 256 << 20;
/// How far `target_info` samples are apart at most, in ms: half of the time for
/// which a query looks back.
const TARGET_INFO_STEP_MS: i64 = 150_000;
/// How many `target_info` samples a resource gets from one request.
const TARGET_INFO_SAMPLES_MAX: i64 = 100;
const NANOS_PER_MILLI: u64 = 1_000_000;

/// A translated request.
#[derive(Debug, Default)]
pub(super) struct Translated {
    pub(super) batch: SampleBatch,
    pub(super) rejected: Refusals,
}

/// The series of a request have more labels than memory is given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the labels of all series in this request take more than {LABELS_BYTES_MAX} bytes; send smaller ones"
)]
pub(super) struct TooManyLabels;

/// Translates a request.
pub(super) fn translate(
    request: &Request<'_>,
    config: &OtlpConfig,
    sums: &DeltaSums,
) -> Result<Translated, TooManyLabels> {
    let mut translator =
        Translator { config, sums, out: Translated::default(), labels_left: LABELS_BYTES_MAX };
    for resource in &request.resource_metrics {
        translator.resource(resource)?;
    }
    Ok(translator.out)
}

struct Translator<'a> {
    config: &'a OtlpConfig,
    sums: &'a DeltaSums,
    out: Translated,
    labels_left: usize,
}

/// A metric whose points are being translated.
struct Family<'a> {
    /// Its name in Prometheus.
    name: String,
    shared: &'a SharedLabels,
    temporality: Temporality,
}

impl Translator<'_> {
    fn resource(&mut self, metrics: &ResourceMetrics<'_>) -> Result<(), TooManyLabels> {
        let shared = SharedLabels::of_resource(&metrics.resource, self.config);
        let mut times = Times::default();
        for scope in &metrics.scope_metrics {
            let shared = shared.with_scope(scope, self.config);
            for metric in &scope.metrics {
                self.metric(metric, &shared, &mut times)?;
            }
        }
        match target_info(&metrics.resource, self.config) {
            Some(labels) => self.target_info(&labels, times),
            None => Ok(()),
        }
    }

    fn target_info(&mut self, labels: &Labels, times: Times) -> Result<(), TooManyLabels> {
        let Some((first, last)) = times.range_ms() else { return Ok(()) };
        self.spend(labels.size_bytes())?;
        self.out.batch.begin_series(labels);
        let first = first.max(last - TARGET_INFO_SAMPLES_MAX * TARGET_INFO_STEP_MS);
        let mut at = first;
        while at < last {
            self.out.batch.push(Timestamp::from_millis(at), 1.0);
            at += TARGET_INFO_STEP_MS;
        }
        self.out.batch.push(Timestamp::from_millis(last), 1.0);
        Ok(())
    }

    fn metric(
        &mut self,
        metric: &Metric<'_>,
        shared: &SharedLabels,
        times: &mut Times,
    ) -> Result<(), TooManyLabels> {
        let Some(data) = &metric.data else {
            self.out.rejected.add(1, || format!("metric {:?} has no data", metric.name));
            return Ok(());
        };
        let strategy = self.config.translation_strategy;
        let (name_kind, kind) = kinds(data);
        let Some(name) = metric_name(&metric.name, &metric.unit, name_kind, strategy) else {
            let reason = || format!("metric {:?} has no name that is left", metric.name);
            self.out.rejected.add(points_len(data) as u64, reason);
            return Ok(());
        };
        let temporality = temporality(data);
        if temporality == Temporality::Unspecified {
            let reason = || format!("metric {:?} says neither delta nor cumulative", metric.name);
            self.out.rejected.add(points_len(data) as u64, reason);
            return Ok(());
        }
        self.out.batch.push_metadata(MetricMetadata {
            family: name.as_str().into(),
            kind,
            unit: unit_name(&metric.unit, strategy).into(),
            help: metric.description.as_ref().into(),
        });
        let family = Family { name, shared, temporality };
        match data {
            Data::Gauge(message::Gauge { data_points })
            | Data::Sum(message::Sum { data_points, .. }) => {
                data_points.iter().try_for_each(|point| self.number(&family, point, times))
            }
            Data::Histogram(histogram) => {
                let mut points = histogram.data_points.iter();
                points.try_for_each(|point| self.histogram(&family, point, times))
            }
            Data::ExponentialHistogram(histogram) => {
                let mut points = histogram.data_points.iter();
                points.try_for_each(|point| self.exponential(&family, point, times))
            }
            Data::Summary(summary) => {
                let mut points = summary.data_points.iter();
                points.try_for_each(|point| self.summary(&family, point, times))
            }
        }
    }

    fn number(
        &mut self,
        family: &Family<'_>,
        point: &NumberPoint<'_>,
        times: &mut Times,
    ) -> Result<(), TooManyLabels> {
        let value = match point.value {
            _ if point.at.has_no_value() => STALE_NAN,
            Some(value) => value.as_f64(),
            None => return self.reject(family, "a point has no value"),
        };
        let labels = self.labels(family, &point.attributes);
        let Some((at, sum)) = self.cumulative(family, &labels, point.at, Sum::Number(value)) else {
            return Ok(());
        };
        let Sum::Number(value) = sum else { return Ok(()) };
        times.see(point.at);
        self.begin(&labels)?;
        self.out.batch.push(timestamp(at.time_unix_nano), value);
        self.created(at);
        self.exemplars(&point.exemplars, f64::NEG_INFINITY, f64::INFINITY);
        Ok(())
    }

    fn histogram(
        &mut self,
        family: &Family<'_>,
        point: &HistogramPoint<'_>,
        times: &mut Times,
    ) -> Result<(), TooManyLabels> {
        if self.config.convert_histograms_to_nhcb {
            let native = custom(point);
            return match native {
                Ok(native) => {
                    let (attributes, exemplars) = (&point.attributes, &point.exemplars);
                    self.native(family, attributes, point.at, native, exemplars, times)
                }
                Err(fault) => self.reject(family, fault),
            };
        }
        if let Err(fault) = check_bounds(point) {
            return self.reject(family, fault);
        }
        let labels = self.labels(family, &point.attributes);
        let sum = Sum::Classic(Classic {
            bounds: point.explicit_bounds.clone(),
            counts: point.bucket_counts.clone(),
            count: point.count,
            sum: point.sum,
        });
        let Some((at, sum)) = self.cumulative(family, &labels, point.at, sum) else {
            return Ok(());
        };
        let Sum::Classic(classic) = sum else { return Ok(()) };
        times.see(point.at);
        self.classic(family, labels, at, &classic, &point.exemplars)
    }

    /// The series of a classic histogram.
    fn classic<'a>(
        &mut self,
        family: &'a Family<'_>,
        mut labels: PointLabels<'a>,
        at: Moment,
        classic: &Classic,
        exemplars: &[message::Exemplar<'_>],
    ) -> Result<(), TooManyLabels> {
        let name = &family.name;
        if let Some(sum) = classic.sum {
            labels.set(METRIC_NAME, format!("{name}_sum"));
            self.part(&labels, at, sum)?;
        }
        labels.set(METRIC_NAME, format!("{name}_count"));
        self.part(&labels, at, classic.count as f64)?;
        labels.set(METRIC_NAME, format!("{name}_bucket"));
        let (mut lower, mut cumulative) = (f64::NEG_INFINITY, 0u64);
        let bounds = classic.bounds.iter().filter(|bound| **bound != f64::INFINITY);
        for (bound, count) in bounds.zip(&classic.counts) {
            cumulative = cumulative.saturating_add(*count);
            labels.set("le", bound.to_string());
            self.part(&labels, at, cumulative as f64)?;
            self.exemplars(exemplars, lower, *bound);
            lower = *bound;
        }
        labels.set("le", "+Inf");
        self.part(&labels, at, classic.count as f64)?;
        self.exemplars(exemplars, lower, f64::INFINITY);
        Ok(())
    }

    fn exponential(
        &mut self,
        family: &Family<'_>,
        point: &ExponentialPoint<'_>,
        times: &mut Times,
    ) -> Result<(), TooManyLabels> {
        match exponential(point) {
            Ok(native) => {
                let (attributes, exemplars) = (&point.attributes, &point.exemplars);
                self.native(family, attributes, point.at, native, exemplars, times)
            }
            Err(fault) => self.reject(family, fault),
        }
    }

    fn native(
        &mut self,
        family: &Family<'_>,
        attributes: &[KeyValue<'_>],
        at: Moment,
        native: model::Histogram,
        exemplars: &[message::Exemplar<'_>],
        times: &mut Times,
    ) -> Result<(), TooManyLabels> {
        if let Err(fault) = native.validate() {
            return self.reject(family, fault);
        }
        let labels = self.labels(family, attributes);
        let sum = Sum::Native(Box::new(native));
        let Some((at, sum)) = self.cumulative(family, &labels, at, sum) else {
            return Ok(());
        };
        let Sum::Native(native) = sum else { return Ok(()) };
        times.see(at);
        self.begin(&labels)?;
        self.out.batch.push_histogram(timestamp(at.time_unix_nano), Arc::new(*native));
        self.created(at);
        self.exemplars(exemplars, f64::NEG_INFINITY, f64::INFINITY);
        Ok(())
    }

    fn summary(
        &mut self,
        family: &Family<'_>,
        point: &SummaryPoint<'_>,
        times: &mut Times,
    ) -> Result<(), TooManyLabels> {
        let mut labels = self.labels(family, &point.attributes);
        times.see(point.at);
        let name = &family.name;
        labels.set(METRIC_NAME, format!("{name}_sum"));
        self.part(&labels, point.at, point.sum)?;
        labels.set(METRIC_NAME, format!("{name}_count"));
        self.part(&labels, point.at, point.count as f64)?;
        labels.set(METRIC_NAME, name.as_str());
        for quantile in &point.quantile_values {
            labels.set("quantile", quantile.quantile.to_string());
            self.part(&labels, point.at, quantile.value)?;
        }
        Ok(())
    }

    /// One series of a point that makes several.
    fn part(
        &mut self,
        labels: &PointLabels<'_>,
        at: Moment,
        value: f64,
    ) -> Result<(), TooManyLabels> {
        self.begin(labels)?;
        let value = if at.has_no_value() { STALE_NAN } else { value };
        self.out.batch.push(timestamp(at.time_unix_nano), value);
        self.created(at);
        Ok(())
    }

    /// A delta point's sum; a cumulative point as it is. `None` where it was rejected.
    fn cumulative(
        &mut self,
        family: &Family<'_>,
        labels: &PointLabels<'_>,
        at: Moment,
        sum: Sum,
    ) -> Option<(Moment, Sum)> {
        if family.temporality != Temporality::Delta || at.has_no_value() {
            return Some((at, sum));
        }
        let labels = labels.to_labels();
        let (start_ns, time_ns) = (at.start_time_unix_nano, at.time_unix_nano);
        match self.sums.add(labels.series_hash(), Point { start_ns, time_ns, sum }) {
            Ok(total) => Some((Moment { start_time_unix_nano: total.start_ns, ..at }, total.sum)),
            Err(fault) => {
                self.out.rejected.add(1, || format!("{labels}: {fault}"));
                None
            }
        }
    }

    fn reject(
        &mut self,
        family: &Family<'_>,
        reason: impl std::fmt::Display,
    ) -> Result<(), TooManyLabels> {
        self.out.rejected.add(1, || format!("{}: {reason}", family.name));
        Ok(())
    }

    fn labels<'a>(
        &self,
        family: &'a Family<'_>,
        attributes: &'a [KeyValue<'_>],
    ) -> PointLabels<'a> {
        family.shared.of_point(&family.name, attributes, self.config)
    }

    fn begin(&mut self, labels: &PointLabels<'_>) -> Result<(), TooManyLabels> {
        self.spend(labels.size_bytes())?;
        if !self.out.batch.begin_series_sorted(labels.iter()) {
            self.out.batch.begin_series(&labels.to_labels());
        }
        Ok(())
    }

    fn spend(&mut self, bytes: usize) -> Result<(), TooManyLabels> {
        self.labels_left = self.labels_left.checked_sub(bytes).ok_or(TooManyLabels)?;
        Ok(())
    }

    fn created(&mut self, at: Moment) {
        if at.start_time_unix_nano != 0 {
            self.out.batch.set_created(timestamp(at.start_time_unix_nano));
        }
    }

    /// Adds those exemplars whose value is in `(lower, upper]`.
    fn exemplars(&mut self, exemplars: &[message::Exemplar<'_>], lower: f64, upper: f64) {
        for exemplar in exemplars {
            let Some(value) = exemplar.value.map(message::Number::as_f64) else { continue };
            if value > lower && value <= upper {
                self.out.batch.push_exemplar(Exemplar {
                    labels: exemplar_labels(exemplar),
                    value,
                    timestamp: timestamp(exemplar.time_unix_nano),
                });
            }
        }
    }
}

/// The first and the last time of a resource's points, in ns.
#[derive(Clone, Copy, Debug, Default)]
struct Times(Option<(u64, u64)>);

impl Times {
    fn see(&mut self, at: Moment) {
        let time = at.time_unix_nano;
        let (first, last) = self.0.unwrap_or((time, time));
        self.0 = Some((first.min(time), last.max(time)));
    }

    fn range_ms(self) -> Option<(i64, i64)> {
        let (first, last) = self.0?;
        Some((timestamp(first).as_millis(), timestamp(last).as_millis()))
    }
}

fn timestamp(nanos: u64) -> Timestamp {
    Timestamp::from_millis((nanos / NANOS_PER_MILLI) as i64)
}

fn kinds(data: &Data<'_>) -> (NameKind, MetricKind) {
    match data {
        Data::Gauge(_) => (NameKind::Gauge, MetricKind::Gauge),
        Data::Sum(sum) if sum.is_monotonic => (NameKind::Counter, MetricKind::Counter),
        Data::Sum(_) => (NameKind::Other, MetricKind::Gauge),
        Data::Histogram(_) | Data::ExponentialHistogram(_) => {
            (NameKind::Other, MetricKind::Histogram)
        }
        Data::Summary(_) => (NameKind::Other, MetricKind::Summary),
    }
}

/// Gauges and summaries have none, and are as they are.
fn temporality(data: &Data<'_>) -> Temporality {
    match data {
        Data::Sum(sum) => sum.aggregation_temporality,
        Data::Histogram(histogram) => histogram.aggregation_temporality,
        Data::ExponentialHistogram(histogram) => histogram.aggregation_temporality,
        Data::Gauge(_) | Data::Summary(_) => Temporality::Cumulative,
    }
}

fn points_len(data: &Data<'_>) -> usize {
    match data {
        Data::Gauge(gauge) => gauge.data_points.len(),
        Data::Sum(sum) => sum.data_points.len(),
        Data::Histogram(histogram) => histogram.data_points.len(),
        Data::ExponentialHistogram(histogram) => histogram.data_points.len(),
        Data::Summary(summary) => summary.data_points.len(),
    }
}
