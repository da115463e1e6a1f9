//! Alerts as senders post them.

use std::collections::BTreeMap;

use model::{Labels, Timestamp};

use super::Alertmanager;
use crate::alerts::{Alert, PutOutcome};
use crate::rules::SentAlert;

/// An alert as it is posted, by our rules or a Prometheus elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct PostedAlert {
    /// Its labels.
    pub labels: Labels,
    /// Its texts.
    pub annotations: BTreeMap<String, String>,
    /// When it began; the time of posting where it does not say.
    pub starts_at: Option<Timestamp>,
    /// When it ended or will; after the resolve timeout where it does not say.
    pub ends_at: Option<Timestamp>,
    /// A link to what made it.
    pub generator_url: String,
}

impl PostedAlert {
    /// An alert of our rules. `external_labels` are added where it has no label
    /// of their names; the link leads to the expression on this server.
    pub fn from_rule(
        sent: &SentAlert,
        external_labels: &BTreeMap<String, String>,
        external_url: &str,
    ) -> Self {
        let mut labels = sent.alert.labels.to_builder();
        for (name, value) in external_labels {
            if labels.get(name).is_none() {
                labels.set(name, value);
            }
        }
        let expr: String = url::form_urlencoded::byte_serialize(sent.expr.as_bytes()).collect();
        Self {
            labels: labels.build(),
            annotations: sent.alert.annotations.iter().cloned().collect(),
            starts_at: Some(sent.starts_at),
            ends_at: Some(sent.ends_at),
            generator_url: format!("{external_url}/graph?g0.expr={expr}&g0.tab=1"),
        }
    }
}

impl Alertmanager {
    /// Takes in alerts; those that are refused hinder no others.
    pub fn put_alerts(&mut self, posted: Vec<PostedAlert>, now: Timestamp) -> PutOutcome {
        let timeout = self.config.global.resolve_timeout.as_millis();
        let alerts = posted.into_iter().map(|posted| Alert {
            labels: posted.labels,
            annotations: posted.annotations,
            starts_at: posted.starts_at.or(posted.ends_at).unwrap_or(now),
            ends_at: posted.ends_at.unwrap_or(now + timeout),
            updated_at: now,
            generator_url: posted.generator_url,
            is_timeout: posted.ends_at.is_none(),
        });
        let outcome = self.alerts.put(alerts.collect());
        self.counters.received_invalid += outcome.refused.len() as u64;
        for alert in &outcome.accepted {
            match alert.is_resolved(now) {
                true => self.counters.received_resolved += 1,
                false => self.counters.received_firing += 1,
            }
            self.changes.alerts.insert(alert.labels.clone());
            self.inhibitor.observe(alert);
            self.dispatcher.insert(&self.tree, alert, now);
        }
        outcome
    }

    /// Takes back alerts that were kept, at a start. One that fired by the last
    /// word of its sender fires for a while yet: who knows that it goes on could
    /// not say so meanwhile.
    pub fn load_alerts(&mut self, kept: Vec<Alert>, now: Timestamp) {
        let until = now + self.config.global.resolve_timeout.as_millis();
        let alerts = kept.into_iter().map(|mut alert| {
            if !alert.is_resolved(alert.updated_at) && alert.ends_at < until {
                alert.ends_at = until;
                alert.is_timeout = true;
            }
            alert
        });
        for alert in self.alerts.put(alerts.collect()).accepted {
            self.inhibitor.observe(&alert);
            self.dispatcher.insert(&self.tree, &alert, now);
        }
    }
}
