//! Whatever happens, everybody who should know is told, and not too often.
//!
//! Alerts begin and end, the receiver fails and recovers, the process is
//! restarted with its notification log, the configuration is reloaded: in any
//! order, on a mock clock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::Labels;
use proptest::prelude::*;

use super::*;
use crate::alerts::Alert;
use crate::notify::Verdict;
use crate::notify::log::{LogEntry, NotifyReason};

const GROUP_WAIT: i64 = 10_000;
const GROUP_INTERVAL: i64 = 60_000;
const REPEAT_INTERVAL: i64 = 600_000;

#[derive(Clone, Debug)]
enum Event {
    Fire(u8),
    Resolve(u8),
    Wait(i64),
    Mood(Mood),
    Restart,
    Reload,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mood {
    Works,
    Retries,
    Refuses,
    Hangs,
}

fn event() -> impl Strategy<Value = Event> {
    let mood = prop::sample::select(vec![
        Mood::Works,
        Mood::Works,
        Mood::Retries,
        Mood::Refuses,
        Mood::Hangs,
    ]);
    prop_oneof![
        4 => (0..4u8).prop_map(Event::Fire),
        3 => (0..4u8).prop_map(Event::Resolve),
        6 => (1..200_000i64).prop_map(Event::Wait),
        2 => mood.prop_map(Event::Mood),
        1 => Just(Event::Restart),
        1 => Just(Event::Reload),
    ]
}

struct World {
    manager: Alertmanager,
    kept: BTreeMap<LogKey, LogEntry>,
    kept_alerts: BTreeMap<Labels, Alert>,
    now: Timestamp,
    mood: Mood,
    /// The alerts that fire.
    firing: BTreeSet<u8>,
    /// The alerts that the receiver believes to fire.
    believed: BTreeSet<String>,
    /// What was sent last, by group: when, and what fired.
    last: BTreeMap<String, (Timestamp, BTreeSet<String>)>,
}

fn config() -> Arc<Config> {
    let yaml = format!(
        "route: {{receiver: a, group_by: [g], group_wait: {GROUP_WAIT}ms, \
         group_interval: {GROUP_INTERVAL}ms, repeat_interval: {REPEAT_INTERVAL}ms}}\n\
         receivers: [{{name: a, webhook_configs: [{{url: 'http://x'}}]}}]"
    );
    Arc::new(Config::parse(&yaml).unwrap().0)
}

fn labels(alert: u8) -> Labels {
    // Two groups of two.
    Labels::from_pairs([("a", alert.to_string()), ("g", (alert % 2).to_string())])
}

impl World {
    fn new() -> Self {
        Self {
            manager: Self::manager(NotificationLog::default()),
            kept: BTreeMap::new(),
            kept_alerts: BTreeMap::new(),
            now: Timestamp::from_millis(0),
            mood: Mood::Works,
            firing: BTreeSet::new(),
            believed: BTreeSet::new(),
            last: BTreeMap::new(),
        }
    }

    fn manager(log: NotificationLog) -> Alertmanager {
        Alertmanager::new(config(), Settings::default(), Silences::default(), log)
    }

    fn put(&mut self, alert: u8, is_firing: bool) {
        let far = self.now + Millis::from_secs(1_000_000);
        let posted = PostedAlert {
            labels: labels(alert),
            annotations: BTreeMap::new(),
            starts_at: is_firing.then_some(self.now),
            ends_at: Some(if is_firing { far } else { self.now }),
            generator_url: String::new(),
        };
        assert!(self.manager.put_alerts(vec![posted], self.now).refused.is_empty());
        self.keep();
    }

    fn apply(&mut self, event: &Event) {
        match event {
            Event::Fire(alert) => {
                self.firing.insert(*alert);
                self.put(*alert, true);
            }
            Event::Resolve(alert) => {
                if self.firing.remove(alert) {
                    self.put(*alert, false);
                }
            }
            Event::Wait(millis) => self.run(self.now + Millis::new(*millis)),
            Event::Mood(mood) => self.mood = *mood,
            Event::Restart => {
                self.manager = Self::manager(NotificationLog::from_entries(self.kept.clone()));
                // Nobody sends the alerts again.
                self.manager.load_alerts(self.kept_alerts.values().cloned().collect(), self.now);
            }
            Event::Reload => self.manager.reload(config(), self.now),
        }
    }

    fn run(&mut self, until: Timestamp) {
        while let Some(due) = self.manager.next_due().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            let now = self.now;
            for delivery in self.manager.tick(now) {
                let verdict = match self.mood {
                    Mood::Works => Verdict::Sent,
                    Mood::Retries => Verdict::Retry(String::new()),
                    Mood::Refuses => Verdict::Failed(String::new()),
                    Mood::Hangs => continue,
                };
                if verdict == Verdict::Sent {
                    self.note(&delivery);
                }
                self.manager.report(delivery.id, verdict, now, 0.5);
            }
            self.keep();
        }
        self.now = until;
    }

    fn keep(&mut self) {
        let changes = self.manager.take_changes();
        for key in changes.log {
            if let Some(entry) = self.manager.log().get(&key) {
                self.kept.insert(key, entry.clone());
            }
        }
        for labels in changes.alerts {
            if let Some(alert) = self.manager.alerts().get(&labels) {
                self.kept_alerts.insert(labels, alert.clone());
            }
        }
    }

    fn note(&mut self, delivery: &Delivery) {
        let now = delivery.notification.now;
        let mut firing = BTreeSet::new();
        for alert in &delivery.notification.alerts {
            let name = alert.labels.to_string();
            match alert.is_resolved(now) {
                true => self.believed.remove(&name),
                false => firing.insert(name.clone()) && self.believed.insert(name),
            };
        }
        let key = delivery.notification.group_key.clone();
        if let Some((last_at, last_firing)) = self.last.get(&key) {
            // The same again comes after the repeat interval only.
            let is_repetition = delivery.reason == NotifyReason::Repeat;
            let distance = now.since(*last_at).get();
            assert!(!is_repetition || distance > REPEAT_INTERVAL, "repeated after {distance} ms");
            let is_same = *last_firing == firing && delivery.reason == NotifyReason::NewAlerts;
            assert!(!is_same, "told of nothing new: {firing:?}");
        }
        self.last.insert(key, (now, firing));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn who_should_know_is_told_and_not_too_often(events in prop::collection::vec(event(), 1..60)) {
        let mut world = World::new();
        for event in &events {
            world.apply(event);
        }
        // All is well for long enough to be told, and not to be told again.
        world.mood = Mood::Works;
        world.run(world.now + Millis::new(GROUP_WAIT + 3 * GROUP_INTERVAL));
        let wanted: BTreeSet<String> =
            world.firing.iter().map(|alert| labels(*alert).to_string()).collect();
        prop_assert_eq!(&world.believed, &wanted);
        // Then nobody is called before the repeat interval has passed.
        let told = world.last.clone();
        let latest = told.values().map(|(at, _)| *at).max().unwrap_or(world.now);
        let quiet_until = told.values().map(|(at, _)| *at).min().unwrap_or(world.now) + Millis::new(REPEAT_INTERVAL);
        if quiet_until > latest.max(world.now) {
            world.run(quiet_until);
            prop_assert_eq!(world.last, told);
        }
    }
}
