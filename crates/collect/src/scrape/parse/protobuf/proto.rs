//! Messages of `io.prometheus.client` (client_model's `metrics.proto`).

/// `MetricType`
#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration)]
#[repr(i32)]
pub enum MetricType {
    /// Only ever grows.
    Counter = 0,
    /// Goes up and down.
    Gauge = 1,
    /// Quantiles.
    Summary = 2,
    /// Nobody knows.
    Untyped = 3,
    /// Buckets that grow.
    Histogram = 4,
    /// Buckets that go up and down.
    GaugeHistogram = 5,
}

/// All metrics of one name.
#[derive(Clone, PartialEq, prost::Message)]
pub struct MetricFamily {
    /// The name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// What it means.
    #[prost(string, tag = "2")]
    pub help: String,
    /// The type; a counter where it is not said, as proto2 has it.
    #[prost(enumeration = "MetricType", tag = "3")]
    pub kind: i32,
    /// One for each label set.
    #[prost(message, repeated, tag = "4")]
    pub metric: Vec<Metric>,
    /// The unit.
    #[prost(string, tag = "5")]
    pub unit: String,
}

/// One label set and its value, which is in the field of the family's type.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Metric {
    /// Its labels.
    #[prost(message, repeated, tag = "1")]
    pub label: Vec<LabelPair>,
    /// Of a gauge.
    #[prost(message, optional, tag = "2")]
    pub gauge: Option<Gauge>,
    /// Of a counter.
    #[prost(message, optional, tag = "3")]
    pub counter: Option<Counter>,
    /// Of a summary.
    #[prost(message, optional, tag = "4")]
    pub summary: Option<Summary>,
    /// Of a metric without type.
    #[prost(message, optional, tag = "5")]
    pub untyped: Option<Untyped>,
    /// When, in ms; 0 where the target does not say.
    #[prost(int64, tag = "6")]
    pub timestamp_ms: i64,
    /// Of a histogram of either kind.
    #[prost(message, optional, tag = "7")]
    pub histogram: Option<Histogram>,
}

/// A label.
#[derive(Clone, PartialEq, prost::Message)]
pub struct LabelPair {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Its value.
    #[prost(string, tag = "2")]
    pub value: String,
}

/// A gauge.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct Gauge {
    /// Its value.
    #[prost(double, tag = "1")]
    pub value: f64,
}

/// A metric without type.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct Untyped {
    /// Its value.
    #[prost(double, tag = "1")]
    pub value: f64,
}

/// A counter.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Counter {
    /// Its value.
    #[prost(double, tag = "1")]
    pub value: f64,
    /// What stands behind it.
    #[prost(message, optional, tag = "2")]
    pub exemplar: Option<Exemplar>,
    /// When it started at zero.
    #[prost(message, optional, tag = "3")]
    pub created_timestamp: Option<Time>,
}

/// A summary.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Summary {
    /// The number of observations.
    #[prost(uint64, tag = "1")]
    pub sample_count: u64,
    /// Their sum.
    #[prost(double, tag = "2")]
    pub sample_sum: f64,
    /// Its quantiles.
    #[prost(message, repeated, tag = "3")]
    pub quantile: Vec<Quantile>,
    /// When it started at zero.
    #[prost(message, optional, tag = "4")]
    pub created_timestamp: Option<Time>,
}

/// A quantile of a summary.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct Quantile {
    /// Which, from 0 to 1.
    #[prost(double, tag = "1")]
    pub quantile: f64,
    /// Its value.
    #[prost(double, tag = "2")]
    pub value: f64,
}

/// A histogram: classic, native or both at once.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Histogram {
    /// The number of observations.
    #[prost(uint64, tag = "1")]
    pub sample_count: u64,
    /// Their sum.
    #[prost(double, tag = "2")]
    pub sample_sum: f64,
    /// Classic: cumulative buckets.
    #[prost(message, repeated, tag = "3")]
    pub bucket: Vec<Bucket>,
    /// The number of observations of a float histogram; 0 for an integer one.
    #[prost(double, tag = "4")]
    pub sample_count_float: f64,
    /// Native: the resolution.
    #[prost(sint32, tag = "5")]
    pub schema: i32,
    /// Native: observations that are absolutely at most this are in the zero bucket.
    #[prost(double, tag = "6")]
    pub zero_threshold: f64,
    /// Native: the zero bucket.
    #[prost(uint64, tag = "7")]
    pub zero_count: u64,
    /// Native: the zero bucket of a float histogram.
    #[prost(double, tag = "8")]
    pub zero_count_float: f64,
    /// Native: runs of negative buckets.
    #[prost(message, repeated, tag = "9")]
    pub negative_span: Vec<BucketSpan>,
    /// Native: differences of the counts of neighbours.
    #[prost(sint64, repeated, tag = "10")]
    pub negative_delta: Vec<i64>,
    /// Native: counts of a float histogram.
    #[prost(double, repeated, tag = "11")]
    pub negative_count: Vec<f64>,
    /// Native: runs of positive buckets.
    #[prost(message, repeated, tag = "12")]
    pub positive_span: Vec<BucketSpan>,
    /// Native: differences of the counts of neighbours.
    #[prost(sint64, repeated, tag = "13")]
    pub positive_delta: Vec<i64>,
    /// Native: counts of a float histogram.
    #[prost(double, repeated, tag = "14")]
    pub positive_count: Vec<f64>,
    /// When it started at zero.
    #[prost(message, optional, tag = "15")]
    pub created_timestamp: Option<Time>,
    /// Native: what stands behind it.
    #[prost(message, repeated, tag = "16")]
    pub exemplars: Vec<Exemplar>,
}

/// A classic bucket.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Bucket {
    /// Observations up to the bound.
    #[prost(uint64, tag = "1")]
    pub cumulative_count: u64,
    /// The bound, inclusive.
    #[prost(double, tag = "2")]
    pub upper_bound: f64,
    /// What stands behind it.
    #[prost(message, optional, tag = "3")]
    pub exemplar: Option<Exemplar>,
    /// Observations up to the bound in a float histogram.
    #[prost(double, tag = "4")]
    pub cumulative_count_float: f64,
}

/// A run of native buckets.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct BucketSpan {
    /// The gap to the run before, or the index of the first bucket.
    #[prost(sint32, tag = "1")]
    pub offset: i32,
    /// How many buckets.
    #[prost(uint32, tag = "2")]
    pub length: u32,
}

/// An exemplar.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Exemplar {
    /// What it refers to.
    #[prost(message, repeated, tag = "1")]
    pub label: Vec<LabelPair>,
    /// The observed value.
    #[prost(double, tag = "2")]
    pub value: f64,
    /// When it was observed.
    #[prost(message, optional, tag = "3")]
    pub timestamp: Option<Time>,
}

/// `google.protobuf.Timestamp`
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct Time {
    /// Seconds since 1970.
    #[prost(int64, tag = "1")]
    pub seconds: i64,
    /// Nanoseconds on top.
    #[prost(int32, tag = "2")]
    pub nanos: i32,
}
