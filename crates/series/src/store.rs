//! The store: the one door to the head, its log and the blocks.
//!
//! Data directory: `wal/` holds the log, `blocks/` the blocks, `snapshots/`
//! copies that an operator asked for, `damaged/` blocks that could not be
//! opened, `lock` keeps a second process out.

mod append;
mod background;
mod blocks;
mod core;
mod cut;
mod delete;
mod import;
mod labels;
mod open;
mod select;
mod snapshot;
mod status;
mod trait_impl;

pub use import::{Import, ImportOutcome};
pub use open::Store;

pub(crate) use core::StoreCore;

#[cfg(test)]
mod tests;
