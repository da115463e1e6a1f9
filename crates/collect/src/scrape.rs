//! Scraping: fetching what targets expose, on time, and storing it.
//!
//! A [`Scraper`] holds one [`pool`] for each job. A pool turns what discovery
//! finds into [`target`]s and runs a [`target_loop`] for each: [`fetch`] the
//! body, [`parse`] it, [`ingest`] it into a batch, write the batch to the sink.

pub mod cache;
pub mod config;
pub mod failure_log;
pub mod fetch;
pub mod ingest;
pub mod metrics;
pub mod parse;
pub mod pool;
pub mod report;
pub mod scraper;
pub mod snapshot;
pub mod target;
pub mod target_loop;

pub use config::{GlobalConfig, ScrapeConfig, ScrapeConfigError};
pub use scraper::{InProcessTarget, Scraper, ScraperOptions};
pub use snapshot::{ActiveTarget, DroppedTarget, FamilyMetadata, Health, TargetsSnapshot};
