//! Exposition formats: what a scraped body says, format by format.
//!
//! A decoder walks a body and hands out [`Entry`]s that borrow from it. A series
//! is handed out as the bytes that it is written in: a target exposes the same
//! bytes at each scrape, so they key a cache, and labels are only parsed
//! ([`parse_series_key`]) when a series is new.

pub mod lexer;
pub mod openmetrics;
pub mod protobuf;
pub mod series_key;
pub mod text;

use std::fmt;

use model::{Histogram, MetricKind, Timestamp};

pub use series_key::parse_series_key;

/// One thing that an exposition says.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry<'a> {
    /// The type of a metric family.
    Kind {
        /// The family.
        family: String,
        /// Its type.
        kind: MetricKind,
    },
    /// The help text of a metric family.
    Help {
        /// The family.
        family: String,
        /// The text, unescaped.
        help: String,
    },
    /// The unit of a metric family.
    Unit {
        /// The family.
        family: String,
        /// The unit.
        unit: &'a str,
    },
    /// A float sample.
    Series(SeriesEntry<'a>),
    /// A native histogram sample.
    Histogram(HistogramEntry<'a>),
}

/// One float sample of an exposition.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesEntry<'a> {
    /// The series as it is written: `name{label="value"}`.
    pub key: &'a str,
    /// The value; every NaN but the stale marker has Prometheus' one bit pattern.
    pub value: f64,
    /// When, where the target says so.
    pub timestamp: Option<Timestamp>,
    /// When the series started at zero, where the format can say so.
    pub created: Option<Timestamp>,
    /// What stands behind the value, where the format can say so.
    pub exemplar: Option<ExemplarEntry<'a>>,
}

/// One native histogram of an exposition.
#[derive(Clone, Debug, PartialEq)]
pub struct HistogramEntry<'a> {
    /// The series as it is written.
    pub key: &'a str,
    /// The value, sound.
    pub histogram: Box<Histogram>,
    /// When, where the target says so.
    pub timestamp: Option<Timestamp>,
    /// When the series started at zero, where the target says so.
    pub created: Option<Timestamp>,
    /// What stands behind the value.
    pub exemplars: Vec<ExemplarEntry<'a>>,
}

/// The value of a sample of either kind.
#[derive(Clone, Debug, PartialEq)]
pub enum SeriesValue {
    /// A number.
    Float(f64),
    /// A native histogram.
    Histogram(Box<Histogram>),
}

/// An exemplar as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct ExemplarEntry<'a> {
    /// Its labels with their braces.
    pub labels: &'a str,
    /// The observed value.
    pub value: f64,
    /// When it was observed.
    pub timestamp: Option<Timestamp>,
}

/// Where in a body something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// The line, from 1.
    Line(usize),
    /// The offset in bytes, from 0.
    Byte(usize),
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Byte(byte) => write!(f, "byte {byte}"),
        }
    }
}

/// A body that is not what its content type says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{position}: {reason}")]
pub struct ParseError {
    /// Where.
    pub position: Position,
    /// What is wrong there.
    pub reason: String,
}

/// A decoder of one format over one body.
///
/// Yields entries until the body ends or an error is found, which ends it too.
#[derive(Debug)]
pub enum Decoder<'a> {
    /// The classic text format.
    Text(text::Decoder<'a>),
    /// OpenMetrics 1.0.
    OpenMetrics(openmetrics::Decoder<'a>),
    /// Protobuf.
    Protobuf(protobuf::Decoder<'a>),
}

impl Decoder<'_> {
    /// The next thing that the body says. It borrows from the decoder, because
    /// only the text formats have all of it in the body.
    pub fn next_entry(&mut self) -> Option<Result<Entry<'_>, ParseError>> {
        match self {
            Self::Text(decoder) => decoder.next(),
            Self::OpenMetrics(decoder) => decoder.next(),
            Self::Protobuf(decoder) => decoder.next_entry(),
        }
    }
}
