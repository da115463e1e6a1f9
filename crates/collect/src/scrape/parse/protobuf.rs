//! The protobuf format: `io.prometheus.client.MetricFamily` messages, each behind
//! its length as a varint. The only format with native histograms.

mod decode;
mod native;
pub mod proto;

pub use decode::{Decoder, HistogramForms};
