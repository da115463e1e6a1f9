//! `dockerswarm_sd_configs`: services, tasks or nodes of a Docker Swarm, as a
//! manager tells them.

mod objects;
mod targets;

use model::{Labels, PromDuration};
use serde::{Deserialize, Serialize};

use super::config::check_http;
use super::docker::Filter;
use super::docker::daemon::{Daemon, Host};
use super::refresh::{self, Refresh};
use super::{DiscoveryError, TargetGroup, Updates};
use crate::http_client::HttpClientConfig;
use crate::yaml_fields;

/// One item of `dockerswarm_sd_configs`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Config {
    /// `unix:///var/run/docker.sock`, `tcp://host:port` or `https://host:port`.
    pub host: String,
    /// Which objects become targets.
    pub role: Option<Role>,
    /// The port of targets that publish none.
    pub port: u16,
    /// Which objects.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
    /// How often the manager is asked.
    pub refresh_interval: PromDuration,
    /// How to reach the manager.
    #[serde(flatten)]
    pub http: HttpClientConfig,
}

/// A kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Virtual addresses of services.
    Services,
    /// Containers that services run.
    Tasks,
    /// Machines.
    Nodes,
}

yaml_fields!(deserialize Config {
    host,
    role,
    port,
    filters,
    refresh_interval,
} + http: HttpClientConfig);

impl Default for Config {
    fn default() -> Self {
        Self {
            host: String::new(),
            role: None,
            port: 80,
            filters: Vec::new(),
            refresh_interval: PromDuration::from_secs(60),
            http: HttpClientConfig::default(),
        }
    }
}

impl Config {
    pub(super) fn check(&self) -> Result<(), String> {
        Host::parse(&self.host)?;
        if self.role.is_none() {
            return Err("role missing (one of: tasks, services, nodes)".to_owned());
        }
        check_http(&self.http)
    }
}

/// Sends one group with all objects of the role.
pub async fn run(config: Config, updates: Updates) {
    let interval = config.refresh_interval.to_duration();
    let user_agent = updates.user_agent().to_owned();
    let make = || {
        let daemon = Daemon::new(&config.host, &config.http, interval, &user_agent)?;
        Ok(Swarm { config: config.clone(), daemon })
    };
    refresh::every(interval, make, updates).await;
}

struct Swarm {
    config: Config,
    daemon: Daemon,
}

impl Refresh for Swarm {
    async fn refresh(&mut self) -> Result<Vec<TargetGroup>, DiscoveryError> {
        let (daemon, filters, port) = (&self.daemon, &self.config.filters, self.config.port);
        let mut targets = match self.config.role {
            None => return Err(DiscoveryError::Setup("role missing".to_owned())),
            Some(Role::Nodes) => targets::of_nodes(&daemon.list("nodes", filters).await?, port),
            Some(Role::Services) => {
                let services: Vec<_> = daemon.list("services", filters).await?;
                targets::of_services(&services, &daemon.networks().await?, port)
            }
            Some(Role::Tasks) => {
                let tasks: Vec<_> = daemon.list("tasks", filters).await?;
                let services: Vec<_> = daemon.list("services", &[]).await?;
                let nodes: Vec<_> = daemon.list("nodes", &[]).await?;
                let networks = daemon.networks().await?;
                targets::of_tasks(&tasks, &services, &nodes, &networks, port)
            }
        };
        targets.sort_by(|a, b| a.encoded().cmp(b.encoded()));
        let source = "DockerSwarm".to_owned();
        Ok(vec![TargetGroup { source, labels: Labels::empty(), targets }])
    }
}

#[cfg(test)]
mod tests;
