//! Alerts as Alertmanager knows them, whoever sent them: our rules or a
//! Prometheus elsewhere.

mod store;
mod stored;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use model::{Labels, LabelsRef, Timestamp};

pub use store::{ALERTS_MAX, AlertError, AlertStore, PutOutcome};
pub use stored::StoredAlert;

/// An alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// What it is; two alerts with the same labels are the same alert.
    pub labels: Labels,
    /// Texts for people.
    pub annotations: BTreeMap<String, String>,
    /// When it began.
    pub starts_at: Timestamp,
    /// When it ended or will count as ended.
    pub ends_at: Timestamp,
    /// When it was last heard of.
    pub updated_at: Timestamp,
    /// A link to what made it.
    pub generator_url: String,
    /// Whether its end is only a guess, because the sender named none.
    pub is_timeout: bool,
}

/// The hash by which the API names an alert: FNV-1a over its labels, as in Prometheus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    /// Of a label set.
    pub fn of(labels: &LabelsRef) -> Self {
        const SEPARATOR: [u8; 1] = [0xff];
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut add = |bytes: &[u8]| {
            for byte in bytes {
                hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            }
        };
        for (name, value) in labels.iter() {
            add(name.as_bytes());
            add(&SEPARATOR);
            add(value.as_bytes());
            add(&SEPARATOR);
        }
        Self(hash)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Alert {
    /// Whether it has ended at `at`.
    pub fn is_resolved(&self, at: Timestamp) -> bool {
        self.ends_at <= at
    }

    /// Its hash.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.labels)
    }

    /// Its name, empty where it has none.
    pub fn name(&self) -> &str {
        self.labels.get("alertname").unwrap_or_default()
    }

    /// What is known after both were heard of the same alert: the newer tells
    /// the texts, the earlier start counts, and an end that was said outweighs
    /// one that was guessed.
    pub fn merge(self, other: Self) -> Self {
        let (older, mut newer) =
            if other.updated_at < self.updated_at { (other, self) } else { (self, other) };
        newer.starts_at = newer.starts_at.min(older.starts_at);
        let is_newer_resolved = newer.is_resolved(newer.updated_at);
        let is_older_resolved = older.is_resolved(newer.updated_at);
        if is_newer_resolved {
            // Of two ends that were both reached the later one counts.
            if is_older_resolved && older.ends_at > newer.ends_at {
                newer.ends_at = older.ends_at;
            }
        } else if older.ends_at > newer.ends_at && !older.is_timeout {
            newer.ends_at = older.ends_at;
        }
        newer
    }
}

/// The order in which notifications list alerts: by job and instance first, as
/// people look for them; those without stand behind.
pub(crate) fn sort_for_people(alerts: &mut [Alert]) {
    fn place(alert: &Alert) -> [(bool, Option<&str>); 2] {
        ["job", "instance"].map(|name| alert.labels.get(name)).map(|v| (v.is_none(), v))
    }
    alerts
        .sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| compare_labels(&a.labels, &b.labels)));
}

/// The order of label sets in Alertmanager: fewer labels first; of those with as
/// many, the one that lacks the first name in which they differ.
pub(crate) fn compare_labels(a: &LabelsRef, b: &LabelsRef) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| {
        let pairs = a.iter().zip(b.iter());
        let mut orders = pairs.map(|((a_name, a_value), (b_name, b_value))| {
            b_name.cmp(a_name).then_with(|| a_value.cmp(b_value))
        });
        orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_are_listed_as_alertmanager_lists_them() {
        let order = [
            "job=a x=1",
            "job=b instance=1",
            "job=b",
            "instance=1",
            "z=1",
            "a=2 c=1",
            "a=2 b=1",
            "a=3 b=1",
        ];
        let alert = |text: &str| Alert {
            labels: Labels::from_pairs(text.split(' ').map(|pair| pair.split_once('=').unwrap())),
            annotations: BTreeMap::new(),
            starts_at: Timestamp::from_millis(0),
            ends_at: Timestamp::from_millis(0),
            updated_at: Timestamp::from_millis(0),
            generator_url: String::new(),
            is_timeout: false,
        };
        let wanted = order.map(alert);
        let mut sorted = wanted.clone();
        sorted.reverse();
        sort_for_people(&mut sorted);
        assert_eq!(sorted, wanted);
    }
}
