//! Exposition formats: what a scraped body says, format by format.
//!
//! A decoder walks a body and hands out [`Entry`]s that borrow from it. The text
//! formats hand out a series as the bytes that it is written in ([`SeriesKey`]):
//! a target exposes the same bytes at each scrape, so they key a cache, and
//! labels are only parsed when a series is new.

pub mod lexer;
pub mod openmetrics;
pub mod series_key;
pub mod text;

use model::{MetricKind, Timestamp};

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
    /// A sample.
    Series(SeriesEntry<'a>),
}

/// One sample of an exposition.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesEntry<'a> {
    /// The series as it is written: `name{label="value"}`.
    pub key: &'a str,
    /// The value; every NaN but the stale marker has Prometheus' one bit pattern.
    pub value: f64,
    /// When, where the target says so.
    pub timestamp: Option<Timestamp>,
    /// What stands behind the value, where the format can say so.
    pub exemplar: Option<ExemplarEntry<'a>>,
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

/// A body that is not what its content type says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct ParseError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub reason: String,
}

/// A decoder of one text format over one body.
///
/// Yields entries until the body ends or an error is found, which ends it too.
#[derive(Debug)]
pub enum Decoder<'a> {
    /// The classic text format.
    Text(text::Decoder<'a>),
    /// OpenMetrics 1.0.
    OpenMetrics(openmetrics::Decoder<'a>),
}

impl<'a> Iterator for Decoder<'a> {
    type Item = Result<Entry<'a>, ParseError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Text(decoder) => decoder.next(),
            Self::OpenMetrics(decoder) => decoder.next(),
        }
    }
}
