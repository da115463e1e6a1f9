//! From flushes to deliveries, and what becomes of them.

use std::collections::BTreeSet;

use model::{Millis, Timestamp};

use super::mute::MuteReason;
use super::{ATTEMPTS_MAX, Alertmanager, Flushing};
use crate::alerts::Alert;
use crate::config::Integration;
use crate::dispatch::Flush;
use crate::notify::log::{LogKey, NotifyReason, needs_sending};
use crate::notify::{Backoff, Notification, NotifyError, Outgoing, ReadFile, Rendering, Verdict};
use crate::template::TemplateSet;

/// Names a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId(pub u64);

/// Something to send now.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its name, for the report.
    pub id: DeliveryId,
    /// For which group and integration.
    pub key: LogKey,
    /// How to send it.
    pub integration: Integration,
    /// What to send.
    pub notification: Notification,
    /// Why.
    pub reason: NotifyReason,
    /// How often it was tried before.
    pub attempts: u32,
    /// Until when the sending may take.
    pub deadline: Timestamp,
}

impl Delivery {
    /// What to send; `templates` hold the default ones.
    ///
    /// # Errors
    /// Where a template fails or a secret can't be read: to be reported as failed.
    pub fn outgoing(
        &self,
        templates: &TemplateSet,
        read_file: ReadFile,
    ) -> Result<Outgoing, NotifyError> {
        self.integration.outgoing(&Rendering::new(templates, &self.notification, read_file))
    }
}

/// An attempt, for people to look at.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// When it was over.
    pub at: Timestamp,
    /// For which group and integration.
    pub key: LogKey,
    /// Why it was made.
    pub reason: NotifyReason,
    /// The how manieth for this notification, from 1.
    pub number: u32,
    /// How many alerts fired, and how many had ended.
    pub alerts: (usize, usize),
    /// What became of it.
    pub outcome: Verdict,
    /// Whether nothing more will be tried for this notification.
    pub is_last: bool,
}

/// A delivery that is not over.
pub(super) struct Pending {
    pub(super) key: LogKey,
    pub(super) firing: BTreeSet<u64>,
    pub(super) resolved: BTreeSet<u64>,
    pub(super) repeat_interval: Millis,
    integration: Integration,
    notification: Notification,
    reason: NotifyReason,
    flush: u64,
    backoff: Backoff,
    deadline: Timestamp,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// To be sent from then on.
    Waiting(Timestamp),
    /// With the owner, who reports.
    Running,
}

impl Pending {
    pub(super) fn is_running(&self) -> bool {
        self.state == State::Running
    }

    /// When something must happen: another attempt, or an end to waiting for a
    /// report that does not come.
    pub(super) fn due_at(&self) -> Timestamp {
        match self.state {
            State::Waiting(at) => at,
            State::Running => self.deadline,
        }
    }
}

impl Alertmanager {
    /// Does what is due at `now` and returns what to send. Each delivery must be
    /// reported; one that is not by its deadline counts as failed.
    pub fn tick(&mut self, now: Timestamp) -> Vec<Delivery> {
        self.give_up_late_deliveries(now);
        for flush in self.dispatcher.take_due(&self.tree, now) {
            self.plan(flush, now);
        }
        let due = self
            .deliveries
            .iter_mut()
            .filter(|(_, pending)| matches!(pending.state, State::Waiting(at) if at <= now));
        due.map(|(id, pending)| {
            pending.state = State::Running;
            let mut notification = pending.notification.clone();
            notification.now = now;
            Delivery {
                id: *id,
                key: pending.key.clone(),
                integration: pending.integration.clone(),
                notification,
                reason: pending.reason,
                attempts: pending.backoff.attempts(),
                deadline: pending.deadline,
            }
        })
        .collect()
    }

    /// Turns a flush into deliveries for the integrations that need one.
    fn plan(&mut self, flush: Flush, now: Timestamp) {
        let route = self.tree.get(flush.group.route);
        let (receiver, repeat_interval) = (route.receiver.clone(), route.repeat_interval);
        let is_muted = !self.muting_intervals(route, now).is_empty();
        let alerts = self.unmuted(&flush.alerts, is_muted, now);
        let id = self.next_id;
        self.next_id += 1;
        let config = std::sync::Arc::clone(&self.config);
        let integrations = config.receiver(&receiver).map(|r| r.integrations.as_slice());
        let mut flushing = Flushing { flush, at: now, deliveries_left: 0, has_failed: false };
        let mut seen_kinds: Vec<&str> = Vec::new();
        for integration in integrations.unwrap_or_default() {
            let index = seen_kinds.iter().filter(|kind| **kind == integration.kind()).count();
            seen_kinds.push(integration.kind());
            if alerts.is_empty() {
                continue;
            }
            let pending = self.pending(
                &flushing,
                (&receiver, index, integration),
                &alerts,
                repeat_interval,
                id,
            );
            match pending {
                Some(pending) if pending.notification.alerts.is_empty() => {
                    // Ends that this receiver does not want to hear of; the log
                    // must know of them all the same.
                    self.note(&pending, now);
                }
                // From before a reload: what it has to tell is told next time.
                Some(pending) if self.orphans.contains(&pending.key) => flushing.has_failed = true,
                Some(pending) => {
                    flushing.deliveries_left += 1;
                    let delivery = DeliveryId(self.next_id);
                    self.next_id += 1;
                    self.deliveries.insert(delivery, pending);
                }
                None => {}
            }
        }
        match flushing.deliveries_left {
            0 => self.dispatcher.finish(&flushing.flush, now, !flushing.has_failed),
            _ => {
                self.flushes.insert(id, flushing);
            }
        }
    }

