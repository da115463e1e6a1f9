//! One alert of an alerting rule, through its life.

use model::{Labels, Millis, Timestamp};

/// How long a resolved alert is kept, so that its end is told more than once.
pub(super) const RESOLVED_RETENTION: Millis = Millis::from_secs(15 * 60);

/// Where an alert is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlertState {
    /// Its series has gone.
    Inactive,
    /// Its series is there, but not for long enough.
    Pending,
    /// It fires.
    Firing,
}

impl AlertState {
    /// The state as the API and the label `alertstate` name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inactive => "inactive",
            Self::Pending => "pending",
            Self::Firing => "firing",
        }
    }
}

/// An alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Its labels, its name included.
    pub labels: Labels,
    /// Its texts, by name.
    pub annotations: Vec<(String, String)>,
    /// Where it is in its life.
    pub state: AlertState,
    /// The value of the expression; 0 for a histogram.
    pub value: f64,
    /// Since when its series is there.
    pub active_at: Timestamp,
    /// Since when it fires.
    pub fired_at: Option<Timestamp>,
    /// When it stopped.
    pub resolved_at: Option<Timestamp>,
    /// Since when it fires without its series.
    pub keep_firing_since: Option<Timestamp>,
    /// When it was sent last.
    pub last_sent_at: Option<Timestamp>,
    /// Until when it counts as firing where no news comes.
    pub valid_until: Option<Timestamp>,
}

impl Alert {
    /// Whether the one who routes alerts should hear of it at `at`: when it
    /// ended since, and otherwise every `resend_delay`.
    pub(super) fn needs_sending(&self, at: Timestamp, resend_delay: Millis) -> bool {
        if self.state == AlertState::Pending {
            return false;
        }
        let Some(last) = self.last_sent_at else { return true };
        self.resolved_at.is_some_and(|resolved| resolved > last) || last + resend_delay < at
    }
}
