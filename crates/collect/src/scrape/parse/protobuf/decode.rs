//! Walking delimited `MetricFamily` messages.
//!
//! The decoder writes each series as the text formats would, so that the cache
//! of a target finds it whatever format it came in, and labels are parsed once.
//! Its buffers live as long as the body: a sample costs no allocation of its own
//! beyond those of the message.

use std::collections::VecDeque;
use std::fmt::Write;
use std::ops::Range;

use model::labels::is_legacy_metric_name;
use model::sample::NORMAL_NAN_BITS;
use model::{MetricKind, Timestamp};
use prost::Message;
use prost::encoding::decode_varint;

use super::super::{
    Entry, ExemplarEntry, HistogramEntry, ParseError, Position, SeriesEntry, SeriesValue,
};
use super::native::{is_native, native};
use super::proto::{self, MetricType};

/// Which forms of a histogram are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HistogramForms {
    /// Native ones; without, every histogram is a classic one.
    pub native: bool,
    /// The classic form too, where there is a native one.
    pub classic_beside_native: bool,
}

/// Walks a body family by family.
#[derive(Debug)]
pub struct Decoder<'a> {
    rest: &'a [u8],
    position: usize,
    forms: HistogramForms,
    family: Expanded,
}

/// One family, taken apart into what the text formats would have a line for.
#[derive(Debug, Default)]
struct Expanded {
    name: String,
    help: String,
    unit: String,
    /// Keys of series and labels of exemplars, one behind the other.
    text: String,
    items: VecDeque<Item>,
}

#[derive(Debug)]
enum Item {
    Kind(MetricKind),
    Help,
    Unit,
    Series {
        key: Range<usize>,
        value: SeriesValue,
        timestamp: Option<Timestamp>,
        created: Option<Timestamp>,
        exemplars: Vec<ExemplarItem>,
    },
}

#[derive(Debug)]
struct ExemplarItem {
    labels: Range<usize>,
    value: f64,
    timestamp: Option<Timestamp>,
}

impl<'a> Decoder<'a> {
    /// A decoder at the start of `body`.
    pub fn new(body: &'a [u8], forms: HistogramForms) -> Self {
        Self { rest: body, position: 0, forms, family: Expanded::default() }
    }

    /// The next thing that the body says; `None` at the end or behind an error.
    pub fn next_entry(&mut self) -> Option<Result<Entry<'_>, ParseError>> {
        while self.family.items.is_empty() {
            if self.rest.is_empty() {
                return None;
            }
            if let Err(reason) = self.next_family() {
                self.rest = &[];
                self.family.items.clear();
                return Some(Err(ParseError { position: Position::Byte(self.position), reason }));
            }
        }
        let item = self.family.items.pop_front()?;
        Some(Ok(self.family.entry(item)))
    }

    fn next_family(&mut self) -> Result<(), String> {
        let mut rest = self.rest;
        let length = decode_varint(&mut rest).map_err(|error| error.to_string())?;
        let length = usize::try_from(length).ok().filter(|length| *length <= rest.len());
        let length = length.ok_or("a metric family is longer than the body")?;
        let (message, rest) = rest.split_at(length);
        let family = proto::MetricFamily::decode(message).map_err(|error| error.to_string())?;
        self.family.expand(family, self.forms)?;
        self.position += self.rest.len() - rest.len();
        self.rest = rest;
        Ok(())
    }
}

