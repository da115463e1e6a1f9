//! Where alerts of our rules go: the Alertmanager of this process, and those
//! elsewhere that `alerting` of `prometheus.yml` names.
//!
//! Each entry of `alertmanagers` is an [`instances`] of its own, which follows
//! service discovery; each instance that it finds has a [`queue`] of its own, so
//! that one that hangs keeps no other waiting. A message that fails is not sent
//! again: rules repeat their alerts every minute, those that ended too.

mod instances;
mod metrics;
mod queue;

use std::sync::Arc;
use std::time::Duration;

use alerting::alertmanager::PostedAlert;
use anyhow::Context;
use parking_lot::Mutex;
use pipeline::RelabelConfig;
use pipeline::relabel::{RelabelRule, Relabelled, relabel};
use prometheus_client::registry::Registry;
use serve::prometheus::AlertmanagersView;

use crate::config::AlertingConfig;
use instances::Instances;
use metrics::SendMetrics;

/// How long the end of the process waits for alerts that are still queued.
const DRAIN_MAX: Duration = Duration::from_secs(5);

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
    user_agent: String,
    metrics: SendMetrics,
    sending: Mutex<Sending>,
}

/// What a reload replaces.
#[derive(Clone, Default)]
struct Sending {
    relabel: Arc<[RelabelRule]>,
    instances: Vec<Arc<Instances>>,
}

impl AlertsOut {
    /// Sends to `embedded` alone, until a configuration names others.
    pub(super) fn new(embedded: Option<Embedded>, user_agent: &str) -> Self {
        Self {
            embedded,
            user_agent: user_agent.to_owned(),
            metrics: SendMetrics::default(),
            sending: Mutex::default(),
        }
    }

    /// Shows what is counted on a registry.
    pub(super) fn register_metrics(&self, registry: &mut Registry) {
        self.metrics.register(registry);
    }

    /// Puts a configuration in force. Entries that are as they were go on, with
    /// what waits in their queues.
    ///
    /// # Errors
    /// Where rules or HTTP settings can't be meant; then nothing changes.
    pub(super) fn apply(&self, config: &AlertingConfig) -> anyhow::Result<()> {
        let relabel = RelabelConfig::compile_all(&config.alert_relabel_configs)
            .context("alerting: alert_relabel_configs")?;
        let mut old = self.sending.lock().instances.clone();
        let mut instances = Vec::new();
        for (index, entry) in config.alertmanagers.iter().enumerate() {
            let known = old.iter().position(|known| known.config() == entry);
            instances.push(match known {
                Some(known) => old.swap_remove(known),
                None => Instances::new(entry.clone(), &self.user_agent, self.metrics.clone())
                    .with_context(|| format!("alerting: alertmanagers[{index}]"))?,
            });
        }
        instances.iter().for_each(Instances::start);
        *self.sending.lock() = Sending { relabel: relabel.into(), instances };
        old.iter().for_each(|gone| gone.stop());
        Ok(())
    }

    /// Hands alerts on; does not wait.
    pub(super) fn send(&self, alerts: Vec<PostedAlert>) {
        let Sending { relabel, instances } = self.sending.lock().clone();
        let alerts = relabelled(&relabel, alerts);
        if alerts.is_empty() {
            return;
        }
        for instances in &instances {
            instances.push(&alerts);
        }
        if let Some(embedded) = &self.embedded {
            (embedded.put)(alerts);
        }
    }

    /// Who hears of alerts at this moment.
    pub(super) fn view(&self) -> AlertmanagersView {
        let mut view = AlertmanagersView::default();
        view.active.extend(self.embedded.iter().map(|embedded| embedded.url.clone()));
        for instances in &self.sending.lock().instances {
            instances.describe(&mut view);
        }
        view
    }

    /// Sends what waits, for a few seconds at most, and ends.
    pub(super) async fn shutdown(&self) {
        let sending = std::mem::take(&mut *self.sending.lock());
        let drained = async {
            for instances in &sending.instances {
                instances.stop();
            }
            for instances in &sending.instances {
                instances.ended().await;
            }
        };
        if tokio::time::timeout(DRAIN_MAX, drained).await.is_err() {
            tracing::warn!("alerts that waited for an Alertmanager were not sent");
        }
    }
}

/// The alerts that `rules` leave, as they leave them.
fn relabelled(rules: &[RelabelRule], mut alerts: Vec<PostedAlert>) -> Vec<PostedAlert> {
    if rules.is_empty() {
        return alerts;
    }
    alerts.retain_mut(|alert| {
        let mut labels = alert.labels.to_builder();
        let kept = relabel(rules, &mut labels);
        alert.labels = labels.build();
        kept == Relabelled::Keep && !alert.labels.is_empty()
    });
    alerts
}

#[cfg(test)]
mod tests;
