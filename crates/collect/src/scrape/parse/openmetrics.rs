//! OpenMetrics text format 1.0.

mod decode;

pub use decode::Decoder;
