//! The head: the newest samples, in memory.
//!
//! Series are spread over shards by their hash, so that writers on different
//! cores seldom meet. A series streams its samples into an open chunk; what
//! comes out of order waits beside it, sorted. The index finds series by label.

mod append;
mod checkpoint;
mod chunk;
mod closed;
mod core;
mod cut;
mod exemplars;
mod histograms;
mod index;
mod late;
mod metadata;
mod replay;
mod series;
mod shard;

pub(crate) use core::Head;
pub(crate) use cut::EmptySeries;
pub(crate) use replay::Replayed;
pub(crate) use series::CapturedSeries;
pub(crate) use shard::SHARDS;
