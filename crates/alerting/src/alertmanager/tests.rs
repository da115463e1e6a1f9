//! The scripts in `testdata/alertmanager`: days of alerts on a mock clock.
//!
//! A line is a command; lines that are indented belong to the command above.
//! Alerts are written as `name=value` pairs and shown as their values, joined.
//!
//! - `config` / `reload`: the configuration, for a start or a change.
//! - `restart`: all is lost but silences and the notification log.
//! - `restart with alerts`: the alerts are kept, too, as on a disk.
//! - `fire ALERT`, `resolve ALERT`, `post ALERT`: with a far end, with an end
//!   now, without an end.
//! - `silence MATCHERS until TIME`, `unsilence`.
//! - `receiver NAME works|fails N|breaks|hangs`: what becomes of attempts.
//! - `run UNTIL`: time passes.
//! - `sent`: what was sent since the last `sent`.
//! - `attempts`: the attempts that failed since the last `attempts`.
//! - `alerts`: the alerts with what mutes them.
//! - `counters`: what was counted.
//! - `groups`: the groups with their alerts.

use std::collections::BTreeMap;
use std::path::Path;

use model::{Labels, LabelsRef, PromDuration};

use super::*;
use crate::alerts::Alert;
use crate::matchers::parse_matchers;
use crate::notify::Verdict;
use crate::notify::log::LogEntry;
use crate::silences::Silence;

#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Works,
    Fails(u32),
    Breaks,
    Hangs,
}

struct World {
    manager: Option<Alertmanager>,
    kept: BTreeMap<LogKey, LogEntry>,
    kept_alerts: BTreeMap<Labels, Alert>,
    moods: BTreeMap<String, Mood>,
    now: Timestamp,
    sent: Vec<String>,
    attempts_seen: usize,
}

fn config(block: &[&str]) -> Arc<Config> {
    Arc::new(Config::parse(&block.join("\n")).unwrap().0)
}

fn labels(text: &str) -> Labels {
    Labels::from_pairs(text.split_whitespace().map(|pair| pair.split_once('=').unwrap()))
}

fn values(labels: &LabelsRef) -> String {
    labels.iter().map(|(_, value)| value).collect::<Vec<_>>().join("/")
}

fn shown_time(at: Timestamp) -> String {
    PromDuration::from_millis(at.as_millis()).to_string()
}

fn parse_time(text: &str) -> Timestamp {
    Timestamp::from_millis(PromDuration::parse(text.trim()).unwrap().as_millis().get())
}

impl World {
    fn new() -> Self {
        Self {
            manager: None,
            kept: BTreeMap::new(),
            kept_alerts: BTreeMap::new(),
            moods: BTreeMap::new(),
            now: Timestamp::from_millis(0),
            sent: Vec::new(),
            attempts_seen: 0,
        }
    }

    fn manager(&mut self) -> &mut Alertmanager {
        self.manager.as_mut().unwrap()
    }

    fn restart(&mut self, config: Arc<Config>) {
        let kept: Vec<Silence> =
            self.manager.iter().flat_map(|m| m.silences().iter().cloned()).collect();
        let mut silences = Silences::default();
        silences.load(kept);
        let log = NotificationLog::from_entries(self.kept.clone());
        self.manager = Some(Alertmanager::new(config, Settings::default(), silences, log));
        self.attempts_seen = 0;
    }

    fn put(&mut self, text: &str, starts_at: Option<Timestamp>, ends_at: Option<Timestamp>) {
        let now = self.now;
        let posted = PostedAlert {
            labels: labels(text),
            annotations: BTreeMap::new(),
            starts_at,
            ends_at,
            generator_url: String::new(),
        };
        let outcome = self.manager().put_alerts(vec![posted], now);
        assert!(outcome.refused.is_empty(), "{outcome:?}");
        self.keep();
    }

    /// Whether a delivery arrives, and what to report of it.
    fn outcome(&mut self, receiver: &str) -> Option<Verdict> {
        let mood = self.moods.entry(receiver.to_owned()).or_insert(Mood::Works);
        match *mood {
            Mood::Works | Mood::Fails(0) => Some(Verdict::Sent),
            Mood::Fails(left) => {
                *mood = Mood::Fails(left - 1);
                Some(Verdict::Retry("it is busy".to_owned()))
            }
            Mood::Breaks => Some(Verdict::Failed("it says no".to_owned())),
            Mood::Hangs => None,
        }
    }

