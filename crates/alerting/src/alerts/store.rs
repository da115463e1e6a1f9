//! The alerts that are known, in memory.
//!
//! Who owns the loop keeps them on disk ([`StoredAlert`](super::StoredAlert)), so
//! that an alert that was posted once is not lost before somebody was told.

use std::collections::BTreeMap;

use model::{Labels, Millis, Timestamp};

use super::{Alert, Fingerprint};

/// The most alerts that are kept.
pub const ALERTS_MAX: usize = 1_000_000;

/// An alert that was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AlertError {
    /// It has no labels.
    #[error("at least one label pair required")]
    NoLabels,
    /// A label or a text has no name.
    #[error("invalid {of} set: invalid name \"\"")]
    EmptyName {
        /// `label` or `annotation`.
        of: &'static str,
    },
    /// It ends before it begins.
    #[error("start time must be before end time")]
    EndsBeforeStart,
    /// There are too many.
    #[error("more than {max} alerts; resolve some or send fewer")]
    TooMany {
        /// The limit.
        max: usize,
    },
}

/// What a sender says of an alert.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PutOutcome {
    /// The alerts as they are known now.
    pub accepted: Vec<Alert>,
    /// Those that were refused, by their place in the input.
    pub refused: Vec<(usize, AlertError)>,
}

/// Alerts by their labels.
#[derive(Debug)]
pub struct AlertStore {
    alerts: BTreeMap<Labels, Alert>,
    alerts_max: usize,
}

impl Default for AlertStore {
    fn default() -> Self {
        Self::new(ALERTS_MAX)
    }
}

impl AlertStore {
    /// A store for at most `alerts_max` alerts.
    pub fn new(alerts_max: usize) -> Self {
        Self { alerts: BTreeMap::new(), alerts_max }
    }

    /// Takes in alerts. One that is refused hinders no other.
    pub fn put(&mut self, alerts: Vec<Alert>) -> PutOutcome {
        let mut outcome = PutOutcome::default();
        for (index, alert) in alerts.into_iter().enumerate() {
            match self.put_one(alert) {
                Ok(alert) => outcome.accepted.push(alert),
                Err(error) => outcome.refused.push((index, error)),
            }
        }
        outcome
    }

    fn put_one(&mut self, alert: Alert) -> Result<Alert, AlertError> {
        if alert.labels.is_empty() {
            return Err(AlertError::NoLabels);
        }
        if alert.labels.get("").is_some() {
            return Err(AlertError::EmptyName { of: "label" });
        }
        if alert.annotations.contains_key("") {
            return Err(AlertError::EmptyName { of: "annotation" });
        }
        if alert.ends_at < alert.starts_at {
            return Err(AlertError::EndsBeforeStart);
        }
        let known = self.alerts.get(&alert.labels);
        if known.is_none() && self.alerts.len() >= self.alerts_max {
            return Err(AlertError::TooMany { max: self.alerts_max });
        }
        let merged = match known {
            // The same alert again, or anew: only spans that meet are one.
            Some(known) if meets(known, &alert) => known.clone().merge(alert),
            _ => alert,
        };
        self.alerts.insert(merged.labels.clone(), merged.clone());
        Ok(merged)
    }

    /// The alert with these labels.
    pub fn get(&self, labels: &Labels) -> Option<&Alert> {
        self.alerts.get(labels)
    }

    /// The alert with this hash.
    pub fn by_fingerprint(&self, fingerprint: Fingerprint) -> Option<&Alert> {
        self.alerts.values().find(|alert| alert.fingerprint() == fingerprint)
    }

    /// All alerts, by labels.
    pub fn iter(&self) -> impl Iterator<Item = &Alert> {
        self.alerts.values()
    }

    /// The alerts that have not ended at `at`.
    pub fn active(&self, at: Timestamp) -> impl Iterator<Item = &Alert> {
        self.alerts.values().filter(move |alert| !alert.is_resolved(at))
    }

