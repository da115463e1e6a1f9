//! `dns_sd_configs`: targets that names resolve to.

mod resolver;

use model::{Labels, PromDuration};
use serde::{Deserialize, Serialize};

use super::group::{ADDRESS, host_port};
use super::refresh::{self, Refresh};
use super::{DiscoveryError, TargetGroup, Updates};
use crate::yaml_fields;
use resolver::{Record, Resolver};

/// One item of `dns_sd_configs`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Config {
    /// The names; each becomes a group.
    pub names: Vec<String>,
    /// How often they are resolved.
    pub refresh_interval: PromDuration,
    /// Which records are asked for.
    #[serde(rename = "type")]
    pub kind: RecordType,
    /// The port of targets whose records have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
}

/// A kind of record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordType {
    /// Hosts with ports.
    #[default]
    #[serde(alias = "srv")]
    Srv,
    /// Addresses of IPv4.
    #[serde(alias = "a")]
    A,
    /// Addresses of IPv6.
    #[serde(alias = "aaaa")]
    Aaaa,
    /// Mail servers.
    #[serde(alias = "mx")]
    Mx,
    /// Name servers.
    #[serde(alias = "ns")]
    Ns,
}

yaml_fields!(deserialize Config { names, refresh_interval, kind = "type", port });

impl Default for Config {
    fn default() -> Self {
        Self {
            names: Vec::new(),
            refresh_interval: PromDuration::from_secs(30),
            kind: RecordType::default(),
            port: None,
        }
    }
}

impl Config {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.names.is_empty() {
            return Err("DNS-SD config must contain at least one SRV record name".to_owned());
        }
        if self.kind != RecordType::Srv && self.port.unwrap_or(0) == 0 {
            return Err(format!("a port is required in DNS-SD configs for type {:?}", self.kind));
        }
        Ok(())
    }
}

/// Sends a group for each name.
pub async fn run(config: Config, updates: Updates) {
    follow(config, Resolver::of_the_system, updates).await;
}

async fn follow(
    config: Config,
    resolver: impl Fn() -> Result<Resolver, DiscoveryError> + Send + Sync,
    updates: Updates,
) {
    let interval = config.refresh_interval.to_duration();
    let failures = updates.clone();
    let make = || {
        let (config, resolver) = (config.clone(), resolver()?);
        Ok(Names { config, resolver, failures: failures.clone(), last: Vec::new() })
    };
    refresh::every(interval, make, updates).await;
}

struct Names {
    config: Config,
    resolver: Resolver,
    failures: Updates,
    last: Vec<TargetGroup>,
}

impl Refresh for Names {
    /// Names are resolved side by side; one that fails keeps its last group.
    async fn refresh(&mut self) -> Result<Vec<TargetGroup>, DiscoveryError> {
        let mut lookups = tokio::task::JoinSet::new();
        for name in &self.config.names {
            let (resolver, name) = (self.resolver.clone(), name.clone());
            let kind = self.config.kind;
            lookups.spawn(async move {
                let result = resolver.lookup(&name, kind).await;
                (name, result)
            });
        }
        let mut groups = Vec::new();
        while let Some(lookup) = lookups.join_next().await {
            let Ok((name, result)) = lookup else { continue };
            match result {
                Ok(records) => groups.push(group(name, &records, self.config.port.unwrap_or(0))),
                Err(error) => {
                    self.failures.failed(&error);
                    groups.extend(self.last.iter().find(|group| group.source == name).cloned());
                }
            }
        }
        groups.sort_by(|a, b| a.source.cmp(&b.source));
        self.last.clone_from(&groups);
        Ok(groups)
    }
}

fn group(name: String, records: &[Record], port: u16) -> TargetGroup {
    let target = |record: &Record| {
        let mut labels = vec![("__meta_dns_name", name.clone())];
        let plain = |host: &str| host.trim_end_matches('.').to_owned();
        let address = match record {
            Record::Srv { target, port } => {
                labels.push(("__meta_dns_srv_record_target", target.clone()));
                labels.push(("__meta_dns_srv_record_port", port.to_string()));
                host_port(&plain(target), port)
            }
            Record::Address(ip) => host_port(&ip.to_string(), port),
            Record::Mx(host) => {
                labels.push(("__meta_dns_mx_record_target", host.clone()));
                host_port(&plain(host), port)
            }
            Record::Ns(host) => {
                labels.push(("__meta_dns_ns_record_target", host.clone()));
                host_port(&plain(host), port)
            }
        };
        labels.push((ADDRESS, address));
        Labels::from_pairs(labels)
    };
    let mut targets: Vec<Labels> = records.iter().map(target).collect();
    // Servers rotate their records, which is no change.
    targets.sort_by(|a, b| a.encoded().cmp(b.encoded()));
    TargetGroup { source: name, labels: Labels::empty(), targets }
}

#[cfg(test)]
mod tests;
