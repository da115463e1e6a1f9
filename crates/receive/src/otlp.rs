//! Metrics by the OpenTelemetry protocol over HTTP: protobuf and JSON.
//!
//! [`message`] is what a request says, filled by [`wire`] or [`json`];
//! [`translate`] makes a batch of it, naming things ([`names`]) and labelling
//! them ([`labels`]) as Prometheus does; [`delta`] remembers what delta points
//! add up to. [`handler`] speaks HTTP.
//!
//! The protocol: <https://opentelemetry.io/docs/specs/otlp/>. The translation:
//! <https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/>.

mod answer;
pub mod config;
pub mod delta;
pub mod handler;
mod histogram;
mod json;
mod labels;
mod message;
mod names;
mod point_labels;
mod translate;
mod wire;

pub use config::{OtlpConfig, TranslationStrategy};
pub use handler::OtlpReceiver;

#[cfg(test)]
mod tests;
