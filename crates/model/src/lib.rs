//! The nouns of monitoring and their columnar batches.
//!
//! Everything above and below the storage waist speaks in these types: what a
//! protocol decodes into, what the store keeps, what a query returns.
//!
//! **Architecture invariant:** no I/O, no async, no wire format and no file
//! format. A type that only one crate needs lives in that crate.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod batch;
pub mod columns;
pub mod duration;
pub mod exemplar;
pub mod histogram;
pub mod kahan;
pub mod labels;
pub mod matcher;
pub mod metadata;
pub mod sample;
pub mod time;

pub use batch::{SampleBatch, SeriesView};
pub use columns::{FloatColumn, HistogramColumn, SampleColumns};
pub use duration::{ByteSize, PromDuration};
pub use exemplar::Exemplar;
pub use histogram::Histogram;
pub use labels::{Labels, LabelsBuilder, LabelsRef, METRIC_NAME, SeriesHash};
pub use matcher::{MatchOp, Matcher};
pub use metadata::{MetricKind, MetricMetadata};
pub use time::{Millis, TimeRange, Timestamp};
