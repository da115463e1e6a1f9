//! The classic text format, version 0.0.4.

mod decode;

pub use decode::Decoder;
pub(super) use decode::take_family;
