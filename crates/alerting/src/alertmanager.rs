//! Everything of Alertmanager that is not a connection: alerts come in,
//! deliveries go out, and what became of them comes back.
//!
//! The owner's loop is: put alerts, wait until [`Alertmanager::next_due`], call
//! [`Alertmanager::tick`], send what it returns, and [`Alertmanager::report`]
//! the outcome of each. What changes on the way is for the owner to keep
//! ([`Alertmanager::take_changes`]).

mod changes;
mod counters;
mod delivery;
mod mute;
mod put;
mod view;
pub mod wire;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use model::{Millis, Timestamp};

use crate::alerts::AlertStore;
use crate::config::Config;
use crate::dispatch::{Dispatcher, Flush, GROUPS_MAX};
use crate::inhibit::Inhibitor;
use crate::notify::log::{LogKey, NotificationLog};
use crate::routes::RouteTree;
use crate::silences::{Silence, SilenceError, SilenceId, Silences};

pub use changes::Changes;
pub use counters::{Counters, IntegrationCounters};
pub use delivery::{Attempt, Delivery, DeliveryId};
pub use mute::{MuteReason, Mutes};
pub use put::PostedAlert;
pub use view::{AlertView, GroupView};

/// The most attempts that are remembered for people to look at.
pub const ATTEMPTS_MAX: usize = 2_000;

/// What does not stand in the configuration file.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where users reach this server.
    pub external_url: String,
    /// How long log entries and ended silences are kept.
    pub retention: Millis,
    /// How long ended alerts are kept.
    pub alert_retention: Millis,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            external_url: String::new(),
            retention: Millis::from_secs(120 * 3600),
            alert_retention: Millis::from_secs(30 * 60),
        }
    }
}

/// The state of it all.
pub struct Alertmanager {
    config: Arc<Config>,
    settings: Settings,
    tree: RouteTree,
    alerts: AlertStore,
    inhibitor: Inhibitor,
    silences: Silences,
    log: NotificationLog,
    dispatcher: Dispatcher,
    flushes: BTreeMap<u64, Flushing>,
    deliveries: BTreeMap<DeliveryId, delivery::Pending>,
    /// What is on its way from before a reload.
    orphans: BTreeSet<LogKey>,
    attempts: VecDeque<Attempt>,
    counters: Counters,
    changes: Changes,
    next_id: u64,
}

/// A flush of which some deliveries are not over.
struct Flushing {
    flush: Flush,
    at: Timestamp,
    deliveries_left: usize,
    has_failed: bool,
}

impl Alertmanager {
    /// Goes on from silences and log entries of before.
    pub fn new(
        config: Arc<Config>,
        settings: Settings,
        silences: Silences,
        log: NotificationLog,
    ) -> Self {
        let mut counters = Counters::default();
        counters.expect(&config);
        Self {
            tree: RouteTree::new(&config.route),
            inhibitor: Inhibitor::new(&config.inhibit_rules),
            config,
            settings,
            alerts: AlertStore::default(),
            silences,
            log,
            dispatcher: Dispatcher::new(GROUPS_MAX),
            flushes: BTreeMap::new(),
            deliveries: BTreeMap::new(),
            orphans: BTreeSet::new(),
            attempts: VecDeque::new(),
            counters,
            changes: Changes::default(),
            next_id: 0,
        }
    }

    /// Takes another configuration. Groups are made anew; the log keeps what
    /// was sent from being sent again, and what is on its way may arrive.
    pub fn reload(&mut self, config: Arc<Config>, now: Timestamp) {
        self.tree = RouteTree::new(&config.route);
        self.inhibitor = Inhibitor::new(&config.inhibit_rules);
        self.counters.expect(&config);
        self.config = config;
        self.dispatcher = Dispatcher::new(GROUPS_MAX);
        self.flushes.clear();
        self.deliveries.retain(|_, pending| pending.is_running());
        self.orphans = self.deliveries.values().map(|pending| pending.key.clone()).collect();
        let alerts: Vec<_> = self.alerts.iter().cloned().collect();
        for alert in &alerts {
            self.inhibitor.observe(alert);
            self.dispatcher.insert(&self.tree, alert, now);
        }
    }

    /// The configuration.
    pub fn config(&self) -> &Arc<Config> {
        &self.config
    }

    /// The routes.
    pub fn routes(&self) -> &RouteTree {
        &self.tree
    }

    /// The alerts.
    pub fn alerts(&self) -> &AlertStore {
        &self.alerts
    }

    /// The silences.
    pub fn silences(&self) -> &Silences {
        &self.silences
    }

    /// Writes a silence, as [`Silences::set`] does; the name under which it is known.
    ///
    /// # Errors
    /// Where it makes no sense, or its name is not known; nothing changes then.
    pub fn set_silence(
        &mut self,
        silence: Silence,
        new_id: impl FnOnce() -> String,
        now: Timestamp,
    ) -> Result<Option<SilenceId>, SilenceError> {
        let changed = self.silences.set(silence, new_id, now)?;
        self.changes.silences.extend(changed.iter().filter_map(|silence| silence.id.clone()));
        Ok(changed.into_iter().next_back().and_then(|silence| silence.id))
    }

    /// Ends a silence now.
    ///
    /// # Errors
    /// Where there is none, or it has ended already.
    pub fn expire_silence(&mut self, id: &SilenceId, now: Timestamp) -> Result<(), SilenceError> {
        self.silences.expire(id, now)?;
        self.changes.silences.insert(id.clone());
        Ok(())
    }

    /// The notification log.
    pub fn log(&self) -> &NotificationLog {
        &self.log
    }

    /// The groups.
    pub fn groups(&self) -> &Dispatcher {
        &self.dispatcher
    }

    /// What was tried lately, oldest first.
    pub fn attempts(&self) -> impl DoubleEndedIterator<Item = &Attempt> {
        self.attempts.iter()
    }

    /// What was counted since the start.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// When [`Alertmanager::tick`] has something to do next.
    pub fn next_due(&self) -> Option<Timestamp> {
        let deliveries = self.deliveries.values().map(delivery::Pending::due_at);
        self.dispatcher.next_due().into_iter().chain(deliveries).min()
    }

    /// Forgets what is too old: alerts, silences, log entries. To be called
    /// every few minutes.
    pub fn collect(&mut self, now: Timestamp) {
        self.changes.alerts.extend(self.alerts.collect(now, self.settings.alert_retention));
        self.inhibitor.collect(now);
        self.changes.silences.extend(self.silences.collect(now, self.settings.retention));
        self.changes.log.extend(self.log.collect(now));
    }

    fn note(&mut self, pending: &delivery::Pending, now: Timestamp) {
        self.changes.log.insert(pending.key.clone());
        self.log.note(
            pending.key.clone(),
            now,
            pending.firing.clone(),
            pending.resolved.clone(),
            pending.repeat_interval,
            self.settings.retention,
        );
    }
}

#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod tests;
