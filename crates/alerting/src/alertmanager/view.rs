//! What the API shows of alerts and groups.

use model::{Labels, Timestamp};

use super::{Alertmanager, Mutes};
use crate::alerts::{Alert, compare_labels, sort_for_people};
use crate::routes::RouteId;

/// An alert with what becomes of it.
#[derive(Clone, Debug)]
pub struct AlertView {
    /// The alert.
    pub alert: Alert,
    /// What mutes it.
    pub mutes: Mutes,
    /// The time intervals that mute its routes now.
    pub muted_by_intervals: Vec<String>,
    /// Who hears of it.
    pub receivers: Vec<String>,
}

/// A group with its alerts.
#[derive(Clone, Debug)]
pub struct GroupView {
    /// Its route.
    pub route: RouteId,
    /// Its key.
    pub key: String,
    /// The labels by which it is grouped.
    pub labels: Labels,
    /// Who hears of it.
    pub receiver: String,
    /// Its alerts.
    pub alerts: Vec<AlertView>,
}

impl AlertView {
    /// `active` or `suppressed`, as the API names it.
    pub fn state(&self) -> &'static str {
        match self.mutes.is_muted() || !self.muted_by_intervals.is_empty() {
            true => "suppressed",
            false => "active",
        }
    }
}

impl Alertmanager {
    /// The alerts that have not ended at `at`.
    pub fn alert_views(&self, at: Timestamp) -> Vec<AlertView> {
        self.alerts.active(at).map(|alert| self.view(alert, at)).collect()
    }

    /// The groups with their alerts that have not ended at `at`, in the order in
    /// which the API lists them.
    pub fn group_views(&self, at: Timestamp) -> Vec<GroupView> {
        let groups = self.dispatcher.iter().map(|(id, group)| {
            let active = group.alerts().filter(|alert| !alert.is_resolved(at));
            let mut alerts: Vec<Alert> = active.cloned().collect();
            sort_for_people(&mut alerts);
            GroupView {
                route: id.route,
                key: group.key().to_owned(),
                labels: id.labels.clone(),
                receiver: self.tree.get(id.route).receiver.clone(),
                alerts: alerts.iter().map(|alert| self.view(alert, at)).collect(),
            }
        });
        let mut groups: Vec<GroupView> = groups.filter(|group| !group.alerts.is_empty()).collect();
        groups.sort_by(|a, b| {
            compare_labels(&a.labels, &b.labels).then_with(|| a.receiver.cmp(&b.receiver))
        });
        groups
    }

    fn view(&self, alert: &Alert, at: Timestamp) -> AlertView {
        let routes = self.tree.matching(&alert.labels);
        let mut muted_by_intervals: Vec<String> =
            routes.iter().flat_map(|route| self.muting_intervals(route, at)).collect();
        muted_by_intervals.sort();
        muted_by_intervals.dedup();
        AlertView {
            alert: alert.clone(),
            mutes: self.mutes(&alert.labels, at),
            muted_by_intervals,
            receivers: routes.iter().map(|route| route.receiver.clone()).collect(),
        }
    }
}
