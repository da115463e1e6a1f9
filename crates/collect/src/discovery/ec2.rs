//! `ec2_sd_configs`: instances of Amazon EC2.

mod api;
mod credentials;
mod instances;
mod sign;

use model::PromDuration;
use serde::{Deserialize, Serialize};

use super::config::check_http;
use super::refresh::{self, Refresh};
use super::{DiscoveryError, TargetGroup, Updates};
use crate::http_client::{HttpClientConfig, Secret};
use crate::yaml_fields;
use api::Api;
use credentials::Environment;

/// One item of `ec2_sd_configs`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Config {
    /// The region; from the environment or the instance where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Another address of the API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The name of the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key: Option<String>,
    /// The key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_key: Option<Secret>,
    /// A profile of the shared credentials file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// A role to take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// What the role's trust policy may ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// How often the API is asked.
    pub refresh_interval: PromDuration,
    /// The port of all targets.
    pub port: u16,
    /// Which instances.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
    /// How to reach the API.
    #[serde(flatten)]
    pub http: HttpClientConfig,
}

/// What an instance must match.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Of what: `tag:env`, `instance-state-name`…
    pub name: String,
    /// Any of these.
    #[serde(default)]
    pub values: Vec<String>,
}

yaml_fields!(deserialize Config {
    region,
    endpoint,
    access_key,
    secret_key,
    profile,
    role_arn,
    external_id,
    refresh_interval,
    port,
    filters,
} + http: HttpClientConfig);

impl Default for Config {
    fn default() -> Self {
        Self {
            region: None,
            endpoint: None,
            access_key: None,
            secret_key: None,
            profile: None,
            role_arn: None,
            external_id: None,
            refresh_interval: PromDuration::from_secs(60),
            port: 80,
            filters: Vec::new(),
            http: HttpClientConfig::default(),
        }
    }
}

impl Config {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.filters.iter().any(|filter| filter.values.is_empty()) {
            return Err("EC2 SD configuration filter values cannot be empty".to_owned());
        }
        check_http(&self.http)
    }
}

/// Sends one group with all instances of the region.
pub async fn run(config: Config, updates: Updates) {
    follow(config, Environment::of_the_process(), updates).await;
}

async fn follow(config: Config, environment: Environment, updates: Updates) {
    let interval = config.refresh_interval.to_duration();
    let user_agent = updates.user_agent().to_owned();
    let make = || {
        let api = Api::new(&config, environment.clone(), &user_agent)?;
        Ok(Instances { config: config.clone(), api })
    };
    refresh::every(interval, make, updates).await;
}

struct Instances {
    config: Config,
    api: Api,
}

impl Refresh for Instances {
    async fn refresh(&mut self) -> Result<Vec<TargetGroup>, DiscoveryError> {
        let reservations = self.api.instances(&self.config.filters).await?;
        let zones = self.api.zones().await;
        let region = self.api.region().await?;
        Ok(vec![instances::group(&region, self.config.port, &reservations, &zones)])
    }
}

#[cfg(test)]
mod tests;
