//! The waist: what a query engine or a protocol may ask of a store.
//!
//! Everything to the left writes through [`SeriesStore::append`], everything to
//! the right reads through [`SeriesStore::select`] and its siblings. A call
//! takes one batch or one request and answers in batches.
//!
//! **Architecture invariant:** no wire format, no file format, no code that
//! stores. Calls block: an embedded store answers from memory-mapped files, and
//! callers that are async go through a blocking pool
//! (`docs/decisions/002-blocking-storage-traits.md`).
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod append;
pub mod cancel;
pub mod error;
pub mod read;
pub mod series_store;
pub mod status;

pub use append::{AppendOptions, AppendOutcome, RejectReason, Rejection, Rejections};
pub use cancel::Cancel;
pub use error::StoreError;
pub use read::{
    ExemplarRequest, LabelRequest, MetadataRequest, Names, SelectHints, SelectRequest, SelectStats,
    SeriesExemplars, SeriesSelection,
};
pub use series_store::{Maintenance, MaintenanceOutcome, SeriesStore};
pub use status::{BlockStatus, CardinalityEntry, HeadStatus, ReplayStatus, StoreStatus};
