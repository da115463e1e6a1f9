//! One group of alerts and its rhythm.

use std::collections::BTreeMap;

use model::{Labels, Millis, Timestamp};

use crate::alerts::{Alert, sort_for_people};

/// The least time that a flush may take.
pub(super) const TIMEOUT_MIN: Millis = Millis::from_secs(10);

/// A group.
#[derive(Clone, Debug)]
pub struct Group {
    key: String,
    alerts: BTreeMap<Labels, Alert>,
    next_flush: Timestamp,
    was_flushed: bool,
    is_flushing: bool,
}

impl Group {
    pub(super) fn new(key: String, first_flush: Timestamp) -> Self {
        Self {
            key,
            alerts: BTreeMap::new(),
            next_flush: first_flush,
            was_flushed: false,
            is_flushing: false,
        }
    }

    /// The key by which the notification log and peers know the group.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Its alerts, by labels.
    pub fn alerts(&self) -> impl Iterator<Item = &Alert> {
        self.alerts.values()
    }

    /// Whether there is no alert left.
    pub fn is_empty(&self) -> bool {
        self.alerts.is_empty()
    }

    pub(super) fn is_flushing(&self) -> bool {
        self.is_flushing
    }

    /// When it is flushed next; a group whose last flush still goes on waits for it.
    pub(super) fn due_at(&self) -> Option<Timestamp> {
        let waits = self.is_flushing || (self.is_empty() && self.was_flushed);
        (!waits).then_some(self.next_flush)
    }

    /// Takes in an alert at `now`, by the times of the group's route.
    pub(super) fn insert(
        &mut self,
        alert: Alert,
        group_wait: Millis,
        group_interval: Millis,
        now: Timestamp,
    ) {
        if !self.was_flushed {
            // An alert that has waited long enough elsewhere, as before a
            // restart, does not wait again.
            if alert.starts_at + group_wait < now {
                self.next_flush = self.next_flush.min(now);
            }
        } else if self.is_empty() && self.next_flush <= now {
            // An empty group keeps its rhythm, though nobody hears of it.
            let interval = group_interval.get().max(1);
            let behind = now.since(self.next_flush).get() / interval + 1;
            self.next_flush = self.next_flush + Millis::new(behind * interval);
        }
        self.alerts.insert(alert.labels.clone(), alert);
    }

    pub(super) fn flush(&mut self, now: Timestamp, group_interval: Millis) -> Vec<Alert> {
        self.was_flushed = true;
        self.is_flushing = true;
        self.next_flush = now + group_interval;
        let mut alerts: Vec<Alert> = self.alerts.values().cloned().collect();
        sort_for_people(&mut alerts);
        alerts
    }

    pub(super) fn finish(&mut self, flushed: &[Alert], flushed_at: Timestamp, is_told: bool) {
        self.is_flushing = false;
        if !is_told {
            return;
        }
        for alert in flushed.iter().filter(|alert| alert.is_resolved(flushed_at)) {
            // It may have begun again meanwhile.
            if self.alerts.get(&alert.labels).is_some_and(|a| a.updated_at == alert.updated_at) {
                self.alerts.remove(&alert.labels);
            }
        }
    }
}
