//! An alert as it is kept: plain fields.

use std::collections::BTreeMap;

use model::{Labels, Timestamp};
use serde::{Deserialize, Serialize};

use super::Alert;

/// What is written to disk of an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredAlert {
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its texts.
    pub annotations: BTreeMap<String, String>,
    /// When it began.
    pub starts_at: Timestamp,
    /// When it ended or will count as ended.
    pub ends_at: Timestamp,
    /// When it was last heard of.
    pub updated_at: Timestamp,
    /// A link to what made it.
    pub generator_url: String,
    /// Whether its end is only a guess.
    pub is_timeout: bool,
}

impl From<&Alert> for StoredAlert {
    fn from(alert: &Alert) -> Self {
        Self {
            labels: alert.labels.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect(),
            annotations: alert.annotations.clone(),
            starts_at: alert.starts_at,
            ends_at: alert.ends_at,
            updated_at: alert.updated_at,
            generator_url: alert.generator_url.clone(),
            is_timeout: alert.is_timeout,
        }
    }
}

impl From<StoredAlert> for Alert {
    fn from(stored: StoredAlert) -> Self {
        Self {
            labels: Labels::from_pairs(stored.labels),
            annotations: stored.annotations,
            starts_at: stored.starts_at,
            ends_at: stored.ends_at,
            updated_at: stored.updated_at,
            generator_url: stored.generator_url,
            is_timeout: stored.is_timeout,
        }
    }
}
