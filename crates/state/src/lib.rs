//! What people make and what must outlive the process: small, relational,
//! changed a few times a minute at most.
//!
//! One SQLite file in the data directory. [`Database`] opens it and brings its
//! schema up to date ([`migrations`]); each other module is one subject with its
//! tables. A subject stores what it is given and knows no wire format.
//!
//! **Architecture invariant:** nothing here is on the path of a sample, a log
//! line or a span. Calls block for as long as a disk takes to sync; an async
//! caller uses a blocking thread.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod alertmanager;
pub mod annotations;
pub mod dashboards;
pub mod database;
mod migrations;
pub mod preferences;

pub use database::{Database, StateError};
