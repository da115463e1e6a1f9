//! Evaluation of PromQL: by series, in columns over the whole time grid.

mod annotations;
mod config;
mod error;
mod query;
mod request;
mod stats;
mod value;

pub use annotations::Annotations;
pub use config::EngineConfig;
pub use error::QueryError;
pub use query::Engine;
pub use request::{InstantQuery, QueryOptions, RangeQuery};
pub use stats::{QueryStats, QueryTimings, SampleStats};
pub use value::{MatrixSeries, QueryOutput, SampleValue, Value, VectorSample};
