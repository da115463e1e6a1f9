//! The messages as a generated decoder sees them: tests write requests with
//! these, so that the reader is not checked against itself.

/// What a sender sends.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct WriteRequest {
    /// Series with their samples.
    #[prost(message, repeated, tag = "1")]
    pub(crate) timeseries: Vec<TimeSeries>,
    /// What metrics mean.
    #[prost(message, repeated, tag = "3")]
    pub(crate) metadata: Vec<MetricMetadata>,
}

/// A series with samples.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct TimeSeries {
    /// Its labels, sorted by name.
    #[prost(message, repeated, tag = "1")]
    pub(crate) labels: Vec<Label>,
    /// Its float samples.
    #[prost(message, repeated, tag = "2")]
    pub(crate) samples: Vec<Sample>,
    /// Its exemplars.
    #[prost(message, repeated, tag = "3")]
    pub(crate) exemplars: Vec<Exemplar>,
    /// Its native histograms.
    #[prost(message, repeated, tag = "4")]
    pub(crate) histograms: Vec<Histogram>,
}

/// A label.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Label {
    /// Its name.
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    /// Its value.
    #[prost(string, tag = "2")]
    pub(crate) value: String,
}

/// A float sample.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct Sample {
    /// Its value.
    #[prost(double, tag = "1")]
    pub(crate) value: f64,
    /// Its time, in ms.
    #[prost(int64, tag = "2")]
    pub(crate) timestamp: i64,
}

/// An exemplar.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Exemplar {
    /// What it refers to.
    #[prost(message, repeated, tag = "1")]
    pub(crate) labels: Vec<Label>,
    /// The observed value.
    #[prost(double, tag = "2")]
    pub(crate) value: f64,
    /// When it was observed, in ms.
    #[prost(int64, tag = "3")]
    pub(crate) timestamp: i64,
}

/// What a metric means.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct MetricMetadata {
    /// Its type.
    #[prost(int32, tag = "1")]
    pub(crate) kind: i32,
    /// The family.
    #[prost(string, tag = "2")]
    pub(crate) metric_family_name: String,
    /// Its help text.
    #[prost(string, tag = "4")]
    pub(crate) help: String,
    /// Its unit.
    #[prost(string, tag = "5")]
    pub(crate) unit: String,
}

/// A run of buckets.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct BucketSpan {
    /// The gap before it.
    #[prost(sint32, tag = "1")]
    pub(crate) offset: i32,
    /// How many buckets.
    #[prost(uint32, tag = "2")]
    pub(crate) length: u32,
}

/// A native histogram. Integer ones have differences of counts, float ones counts.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Histogram {
    /// Observations.
    #[prost(oneof = "histogram::Count", tags = "1, 2")]
    pub(crate) count: Option<histogram::Count>,
    /// Their sum.
    #[prost(double, tag = "3")]
    pub(crate) sum: f64,
    /// The resolution.
    #[prost(sint32, tag = "4")]
    pub(crate) schema: i32,
    /// The width of the zero bucket.
    #[prost(double, tag = "5")]
    pub(crate) zero_threshold: f64,
    /// Observations in the zero bucket.
    #[prost(oneof = "histogram::ZeroCount", tags = "6, 7")]
    pub(crate) zero_count: Option<histogram::ZeroCount>,
    /// Runs of negative buckets.
    #[prost(message, repeated, tag = "8")]
    pub(crate) negative_spans: Vec<BucketSpan>,
    /// Differences of their counts.
    #[prost(sint64, repeated, tag = "9")]
    pub(crate) negative_deltas: Vec<i64>,
    /// Their counts.
    #[prost(double, repeated, tag = "10")]
    pub(crate) negative_counts: Vec<f64>,
    /// Runs of positive buckets.
    #[prost(message, repeated, tag = "11")]
    pub(crate) positive_spans: Vec<BucketSpan>,
    /// Differences of their counts.
    #[prost(sint64, repeated, tag = "12")]
    pub(crate) positive_deltas: Vec<i64>,
    /// Their counts.
    #[prost(double, repeated, tag = "13")]
    pub(crate) positive_counts: Vec<f64>,
    /// What is known of resets.
    #[prost(int32, tag = "14")]
    pub(crate) reset_hint: i32,
    /// Its time, in ms.
    #[prost(int64, tag = "15")]
    pub(crate) timestamp: i64,
    /// Upper bounds of custom buckets.
    #[prost(double, repeated, tag = "16")]
    pub(crate) custom_values: Vec<f64>,
    /// When it started, in ms; 2.0 only.
    #[prost(int64, tag = "17")]
    pub(crate) start_timestamp: i64,
}

