//! Evaluation of PromQL: by series, in columns over the whole time grid.
//!
//! [`Engine`] is the door. Behind it an evaluator walks the tree; every instant
//! vector in between is a `Table` with a row for each series and a column for
//! each step. Range functions see one series with all its windows (`window`),
//! aggregations take their input in batches (`aggregate`), and binary operators
//! match rows once for all steps (`binary`). Nothing here knows of HTTP, and
//! stores are known by their trait only.

pub(crate) mod aggregate;
mod annotations;
mod binary;
pub(crate) mod call;
pub(crate) mod civil;
mod config;
pub(crate) mod duration;
mod error;
pub(crate) mod evaluator;
pub(crate) mod go_float;
mod histogram_text;
mod invariant;
mod metrics;
pub(crate) mod notes;
mod operator;
mod query;
mod query_log;
mod request;
pub(crate) mod reset_hints;
mod rows;
pub(crate) mod select;
mod signature;
pub(crate) mod smooth;
mod stats;
pub(crate) mod table;
mod value;
pub(crate) mod window;

pub use annotations::Annotations;
pub use config::EngineConfig;
pub use error::QueryError;
pub use query::Engine;
pub use query_log::{FinishedQuery, QueryLog};
pub use request::{InstantQuery, QueryOptions, RangeQuery};
pub use stats::{QueryStats, QueryTimings, SampleStats};
pub use value::{MatrixSeries, QueryOutput, SampleValue, Value, VectorSample};