    /// The alerts that nothing mutes; the others are counted.
    fn unmuted(&mut self, alerts: &[Alert], is_route_muted: bool, now: Timestamp) -> Vec<Alert> {
        if is_route_muted {
            self.counters.muted(MuteReason::TimeInterval, alerts.len());
            return Vec::new();
        }
        let mut unmuted = Vec::with_capacity(alerts.len());
        for alert in alerts {
            match self.mutes(&alert.labels, now).reason() {
                Some(reason) => self.counters.muted(reason, 1),
                None => unmuted.push(alert.clone()),
            }
        }
        unmuted
    }

    /// The delivery for one integration, where it needs one.
    fn pending(
        &self,
        flushing: &Flushing,
        (receiver, index, integration): (&str, usize, &Integration),
        alerts: &[Alert],
        repeat_interval: Millis,
        flush: u64,
    ) -> Option<Pending> {
        let now = flushing.at;
        let group_id = &flushing.flush.group;
        let key = LogKey {
            group_key: flushing.flush.key.clone(),
            receiver: receiver.to_owned(),
            integration: integration.kind().to_owned(),
            index,
        };
        let hashes = |is_wanted: &dyn Fn(&Alert) -> bool| -> BTreeSet<u64> {
            let wanted = alerts.iter().filter(|alert| is_wanted(alert));
            wanted.map(|alert| alert.fingerprint().0).collect()
        };
        let firing = hashes(&|alert| !alert.is_resolved(now));
        let resolved = hashes(&|alert| alert.is_resolved(now));
        let reason = needs_sending(
            self.log.get(&key),
            &firing,
            &resolved,
            integration.sends_resolved(),
            repeat_interval,
            now,
        )?;
        let is_told = |alert: &&Alert| integration.sends_resolved() || !alert.is_resolved(now);
        let notification = Notification {
            receiver: receiver.to_owned(),
            group_key: key.group_key.clone(),
            group_labels: group_id.labels.clone(),
            alerts: alerts.iter().filter(is_told).cloned().collect(),
            now,
            external_url: self.settings.external_url.clone(),
        };
        let deadline = flushing.flush.deadline;
        Some(Pending {
            key,
            firing,
            resolved,
            repeat_interval,
            integration: integration.clone(),
            notification,
            reason,
            flush,
            backoff: Backoff::until(deadline),
            deadline,
            state: State::Waiting(now),
        })
    }

    /// Takes the outcome of an attempt that was over at `now`; `jitter` of 0 to 1
    /// spreads the retries. One that was given up already changes nothing.
    pub fn report(&mut self, id: DeliveryId, outcome: Verdict, now: Timestamp, jitter: f64) {
        let Some(mut pending) = self.deliveries.remove(&id) else { return };
        let number = pending.backoff.attempts() + 1;
        let retry_at = match &outcome {
            Verdict::Retry(_) => pending.backoff.next(now, jitter),
            _ => None,
        };
        let is_sent = outcome == Verdict::Sent;
        self.counters.attempt(&pending.key, is_sent, retry_at.is_none());
        self.remember(Attempt {
            at: now,
            key: pending.key.clone(),
            reason: pending.reason,
            number,
            alerts: (pending.firing.len(), pending.resolved.len()),
            outcome,
            is_last: retry_at.is_none(),
        });
        if let Some(at) = retry_at {
            pending.state = State::Waiting(at);
            self.deliveries.insert(id, pending);
            return;
        }
        self.orphans.remove(&pending.key);
        if is_sent {
            self.note(&pending, now);
        }
        self.end_of_delivery(pending.flush, is_sent);
    }

    fn end_of_delivery(&mut self, flush: u64, is_sent: bool) {
        let Some(flushing) = self.flushes.get_mut(&flush) else { return };
        flushing.deliveries_left -= 1;
        flushing.has_failed |= !is_sent;
        if flushing.deliveries_left == 0
            && let Some(flushing) = self.flushes.remove(&flush)
        {
            self.dispatcher.finish(&flushing.flush, flushing.at, !flushing.has_failed);
        }
    }

    fn give_up_late_deliveries(&mut self, now: Timestamp) {
        let is_late = |pending: &Pending| pending.is_running() && pending.deadline <= now;
        let late: Vec<DeliveryId> =
            self.deliveries.iter().filter(|(_, p)| is_late(p)).map(|(id, _)| *id).collect();
        for id in late {
            let reason = "there was no answer before the group's next notification was due";
            self.report(id, Verdict::Failed(reason.to_owned()), now, 0.5);
        }
    }

    fn remember(&mut self, attempt: Attempt) {
        if self.attempts.len() == ATTEMPTS_MAX {
            self.attempts.pop_front();
        }
        self.attempts.push_back(attempt);
    }
}
