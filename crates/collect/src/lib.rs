//! Pull: finding targets, scraping them, and what this host says of itself.
//!
//! **Architecture invariant:** writes to the [`pipeline::Sink`] only and knows
//! no store.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod discovery;
pub mod exposition;
pub mod fields;
pub mod host;
pub mod http_client;
pub mod scrape;
