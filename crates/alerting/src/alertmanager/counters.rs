//! What is counted, for metrics.

use std::collections::BTreeMap;

use super::mute::MuteReason;
use crate::config::Config;
use crate::notify::log::LogKey;

/// Counts since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Alerts that were received and fire.
    pub received_firing: u64,
    /// Alerts that were received and have ended.
    pub received_resolved: u64,
    /// Alerts that were refused.
    pub received_invalid: u64,
    /// Alerts that were left out of a notification because of a silence.
    pub muted_by_silence: u64,
    /// The same because of another alert.
    pub muted_by_inhibition: u64,
    /// The same because of a time interval.
    pub muted_by_interval: u64,
    /// By kind of integration and receiver.
    pub integrations: BTreeMap<(String, String), IntegrationCounters>,
}

/// Counts of one kind of integration of a receiver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IntegrationCounters {
    /// Attempts.
    pub attempts: u64,
    /// Attempts that failed, whether another follows or not.
    pub attempts_failed: u64,
    /// Notifications that arrived.
    pub sent: u64,
    /// Notifications that were given up.
    pub failed: u64,
}

impl Counters {
    /// Counts from zero for each integration. A series that begins with its
    /// first notification would have no increase of which to tell.
    pub(super) fn expect(&mut self, config: &Config) {
        for receiver in &config.receivers {
            for integration in &receiver.integrations {
                let place = (integration.kind().to_owned(), receiver.name.clone());
                self.integrations.entry(place).or_default();
            }
        }
    }

    pub(super) fn muted(&mut self, reason: MuteReason, alerts: usize) {
        let counter = match reason {
            MuteReason::Silence => &mut self.muted_by_silence,
            MuteReason::Inhibition => &mut self.muted_by_inhibition,
            MuteReason::TimeInterval => &mut self.muted_by_interval,
        };
        *counter += alerts as u64;
    }

    pub(super) fn attempt(&mut self, key: &LogKey, is_sent: bool, is_last: bool) {
        let place = (key.integration.clone(), key.receiver.clone());
        let counters = self.integrations.entry(place).or_default();
        counters.attempts += 1;
        counters.attempts_failed += u64::from(!is_sent);
        counters.sent += u64::from(is_sent);
        counters.failed += u64::from(!is_sent && is_last);
    }
}
