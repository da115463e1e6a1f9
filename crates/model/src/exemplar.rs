//! Exemplars: one concrete event (mostly a trace id) behind an aggregated value.

use crate::{Labels, Timestamp};

/// The most UTF-8 characters that an exemplar's label names and values may add
/// up to (OpenMetrics 1.0, section "Exemplars").
pub const EXEMPLAR_LABELS_CHARS_MAX: usize = 128;

/// A reference from a series to something outside of the metrics.
#[derive(Clone, Debug, PartialEq)]
pub struct Exemplar {
    /// What it refers to, such as `{trace_id="..."}`.
    pub labels: Labels,
    /// The value that was observed.
    pub value: f64,
    /// When it was observed.
    pub timestamp: Timestamp,
}
