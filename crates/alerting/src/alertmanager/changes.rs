//! What changed and is for the owner to keep.

use std::collections::BTreeSet;

use model::Labels;

use super::Alertmanager;
use crate::notify::log::LogKey;
use crate::silences::SilenceId;

/// Names of what is new, changed or gone since it was asked last. What is not
/// there any more under its name is gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Alerts.
    pub alerts: BTreeSet<Labels>,
    /// Silences.
    pub silences: BTreeSet<SilenceId>,
    /// Entries of the notification log.
    pub log: BTreeSet<LogKey>,
}

impl Changes {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.alerts.is_empty() && self.silences.is_empty() && self.log.is_empty()
    }
}

impl Alertmanager {
    /// What changed since the last call. There are never more names than the
    /// limits of what they name allow, and those of what went since.
    pub fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.changes)
    }

    /// Takes back changes that could not be kept.
    pub fn untake_changes(&mut self, changes: Changes) {
        self.changes.alerts.extend(changes.alerts);
        self.changes.silences.extend(changes.silences);
        self.changes.log.extend(changes.log);
    }
}
