//! Service discovery: which targets there are, now and when that changes.
//!
//! Each mechanism has a configuration in the shape of `prometheus.yml` and sends
//! its groups whenever they change. Groups are whole: a new group replaces the
//! one with the same source.

use std::collections::BTreeMap;
use std::path::Path;

use model::Labels;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::yaml_fields;

/// Targets that share labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetGroup {
    /// Where it comes from; unique within a job.
    pub source: String,
    /// Labels of all targets.
    pub labels: Labels,
    /// Each target's own labels, with `__address__` at least.
    pub targets: Vec<Labels>,
}

/// `static_configs`: targets written down.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StaticConfig {
    /// Addresses, `host:port`.
    #[serde(default)]
    pub targets: Vec<String>,
    /// Labels of all of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

impl StaticConfig {
    /// The group that the configuration describes.
    pub fn to_group(&self, source: String) -> TargetGroup {
        TargetGroup {
            source,
            labels: Labels::from_pairs(&self.labels),
            targets: self
                .targets
                .iter()
                .map(|address| Labels::from_pairs([("__address__", address.as_str())]))
                .collect(),
        }
    }
}

/// All discovery of one job.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DiscoveryConfigs {
    /// Targets written down.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub static_configs: Vec<StaticConfig>,
}

yaml_fields!(DiscoveryConfigs { static_configs });

impl DiscoveryConfigs {
    /// Makes relative paths start from `dir`.
    pub fn set_directory(&mut self, _dir: &Path) {}
}

/// Sends the groups of `config` to `updates` until `cancel` is set.
pub async fn run(
    config: DiscoveryConfigs,
    updates: mpsc::Sender<Vec<TargetGroup>>,
    cancel: CancellationToken,
) {
    let groups = config
        .static_configs
        .iter()
        .enumerate()
        .map(|(index, config)| config.to_group(format!("static/{index}")))
        .collect();
    if updates.send(groups).await.is_ok() {
        cancel.cancelled().await;
    }
}
