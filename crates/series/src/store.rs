//! The store: the one door to the head, its log and the blocks.

mod append;
mod labels;
mod maintain;
mod open;
mod select;
mod status;
mod trait_impl;

pub use open::Store;
