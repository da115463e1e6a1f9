//! From matchers to series: postings.
//!
//! A postings list is a roaring bitmap of series numbers. The head keeps its
//! index in memory ([`memory`]), a block in its file; both answer the same
//! three questions ([`Postings`]), on which [`resolve`] builds everything else.

pub mod memory;
pub mod pattern;
pub mod resolve;

use roaring::RoaringBitmap;

pub use memory::MemoryIndex;
pub use resolve::resolve;

/// An index of label pairs.
pub trait Postings {
    /// All series.
    fn all(&self) -> RoaringBitmap;

    /// The series with label `name` = `value`.
    fn of_pair(&self, name: &str, value: &str) -> RoaringBitmap;

    /// The series with a label `name` whose value starts with `prefix` and
    /// satisfies `accept`.
    fn of_values(
        &self,
        name: &str,
        prefix: &str,
        accept: &mut dyn FnMut(&str) -> bool,
    ) -> RoaringBitmap;
}
