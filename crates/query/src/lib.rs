//! Query languages: PromQL over the series store.
//!
//! A language is a folder with a parser, a typed tree and an evaluator;
//! [`engine`] holds what all of them share: the time grid, limits and the
//! account of what a query has cost. An engine knows stores by their traits
//! only (`storage`), and nothing of HTTP.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod engine;
pub mod promql;
pub mod testing;
