//! Which histograms go into one chunk.

use std::sync::Arc;

use model::Histogram;
use model::histogram::ResetHint;

use super::SAMPLES_PER_CHUNK;

/// How many of `histograms`, which are not none, make the next chunk.
pub(super) fn length(histograms: &[Arc<Histogram>]) -> usize {
    let most = &histograms[..histograms.len().min(SAMPLES_PER_CHUNK)];
    most.windows(2)
        .position(|pair| !goes_with(&pair[1], &pair[0]))
        .map_or(most.len(), |last| last + 1)
}

/// Whether `next` may stand in the chunk that ends with `last`: the chunk's header
/// and layout hold for all of it, and a counter's reset begins a chunk.
fn goes_with(next: &Histogram, last: &Histogram) -> bool {
    let is_gauge = |histogram: &Histogram| histogram.reset_hint == ResetHint::Gauge;
    if next.flavor != last.flavor || next.reset_hint == ResetHint::Reset {
        return false;
    }
    // Of a marker of staleness only the sum is written: it fits anywhere, but the
    // counts behind it have nothing to differ from.
    if next.is_stale() || last.is_stale() {
        return next.is_stale();
    }
    is_gauge(next) == is_gauge(last)
        && next.schema == last.schema
        && next.zero_threshold.to_bits() == last.zero_threshold.to_bits()
        && next.custom_bounds == last.custom_bounds
        && (is_gauge(next) || !next.detect_reset(last))
}
