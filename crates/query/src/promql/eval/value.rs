//! What a query returns.

use std::sync::Arc;

use model::{Histogram, Labels, SampleColumns, Timestamp};

use super::{Annotations, QueryStats};

/// A query's answer, with what was noteworthy on the way.
#[derive(Clone, Debug)]
pub struct QueryOutput {
    /// The answer.
    pub value: Value,
    /// What the user should know about it.
    pub annotations: Annotations,
    /// What it has cost.
    pub stats: QueryStats,
}

/// A PromQL value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number.
    Scalar {
        /// The evaluation time.
        timestamp: Timestamp,
        /// The number.
        value: f64,
    },
    /// A text.
    String {
        /// The evaluation time.
        timestamp: Timestamp,
        /// The text.
        value: String,
    },
    /// One sample a series, in the order that the expression gives.
    Vector(Vec<VectorSample>),
    /// Several samples a series, by labels.
    Matrix(Vec<MatrixSeries>),
}

/// One series of an instant vector.
#[derive(Clone, Debug, PartialEq)]
pub struct VectorSample {
    /// The series.
    pub labels: Labels,
    /// The evaluation time.
    pub timestamp: Timestamp,
    /// Its value at that time.
    pub value: SampleValue,
}

/// The value of one sample.
#[derive(Clone, Debug, PartialEq)]
pub enum SampleValue {
    /// A number.
    Float(f64),
    /// A native histogram.
    Histogram(Arc<Histogram>),
}

/// One series of a range vector or of a range query's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixSeries {
    /// The series.
    pub labels: Labels,
    /// Its samples, by time.
    pub samples: SampleColumns,
}

impl Value {
    /// The type as the HTTP API names it: `scalar`, `string`, `vector`, `matrix`.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Scalar { .. } => "scalar",
            Self::String { .. } => "string",
            Self::Vector(_) => "vector",
            Self::Matrix(_) => "matrix",
        }
    }
}
