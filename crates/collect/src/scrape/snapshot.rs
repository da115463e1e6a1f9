//! What the scraper knows at one moment, for the API and the UI.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Labels, MetricKind, PromDuration, Timestamp};

/// Whether the last scrape of a target succeeded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Health {
    /// It was not scraped yet.
    #[default]
    Unknown,
    /// It succeeded.
    Up,
    /// It failed.
    Down,
}

impl Health {
    /// As the API says it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// What a target says of one of its metric families.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FamilyMetadata {
    /// The type.
    pub kind: MetricKind,
    /// The unit, or empty.
    pub unit: String,
    /// The help text, or empty.
    pub help: String,
}

/// A target that is scraped.
#[derive(Clone, Debug)]
pub struct ActiveTarget {
    /// Its job.
    pub pool: String,
    /// What discovery said.
    pub discovered: Labels,
    /// The labels of its samples.
    pub labels: Labels,
    /// Where it is scraped.
    pub url: String,
    /// Whether that works.
    pub health: Health,
    /// Why not, or empty.
    pub last_error: String,
    /// When it was scraped last.
    pub last_scrape: Option<Timestamp>,
    /// How long that took, in seconds.
    pub last_duration_secs: f64,
    /// How often.
    pub interval: PromDuration,
    /// After how long a scrape is given up.
    pub timeout: PromDuration,
    /// Its metric families.
    pub metadata: Arc<BTreeMap<String, FamilyMetadata>>,
}

/// A target that a relabelling rule dropped.
#[derive(Clone, Debug)]
pub struct DroppedTarget {
    /// Its job.
    pub pool: String,
    /// What discovery said.
    pub discovered: Labels,
}

/// All targets.
#[derive(Clone, Debug, Default)]
pub struct TargetsSnapshot {
    /// Jobs, by name.
    pub pools: Vec<String>,
    /// Targets that are scraped, by job and URL.
    pub active: Vec<ActiveTarget>,
    /// Targets that were dropped, as far as they are kept.
    pub dropped: Vec<DroppedTarget>,
    /// How many were dropped, by job.
    pub dropped_counts: BTreeMap<String, u64>,
    /// Discovered targets that can't be scraped, and why, by job.
    pub errors: Vec<(String, String)>,
}
