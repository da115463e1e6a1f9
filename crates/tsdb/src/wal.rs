//! Prometheus' write-ahead log: samples that are not in blocks yet.
//!
//! `segment` puts records together from pages, `record` decodes them, and
//! [`Wal`] makes series of them. Late samples stand in a second log of the same
//! layout, `wbl`.

mod head;
mod record;
mod segment;

pub use head::{Wal, WalContent};

#[cfg(test)]
mod tests;