    /// Forgets alerts that have ended `retention` ago, and returns their labels.
    pub fn collect(&mut self, at: Timestamp, retention: Millis) -> Vec<Labels> {
        let gone = self.alerts.extract_if(.., |_, alert| alert.is_resolved(at - retention));
        gone.map(|(labels, _)| labels).collect()
    }
}

fn meets(a: &Alert, b: &Alert) -> bool {
    (a.ends_at > b.starts_at && a.ends_at <= b.ends_at)
        || (a.starts_at >= b.starts_at && a.starts_at < b.ends_at)
        || (b.starts_at >= a.starts_at && b.starts_at < a.ends_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(name: &str, starts: i64, ends: i64, updated: i64) -> Alert {
        Alert {
            labels: Labels::from_pairs([("alertname", name)]),
            annotations: BTreeMap::from([("updated".to_owned(), updated.to_string())]),
            starts_at: Timestamp::from_millis(starts),
            ends_at: Timestamp::from_millis(ends),
            updated_at: Timestamp::from_millis(updated),
            generator_url: String::new(),
            is_timeout: false,
        }
    }

    #[test]
    fn what_was_heard_twice_is_merged() {
        let mut store = AlertStore::default();
        store.put(vec![alert("a", 10, 100, 10)]);
        // Refreshed: the start stays, the end moves.
        let merged = store.put(vec![alert("a", 20, 120, 20)]).accepted.remove(0);
        assert_eq!((merged.starts_at.as_millis(), merged.ends_at.as_millis()), (10, 120));
        assert_eq!(merged.annotations["updated"], "20");
        // Older news do not change the texts.
        let merged = store.put(vec![alert("a", 12, 130, 15)]).accepted.remove(0);
        assert_eq!(merged.annotations["updated"], "20");
        // It ends.
        let merged = store.put(vec![alert("a", 10, 50, 60)]).accepted.remove(0);
        assert!(merged.is_resolved(Timestamp::from_millis(60)));
        // It begins anew later.
        let anew = store.put(vec![alert("a", 200, 300, 200)]).accepted.remove(0);
        assert_eq!(anew.starts_at.as_millis(), 200);
    }

    #[test]
    fn a_guessed_end_gives_way() {
        let mut guessed = alert("a", 10, 500, 10);
        guessed.is_timeout = true;
        let merged = guessed.merge(alert("a", 10, 100, 20));
        assert_eq!(merged.ends_at.as_millis(), 100);
        let merged = alert("a", 10, 500, 10).merge(alert("a", 10, 100, 20));
        assert_eq!(merged.ends_at.as_millis(), 500);
    }

    #[test]
    fn bad_alerts_are_refused_and_others_kept() {
        let mut store = AlertStore::new(2);
        let mut nameless = alert("x", 0, 1, 0);
        nameless.labels = Labels::empty();
        let outcome = store.put(vec![
            nameless,
            alert("a", 0, 1, 0),
            alert("b", 5, 1, 0),
            alert("c", 0, 9, 0),
            alert("d", 0, 9, 0),
            alert("a", 0, 2, 1),
        ]);
        assert_eq!(outcome.accepted.len(), 3);
        assert_eq!(
            outcome.refused,
            [
                (0, AlertError::NoLabels),
                (2, AlertError::EndsBeforeStart),
                (4, AlertError::TooMany { max: 2 })
            ]
        );
        assert_eq!(store.active(Timestamp::from_millis(2)).count(), 1);
        let gone = store.collect(Timestamp::from_millis(10), Millis::new(5));
        assert_eq!(gone, [Labels::from_pairs([("alertname", "a")])]);
        assert_eq!(store.iter().count(), 1);
    }

    #[test]
    fn fingerprints_are_prometheus() {
        // FNV-1a over nothing is its offset basis.
        assert_eq!(Fingerprint::of(&Labels::empty()).to_string(), "cbf29ce484222325");
        let labels = Labels::from_pairs([("alertname", "a")]);
        let store = &mut AlertStore::default();
        store.put(vec![alert("a", 0, 1, 0)]);
        assert!(store.by_fingerprint(Fingerprint::of(&labels)).is_some());
    }
}