    fn run(&mut self, until: Timestamp) {
        for _ in 0..100_000 {
            let due = self.manager().next_due();
            let Some(due) = due.filter(|due| *due <= until) else {
                self.now = until;
                return;
            };
            self.now = self.now.max(due);
            let now = self.now;
            for delivery in self.manager().tick(now) {
                let Some(outcome) = self.outcome(&delivery.notification.receiver) else { continue };
                if outcome == Verdict::Sent {
                    self.sent.push(shown(&delivery));
                }
                self.manager().report(delivery.id, outcome, now, 0.5);
            }
            self.keep();
        }
        panic!("time does not pass");
    }

    /// As an owner does: what has changed, and nothing else.
    fn keep(&mut self) {
        let manager = self.manager.as_mut().unwrap();
        let changes = manager.take_changes();
        for key in changes.log {
            match manager.log().get(&key) {
                Some(entry) => self.kept.insert(key, entry.clone()),
                None => self.kept.remove(&key),
            };
        }
        for labels in changes.alerts {
            match manager.alerts().get(&labels) {
                Some(alert) => self.kept_alerts.insert(labels, alert.clone()),
                None => self.kept_alerts.remove(&labels),
            };
        }
    }

    fn attempts(&mut self) -> Vec<String> {
        let seen = self.attempts_seen;
        let attempts: Vec<&Attempt> = self.manager.as_ref().unwrap().attempts().collect();
        let failed = attempts[seen..].iter().filter(|attempt| attempt.outcome != Verdict::Sent);
        let lines = failed
            .map(|attempt| {
                let reason = match &attempt.outcome {
                    Verdict::Sent => "",
                    Verdict::Retry(reason) | Verdict::Failed(reason) => reason,
                };
                let end = if attempt.is_last { ", given up" } else { "" };
                format!(
                    "{} {} #{} {reason}{end}",
                    shown_time(attempt.at),
                    attempt.key.receiver,
                    attempt.number
                )
            })
            .collect();
        self.attempts_seen = attempts.len();
        lines
    }

    fn alerts(&mut self) -> Vec<String> {
        let now = self.now;
        let views = self.manager().alert_views(now);
        views
            .iter()
            .map(|view| {
                let mut line = format!("{} {}", values(&view.alert.labels), view.state());
                for id in &view.mutes.silenced_by {
                    line.push_str(&format!(" silenced:{id}"));
                }
                if view.mutes.inhibited_by.is_some() {
                    line.push_str(" inhibited");
                }
                for name in &view.muted_by_intervals {
                    line.push_str(&format!(" muted:{name}"));
                }
                format!("{line} -> {}", view.receivers.join(","))
            })
            .collect()
    }

    fn counters(&mut self) -> Vec<String> {
        let counters = self.manager().counters();
        let mut lines = vec![
            format!(
                "received {} firing, {} resolved, {} invalid",
                counters.received_firing, counters.received_resolved, counters.received_invalid
            ),
            format!(
                "muted {} by silence, {} by inhibition, {} by interval",
                counters.muted_by_silence, counters.muted_by_inhibition, counters.muted_by_interval
            ),
        ];
        lines.extend(counters.integrations.iter().map(|((kind, receiver), counts)| {
            format!(
                "{kind} {receiver}: {}/{} attempts failed, {} sent, {} given up",
                counts.attempts_failed, counts.attempts, counts.sent, counts.failed
            )
        }));
        lines
    }

    fn groups(&mut self) -> Vec<String> {
        let now = self.now;
        let views = self.manager().group_views(now);
        let lines = views.iter().map(|group| {
            let alerts: Vec<String> =
                group.alerts.iter().map(|view| values(&view.alert.labels)).collect();
            format!("{} -> {}: {}", group.key, group.receiver, alerts.join(" "))
        });
        lines.collect()
    }

