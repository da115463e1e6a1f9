//! `consul_sd_configs`: services that Consul knows.
//!
//! The catalog says which services there are, and each service is watched by a
//! blocking query of its own: Consul answers when something changed.

mod api;
mod watch;

use model::{Labels, LabelsBuilder, PromDuration};
use serde::Serialize;

use super::config::check_http;
use super::group::{ADDRESS, host_port};
use super::label_name::sanitize;
use super::{TargetGroup, Updates};
use crate::http_client::{HttpClientConfig, Secret};
use crate::yaml_fields;
use api::{Api, ServiceEntry};

/// One item of `consul_sd_configs`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Config {
    /// `host:port` of the agent.
    pub server: String,
    /// In front of all paths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_prefix: Option<String>,
    /// The token for access.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
    /// The data centre; that of the agent where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub datacenter: Option<String>,
    /// The namespace (Consul Enterprise).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The admin partition (Consul Enterprise).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partition: Option<String>,
    /// `http` or `https`.
    pub scheme: String,
    /// The old way to write `basic_auth`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The old way to write `basic_auth`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// What tags are joined by.
    pub tag_separator: String,
    /// Whether an answer may be a little old.
    pub allow_stale: bool,
    /// How often the catalog is read at most.
    pub refresh_interval: PromDuration,
    /// Which services; all where empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// Tags that a service must have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Metadata that a node must have.
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub node_meta: std::collections::BTreeMap<String, String>,
    /// An expression that filters the catalog.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// An expression that filters the instances of services.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health_filter: Option<String>,
    /// How to reach the agent.
    #[serde(flatten)]
    pub http: HttpClientConfig,
}

yaml_fields!(deserialize Config {
    server,
    path_prefix,
    token,
    datacenter,
    namespace,
    partition,
    scheme,
    username,
    password,
    tag_separator,
    allow_stale,
    refresh_interval,
    services,
    tags,
    node_meta,
    filter,
    health_filter,
} + http: HttpClientConfig);

impl Default for Config {
    fn default() -> Self {
        Self {
            server: "localhost:8500".to_owned(),
            path_prefix: None,
            token: None,
            datacenter: None,
            namespace: None,
            partition: None,
            scheme: "http".to_owned(),
            username: None,
            password: None,
            tag_separator: ",".to_owned(),
            allow_stale: true,
            refresh_interval: PromDuration::from_secs(30),
            services: Vec::new(),
            tags: Vec::new(),
            node_meta: std::collections::BTreeMap::new(),
            filter: None,
            health_filter: None,
            http: HttpClientConfig::default(),
        }
    }
}

impl Config {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.server.trim().is_empty() {
            return Err("consul SD configuration requires a server address".to_owned());
        }
        let has_password = self.username.is_some() || self.password.is_some();
        if has_password && self.http.basic_auth.is_some() {
            return Err("at most one of consul SD configuration username and password and basic auth can be configured".to_owned());
        }
        let has_other = self.http.authorization.is_some() || self.http.oauth2.is_some();
        if self.token.is_some() && has_other {
            return Err(
                "at most one of consul SD token, authorization, or oauth2 can be configured"
                    .to_owned(),
            );
        }
        Api::new(self, "check").map_err(|error| error.to_string())?;
        check_http(&self.http)
    }

    /// Whether a service with these tags is asked for.
    fn wants(&self, service: &str, tags: &[String]) -> bool {
        (self.services.is_empty() || self.services.iter().any(|wanted| wanted == service))
            && self.tags.iter().all(|wanted| tags.contains(wanted))
    }
}

/// Sends a group for each service.
pub async fn run(config: Config, updates: Updates) {
    watch::follow(config, updates, watch::RETRY_AFTER).await;
}

/// The group of a service.
fn group(
    service: &str,
    datacenter: &str,
    entries: &[ServiceEntry],
    tag_separator: &str,
) -> TargetGroup {
    TargetGroup {
        source: service.to_owned(),
        labels: Labels::from_pairs([
            ("__meta_consul_service", service),
            ("__meta_consul_dc", datacenter),
        ]),
        targets: entries.iter().map(|entry| target(entry, tag_separator)).collect(),
    }
}

fn target(entry: &ServiceEntry, separator: &str) -> Labels {
    let (node, service) = (&entry.node, &entry.service);
    // With a separator on both sides, so that a regular expression needs no anchors.
    let tags = format!("{separator}{}{separator}", service.tags.join(separator));
    let host = if service.address.is_empty() { &node.address } else { &service.address };
    let port = service.port.to_string();
    let mut labels = LabelsBuilder::default();
    for (name, value) in [
        (ADDRESS, host_port(host, &port).as_str()),
        ("__meta_consul_address", &node.address),
        ("__meta_consul_node", &node.node),
        ("__meta_consul_namespace", &service.namespace),
        ("__meta_consul_partition", &service.partition),
        ("__meta_consul_tags", &tags),
        ("__meta_consul_service_address", &service.address),
        ("__meta_consul_service_port", &port),
        ("__meta_consul_service_id", &service.id),
        ("__meta_consul_health", entry.health()),
    ] {
        labels.set(name, value);
    }
    for (prefix, pairs) in [
        ("__meta_consul_metadata_", &node.meta),
        ("__meta_consul_service_metadata_", &service.meta),
        ("__meta_consul_tagged_address_", &node.tagged_addresses),
    ] {
        for (name, value) in pairs.iter().flatten() {
            labels.set(&format!("{prefix}{}", sanitize(name)), value);
        }
    }
    labels.build()
}

#[cfg(test)]
mod tests;
