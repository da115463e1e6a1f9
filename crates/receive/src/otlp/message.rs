//! What a request says: `ExportMetricsServiceRequest` and below.
//!
//! Names and meanings are those of opentelemetry-proto 1.x, as far as they are
//! used. Times are nanoseconds since the epoch.

use std::borrow::Cow;

/// Text, borrowed from the body where it stands there as it is.
pub(super) type Text<'a> = Cow<'a, str>;

#[derive(Debug, Default, PartialEq)]
pub(super) struct Request<'a> {
    pub(super) resource_metrics: Vec<ResourceMetrics<'a>>,
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct ResourceMetrics<'a> {
    pub(super) resource: Resource<'a>,
    pub(super) scope_metrics: Vec<ScopeMetrics<'a>>,
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct Resource<'a> {
    pub(super) attributes: Vec<KeyValue<'a>>,
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct ScopeMetrics<'a> {
    pub(super) scope: Scope<'a>,
    pub(super) metrics: Vec<Metric<'a>>,
    pub(super) schema_url: Text<'a>,
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct Scope<'a> {
    pub(super) name: Text<'a>,
    pub(super) version: Text<'a>,
    pub(super) attributes: Vec<KeyValue<'a>>,
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct Metric<'a> {
    pub(super) name: Text<'a>,
    pub(super) description: Text<'a>,
    pub(super) unit: Text<'a>,
    pub(super) data: Option<Data<'a>>,
}

#[derive(Debug, PartialEq)]
pub(super) enum Data<'a> {
    Gauge(Gauge<'a>),
    Sum(Sum<'a>),
    Histogram(Histogram<'a>),
    ExponentialHistogram(ExponentialHistogram<'a>),
    Summary(Summary<'a>),
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct Gauge<'a> {
    pub(super) data_points: Vec<NumberPoint<'a>>,
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct Sum<'a> {
    pub(super) data_points: Vec<NumberPoint<'a>>,
    pub(super) aggregation_temporality: Temporality,
    pub(super) is_monotonic: bool,
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct Histogram<'a> {
    pub(super) data_points: Vec<HistogramPoint<'a>>,
    pub(super) aggregation_temporality: Temporality,
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct ExponentialHistogram<'a> {
    pub(super) data_points: Vec<ExponentialPoint<'a>>,
    pub(super) aggregation_temporality: Temporality,
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct Summary<'a> {
    pub(super) data_points: Vec<SummaryPoint<'a>>,
}

/// Whether points add up (delta) or are sums already (cumulative).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Temporality {
    #[default]
    Unspecified,
    Delta,
    Cumulative,
}

/// The bit of `flags` that says that a point has no value: its series ended.
const NO_RECORDED_VALUE: u64 = 1;

/// Times and flags, which all points have.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Moment {
    pub(super) start_time_unix_nano: u64,
    pub(super) time_unix_nano: u64,
    pub(super) flags: u64,
}

impl Moment {
    pub(super) const fn has_no_value(&self) -> bool {
        self.flags & NO_RECORDED_VALUE != 0
    }
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct NumberPoint<'a> {
    pub(super) attributes: Vec<KeyValue<'a>>,
    pub(super) at: Moment,
    pub(super) value: Option<Number>,
    pub(super) exemplars: Vec<Exemplar<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Double(f64),
    Int(i64),
}

impl Number {
    pub(super) const fn as_f64(self) -> f64 {
        match self {
            Self::Double(value) => value,
            Self::Int(value) => value as f64,
        }
    }
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct HistogramPoint<'a> {
    pub(super) attributes: Vec<KeyValue<'a>>,
    pub(super) at: Moment,
    pub(super) count: u64,
    pub(super) sum: Option<f64>,
    pub(super) bucket_counts: Vec<u64>,
    pub(super) explicit_bounds: Vec<f64>,
    pub(super) exemplars: Vec<Exemplar<'a>>,
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct ExponentialPoint<'a> {
    pub(super) attributes: Vec<KeyValue<'a>>,
    pub(super) at: Moment,
    pub(super) count: u64,
    pub(super) sum: Option<f64>,
    pub(super) scale: i32,
    pub(super) zero_count: u64,
    pub(super) zero_threshold: f64,
    pub(super) positive: Buckets,
    pub(super) negative: Buckets,
    pub(super) exemplars: Vec<Exemplar<'a>>,
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct Buckets {
    pub(super) offset: i32,
    pub(super) bucket_counts: Vec<u64>,
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct SummaryPoint<'a> {
    pub(super) attributes: Vec<KeyValue<'a>>,
    pub(super) at: Moment,
    pub(super) count: u64,
    pub(super) sum: f64,
    pub(super) quantile_values: Vec<Quantile>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Quantile {
    pub(super) quantile: f64,
    pub(super) value: f64,
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct Exemplar<'a> {
    pub(super) filtered_attributes: Vec<KeyValue<'a>>,
    pub(super) time_unix_nano: u64,
    pub(super) value: Option<Number>,
    pub(super) span_id: Cow<'a, [u8]>,
    pub(super) trace_id: Cow<'a, [u8]>,
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct KeyValue<'a> {
    pub(super) key: Text<'a>,
    pub(super) value: AnyValue<'a>,
}

#[derive(Debug, Default, PartialEq)]
pub(super) enum AnyValue<'a> {
    #[default]
    Empty,
    String(Text<'a>),
    Bool(bool),
    Int(i64),
    Double(f64),
    Array(Vec<Self>),
    List(Vec<KeyValue<'a>>),
    Bytes(Cow<'a, [u8]>),
}

/// What a request may hold, counted while it is read: a body of a megabyte can
/// say half a million times that there is an empty point.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
}

/// How many points, buckets and attributes a request may hold.
pub(super) const ITEMS_MAX: usize = 2_000_000;
/// How deep an attribute's value may be nested.
pub(super) const NESTING_MAX: usize = 16;

/// The request holds more than a [`Budget`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the request holds more than {ITEMS_MAX} points, buckets and attributes; send smaller ones"
)]
pub(super) struct OverBudget;

impl Budget {
    pub(super) const fn new(items_max: usize) -> Self {
        Self { left: items_max }
    }

    pub(super) fn spend(&mut self, items: usize) -> Result<(), OverBudget> {
        self.left = self.left.checked_sub(items).ok_or(OverBudget)?;
        Ok(())
    }
}
