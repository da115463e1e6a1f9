//! `static_configs`: targets written down.

use std::collections::BTreeMap;

use model::{Labels, LabelsBuilder};
use serde::{Deserialize, Serialize};

use super::TargetGroup;
use super::group::ADDRESS;

/// Targets and their labels, as `static_configs`, files and HTTP servers write them.
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
        self.to_group_with(source, &[])
    }

    /// The same with further labels, which win.
    pub(super) fn to_group_with(&self, source: String, further: &[(&str, &str)]) -> TargetGroup {
        let mut labels = LabelsBuilder::default();
        for (name, value) in &self.labels {
            labels.set(name, value);
        }
        for (name, value) in further {
            labels.set(name, value);
        }
        let targets = self.targets.iter();
        let targets = targets.map(|address| Labels::from_pairs([(ADDRESS, address.as_str())]));
        TargetGroup { source, labels: labels.build(), targets: targets.collect() }
    }
}
