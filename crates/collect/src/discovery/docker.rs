//! `docker_sd_configs`: containers of a Docker daemon, over TCP or its socket.

mod container;
pub(super) mod daemon;

use std::collections::BTreeMap;

use model::{Labels, LabelsBuilder, PromDuration};
use serde::Serialize;

use super::config::check_http;
use super::group::{ADDRESS, host_port};
use super::refresh::{self, Refresh};
use super::{DiscoveryError, TargetGroup, Updates};
use crate::http_client::HttpClientConfig;
use crate::yaml_fields;
use container::{Container, Endpoint};
use daemon::{Daemon, Host, Network, set_pairs};

pub use daemon::Filter;

/// One item of `docker_sd_configs`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Config {
    /// `unix:///var/run/docker.sock`, `tcp://host:port` or `https://host:port`.
    pub host: String,
    /// Which containers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
    /// The port of containers that expose none.
    pub port: u16,
    /// The address of containers that use the host's network.
    pub host_networking_host: String,
    /// Whether only the first network of a container counts.
    pub match_first_network: bool,
    /// How often the daemon is asked.
    pub refresh_interval: PromDuration,
    /// How to reach the daemon.
    #[serde(flatten)]
    pub http: HttpClientConfig,
}

yaml_fields!(deserialize Config {
    host,
    filters,
    port,
    host_networking_host,
    match_first_network,
    refresh_interval,
} + http: HttpClientConfig);

impl Default for Config {
    fn default() -> Self {
        Self {
            host: String::new(),
            filters: Vec::new(),
            port: 80,
            host_networking_host: "localhost".to_owned(),
            match_first_network: true,
            refresh_interval: PromDuration::from_secs(60),
            http: HttpClientConfig::default(),
        }
    }
}

impl Config {
    pub(super) fn check(&self) -> Result<(), String> {
        Host::parse(&self.host)?;
        check_http(&self.http)
    }
}

/// Sends one group with all containers.
pub async fn run(config: Config, updates: Updates) {
    let interval = config.refresh_interval.to_duration();
    let user_agent = updates.user_agent().to_owned();
    let make = || {
        let daemon = Daemon::new(&config.host, &config.http, interval, &user_agent)?;
        Ok(Containers { config: config.clone(), daemon })
    };
    refresh::every(interval, make, updates).await;
}

struct Containers {
    config: Config,
    daemon: Daemon,
}

impl Refresh for Containers {
    async fn refresh(&mut self) -> Result<Vec<TargetGroup>, DiscoveryError> {
        let containers: Vec<Container> =
            self.daemon.list("containers/json", &self.config.filters).await?;
        let networks = self.daemon.networks().await?;
        Ok(vec![group(&self.config, &containers, &networks)])
    }
}

fn group(
    config: &Config,
    containers: &[Container],
    networks: &BTreeMap<String, Network>,
) -> TargetGroup {
    let mut targets = Vec::new();
    for container in containers {
        let Some(name) = container.names.first() else { continue };
        let mut common = LabelsBuilder::default();
        common
            .set("__meta_docker_container_id", &container.id)
            .set("__meta_docker_container_name", name)
            .set("__meta_docker_container_network_mode", &container.host_config.network_mode);
        set_pairs(&mut common, "__meta_docker_container_label_", &container.labels);
        let first = if config.match_first_network { 1 } else { usize::MAX };
        for endpoint in endpoints(container, containers).into_iter().take(first) {
            let mut labels = common.clone();
            if let Some(network) = networks.get(&endpoint.network_id) {
                network.set_labels("__meta_docker_", &mut labels);
            }
            labels.set("__meta_docker_network_ip", &endpoint.ip_address);
            of_endpoint(config, container, endpoint, &labels, &mut targets);
        }
    }
    targets.sort_by(|a, b| a.encoded().cmp(b.encoded()));
    TargetGroup { source: "Docker".to_owned(), labels: Labels::empty(), targets }
}

/// A target for each TCP port; without any, one with the configured port.
fn of_endpoint(
    config: &Config,
    container: &Container,
    endpoint: &Endpoint,
    labels: &LabelsBuilder,
    targets: &mut Vec<Labels>,
) {
    let before = targets.len();
    for port in container.ports.iter().flatten().filter(|port| port.protocol == "tcp") {
        let mut labels = labels.clone();
        labels.set(ADDRESS, &host_port(&endpoint.ip_address, port.private_port));
        labels.set("__meta_docker_port_private", &port.private_port.to_string());
        if port.public_port > 0 {
            labels.set("__meta_docker_port_public", &port.public_port.to_string());
            labels.set("__meta_docker_port_public_ip", &port.ip);
        }
        targets.push(labels.build());
    }
    if targets.len() == before {
        let mut labels = labels.clone();
        // Containers in the host's network have no address of their own.
        let is_host = container.host_config.network_mode == "host";
        labels.set(
            ADDRESS,
            &if is_host {
                config.host_networking_host.clone()
            } else {
                host_port(&endpoint.ip_address, config.port)
            },
        );
        targets.push(labels.build());
    }
}

/// The networks of a container by name, or of the one whose network it shares.
fn endpoints<'a>(container: &'a Container, all: &'a [Container]) -> Vec<&'a Endpoint> {
    let mut current = container;
    // Containers that share in a circle don't exist, but an answer may claim them.
    for _ in 0..all.len() {
        let networks = current.network_settings.networks.iter().flatten();
        let own: Vec<_> = networks.filter_map(|(_, endpoint)| endpoint.as_ref()).collect();
        let shared = current.host_config.network_mode.strip_prefix("container:");
        let other = shared.and_then(|id| all.iter().find(|other| other.id == id));
        match other {
            Some(other) if own.is_empty() => current = other,
            _ => return own,
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests;
