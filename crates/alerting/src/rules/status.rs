//! What the API shows of groups, rules and alerts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use model::{Labels, Millis, Timestamp};

use super::alert::{Alert, AlertState};
use super::file::RuleDefinition;

/// Whether the last evaluation of a rule worked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RuleHealth {
    /// There was none yet.
    #[default]
    Unknown,
    /// It worked.
    Ok,
    /// It failed.
    Err,
}

impl RuleHealth {
    /// As the API names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Ok => "ok",
            Self::Err => "err",
        }
    }
}

/// A group.
#[derive(Clone, Debug, Default)]
pub struct GroupStatus {
    /// Its name.
    pub name: String,
    /// The file that it is from.
    pub file: String,
    /// How often it is evaluated.
    pub interval: Millis,
    /// How far back.
    pub query_offset: Millis,
    /// The most series of a rule; 0 is no limit.
    pub limit: usize,
    /// Its rules.
    pub rules: Vec<RuleStatus>,
    /// How long the last evaluation took.
    pub evaluation_time: Duration,
    /// When it was.
    pub last_evaluation: Option<Timestamp>,
    /// How many there were.
    pub evaluations: u64,
    /// How many were left out.
    pub evaluations_missed: u64,
    /// How many samples the last one wrote.
    pub samples: u64,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct RuleStatus {
    /// What the file says.
    pub definition: Arc<RuleDefinition>,
    /// Its expression as it is printed.
    pub query: Arc<str>,
    /// Whether it works.
    pub health: RuleHealth,
    /// Why not.
    pub last_error: Option<String>,
    /// How long its last evaluation took.
    pub evaluation_time: Duration,
    /// When it was.
    pub last_evaluation: Option<Timestamp>,
    /// How many evaluations failed.
    pub failures: u64,
    /// The first fault of a template at the last evaluation. It stands in the text,
    /// and the rule works all the same.
    pub template_fault: Option<String>,
    /// The alerts that are pending or firing, by labels.
    pub alerts: Vec<AlertStatus>,
}

/// An alert.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertStatus {
    /// Its labels.
    pub labels: Labels,
    /// Its texts.
    pub annotations: BTreeMap<String, String>,
    /// Pending or firing.
    pub state: AlertState,
    /// Since when its series is there.
    pub active_at: Timestamp,
    /// Since when it fires without its series.
    pub keep_firing_since: Option<Timestamp>,
    /// The value of the expression.
    pub value: f64,
}

impl RuleStatus {
    /// The state of an alerting rule: that of its most advanced alert.
    pub fn state(&self) -> AlertState {
        self.alerts.iter().map(|alert| alert.state).max().unwrap_or(AlertState::Inactive)
    }
}

impl From<&Alert> for AlertStatus {
    fn from(alert: &Alert) -> Self {
        Self {
            labels: alert.labels.clone(),
            annotations: alert.annotations.iter().cloned().collect(),
            state: alert.state,
            active_at: alert.active_at,
            keep_firing_since: alert.keep_firing_since,
            value: alert.value,
        }
    }
}
