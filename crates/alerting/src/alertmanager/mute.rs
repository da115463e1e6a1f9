//! What keeps an alert from calling somebody.

use model::{LabelsRef, Timestamp};

use super::Alertmanager;
use crate::alerts::Fingerprint;
use crate::routes::Route;
use crate::silences::SilenceId;

/// What mutes an alert.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mutes {
    /// The silences.
    pub silenced_by: Vec<SilenceId>,
    /// The alert that inhibits it.
    pub inhibited_by: Option<Fingerprint>,
}

/// Why an alert was left out of a notification; also the label of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MuteReason {
    /// A silence.
    Silence,
    /// Another alert.
    Inhibition,
    /// The route is muted at this time.
    TimeInterval,
}

impl Mutes {
    /// Whether there is anything.
    pub fn is_muted(&self) -> bool {
        self.reason().is_some()
    }

    /// Why an alert is left out; inhibition is looked at first, as in Alertmanager.
    pub(super) fn reason(&self) -> Option<MuteReason> {
        match (self.inhibited_by, self.silenced_by.is_empty()) {
            (Some(_), _) => Some(MuteReason::Inhibition),
            (None, false) => Some(MuteReason::Silence),
            (None, true) => None,
        }
    }
}

impl Alertmanager {
    /// What mutes an alert with these labels at `at`, whatever its route.
    pub fn mutes(&self, labels: &LabelsRef, at: Timestamp) -> Mutes {
        Mutes {
            silenced_by: self.silences.muting(labels, at).cloned().collect(),
            inhibited_by: self.inhibitor.muted_by(labels, at),
        }
    }

    /// The time intervals that mute a route at `at`: one that says to be silent
    /// now, or all that say when not to be.
    pub fn muting_intervals(&self, route: &Route, at: Timestamp) -> Vec<String> {
        let holds = |name: &String| {
            let intervals = self.config.time_intervals.get(name);
            intervals.is_some_and(|intervals| intervals.iter().any(|i| i.contains(at)))
        };
        let mute = route.mute_time_intervals.iter().filter(|name| holds(name));
        let mut muting: Vec<String> = mute.cloned().collect();
        if !route.active_time_intervals.is_empty() && !route.active_time_intervals.iter().any(holds)
        {
            muting.extend(route.active_time_intervals.iter().cloned());
        }
        muting
    }
}