impl Expanded {
    fn entry(&self, item: Item) -> Entry<'_> {
        match item {
            Item::Kind(kind) => Entry::Kind { family: self.name.clone(), kind },
            Item::Help => Entry::Help { family: self.name.clone(), help: self.help.clone() },
            Item::Unit => Entry::Unit { family: self.name.clone(), unit: &self.unit },
            Item::Series { key, value, timestamp, created, exemplars } => {
                let key = &self.text[key];
                let mut exemplars = exemplars.into_iter().map(|exemplar| ExemplarEntry {
                    labels: &self.text[exemplar.labels],
                    value: exemplar.value,
                    timestamp: exemplar.timestamp,
                });
                match value {
                    SeriesValue::Float(value) => Entry::Series(SeriesEntry {
                        key,
                        value,
                        timestamp,
                        created,
                        exemplar: exemplars.next(),
                    }),
                    SeriesValue::Histogram(histogram) => Entry::Histogram(HistogramEntry {
                        key,
                        histogram,
                        timestamp,
                        created,
                        exemplars: exemplars.collect(),
                    }),
                }
            }
        }
    }

    fn expand(&mut self, family: proto::MetricFamily, forms: HistogramForms) -> Result<(), String> {
        self.text.clear();
        if family.name.is_empty() {
            return Err("a metric family has no name".to_owned());
        }
        let kind = MetricType::try_from(family.kind)
            .map_err(|_| format!("{:?} has unknown metric type {}", family.name, family.kind))?;
        self.name = family.name;
        self.help = family.help;
        self.unit = family.unit;
        self.items.push_back(Item::Kind(match kind {
            MetricType::Counter => MetricKind::Counter,
            MetricType::Gauge => MetricKind::Gauge,
            MetricType::Summary => MetricKind::Summary,
            MetricType::Untyped => MetricKind::Unknown,
            MetricType::Histogram => MetricKind::Histogram,
            MetricType::GaugeHistogram => MetricKind::GaugeHistogram,
        }));
        if !self.help.is_empty() {
            self.items.push_back(Item::Help);
        }
        if !self.unit.is_empty() {
            self.items.push_back(Item::Unit);
        }
        for metric in &family.metric {
            self.metric(kind, metric, forms)
                .map_err(|reason| format!("{:?}: {reason}", self.name))?;
        }
        Ok(())
    }

    fn metric(
        &mut self,
        kind: MetricType,
        metric: &proto::Metric,
        forms: HistogramForms,
    ) -> Result<(), String> {
        let missing = || format!("a metric has no value of the family's type, {kind:?}");
        let at = (metric.timestamp_ms != 0).then(|| Timestamp::from_millis(metric.timestamp_ms));
        let labels = &metric.label;
        match kind {
            MetricType::Counter => {
                let counter = metric.counter.as_ref().ok_or_else(missing)?;
                let series = FloatSeries { at, created: time(counter.created_timestamp), labels };
                self.float(&series, "", None, counter.value, counter.exemplar.as_ref());
            }
            MetricType::Gauge => {
                let gauge = metric.gauge.as_ref().ok_or_else(missing)?;
                self.float(&FloatSeries { at, created: None, labels }, "", None, gauge.value, None);
            }
            MetricType::Untyped => {
                let untyped = metric.untyped.as_ref().ok_or_else(missing)?;
                let series = FloatSeries { at, created: None, labels };
                self.float(&series, "", None, untyped.value, None);
            }
            MetricType::Summary => {
                let summary = metric.summary.as_ref().ok_or_else(missing)?;
                let series = FloatSeries { at, created: time(summary.created_timestamp), labels };
                self.float(&series, "_count", None, summary.sample_count as f64, None);
                self.float(&series, "_sum", None, summary.sample_sum, None);
                // A quantile did not start at zero.
                let series = FloatSeries { created: None, ..series };
                for quantile in &summary.quantile {
                    let bound = Some(("quantile", quantile.quantile));
                    self.float(&series, "", bound, quantile.value, None);
                }
            }
            MetricType::Histogram | MetricType::GaugeHistogram => {
                let histogram = metric.histogram.as_ref().ok_or_else(missing)?;
                let is_gauge = kind == MetricType::GaugeHistogram;
                let created = time(histogram.created_timestamp).filter(|_| !is_gauge);
                let series = FloatSeries { at, created, labels };
                let is_native = forms.native && is_native(histogram);
                if is_native {
                    self.native(&series, histogram, is_gauge)?;
                }
                let has_classic = !histogram.bucket.is_empty();
                if !is_native || (forms.classic_beside_native && has_classic) {
                    self.classic(&series, histogram);
                }
            }
        }
        Ok(())
    }

    fn classic(&mut self, series: &FloatSeries<'_>, histogram: &proto::Histogram) {
        let either = |float: f64, int: u64| if float > 0.0 { float } else { int as f64 };
        let count = either(histogram.sample_count_float, histogram.sample_count);
        self.float(series, "_count", None, count, None);
        self.float(series, "_sum", None, histogram.sample_sum, None);
        let mut has_infinity = false;
        for bucket in &histogram.bucket {
            has_infinity |= bucket.upper_bound == f64::INFINITY;
            let value = either(bucket.cumulative_count_float, bucket.cumulative_count);
            let bound = Some(("le", bucket.upper_bound));
            self.float(series, "_bucket", bound, value, bucket.exemplar.as_ref());
        }
        if !has_infinity {
            self.float(series, "_bucket", Some(("le", f64::INFINITY)), count, None);
        }
    }

    fn native(
        &mut self,
        series: &FloatSeries<'_>,
        histogram: &proto::Histogram,
        is_gauge: bool,
    ) -> Result<(), String> {
        let value = SeriesValue::Histogram(Box::new(native(histogram, is_gauge)?));
        let key = self.key(series.labels, "", None);
        // Exemplars of a native histogram count with a time only; those of classic
        // buckets stand in where it has none of its own.
        let own = histogram.exemplars.iter();
        let of_buckets = histogram.bucket.iter().filter_map(|bucket| bucket.exemplar.as_ref());
        let of_buckets = of_buckets.filter(|_| histogram.exemplars.is_empty());
        let timed = own.chain(of_buckets).filter(|exemplar| exemplar.timestamp.is_some());
        let exemplars = timed.map(|exemplar| self.exemplar(exemplar)).collect();
        let FloatSeries { at: timestamp, created, .. } = *series;
        self.items.push_back(Item::Series { key, value, timestamp, created, exemplars });
        Ok(())
    }

    fn float(
        &mut self,
        series: &FloatSeries<'_>,
        suffix: &str,
        bound: Option<(&str, f64)>,
        value: f64,
        exemplar: Option<&proto::Exemplar>,
    ) {
        let key = self.key(series.labels, suffix, bound);
        let value = if value.is_nan() { f64::from_bits(NORMAL_NAN_BITS) } else { value };
        let exemplars = exemplar.map(|exemplar| self.exemplar(exemplar)).into_iter().collect();
        let value = SeriesValue::Float(value);
        let FloatSeries { at: timestamp, created, .. } = *series;
        self.items.push_back(Item::Series { key, value, timestamp, created, exemplars });
    }

    fn exemplar(&mut self, exemplar: &proto::Exemplar) -> ExemplarItem {
        let start = self.text.len();
        self.labels(&exemplar.label, None, false);
        ExemplarItem {
            labels: start..self.text.len(),
            value: exemplar.value,
            timestamp: time(exemplar.timestamp),
        }
    }

    /// Writes `name{label="value",le="1"}`, or `{"name",…}` where the name needs it.
    fn key(
        &mut self,
        labels: &[proto::LabelPair],
        suffix: &str,
        bound: Option<(&str, f64)>,
    ) -> Range<usize> {
        let start = self.text.len();
        let is_plain = is_legacy_metric_name(&self.name);
        if is_plain {
            self.text.push_str(&self.name);
            self.text.push_str(suffix);
        } else {
            self.text.push_str("{\"");
            escape(&mut self.text, &self.name);
            escape(&mut self.text, suffix);
            self.text.push('"');
        }
        self.labels(labels, bound, !is_plain);
        start..self.text.len()
    }

    fn labels(
        &mut self,
        labels: &[proto::LabelPair],
        bound: Option<(&str, f64)>,
        mut is_open: bool,
    ) {
        let text = &mut self.text;
        let mut separate = |text: &mut String| {
            text.push(if is_open { ',' } else { '{' });
            is_open = true;
        };
        for label in labels {
            separate(text);
            text.push('"');
            escape(text, &label.name);
            text.push_str("\"=\"");
            escape(text, &label.value);
            text.push('"');
        }
        if let Some((name, value)) = bound {
            separate(text);
            let written = if value == f64::INFINITY {
                write!(text, "{name}=\"+Inf\"")
            } else {
                write!(text, "{name}=\"{value:?}\"")
            };
            written.expect("writing to a string can't fail");
        }
        if is_open {
            text.push('}');
        } else {
            text.push_str("{}");
        }
    }
}

/// What the series of one metric share.
struct FloatSeries<'a> {
    at: Option<Timestamp>,
    created: Option<Timestamp>,
    labels: &'a [proto::LabelPair],
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
}

fn time(time: Option<proto::Time>) -> Option<Timestamp> {
    let time = time?;
    let millis =
        time.seconds.saturating_mul(1000).saturating_add(i64::from(time.nanos) / 1_000_000);
    Some(Timestamp::from_millis(millis))
}

#[cfg(test)]
mod tests;
