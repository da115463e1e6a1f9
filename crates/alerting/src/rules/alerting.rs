//! An alerting rule at one time: alerts begin, fire, and end.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use model::{Labels, METRIC_NAME, Millis, Timestamp};
use query::promql::{SampleValue, VectorSample};

use super::alert::{Alert, AlertState, RESOLVED_RETENTION};
use super::expand::{self, Expander, Text};
use super::file::RuleKind;
use super::group::EvaluationContext;

/// The series that says which alerts there are.
pub(super) const ALERTS: &str = "ALERTS";
/// The series that says since when they are; state is restored from it.
pub(super) const ALERTS_FOR_STATE: &str = "ALERTS_FOR_STATE";
/// The label of an alert's name.
pub(super) const ALERT_NAME: &str = "alertname";
/// The label of its state.
const ALERT_STATE: &str = "alertstate";

/// An alerting rule with its alerts.
#[derive(Debug)]
pub(super) struct AlertingRule {
    pub(super) name: String,
    pub(super) hold: Millis,
    pub(super) keep_firing: Millis,
    labels: Vec<(String, Text)>,
    annotations: Vec<(String, Text)>,
    /// By labels.
    pub(super) active: BTreeMap<Labels, Alert>,
    /// Whether the alerts' ages are known; series are written only then.
    pub(super) is_restored: bool,
    /// The first fault of a template at the last evaluation.
    pub(super) template_fault: Option<String>,
}

impl AlertingRule {
    /// A rule without alerts; `None` for a recording rule.
    pub(super) fn new(kind: &RuleKind, labels: &BTreeMap<String, String>) -> Option<Self> {
        let RuleKind::Alert { name, hold, keep_firing, annotations } = kind else { return None };
        Some(Self {
            name: name.clone(),
            hold: hold.as_millis(),
            keep_firing: keep_firing.as_millis(),
            labels: expand::texts(name, labels),
            annotations: expand::texts(name, annotations),
            active: BTreeMap::new(),
            is_restored: false,
            template_fault: None,
        })
    }

    /// Brings the alerts up to what the expression gave at `at`; the series to write.
    ///
    /// # Errors
    /// Where two alerts would be the same (nothing changes then), or there are
    /// more than `limit` (0 is none; all alerts are dropped then).
    pub(super) fn evaluate(
        &mut self,
        context: &EvaluationContext<'_>,
        found: Vec<VectorSample>,
        at: Timestamp,
        limit: usize,
    ) -> Result<Vec<(Labels, SampleValue)>, String> {
        let now = self.alerts_of(context, found, at)?;
        for (labels, alert) in &now {
            self.begin_or_update(labels, alert);
        }
        self.age(&now, at);
        let active = self.active.values().filter(|a| a.state != AlertState::Inactive).count();
        if limit > 0 && active > limit {
            self.active.clear();
            return Err(format!("exceeded limit of {limit} with {active} alerts"));
        }
        Ok(if self.is_restored { self.series() } else { Vec::new() })
    }

    /// The alerts that the expression asks for, all as if they just began.
    fn alerts_of(
        &mut self,
        context: &EvaluationContext<'_>,
        found: Vec<VectorSample>,
        at: Timestamp,
    ) -> Result<BTreeMap<Labels, Alert>, String> {
        let mut alerts = BTreeMap::new();
        self.template_fault = None;
        for sample in found {
            let expander = Expander::new(context, at, &sample.labels, &sample.value);
            let mut builder = sample.labels.to_builder();
            builder.remove(METRIC_NAME);
            for (name, value) in expander.expand_all(&self.labels) {
                builder.set(&name, &value);
            }
            builder.set(ALERT_NAME, &self.name);
            let labels = builder.build();
            let annotations = expander.expand_all(&self.annotations);
            if let Some(fault) = expander.into_fault() {
                self.template_fault.get_or_insert(fault);
            }
            let alert = Alert {
                labels: labels.clone(),
                annotations,
                state: AlertState::Pending,
                value: match sample.value {
                    SampleValue::Float(value) => value,
                    SampleValue::Histogram(_) => 0.0,
                },
                active_at: at,
                fired_at: None,
                resolved_at: None,
                keep_firing_since: None,
                last_sent_at: None,
                valid_until: None,
            };
            if alerts.insert(labels, alert).is_some() {
                return Err("vector contains metrics with the same labelset after applying alert \
                            labels"
                    .to_owned());
            }
        }
        Ok(alerts)
    }

    fn begin_or_update(&mut self, labels: &Labels, now: &Alert) {
        match self.active.entry(labels.clone()) {
            Entry::Occupied(mut known) if known.get().state != AlertState::Inactive => {
                let known = known.get_mut();
                known.value = now.value;
                known.annotations.clone_from(&now.annotations);
            }
            Entry::Occupied(mut resolved) => {
                resolved.insert(now.clone());
            }
            Entry::Vacant(place) => {
                place.insert(now.clone());
            }
        }
    }

    /// Ends alerts whose series has gone, and fires those that waited long enough.
    fn age(&mut self, now: &BTreeMap<Labels, Alert>, at: Timestamp) {
        let (hold, keep_firing) = (self.hold, self.keep_firing);
        self.active.retain(|labels, alert| {
            if now.contains_key(labels) {
                alert.keep_firing_since = None;
            } else if !keeps_firing(alert, keep_firing, at) {
                return end(alert, at);
            }
            if alert.state == AlertState::Pending && at.since(alert.active_at) >= hold {
                alert.state = AlertState::Firing;
                alert.fired_at = Some(at);
            }
            true
        });
    }

    /// `ALERTS` and `ALERTS_FOR_STATE` of the alerts.
    fn series(&self) -> Vec<(Labels, SampleValue)> {
        let alerts = self.active.values().filter(|alert| alert.state != AlertState::Inactive);
        alerts
            .flat_map(|alert| {
                let mut builder = alert.labels.to_builder();
                builder.set(METRIC_NAME, ALERTS_FOR_STATE);
                let for_state = builder.build();
                builder.set(METRIC_NAME, ALERTS);
                builder.set(ALERT_STATE, alert.state.as_str());
                let since = alert.active_at.as_millis().div_euclid(1000) as f64;
                [(builder.build(), SampleValue::Float(1.0)), (for_state, SampleValue::Float(since))]
            })
            .collect()
    }
}

/// Whether an alert fires on though its series has gone.
fn keeps_firing(alert: &mut Alert, keep_firing: Millis, at: Timestamp) -> bool {
    if alert.state != AlertState::Firing || keep_firing.get() == 0 {
        return false;
    }
    let since = *alert.keep_firing_since.get_or_insert(at);
    at.since(since) < keep_firing
}

/// Ends an alert; whether it is still worth keeping.
fn end(alert: &mut Alert, at: Timestamp) -> bool {
    let was_pending = alert.state == AlertState::Pending;
    let is_old = alert.resolved_at.is_some_and(|resolved| at.since(resolved) > RESOLVED_RETENTION);
    if alert.state != AlertState::Inactive {
        alert.state = AlertState::Inactive;
        alert.resolved_at = Some(at);
    }
    !was_pending && !is_old
}
