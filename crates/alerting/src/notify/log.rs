//! The notification log: what was sent to whom, so that nothing is sent twice.
//!
//! An entry is for one group and one integration of a receiver. It holds which
//! alerts were told to be firing and which resolved. It outlives the process:
//! the owner keeps [`LogEntry`]s on disk and hands them back after a restart.

use std::collections::{BTreeMap, BTreeSet};

use model::{Millis, Timestamp};
use serde::{Deserialize, Serialize};

/// The most entries; past it those that expire first go.
pub const ENTRIES_MAX: usize = 200_000;

/// Which group and integration an entry is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LogKey {
    /// The group's key.
    pub group_key: String,
    /// The receiver.
    pub receiver: String,
    /// The kind of integration.
    pub integration: String,
    /// Its place among those of its receiver and kind.
    pub index: usize,
}

/// What was sent last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// When.
    pub sent_at: Timestamp,
    /// Until when to keep the entry.
    pub expires_at: Timestamp,
    /// The hashes of the alerts that were told to be firing.
    pub firing: BTreeSet<u64>,
    /// The hashes of those that were told to be resolved.
    pub resolved: BTreeSet<u64>,
}

/// Why something is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotifyReason {
    /// Nothing of the group was sent before.
    First,
    /// An alert fires that was not told of.
    NewAlerts,
    /// All alerts have ended.
    AllResolved,
    /// An alert has ended that was told to be firing.
    NewResolved,
    /// Nothing has changed for the time after which to say it again.
    Repeat,
}

/// The entries by key.
#[derive(Clone, Debug, Default)]
pub struct NotificationLog {
    entries: BTreeMap<LogKey, LogEntry>,
}

impl NotificationLog {
    /// A log that goes on from entries of before.
    pub fn from_entries(entries: impl IntoIterator<Item = (LogKey, LogEntry)>) -> Self {
        Self { entries: entries.into_iter().collect() }
    }

    /// All entries, to be kept.
    pub fn entries(&self) -> impl Iterator<Item = (&LogKey, &LogEntry)> {
        self.entries.iter()
    }

    /// What was sent last.
    pub fn get(&self, key: &LogKey) -> Option<&LogEntry> {
        self.entries.get(key)
    }

    /// Notes what was sent at `at`; it is kept twice the repeat interval, so
    /// that a repetition finds it, and no longer than `retention`.
    pub fn note(
        &mut self,
        key: LogKey,
        at: Timestamp,
        firing: BTreeSet<u64>,
        resolved: BTreeSet<u64>,
        repeat_interval: Millis,
        retention: Millis,
    ) -> &LogEntry {
        let lifetime = Millis::new(repeat_interval.get().saturating_mul(2)).min(retention);
        let entry = LogEntry { sent_at: at, expires_at: at + lifetime, firing, resolved };
        if self.entries.len() >= ENTRIES_MAX && !self.entries.contains_key(&key) {
            self.drop_next_to_expire();
        }
        let place = self.entries.entry(key);
        place.insert_entry(entry).into_mut()
    }

    fn drop_next_to_expire(&mut self) {
        let next = self.entries.iter().min_by_key(|(_, entry)| entry.expires_at);
        if let Some(key) = next.map(|(key, _)| key.clone()) {
            self.entries.remove(&key);
        }
    }

    /// Forgets what has expired, and returns its keys.
    pub fn collect(&mut self, at: Timestamp) -> Vec<LogKey> {
        let gone = self.entries.extract_if(.., |_, entry| entry.expires_at <= at);
        gone.map(|(key, _)| key).collect()
    }
}

/// Whether to send, given what was sent before; the rules are Alertmanager's.
pub fn needs_sending(
    entry: Option<&LogEntry>,
    firing: &BTreeSet<u64>,
    resolved: &BTreeSet<u64>,
    sends_resolved: bool,
    repeat_interval: Millis,
    now: Timestamp,
) -> Option<NotifyReason> {
    let Some(entry) = entry else {
        // Nobody wants to hear of an end whose beginning he did not hear of.
        return (!firing.is_empty()).then_some(NotifyReason::First);
    };
    if !firing.is_subset(&entry.firing) {
        return Some(NotifyReason::NewAlerts);
    }
    if firing.is_empty() {
        // Also where ends are not sent: the log must know that nothing fires.
        return (!entry.firing.is_empty()).then_some(NotifyReason::AllResolved);
    }
    if sends_resolved && !resolved.is_subset(&entry.resolved) {
        return Some(NotifyReason::NewResolved);
    }
    (entry.sent_at < now - repeat_interval).then_some(NotifyReason::Repeat)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(hashes: &[u64]) -> BTreeSet<u64> {
        hashes.iter().copied().collect()
    }

    fn key(group: &str) -> LogKey {
        LogKey {
            group_key: group.to_owned(),
            receiver: "r".to_owned(),
            integration: "webhook".to_owned(),
            index: 0,
        }
    }

    #[test]
    fn what_is_sent_depends_on_what_was() {
        let now = Timestamp::from_millis(100_000);
        let repeat = Millis::from_secs(60);
        let entry = |sent: i64, firing: &[u64], resolved: &[u64]| LogEntry {
            sent_at: Timestamp::from_millis(sent),
            expires_at: Timestamp::MAX,
            firing: set(firing),
            resolved: set(resolved),
        };
        let reason = |entry: Option<&LogEntry>, firing: &[u64], resolved: &[u64], sends: bool| {
            needs_sending(entry, &set(firing), &set(resolved), sends, repeat, now)
        };
        assert_eq!(reason(None, &[1], &[], true), Some(NotifyReason::First));
        assert_eq!(reason(None, &[], &[1], true), None);
        let recent = entry(90_000, &[1, 2], &[]);
        assert_eq!(reason(Some(&recent), &[1, 2], &[], true), None);
        assert_eq!(reason(Some(&recent), &[1, 3], &[], true), Some(NotifyReason::NewAlerts));
        assert_eq!(reason(Some(&recent), &[1], &[2], true), Some(NotifyReason::NewResolved));
        assert_eq!(reason(Some(&recent), &[1], &[2], false), None);
        assert_eq!(reason(Some(&recent), &[], &[1, 2], false), Some(NotifyReason::AllResolved));
        let ended = entry(90_000, &[], &[1]);
        assert_eq!(reason(Some(&ended), &[], &[1], true), None);
        let old = entry(39_999, &[1], &[]);
        assert_eq!(reason(Some(&old), &[1], &[], true), Some(NotifyReason::Repeat));
        let exact = entry(40_000, &[1], &[]);
        assert_eq!(reason(Some(&exact), &[1], &[], true), None);
    }

    #[test]
    fn entries_expire() {
        let mut log = NotificationLog::default();
        let at = Timestamp::from_millis(0);
        log.note(key("a"), at, set(&[1]), set(&[]), Millis::new(100), Millis::new(1000));
        log.note(key("b"), at, set(&[1]), set(&[]), Millis::new(900), Millis::new(1000));
        assert_eq!(log.collect(Timestamp::from_millis(200)), [key("a")]);
        assert!(log.get(&key("a")).is_none() && log.get(&key("b")).is_some());
        let kept: Vec<_> = log.entries().map(|(k, e)| (k.clone(), e.clone())).collect();
        let restored = NotificationLog::from_entries(kept);
        assert_eq!(restored.get(&key("b")), log.get(&key("b")));
        assert_eq!(log.collect(Timestamp::from_millis(1000)), [key("b")]);
    }
}