/// The two kinds of counts.
pub(crate) mod histogram {
    /// Observations.
    #[derive(Clone, Copy, PartialEq, prost::Oneof)]
    pub(crate) enum Count {
        /// A whole number.
        #[prost(uint64, tag = "1")]
        Int(u64),
        /// A float.
        #[prost(double, tag = "2")]
        Float(f64),
    }

    /// Observations in the zero bucket.
    #[derive(Clone, Copy, PartialEq, prost::Oneof)]
    pub(crate) enum ZeroCount {
        /// A whole number.
        #[prost(uint64, tag = "6")]
        Int(u64),
        /// A float.
        #[prost(double, tag = "7")]
        Float(f64),
    }
}

/// Messages of remote write 2.0.
pub(crate) mod v2 {
    /// What a sender sends.
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Request {
        /// All strings; the first is empty.
        #[prost(string, repeated, tag = "4")]
        pub(crate) symbols: Vec<String>,
        /// Series with their samples.
        #[prost(message, repeated, tag = "5")]
        pub(crate) timeseries: Vec<TimeSeries>,
    }

    /// A series with samples.
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct TimeSeries {
        /// Names and values in turn.
        #[prost(uint32, repeated, tag = "1")]
        pub(crate) labels_refs: Vec<u32>,
        /// Its float samples.
        #[prost(message, repeated, tag = "2")]
        pub(crate) samples: Vec<Sample>,
        /// Its native histograms.
        #[prost(message, repeated, tag = "3")]
        pub(crate) histograms: Vec<super::Histogram>,
        /// Its exemplars.
        #[prost(message, repeated, tag = "4")]
        pub(crate) exemplars: Vec<Exemplar>,
        /// What its metric means.
        #[prost(message, optional, tag = "5")]
        pub(crate) metadata: Option<Metadata>,
        /// When its counter started, in ms.
        #[prost(int64, tag = "6")]
        pub(crate) created_timestamp: i64,
    }

    /// A float sample.
    #[derive(Clone, Copy, PartialEq, prost::Message)]
    pub(crate) struct Sample {
        /// Its value.
        #[prost(double, tag = "1")]
        pub(crate) value: f64,
        /// Its time, in ms.
        #[prost(int64, tag = "2")]
        pub(crate) timestamp: i64,
        /// When its counter started, in ms.
        #[prost(int64, tag = "3")]
        pub(crate) start_timestamp: i64,
    }

    /// An exemplar.
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Exemplar {
        /// Names and values in turn.
        #[prost(uint32, repeated, tag = "1")]
        pub(crate) labels_refs: Vec<u32>,
        /// The observed value.
        #[prost(double, tag = "2")]
        pub(crate) value: f64,
        /// When it was observed, in ms.
        #[prost(int64, tag = "3")]
        pub(crate) timestamp: i64,
    }

    /// What a metric means.
    #[derive(Clone, Copy, PartialEq, prost::Message)]
    pub(crate) struct Metadata {
        /// Its type.
        #[prost(int32, tag = "1")]
        pub(crate) kind: i32,
        /// Its help text.
        #[prost(uint32, tag = "3")]
        pub(crate) help_ref: u32,
        /// Its unit.
        #[prost(uint32, tag = "4")]
        pub(crate) unit_ref: u32,
    }
}
