//! Records of the log. One of a newer Prometheus, with start times, is read too;
//! the start times are left out, for blocks don't have them either.

use std::sync::Arc;

use model::histogram::{BucketSpan, Buckets, CUSTOM_BUCKETS_SCHEMA, CountFlavor, ResetHint};
use model::{Exemplar, Histogram, Labels, LabelsBuilder, MetricKind, TimeRange, Timestamp};

use crate::error::Malformed;
use crate::input::Input;

const SERIES: u8 = 1;
const SAMPLES: u8 = 2;
const TOMBSTONES: u8 = 3;
const EXEMPLARS: u8 = 4;
const METADATA: u8 = 6;
const HISTOGRAMS: u8 = 7;
const FLOAT_HISTOGRAMS: u8 = 8;
const CUSTOM_HISTOGRAMS: u8 = 9;
const CUSTOM_FLOAT_HISTOGRAMS: u8 = 10;
const SAMPLES_WITH_START: u8 = 11;
const HISTOGRAMS_WITH_START: u8 = 12;
const FLOAT_HISTOGRAMS_WITH_START: u8 = 13;

/// Where a start time is not that of the sample before, or absent.
const START_EXPLICIT: u8 = 2;

/// A sample of the series that the reference names.
pub(super) struct Sample<V> {
    pub(super) series: u64,
    pub(super) at: Timestamp,
    pub(super) value: V,
}

/// What a record may hold; each function gets one thing at a time.
pub(super) trait Visitor {
    fn series(&mut self, _reference: u64, _labels: Labels) {}
    fn float(&mut self, _sample: Sample<f64>) {}
    fn histogram(&mut self, _sample: Sample<Arc<Histogram>>) {}
    fn deleted(&mut self, _series: u64, _range: TimeRange) {}
    fn exemplar(&mut self, _series: u64, _exemplar: Exemplar) {}
    fn metadata(&mut self, _series: u64, _kind: MetricKind, _unit: &str, _help: &str) {}
}

/// Reads a record. What its kind is not known of is left out: newer versions of
/// Prometheus log what older ones pass over, too.
pub(super) fn visit(record: &[u8], visitor: &mut impl Visitor) -> Result<(), Malformed> {
    let mut input = Input::new(record);
    match input.byte()? {
        SERIES => each(&mut input, |input| {
            let reference = input.be_u64()?;
            visitor.series(reference, labels(input)?);
            Ok(())
        }),
        TOMBSTONES => each(&mut input, |input| {
            let series = input.be_u64()?;
            let (first, last) = (input.varint()?, input.varint()?);
            let at = Timestamp::from_millis;
            visitor.deleted(series, TimeRange::new(at(first), at(last)));
            Ok(())
        }),
        METADATA => each(&mut input, |input| metadata(input, visitor)),
        EXEMPLARS => {
            let mut heads = Heads::from_base(&mut input)?;
            each(&mut input, |input| {
                let (series, timestamp) = heads.next(input)?;
                let value = input.be_f64()?;
                visitor.exemplar(series, Exemplar { labels: labels(input)?, value, timestamp });
                Ok(())
            })
        }
        kind @ (SAMPLES | SAMPLES_WITH_START) => {
            let mut heads = Heads::new(kind == SAMPLES_WITH_START, &mut input)?;
            each(&mut input, |input| {
                let (series, at) = heads.next(input)?;
                visitor.float(Sample { series, at, value: input.be_f64()? });
                Ok(())
            })
        }
        kind @ (HISTOGRAMS | CUSTOM_HISTOGRAMS | HISTOGRAMS_WITH_START) => {
            let with_start = kind == HISTOGRAMS_WITH_START;
            histograms(&mut input, with_start, CountFlavor::Integer, visitor)
        }
        kind @ (FLOAT_HISTOGRAMS | CUSTOM_FLOAT_HISTOGRAMS | FLOAT_HISTOGRAMS_WITH_START) => {
            let with_start = kind == FLOAT_HISTOGRAMS_WITH_START;
            histograms(&mut input, with_start, CountFlavor::Float, visitor)
        }
        _ => Ok(()),
    }
}

/// Reads things until the record ends.
fn each<'a>(
    input: &mut Input<'a>,
    mut read: impl FnMut(&mut Input<'a>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    while !input.is_empty() {
        read(input)?;
    }
    Ok(())
}

/// Reads which series a sample is of and when it was: differences to the record's
/// first sample or, of the series with start times, to the sample before.
struct Heads {
    series: u64,
    time: i64,
    kind: HeadKind,
}

enum HeadKind {
    /// Differences to the record's base.
    Plain,
    /// With a start time, and the first of its record: nothing to differ from.
    FirstWithStart,
    WithStart,
}

impl Heads {
    fn new(with_start: bool, input: &mut Input<'_>) -> Result<Self, Malformed> {
        if with_start {
            Ok(Self { series: 0, time: 0, kind: HeadKind::FirstWithStart })
        } else {
            Self::from_base(input)
        }
    }

    fn from_base(input: &mut Input<'_>) -> Result<Self, Malformed> {
        if input.is_empty() {
            return Ok(Self { series: 0, time: 0, kind: HeadKind::Plain });
        }
        Ok(Self { series: input.be_u64()?, time: input.be_i64()?, kind: HeadKind::Plain })
    }

