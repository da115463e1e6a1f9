//! PromQL: Prometheus' query language, version 3.

pub mod eval;
pub mod parse {
    //! Placeholder until the parser lands.

    /// Placeholder until the parser lands.
    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    pub struct ParseErrors(pub String);
}

pub use eval::{
    Annotations, Engine, EngineConfig, InstantQuery, MatrixSeries, QueryError, QueryOptions,
    QueryOutput, QueryStats, QueryTimings, RangeQuery, SampleStats, SampleValue, Value,
    VectorSample,
};
