//! Containers as the Docker Engine API describes them, as far as they are read.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::daemon::Pairs;

/// A container.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Container {
    pub(super) id: String,
    pub(super) names: Vec<String>,
    pub(super) labels: Pairs,
    pub(super) ports: Option<Vec<Port>>,
    pub(super) host_config: HostConfig,
    pub(super) network_settings: NetworkSettings,
}

/// A port of a container.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Port {
    #[serde(rename = "IP")]
    pub(super) ip: String,
    pub(super) private_port: u16,
    pub(super) public_port: u16,
    #[serde(rename = "Type")]
    pub(super) protocol: String,
}

/// How a container sits on its host.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct HostConfig {
    pub(super) network_mode: String,
}

/// The networks of a container.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct NetworkSettings {
    pub(super) networks: Option<BTreeMap<String, Option<Endpoint>>>,
}

/// A container's place in a network.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Endpoint {
    #[serde(rename = "NetworkID")]
    pub(super) network_id: String,
    #[serde(rename = "IPAddress")]
    pub(super) ip_address: String,
}