    fn next(&mut self, input: &mut Input<'_>) -> Result<(u64, Timestamp), Malformed> {
        let (series, time) = (input.varint()?, input.varint()?);
        let series = self.series.wrapping_add_signed(series);
        match self.kind {
            HeadKind::Plain => {}
            HeadKind::FirstWithStart => {
                self.kind = HeadKind::WithStart;
                (self.series, self.time) = (series, time);
                input.varint()?;
                return Ok((series, Timestamp::from_millis(time)));
            }
            HeadKind::WithStart => {
                self.series = series;
                if input.byte()? >= START_EXPLICIT {
                    input.varint()?;
                }
            }
        }
        Ok((series, Timestamp::from_millis(self.time.wrapping_add(time))))
    }
}

fn labels(input: &mut Input<'_>) -> Result<Labels, Malformed> {
    let mut labels = LabelsBuilder::default();
    for _ in 0..input.count(2)? {
        let (name, value) = (input.str()?, input.str()?);
        labels.set(name, value);
    }
    Ok(labels.build())
}

fn metadata(input: &mut Input<'_>, visitor: &mut impl Visitor) -> Result<(), Malformed> {
    let series = input.uvarint()?;
    let kind = match input.byte()? {
        1 => MetricKind::Counter,
        2 => MetricKind::Gauge,
        3 => MetricKind::Histogram,
        4 => MetricKind::GaugeHistogram,
        5 => MetricKind::Summary,
        6 => MetricKind::Info,
        7 => MetricKind::StateSet,
        _ => MetricKind::Unknown,
    };
    let (mut unit, mut help) = ("", "");
    for _ in 0..input.count(2)? {
        let (name, value) = (input.str()?, input.str()?);
        match name {
            "UNIT" => unit = value,
            "HELP" => help = value,
            _ => {}
        }
    }
    visitor.metadata(series, kind, unit, help);
    Ok(())
}

/// A histogram that contradicts itself is left out and told at the end.
fn histograms(
    input: &mut Input<'_>,
    with_start: bool,
    flavor: CountFlavor,
    visitor: &mut impl Visitor,
) -> Result<(), Malformed> {
    let mut heads = Heads::new(with_start, input)?;
    let mut fault = None;
    each(input, |input| {
        let begun = input.position();
        let (series, at) = heads.next(input)?;
        let histogram = histogram(input, flavor)?;
        if histogram.validate().is_ok() {
            visitor.histogram(Sample { series, at, value: Arc::new(histogram) });
        } else {
            let reason = "a native histogram contradicts itself";
            fault.get_or_insert(Malformed { at: begun, reason });
        }
        Ok(())
    })?;
    fault.map_or(Ok(()), Err)
}

fn histogram(input: &mut Input<'_>, flavor: CountFlavor) -> Result<Histogram, Malformed> {
    let reset_hint = match input.byte()? {
        1 => ResetHint::Reset,
        2 => ResetHint::NotReset,
        3 => ResetHint::Gauge,
        _ => ResetHint::Unknown,
    };
    let schema = i8::try_from(input.varint()?)
        .map_err(|_| input.fail("a histogram's schema is not known"))?;
    let zero_threshold = input.be_f64()?;
    let count = |input: &mut Input<'_>| match flavor {
        CountFlavor::Integer => Ok(input.uvarint()? as f64),
        CountFlavor::Float => input.be_f64(),
    };
    let (zero_count, total) = (count(input)?, count(input)?);
    let sum = input.be_f64()?;
    let (positive, negative) = (spans(input)?, spans(input)?);
    let positive = Buckets { spans: positive, counts: counts(input, flavor)? };
    let negative = Buckets { spans: negative, counts: counts(input, flavor)? };
    let mut custom_bounds = Vec::new();
    if schema == CUSTOM_BUCKETS_SCHEMA {
        for _ in 0..input.count(8)? {
            custom_bounds.push(input.be_f64()?);
        }
    }
    if model::sample::is_stale_nan(sum) {
        return Ok(Histogram { flavor, sum, ..Histogram::new(0) });
    }
    Ok(Histogram {
        flavor,
        reset_hint,
        schema,
        zero_threshold,
        zero_count,
        count: total,
        sum,
        positive,
        negative,
        custom_bounds,
    })
}

fn spans(input: &mut Input<'_>) -> Result<Vec<BucketSpan>, Malformed> {
    let mut spans = Vec::new();
    for _ in 0..input.count(2)? {
        let offset = i32::try_from(input.varint()?)
            .map_err(|_| input.fail("a span of buckets is out of bounds"))?;
        spans.push(BucketSpan { offset, length: input.uvarint_u32()? });
    }
    Ok(spans)
}

/// Integer counts are differences to the bucket before, float ones stand in full.
fn counts(input: &mut Input<'_>, flavor: CountFlavor) -> Result<Vec<f64>, Malformed> {
    let mut counts = Vec::new();
    match flavor {
        CountFlavor::Integer => {
            let mut sum = 0i64;
            for _ in 0..input.count(1)? {
                sum = sum.wrapping_add(input.varint()?);
                counts.push(sum as f64);
            }
        }
        CountFlavor::Float => {
            for _ in 0..input.count(8)? {
                counts.push(input.be_f64()?);
            }
        }
    }
    Ok(counts)
}
