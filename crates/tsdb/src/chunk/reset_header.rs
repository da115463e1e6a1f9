//! What the header of a chunk of histograms says of counter resets.

use model::Histogram;
use model::histogram::ResetHint;

const MASK: u8 = 0b1100_0000;
const RESET: u8 = 0b1000_0000;
const NOT_RESET: u8 = 0b0100_0000;
const GAUGE: u8 = 0b1100_0000;
const UNKNOWN: u8 = 0;

/// The flags of a chunk of histograms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ResetHeader(u8);

impl ResetHeader {
    pub(super) fn from_byte(byte: u8) -> Self {
        Self(byte & MASK)
    }

    pub(super) fn as_byte(self) -> u8 {
        self.0
    }

    /// The header of a chunk that begins with `first`, behind a sample `before`.
    pub(super) fn of(first: &Histogram, before: Option<&Histogram>) -> Self {
        Self(match (first.reset_hint, before) {
            (ResetHint::Gauge, _) => GAUGE,
            (ResetHint::Reset, _) => RESET,
            (ResetHint::NotReset, _) => NOT_RESET,
            // A marker of staleness says nothing of counts.
            (ResetHint::Unknown, Some(before)) if !before.is_stale() && !first.is_stale() => {
                if first.detect_reset(before) {
                    RESET
                } else {
                    NOT_RESET
                }
            }
            (ResetHint::Unknown, _) => UNKNOWN,
        })
    }

    /// What is known of the sample at `place` of the chunk. Behind the first there
    /// is no reset, for a reset begins a chunk; of the first, "not reset" is no
    /// answer, for the chunk before may be gone.
    pub(super) fn hint(self, place: usize) -> ResetHint {
        match self.0 {
            GAUGE => ResetHint::Gauge,
            _ if place > 0 => ResetHint::NotReset,
            RESET => ResetHint::Reset,
            _ => ResetHint::Unknown,
        }
    }
}
