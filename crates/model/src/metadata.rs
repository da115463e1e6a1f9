//! What a metric means: its type, unit and help text.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The type of a metric family, as OpenMetrics names them.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum MetricKind {
    /// Nothing is known.
    #[default]
    Unknown,
    /// Only ever grows, or restarts at zero.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Buckets, classic or native.
    Histogram,
    /// A histogram whose buckets go up and down.
    GaugeHistogram,
    /// Quantiles computed by the client.
    Summary,
    /// Constant 1 that carries labels.
    Info,
    /// One of a set of named states.
    StateSet,
}

impl MetricKind {
    /// The name as Prometheus' metadata API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::GaugeHistogram => "gaugehistogram",
            Self::Summary => "summary",
            Self::Info => "info",
            Self::StateSet => "stateset",
        }
    }
}

impl fmt::Display for MetricKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The metadata of one metric family.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MetricMetadata {
    /// The family's name, without suffixes such as `_bucket`.
    pub family: Arc<str>,
    /// Its type.
    pub kind: MetricKind,
    /// Its unit, such as `seconds`; empty where unknown.
    pub unit: Arc<str>,
    /// What it means; empty where unknown.
    pub help: Arc<str>,
}
