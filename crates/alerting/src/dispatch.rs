//! Grouping: alerts wait in groups until it is time to tell somebody.
//!
//! A group is a route and the values of the labels that the route groups by. It
//! is flushed `group_wait` after its first alert and then every
//! `group_interval`; what becomes of a flush is not decided here.

mod group;

use std::collections::BTreeMap;

use model::{Labels, Millis, Timestamp};

use crate::alerts::Alert;
use crate::routes::{RouteId, RouteTree};

pub use group::Group;

/// The most groups; alerts for others are not grouped and counted.
pub const GROUPS_MAX: usize = 100_000;
/// How often empty groups go.
const SWEEP_INTERVAL: Millis = Millis::from_secs(30);

/// Names a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId {
    /// Its route.
    pub route: RouteId,
    /// The labels by which it is grouped.
    pub labels: Labels,
}

/// What a group has to tell at a time.
#[derive(Clone, Debug)]
pub struct Flush {
    /// The group.
    pub group: GroupId,
    /// Its key.
    pub key: String,
    /// The alerts, in the order in which people are told.
    pub alerts: Vec<Alert>,
    /// Until when the telling may take.
    pub deadline: Timestamp,
}

/// All groups.
#[derive(Debug)]
pub struct Dispatcher {
    groups: BTreeMap<GroupId, Group>,
    groups_max: usize,
    /// Alerts that found no room for their group.
    dropped: u64,
    next_sweep: Timestamp,
}

impl Dispatcher {
    /// No groups yet, and room for `groups_max`.
    pub fn new(groups_max: usize) -> Self {
        Self { groups: BTreeMap::new(), groups_max, dropped: 0, next_sweep: Timestamp::MIN }
    }

    /// Puts an alert into the groups of all routes that take it.
    pub fn insert(&mut self, tree: &RouteTree, alert: &Alert, now: Timestamp) {
        self.sweep(now);
        for route in tree.matching(&alert.labels) {
            let id = GroupId { route: route.id, labels: route.group_labels(&alert.labels) };
            if !self.groups.contains_key(&id) && self.groups.len() >= self.groups_max {
                self.dropped += 1;
                continue;
            }
            let group = self.groups.entry(id).or_insert_with_key(|id| {
                Group::new(format!("{}:{}", route.key, braced(&id.labels)), now + route.group_wait)
            });
            group.insert(alert.clone(), route.group_wait, route.group_interval, now);
        }
    }

    /// When something is due next, where there is anything.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.groups.values().filter_map(Group::due_at).min()
    }

    /// The groups that are due at `now`. Each waits for [`Dispatcher::finish`]
    /// before it may be due again.
    pub fn take_due(&mut self, tree: &RouteTree, now: Timestamp) -> Vec<Flush> {
        self.sweep(now);
        let due = self.groups.iter_mut();
        let due = due.filter(|(_, group)| group.due_at().is_some_and(|at| at <= now));
        due.map(|(id, group)| {
            let interval = tree.get(id.route).group_interval;
            let (key, alerts) = (group.key().to_owned(), group.flush(now, interval));
            Flush {
                group: id.clone(),
                key,
                alerts,
                deadline: now + interval.max(group::TIMEOUT_MIN),
            }
        })
        .collect()
    }

    /// Ends a flush. Where everybody was told, alerts that had ended leave the group.
    pub fn finish(&mut self, flush: &Flush, flushed_at: Timestamp, is_told: bool) {
        if let Some(group) = self.groups.get_mut(&flush.group) {
            group.finish(&flush.alerts, flushed_at, is_told);
        }
    }

    /// Empty groups go, but not at once: an alert that comes back soon finds its
    /// group and its rhythm again.
    fn sweep(&mut self, now: Timestamp) {
        if now >= self.next_sweep {
            self.next_sweep = now + SWEEP_INTERVAL;
            self.groups.retain(|_, group| !group.is_empty() || group.is_flushing());
        }
    }

    /// All groups, by route and labels.
    pub fn iter(&self) -> impl Iterator<Item = (&GroupId, &Group)> {
        self.groups.iter()
    }

    /// How many alerts found no room for their group.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

/// Labels as group keys show them: `{a="b", c="d"}`.
fn braced(labels: &Labels) -> String {
    let shown: Vec<String> = labels
        .iter()
        .map(|(name, value)| crate::matchers::show_one(&model::Matcher::equal(name, value)))
        .collect();
    format!("{{{}}}", shown.join(", "))
}