    /// Runs a command; what it found, for commands that compare.
    fn command(&mut self, line: &str, block: &[&str]) -> Option<Vec<String>> {
        let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (now, far) = (self.now, self.now + Millis::from_secs(3_600_000));
        match command {
            "config" => self.restart(config(block)),
            "restart" => {
                let config = Arc::clone(self.manager().config());
                self.restart(config);
                if rest == "with alerts" {
                    let kept = self.kept_alerts.values().cloned().collect();
                    self.manager().load_alerts(kept, now);
                }
            }
            "reload" => self.manager().reload(config(block), now),
            "fire" => self.put(rest, Some(now), Some(far)),
            "resolve" => self.put(rest, None, Some(now)),
            "post" => self.put(rest, None, None),
            "silence" => {
                let (matchers, until) = rest.split_once(" until ").unwrap();
                let id = format!("s{}", self.manager().silences().iter().count());
                let silence = Silence {
                    id: None,
                    matchers: parse_matchers(matchers).unwrap(),
                    starts_at: now,
                    ends_at: parse_time(until),
                    updated_at: now,
                    created_by: String::new(),
                    comment: String::new(),
                };
                self.manager().set_silence(silence, || id, now).unwrap();
            }
            "unsilence" => {
                let id = crate::silences::SilenceId(rest.to_owned());
                self.manager().expire_silence(&id, now).unwrap();
            }
            "receiver" => {
                let (name, mood) = rest.split_once(' ').unwrap();
                let mood = match mood.split_once(' ').unwrap_or((mood, "")) {
                    ("works", _) => Mood::Works,
                    ("fails", count) => Mood::Fails(count.parse().unwrap()),
                    ("breaks", _) => Mood::Breaks,
                    ("hangs", _) => Mood::Hangs,
                    other => panic!("no mood {other:?}"),
                };
                self.moods.insert(name.to_owned(), mood);
            }
            "run" => self.run(parse_time(rest)),
            "collect" => self.manager().collect(now),
            "sent" => return Some(std::mem::take(&mut self.sent)),
            "attempts" => return Some(self.attempts()),
            "alerts" => return Some(self.alerts()),
            "groups" => return Some(self.groups()),
            "counters" => return Some(self.counters()),
            other => panic!("no command {other}"),
        }
        None
    }
}

fn shown(delivery: &Delivery) -> String {
    let now = delivery.notification.now;
    let mut line =
        format!("{} {} {:?}:", shown_time(now), delivery.notification.receiver, delivery.reason);
    for alert in &delivery.notification.alerts {
        let sign = if alert.is_resolved(now) { "-" } else { "+" };
        line.push_str(&format!(" {sign}{}", values(&alert.labels)));
    }
    line
}

fn run_script(name: &str, script: &str) -> Vec<String> {
    let mut commands: Vec<(usize, &str, Vec<&str>)> = Vec::new();
    for (index, line) in script.lines().enumerate() {
        if let Some(inner) = line.strip_prefix("  ") {
            commands.last_mut().unwrap().2.push(inner);
        } else if !line.is_empty() && !line.starts_with('#') {
            commands.push((index + 1, line, Vec::new()));
        }
    }
    let mut world = World::new();
    let mut failures = Vec::new();
    for (line, command, block) in commands {
        let Some(found) = world.command(command, &block) else { continue };
        if found != block {
            failures.push(format!(
                "{name}:{line}: {command}\n  wanted\n    {}\n  found\n    {}",
                block.join("\n    "),
                found.join("\n    ")
            ));
        }
    }
    failures
}

#[test]
fn scripts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/alertmanager");
    let mut failures = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        failures.extend(run_script(&name, &std::fs::read_to_string(&path).unwrap()));
        count += 1;
    }
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n"));
    assert!(count >= 8, "only {count} scripts were found");
}

#[test]
fn attempts_are_remembered_up_to_a_limit() {
    let mut world = World::new();
    let yaml = "route: {receiver: a, group_wait: 0s, group_interval: 1s, repeat_interval: 1s}\nreceivers: [{name: a, webhook_configs: [{url: 'http://x'}]}]";
    world.restart(config(&[yaml]));
    world.put("a=b", Some(Timestamp::from_millis(0)), Some(Timestamp::from_millis(100_000_000)));
    world.run(Timestamp::from_millis(6_000_000));
    assert!(world.sent.len() > ATTEMPTS_MAX);
    assert_eq!(world.manager().attempts().count(), ATTEMPTS_MAX);
}

#[test]
fn what_is_on_its_way_during_a_reload_is_not_sent_twice() {
    let yaml = "route: {receiver: a, group_wait: 0s, group_interval: 1m}\nreceivers: [{name: a, webhook_configs: [{url: 'http://x'}]}]";
    let mut world = World::new();
    world.restart(config(&[yaml]));
    let at = |secs: i64| Timestamp::from_millis(secs * 1000);
    world.put("a=b", Some(at(0)), Some(at(100_000)));
    let manager = world.manager();
    let first = manager.tick(at(0)).remove(0);
    manager.take_changes();
    manager.reload(config(&[yaml]), at(1));
    assert!(manager.tick(at(1)).is_empty());
    // It arrives: the new group has nothing more to tell.
    manager.report(first.id, Verdict::Sent, at(2), 0.5);
    assert_eq!(manager.take_changes().log, BTreeSet::from([first.key]));
    assert!(manager.tick(at(61)).is_empty());
    // Its end is told.
    world.now = at(62);
    world.put("a=b", None, Some(at(62)));
    assert_eq!(world.manager().tick(at(121)).len(), 1);
}
