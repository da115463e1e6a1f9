//! Which hints of counter resets came up where histograms are put together.

use model::histogram::ResetHint;

/// The hints seen so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ResetHints {
    reset: bool,
    not_reset: bool,
}

impl ResetHints {
    pub(crate) fn see(&mut self, hint: ResetHint) {
        self.reset |= hint == ResetHint::Reset;
        self.not_reset |= hint == ResetHint::NotReset;
    }

    /// Whether one histogram said that it was reset and another that it was not.
    pub(crate) fn collide(self) -> bool {
        self.reset && self.not_reset
    }
}
