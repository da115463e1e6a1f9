//! PromQL: Prometheus' query language, version 3.

pub mod ast;
pub mod eval;
pub mod functions;
pub mod parse;
pub mod print;

pub use eval::{
    Annotations, Engine, EngineConfig, FinishedQuery, InstantQuery, MatrixSeries, QueryError,
    QueryLog, QueryOptions, QueryOutput, QueryStats, QueryTimings, RangeQuery, SampleStats,
    SampleValue, Value, VectorSample,
};
pub use parse::{ParseErrors, ParseOptions, parse, parse_selector};
