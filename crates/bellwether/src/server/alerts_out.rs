//! Where alerts of our rules go: the Alertmanager of this process, and those
//! elsewhere that `alerting` of `prometheus.yml` names.

use std::sync::Arc;

use alerting::alertmanager::PostedAlert;

/// Takes alerts in; does not wait.
pub(super) type AlertSender = Arc<dyn Fn(Vec<PostedAlert>) + Send + Sync>;

/// The Alertmanager of this process.
pub(super) struct Embedded {
    /// Where its API takes alerts, for display.
    pub(super) url: String,
    /// Takes alerts in.
    pub(super) put: AlertSender,
}

/// All Alertmanagers that hear of our alerts.
pub(super) struct AlertsOut {
    embedded: Option<Embedded>,
}

impl AlertsOut {
    /// Sends to `embedded` alone, until a configuration names others.
    pub(super) fn new(embedded: Option<Embedded>) -> Self {
        Self { embedded }
    }

    /// Hands alerts on; does not wait.
    pub(super) fn send(&self, alerts: Vec<PostedAlert>) {
        if let Some(embedded) = &self.embedded {
            (embedded.put)(alerts);
        }
    }
}
